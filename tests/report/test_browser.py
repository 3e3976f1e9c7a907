"""The page at the width of a phone: nothing scrolls sideways, whatever the names are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import records

from heldout.report import page

MEASURE = """<body style="margin:0"><iframe id="f" src="page.html" style="width:320px;height:800px;border:0">
</iframe><p id="o"></p><script>f.onload=()=>{const d=f.contentDocument;
d.querySelectorAll('details').forEach(e=>e.open=true);
o.textContent='width '+d.documentElement.scrollWidth}</script>"""


@pytest.mark.browser
@pytest.mark.parametrize("long", [False, True])
def test_nothing_scrolls_sideways_at_320_pixels(tmp_path: Path, long: bool) -> None:
    """All parts unfolded; also with names of 80 letters without a blank."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("needs chromium")
    steps = records.leak()
    if long:
        name = "a_name_without_a_blank" * 4
        steps["define"]["task"] |= {"classes": ["No", name], "positive": name, "target": name}
        steps["importance"]["rows"][0]["column"] = name
        steps["failures"]["rows"][0]["values"] = {name: "x" * 200}
        steps["leaderboard"]["rows"][0]["name"] = name
    (tmp_path / "page.html").write_text(page.render(records.record(steps)), encoding="utf-8")
    (tmp_path / "measure.html").write_text(MEASURE, encoding="utf-8")
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=9000",
            "--allow-file-access-from-files", "--dump-dom", (tmp_path / "measure.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = re.search(r"width (\d+)", done.stdout.split("<script>")[0])
    assert found, done.stderr[-500:]
    assert int(found[1]) <= 320
