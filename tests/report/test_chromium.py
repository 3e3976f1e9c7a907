"""The pages in Chromium: WCAG 2.2 AA by axe-core, no request, no error; phone, dark and paper."""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import records

from heldout.report import draw, page, shell

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium that logs what it asks the network for."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs chromium and chromedriver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(driver))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core, out of the package that carries it."""
    found = importlib.util.find_spec("selenium_axe_python")
    if found is None or not found.submodule_search_locations:
        pytest.skip("needs selenium-axe-python")
    return Path(found.submodule_search_locations[0], "axe-core", "axe.min.js").read_text("utf-8")


def show(browser: Any, path: Path, width: int, theme: str = "light", media: str = "screen") -> None:
    """Open a page at a width, in a theme, on screen or paper."""
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get(path.as_uri())


def written(folder: Path, name: str) -> Path:
    """The page of one record."""
    path = folder / f"{name}.html"
    path.write_text(page.render(records.record(records.ALL[name]())), encoding="utf-8")
    return path


def faults(browser: Any, axe: str) -> list[str]:
    """What axe finds, folded parts open."""
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[1]; axe.run(document, {runOnly: arguments[0]})"
        ".then(r => done(r.violations), e => done([{id: String(e), nodes: []}]))",
        RULES,
    )
    return [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["decided", "errors", "mistaken", "leak", "nothing"])
def test_axe_finds_nothing(browser: Any, axe: str, tmp_path: Path, name: str, theme: str) -> None:
    """WCAG 2.2 AA, contrast included, in light and in dark."""
    show(browser, written(tmp_path, name), 1000 if theme == "light" else 360, theme)
    assert faults(browser, axe) == []


def test_axe_finds_nothing_on_plain_pages(browser: Any, axe: str, tmp_path: Path) -> None:
    """Every kind of drawing, on the page that other commands write."""
    pictures = [
        draw.histogram("H", "s", [0, 1, 2], [3, 4], right="x", beside=[1, 2], labels=("a", "b")),
        draw.scatter("S", "s", [1, 2], [3, 4], right="x", up="y", kinds=["a", "b"]),
        draw.heat("M", "s", ["a", "b"], ["a", "b"], [[1, -1], [0.2, 1]], shown=str),
        draw.places("P", "s", [8.0, 9.0], [46.0, 47.0]),
    ]
    path = tmp_path / "plain.html"
    path.write_text(shell.plain("T", "H", "lead", [shell.Part("a", "A", pictures)]), "utf-8")
    for theme in THEMES:
        show(browser, path, 360, theme)
        assert faults(browser, axe) == []


def test_axe_finds_nothing_where_data_are_shown(browser: Any, axe: str, tmp_path: Path) -> None:
    """`heldout inspect`: rows, histograms, gaps, a map, time; nothing sticks out at 320 pixels."""
    import heldout

    rows = range(240)
    table = {
        "a_name_without_a_blank" * 3: [i * 0.37 % 11 for i in rows],
        "lat": [46 + i * 0.011 % 2 for i in rows],
        "lon": [7 + i * 0.017 % 2 for i in rows],
        "gaps": [None if i % 4 == 0 else i % 7 for i in rows],
        "day": [f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in rows],
        "word": ["short" if i % 3 else "x" * 60 for i in rows],
        "y": ["yes" if i * 0.37 % 11 > 5 else "no" for i in rows],
    }
    path = heldout.inspect(table, target="y").write(tmp_path / "inspect.html")
    for theme in THEMES:
        show(browser, path, 320, theme)
        assert faults(browser, axe) == []
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 320


def test_nothing_is_asked_for_and_nothing_breaks(browser: Any, tmp_path: Path) -> None:
    """One request, that of the page itself; no message in the console; links lead somewhere."""
    path = written(tmp_path, "decided")
    show(browser, path, 1000)
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(path.as_uri())
    assert [m for m in browser.get_log("browser") if m["level"] != "INFO"] == []
    asked = [
        message["params"]["request"]["url"]
        for line in browser.get_log("performance")
        if (message := json.loads(line["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert set(asked) == {path.as_uri()}
    lost = browser.execute_script(
        "return [...document.querySelectorAll('a[href^=\"#\"]')]"
        ".filter(a => !document.getElementById(a.hash.slice(1))).map(a => a.hash)"
    )
    assert lost == []


@pytest.mark.parametrize("name", ["decided", "errors", "mistaken"])
@pytest.mark.parametrize("width", [320, 1000])
def test_nothing_sticks_out(browser: Any, tmp_path: Path, name: str, width: int) -> None:
    """With every part open."""
    show(browser, written(tmp_path, name), width)
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


def test_the_keyboard_reaches_everything(browser: Any, tmp_path: Path) -> None:
    """The first stop is the skip link; summaries unfold by Enter."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    show(browser, written(tmp_path, "telco"), 1000)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"
    summary = browser.find_element(By.CSS_SELECTOR, "#believe summary")
    summary.send_keys(Keys.ENTER)
    assert browser.execute_script("return arguments[0].parentElement.open", summary)


def test_on_paper_the_first_screen_is_page_one(browser: Any, tmp_path: Path) -> None:
    """Folded parts are open; what follows begins on the second page."""
    show(browser, written(tmp_path, "telco"), 1000, media="print")
    pdf = base64.b64decode(
        browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})[
            "data"
        ]
    )
    assert pdf.startswith(b"%PDF")
    high = browser.execute_script("return document.querySelector('.first').offsetHeight")
    assert high < 1123  # A4 at 96 dots an inch
