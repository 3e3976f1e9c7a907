"""The pictures of README and docs: the report and the service of a run, as Chromium shows them.

    python bench/pictures.py runs/demo/telco_churn [docs/images]

Run it after `heldout demo`, whenever the pages have changed; needs chromium and chromedriver.
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heldout.bundle import load
from heldout.report import page
from heldout.serve import running


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(word)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield browser
    browser.quit()


def show(browser: Any, address: str, width: int, theme: str = "light") -> None:
    """Open a page at a width."""
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get(address)


def keep(browser: Any, path: Path, width: int, end: str | None = None) -> None:
    """A picture from the top to the end of an element, or of the page."""
    script = "return document.documentElement.scrollHeight"
    if end:
        script = f"return document.querySelector({end!r}).getBoundingClientRect().bottom + scrollY"
    height = float(browser.execute_script(script)) + (12 if end else 0)
    shot = {
        "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
    }
    data = browser.execute_cdp_cmd("Page.captureScreenshot", shot)["data"]
    path.write_bytes(base64.b64decode(data))
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Write all of them."""
    run = Path(sys.argv[1])
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images")
    report = page.write(run).resolve().as_uri()
    with chromium() as browser:
        for name, width, theme, end in (
            ("desktop", 900, "light", "#believe"),
            ("dark", 900, "dark", "#believe"),
            ("phone", 390, "light", "#answer"),
        ):
            show(browser, report, width, theme)
            keep(browser, folder / f"report-{name}.png", width, end)
        with running(load(run)) as service:
            for name, width in (("desktop", 1000), ("phone", 390)):
                show(browser, service.address, width)
                browser.find_element("css selector", "button").click()
                browser.implicitly_wait(10)
                browser.find_element("css selector", "#words strong")
                keep(browser, folder / f"service-{name}.png", width)


if __name__ == "__main__":
    main()
