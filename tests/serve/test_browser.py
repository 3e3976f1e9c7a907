"""The page in a real browser: filled in, asked, answered; at the width of a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from heldout.bundle import Bundle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="needs selenium: pip install selenium"
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield opened
    finally:
        opened.quit()


def wait(browser: Any, text: str) -> str:
    """The panel's text, once it holds ``text``."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    panel = browser.find_element(By.ID, "answer")
    WebDriverWait(browser, 10).until(lambda _: text in panel.text)
    return str(panel.text)


def width(browser: Any, pixels: int) -> None:
    """The size of the page itself, whatever the window's frame."""
    size = {"width": pixels, "height": 844, "deviceScaleFactor": 1, "mobile": pixels < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.mark.requirement("DEPLOY-03")
def test_fill_in_ask_and_read(browser: Any, client: httpx.Client, bundle: Bundle) -> None:
    """By keyboard; the numbers are the library's."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    width(browser, 1200)
    browser.get(str(client.base_url))
    age = browser.find_element(By.CSS_SELECTOR, "[data-name=age]")
    age.clear()
    age.send_keys("77")
    plan = browser.find_element(By.CSS_SELECTOR, "[data-name=plan]")
    plan.send_keys("gold")
    age.send_keys(Keys.ENTER)
    told = wait(browser, "left: yes")
    since = browser.find_element(By.CSS_SELECTOR, "[data-name=since]").get_attribute("value")
    member = browser.find_element(By.CSS_SELECTOR, "[data-name=member]").get_attribute("value")
    asked = {"age": "77", "plan": "gold", "member": member, "since": since}
    p = bundle.predict_row(asked)["probability"]["yes"]
    assert f"{100 * p:.1f} %" in told
    _keep(browser, "page-desktop.png")
    age.clear()
    age.send_keys("old")
    browser.find_element(By.CSS_SELECTOR, "button").click()
    wait(browser, "No answer: 1 field cannot be read")
    assert browser.switch_to.active_element.get_attribute("data-name") == "age"
    errors = [e for e in browser.get_log("browser") if "422" not in e["message"]]
    assert errors == []


def test_at_the_width_of_a_phone_nothing_scrolls_sideways(
    browser: Any, client: httpx.Client
) -> None:
    """At 390 and at 320 pixels."""
    from selenium.webdriver.common.by import By

    for pixels in (390, 320):
        width(browser, pixels)
        browser.get(str(client.base_url))
        browser.find_element(By.CSS_SELECTOR, "button").click()
        wait(browser, "left:")
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= pixels
        _keep(browser, f"page-{pixels}.png")


def _keep(browser: Any, name: str) -> None:
    """Pictures to look at, where $HELDOUT_PICTURES names a folder."""
    folder = os.environ.get("HELDOUT_PICTURES")
    if folder:
        metrics = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = {
            "captureBeyondViewport": True,
            "clip": {
                "x": 0,
                "y": 0,
                "width": metrics["width"],
                "height": metrics["height"],
                "scale": 1,
            },
        }
        import base64

        data = browser.execute_cdp_cmd("Page.captureScreenshot", shot)["data"]
        Path(folder, name).write_bytes(base64.b64decode(data))
