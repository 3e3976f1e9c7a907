"""What the pages tell people to type exists, and does what it is told to."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path

import click
import httpx
import numpy as np
import polars as pl
import pytest

from heldout.cli.main import heldout

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`(heldout [a-z][^`\n]*)`")
ENDS = {"|", ";", "&&", "||", ">", "<"}
STANDS_FOR = {"COMMAND", "..."}  # `heldout COMMAND --help`
DEMO = "demo"  # has a test of its own


def typed(text: str) -> list[list[str]]:
    """The commands of ``heldout`` in a block, each as words."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True) if "heldout " in line else []
        if "heldout" not in words:
            continue
        words = words[words.index("heldout") + 1 :]
        end = next((i for i, w in enumerate(words) if w in ENDS), len(words))
        found.append(words[:end])
    return found


def commands(page: Path, kinds: set[str]) -> list[list[str]]:
    """Those of the blocks of some kinds; ``inline`` are those within a sentence."""
    text = page.read_text(encoding="utf-8")
    blocks = [
        words for kind, block in FENCE.findall(text) if kind in kinds for words in typed(block)
    ]
    if "inline" in kinds:
        blocks += [w for said in INLINE.findall(FENCE.sub("", text)) for w in typed(said)]
    return [b for b in blocks if b and not b[0].startswith("-")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_of_a_page_exists(page: Path) -> None:
    """Its name, its options and the form of their values; the files need not be there."""
    for words in commands(page, {"", "bash", "text", "inline"}):
        if STANDS_FOR & set(words) or (words[0].isupper() and words[0].isalpha()):
            continue
        group = click.Context(heldout)
        command = heldout.get_command(group, words[0])
        assert command is not None, words
        asked = [w for w in words[1:] if w not in ("--help", "...", "[OPTIONS]")]
        try:
            command.make_context(words[0], asked, parent=group)
        except click.MissingParameter:
            continue  # a mention within a sentence: `heldout report --no-rows`
        except click.ClickException as error:
            pytest.fail(f"{page.name}: heldout {' '.join(words)}: {error.format_message()}")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small tables under the names that the pages use."""
    folder = tmp_path_factory.mktemp("desk")
    packed = resources.files("heldout.workflow")
    (folder / "src/heldout/workflow").mkdir(parents=True)
    (folder / "src/heldout/workflow/data").symlink_to(ROOT / "src/heldout/workflow/data")
    for name, table in (("churn", "telco_churn"), ("bike", "bike_sharing")):
        data = gzip.decompress(packed.joinpath(f"data/{table}.csv.gz").read_bytes())
        (folder / f"{name}.csv").write_bytes(data)
    churn = pl.read_csv(folder / "churn.csv", infer_schema_length=None)
    churn.tail(1_000).write_csv(folder / "march.csv")
    churn.tail(500).rename({"tenure": "Tenure_Months"}).write_csv(folder / "may.csv")
    churn.sample(2_000, seed=0).write_csv(folder / "april.csv")
    churn.drop("Churn").tail(3_000).write_csv(folder / "large.csv")
    bike = pl.read_csv(folder / "bike.csv", infer_schema_length=None)
    hourly = bike.rename({"dteday": "date"}) if "dteday" in bike.columns else bike
    hourly.drop("casual", "registered").head(3_000).write_csv(folder / "rides.csv")
    rng = np.random.default_rng(0)
    n, x = 900, rng.normal(size=(900, 4)).round(3)
    noise = rng.normal(size=(n, 3))
    base = {f"x{i}": x[:, i] for i in range(4)}
    flags = {
        name: (x[:, i] + noise[:, i] > 0.4).astype(int)
        for i, name in enumerate(("late", "broken", "returned"))
    }
    pl.DataFrame({**base, **flags}).write_csv(folder / "orders.csv")
    values = {"slump": 10 + 3 * x[:, 0] + noise[:, 0], "strength": 30 + 5 * x[:, 1] + noise[:, 1]}
    pl.DataFrame({**base, **values}).write_csv(folder / "concrete.csv")
    pl.DataFrame({**base, "price": 200 + 50 * x[:, 2] + 9 * noise[:, 2]}).write_csv(
        folder / "homes.csv"
    )
    patient = [f"p{i:03}" for i in rng.integers(0, 150, n)]
    again = np.where(x[:, 1] + noise[:, 1] > 0.5, "yes", "no")
    pl.DataFrame({"patient": patient, **base, "readmitted": again}).write_csv(folder / "visits.csv")
    classes = np.where(x[:, 3] + noise[:, 2] > 0, "g", "h")
    pl.DataFrame({**base, "class": classes}).write_csv(folder / "magic.csv")
    (folder / "my_net.py").write_text(NETWORK, encoding="utf-8")
    (folder / "my_model.py").write_text(REFERENCE, encoding="utf-8")
    (folder / "space.yaml").write_text("lightgbm: {leaves: {low: 4, high: 8}}\n", encoding="utf-8")
    return folder


REFERENCE = """from sklearn.naive_bayes import GaussianNB

def model(task):
    return GaussianNB()
"""
NETWORK = """import keras

def build():
    return keras.Sequential([keras.layers.Dense(8, activation="relu"),
                             keras.layers.Dense(1, activation="sigmoid")])
"""
SMALLER = {
    "run": ["--work", "6"],
    "tune": ["--trials", "3"],
    "experiment": ["--seeds", "2", "--folds", "2"],
}
TYPED = [p for p in PAGES if commands(p, {"", "bash"})]


def cheaper(words: list[str]) -> list[str]:
    """The same command with little work instead of minutes."""
    kept, skip = [], False
    for word in words:
        if not skip and word not in ("--budget", "--trials", "--seeds", "--folds", "--work"):
            kept.append(word)
        skip = word in ("--budget", "--trials", "--seeds", "--folds", "--work")
    return [*kept, *SMALLER.get(words[0], [])]


def served(words: list[str], desk: Path, env: dict[str, str]) -> None:
    """Start the service, ask for some rows, end it with Ctrl-C: its log is there afterwards."""
    call = [sys.executable, "-m", "heldout", *words, "--port", "0", "--json"]
    with subprocess.Popen(call, cwd=desk, env=env, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            address = json.loads(service.stdout.readline())["predict"]
            records = pl.read_csv(desk / "march.csv", infer_schema_length=None).drop("Churn")
            reply = httpx.post(address, json={"rows": records.head(200).to_dicts()}, timeout=30)
            assert reply.status_code == 200, reply.text
        finally:
            service.send_signal(signal.SIGINT)
        assert service.wait(20) == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", TYPED, ids=lambda p: p.name)
def test_the_commands_of_a_page_run(page: Path, desk: Path) -> None:
    """Typed in the order of the page, with less work; exit code 4 is an answer too."""
    env = {**os.environ, "HELDOUT_STATE": str(desk / "state")}
    for name, seed in (("churn", "0"), ("churn-2", "1")):
        said = ["run", "churn.csv", "--target", "Churn", "--work", "6", "--quiet", "--seed", seed]
        again = [*said, "--out", f"runs/{name}"]  # the second time it is already done
        subprocess.run([sys.executable, "-m", "heldout", *again], cwd=desk, env=env, check=True)
    for i, words in enumerate(commands(page, {"", "bash"})):
        if words[0] == DEMO or STANDS_FOR & set(words) or "--address" in words:
            continue
        if words[0] == "serve":
            served(words, desk, env)
            continue
        more = ["--out", f"runs/{page.stem}-{i}"] if words[0] == "run" else []
        done = subprocess.run(
            [sys.executable, "-m", "heldout", *cheaper(words), *more],
            cwd=desk, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 4), f"heldout {' '.join(words)}\n{done.stderr[-1500:]}"
