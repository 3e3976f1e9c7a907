"""The whole corridor on real and made tables: from a file and a question to an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

import heldout as library
from heldout.workflow.outcome import FIELDS
from small_runs import Made, entries, table, write


@pytest.mark.requirement("EVAL-03", "EVAL-13", "EVAL-16")
def test_binary_with_a_seal(telco: Made) -> None:
    """Every promised field and no other; sealed rows scored once, with an interval."""
    said = telco.said.values
    assert tuple(said) == FIELDS
    assert said["answer"] == "signal"
    assert (said["task"], said["metric"], said["sealed"]) == ("binary", "roc_auc", True)
    assert 0.80 < said["low"] < said["score"] < said["high"] < 0.90
    assert said["baseline"] == 0.5
    assert said["samples"] == 1409
    assert said["openings"] == 1
    assert len(telco.steps("seal")) == 1
    steps = [e["step"] for e in entries(telco.folder)]
    assert steps.index("parity") < steps.index("seal") < steps.index("verdict")
    for part in ("report.html", "telco.heldout", "findings.json", "leaderboard.parquet"):
        assert (telco.folder / part).stat().st_size > 0
    assert telco.folder.stat().st_mode & 0o077 == 0


def test_the_same_command_again_is_already_done(telco: Made, heldout: Callable[..., Any]) -> None:
    """Exit 0, the stored result, no new fit, no new line in the journal."""
    before = {p: p.stat().st_mtime_ns for p in telco.folder.rglob("*")}
    said = heldout(*telco.arguments, "--json")
    assert (said.code, said.out) == (0, telco.said.out)
    assert "Already done" in said.err
    assert {p: p.stat().st_mtime_ns for p in telco.folder.rglob("*")} == before


@pytest.mark.requirement("EVAL-03", "EVAL-17")
def test_counted_work_gives_the_same_bytes_and_the_ledger_counts(
    small: Made, place: Path, heldout: Callable[..., Any]
) -> None:
    """``--work`` twice: leaderboard byte for byte; the second opening is told as the second."""
    own = place / "state-of-two"  # other tests open this seal too
    names = ("counted", "counted-again")
    one, two = (
        heldout(*small.arguments[:-1], place / name, "--quiet", "--json", state=own).values
        for name in names
    )
    boards = [(place / n / "leaderboard.parquet").read_bytes() for n in names]
    assert boards[0] == boards[1] == (small.folder / "leaderboard.parquet").read_bytes()
    assert one["score"] == two["score"] == small.said.values["score"]
    assert entries(place / "counted", "start")[0]["numbers"]["seed"] == 0
    assert library.load(place / "counted").manifest["seed"] == 0
    assert (one["openings"], two["openings"]) == (1, 2)
    assert entries(place / "counted-again", "seal")[0]["numbers"]["before"] == ["counted"]


def test_the_seed_does_not_move_the_sealed_rows(
    small: Made, place: Path, heldout: Callable[..., Any]
) -> None:
    """Another seed, other folds; the ledger knows the same sealed rows again."""
    said = heldout(*small.arguments[:-1], place / "seed", "--seed", 7, "--quiet", "--json").values
    assert said["openings"] >= 2
    rows = [np.load(f / "oof" / "trained.npy") for f in (small.folder, place / "seed")]
    assert np.array_equal(*rows)


def test_evaluate_on_a_run_gives_the_sealed_score_again(
    telco: Made, heldout: Callable[..., Any]
) -> None:
    """Rows that were trained on are left out; the others are the sealed ones."""
    said = heldout("evaluate", telco.folder, telco.data, "--json").values
    assert said["seen_in_training"] == 5634
    assert said["samples"] == 1409
    for field in ("score", "low", "high", "baseline"):
        assert said[field] == pytest.approx(telco.said.values[field], abs=1e-12)


def test_verify_computes_the_score_again(
    telco: Made, place: Path, heldout: Callable[..., Any]
) -> None:
    """The same rows are sealed by the same rule; other data is recognised."""
    said = heldout("verify", telco.folder, telco.data, "--json")
    assert said.code == 0
    assert said.values["score_again"]["same"]
    assert said.values["score_again"]["score"] == pytest.approx(telco.said.values["score"])
    other = place / "other.csv"
    polars.read_csv(telco.data, infer_schema_length=None).head(6000).write_csv(other)
    assert heldout("verify", telco.folder, other, "--json").code == 3


@pytest.fixture(scope="session")
def march(telco: Made, place: Path) -> Path:
    """200 rows of the table, one of which no schema can take."""
    frame = polars.read_csv(telco.data, infer_schema=False).head(200)
    tenure = ["a year" if i == 7 else v for i, v in enumerate(frame["tenure"].to_list())]
    path = place / "march.csv"
    frame.with_columns(polars.Series("tenure", tenure)).drop("Churn").write_csv(path)
    return path


def test_predict_answers_every_row_in_order(
    telco: Made, march: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """One row out for each row in; the refused one has its reason; --strict refuses all."""
    said = heldout("predict", telco.folder, march, "--out", place / "a.csv", "--json").values
    assert (said["rows"], said["answered"], said["refused"]) == (200, 199, 1)
    answers = polars.read_csv(place / "a.csv")
    assert answers["row"].to_list() == list(range(200))
    bad = answers.row(7, named=True)
    assert bad["probability_Yes"] is None
    assert "tenure" in bad["refused"]
    shown = heldout("predict", telco.folder, march)
    assert len(shown.out.splitlines()) == 201
    assert "a year" in shown.err
    printed = heldout("predict", telco.folder, march, "--json").values
    assert len(printed["answers"]) == 200
    strict = heldout(
        "predict", telco.folder, march, "--strict", "--out", place / "strict.csv", "--json"
    )
    assert (strict.code, strict.values["code"]) == (3, "H311")
    assert not (place / "strict.csv").exists()
    heldout("predict", telco.folder, march, "--out", place / "a.parquet")
    whole = polars.read_parquet(place / "a.parquet")
    assert np.array_equal(whole["probability_Yes"], answers["probability_Yes"], equal_nan=True)


@pytest.mark.requirement("PREP-22")
def test_export_runs_without_the_library(
    telco: Made, place: Path, heldout: Callable[..., Any]
) -> None:
    """The dozen lines of the example give the library's numbers."""
    import subprocess
    import sys

    said = heldout("export", telco.folder, "--to", "onnx", "--out", place / "onnx", "--json")
    assert said.code == 0
    rows = place / "rows.csv"
    polars.read_csv(telco.data, infer_schema=False).head(50).drop("Churn").write_csv(rows)
    code = (place / "onnx" / "telco_example.py").read_text()
    assert "heldout" not in code
    done = subprocess.run(
        [sys.executable, "telco_example.py", str(rows)],
        cwd=place / "onnx", capture_output=True, text=True, check=True,
    )  # fmt: skip
    got = np.array([[float(v) for v in line.split(",")] for line in done.stdout.splitlines()])
    expected = library.load(telco.folder).predict(rows).frame
    assert np.array_equal(got[:, 1], expected["probability_Yes"].to_numpy())


def test_status_report_explain_models_learn(
    telco: Made, march: Path, heldout: Callable[..., Any]
) -> None:
    """Views of the journal, again and again the same."""
    status = heldout("status", telco.folder, "--json").values
    assert status["steps"][0]["step"] == "read"
    assert status["next"].startswith("heldout serve")
    assert [h["state"] for h in status["hypotheses"]] == ["held", "held"]
    assert {"volume", "rhythm"} <= {a["question"] for a in status["assumptions"]}
    screen = heldout("status", telco.folder).out
    assert "held: Churn can be predicted" in screen
    assert "overrule: --type" in screen
    assert "existing" not in {s["step"] for s in status["steps"]}
    before = (telco.folder / "findings.json").read_bytes()
    assert heldout("report", telco.folder, "--json").code == 0
    assert (telco.folder / "findings.json").read_bytes() == before
    drivers = heldout("explain", telco.folder, "--json").values
    assert drivers["rows"][0]["column"] == "tenure"
    one = heldout("explain", telco.folder, 3, "--data", march, "--json").values
    assert 0 < one["prediction"] < 1
    assert "lightgbm" in heldout("models").out
    assert "lightgbm" in json.dumps(heldout("models", "--json").values)
    assert heldout("learn", "H310").out.startswith("H310")
    assert heldout("learn", "roc_auc").code == 0


@pytest.mark.requirement("MONITOR-04")
def test_monitor_is_calm_on_old_data_and_rings_on_new(
    telco: Made, march: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """Exit 4 with --fail-on where a price doubled; exit 0 on rows like the old."""
    frame = polars.read_csv(telco.data, infer_schema_length=None)
    same, changed = place / "same.csv", place / "changed.csv"
    frame.sample(1500, seed=1).write_csv(same)
    frame.sample(1500, seed=1).with_columns(
        polars.col("MonthlyCharges") * 2, polars.lit("Crypto").alias("PaymentMethod")
    ).write_csv(changed)
    calm = heldout("monitor", telco.folder, same, "--fail-on", "warn", "--out", place / "m.html")
    assert calm.code == 0, calm.out
    rang = heldout(
        "monitor", telco.folder, changed, "--fail-on", "warn", "--out", place / "n.html", "--json"
    )
    assert rang.code == 4
    assert "MonthlyCharges" in rang.out
    assert (place / "n.html").exists()
    assert heldout("monitor", telco.folder, changed, "--out", place / "n.html").code == 0


@pytest.mark.requirement("MONITOR-07")
def test_retrain_compares_on_rows_that_neither_has_seen(
    telco: Made, place: Path, heldout: Callable[..., Any]
) -> None:
    """The same recipe on the same data cannot be told apart from itself; its bundle answers."""
    said = heldout("retrain", telco.folder, telco.data, "--out", place / "re", "--quiet", "--json")
    assert said.code == 0, said.err
    assert said.values["answer"] == "cannot be told apart"
    assert said.values["champion"]["value"] == pytest.approx(telco.said.values["score"])
    assert library.load(place / "re").predict(telco.data).answered == 7043


@pytest.mark.requirement("DATA-07")
def test_regression_with_a_leak(
    data_folder: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """casual + registered are the answer in two parts: set aside, with the score both ways."""
    data = data_folder / "tables" / "regression" / "bike_sharing.csv"
    out = place / "bike"
    options = ("--target", "cnt", "--models", "elastic_net,decision_tree", "--work", 6)
    said = heldout("run", data, *options, "--out", out, "--quiet", "--json")
    assert said.code == 0, said.err
    values = said.values
    assert values["task"] == "regression"
    assert {a["column"] for a in values["set_aside"]} >= {"casual", "registered"}
    assert values["score"] > 5
    audit = entries(out, "audit")[0]["numbers"]
    aside = {a["column"]: a for a in audit["set_aside"]}
    assert aside["casual"]["score_with"] < 0.5 * aside["casual"]["score_without"]
    assert "A301" in {f["code"] for f in audit["findings"]}
    shown = heldout("run", data, *options, "--out", out)
    assert "casual" in shown.out
    assert "without" in shown.out


def test_multiclass_with_less_work_than_folds(
    data_folder: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """Three fits where ten folds are planned are raised to ten, and said; not sealed, and said."""
    data = data_folder / "tables" / "multiclass" / "iris.csv"
    target = polars.read_csv(data).columns[-1]
    said = heldout("run", data, "--target", target, "--work", 3, "--out", place / "iris", "--json")
    assert said.code == 0, said.err
    assert "--work 3 is raised to 10" in said.err
    values = said.values
    assert (values["task"], values["sealed"]) == ("multiclass", False)
    frame = library.load(place / "iris").predict(data).frame
    assert len([c for c in frame.columns if c.startswith("probability_")]) == 3


@pytest.mark.requirement("EVAL-02")
def test_no_signal_is_an_answer(place: Path, heldout: Callable[..., Any]) -> None:
    """Exit 4; report and a bundle of the null model; Python returns."""
    data = write(place / "noise.csv", table(300, seed=3, strength=0.0))
    said = heldout(
        "run", data, "--target", "left", "--drop", "house", "--models", "logistic",
        "--work", 10, "--out", place / "noise", "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 4, said.err
    assert said.values["answer"] == "no signal"
    assert (place / "noise" / "report.html").exists()
    frame = library.load(place / "noise").predict(data).frame
    assert frame["probability_yes"].n_unique() == 1
    gate = entries(place / "noise", "gate")[0]["numbers"]
    assert gate["detectable"] > 0
    assert heldout("verify", place / "noise").code == 0
    again = heldout("retrain", place / "noise", data)
    assert again.code == 3
    assert "H320" in again.err, "the same rows judge nobody"


@pytest.mark.requirement("EVAL-04")
def test_too_small_to_seal_and_a_leak_that_is_kept(
    data_folder: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """titanic3: boat tells who was saved, set aside; --keep brings it back."""
    data = data_folder / "tables" / "binary" / "titanic3.csv"
    run = ["run", data, "--target", "survived", "--models", "decision_tree", "--work", 10]
    said = heldout(*run, "--quiet", "--out", place / "titanic", "--json").values
    assert not said["sealed"]
    assert "boat" in {a["column"] for a in said["set_aside"]}
    assert said["score"] < 0.9
    kept = heldout(
        *run, "--keep", "boat", "--quiet", "--out", place / "titanic-boat", "--json"
    ).values
    assert "boat" not in {a["column"] for a in kept["set_aside"]}
    assert kept["score"] > said["score"] + 0.05


@pytest.mark.requirement("EVAL-10")
def test_groups_stay_together(place: Path, heldout: Callable[..., Any]) -> None:
    """No house on two sides; the group's column is no input; detectable gain by groups."""
    data = write(place / "houses.csv", table(4400))
    said = heldout(
        "run", data, "--target", "left", "--group", "house", "--seal", "--models", "logistic",
        "--work", 5, "--out", place / "houses", "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert said.values["sealed"]
    schema = library.load(place / "houses").schema
    assert "house" not in [c.name for c in schema.inputs]
    assert heldout("verify", place / "houses", data, "--json").values["score_again"]["same"]


def test_poisoned_sealed_rows_change_nothing_before_the_seal(
    place: Path, heldout: Callable[..., Any]
) -> None:
    """Where time rules the last stretch is sealed: its cells and answers, put in another order,
    leave leaderboard and choice as they were, byte for byte; the sealed score moves."""
    columns = table(1200, seed=5)
    columns.pop("house")
    rng = np.random.default_rng(1)
    poisoned = {
        name: v[:1000] + [v[1000:][i] for i in rng.permutation(200)] for name, v in columns.items()
    }
    told = []
    for name, rows in (("clean", columns), ("poison", poisoned)):
        data = write(place / f"{name}.csv", rows)
        said = heldout(
            "run", data, "--target", "left", "--time", "row", "--seal", "--work", 6, "--models",
            "logistic,decision_tree", "--out", place / name, "--quiet", "--json",
        )  # fmt: skip
        assert said.code in (0, 4), said.err
        told.append(said.values)
    assert told[0]["sealed"]
    assert told[0]["samples"] >= 200
    boards = [(place / n / "leaderboard.parquet").read_bytes() for n in ("clean", "poison")]
    assert boards[0] == boards[1]
    chosen = [entries(place / n, "ensemble")[0]["numbers"]["score"] for n in ("clean", "poison")]
    assert chosen[0] == chosen[1]
    assert told[0]["score"] != told[1]["score"]


def test_frames_of_three_libraries_give_the_same_score(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``heldout.run`` on Polars, pandas and Arrow; a run prints as its last screen."""
    pandas = pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    monkeypatch.setenv("HELDOUT_STATE", str(tmp_path))
    columns = table(300, seed=2)
    columns.pop("house")
    frames = {
        "polars": polars.DataFrame(columns),
        "pandas": pandas.DataFrame(columns),
        "arrow": arrow.table(columns),
    }
    scores = {}
    for name, frame in frames.items():
        done = library.run(
            frame, target="left", work=10, models="decision_tree", out=str(tmp_path / name)
        )
        scores[name] = (done.score, done.low, done.high, done.answer)
    assert len(set(scores.values())) == 1, scores
    assert done.predict(frames["polars"]).height == 300
    assert "Score" in repr(done)
    with pytest.raises(AttributeError, match="it has answer"):
        done.scoore  # noqa: B018


def test_columns_named_like_outputs_and_a_tree_at_refit(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column called ``decision`` enters the graph under another name; a decision tree is
    refitted on what another process prepared."""
    monkeypatch.setenv("HELDOUT_STATE", str(tmp_path))
    columns = table(400, seed=4)
    renamed = {"decision": columns["a"], "probability": columns["town"], "left": columns["left"]}
    done = library.run(
        write(tmp_path / "names.csv", renamed), target="left", models="decision_tree", work=20,
        out=str(tmp_path / "names"),
    )  # fmt: skip
    assert done.answer == "signal"
    refit = entries(tmp_path / "names", "refit")
    assert [e["decision"] for e in refit] == ["decision_tree"], refit
    frame = done.predict({"decision": [2.0, -2.0], "probability": ["Rom", "Oslo"]})
    assert frame["probability_yes"][0] > frame["probability_yes"][1]


def test_detectable_gain_pays_for_groups_and_few_rows() -> None:
    """The gate tells the gain that *these* samples could have shown, groups and factor included."""
    from heldout.search.correct import GATE
    from heldout.tasks.task import Task
    from heldout.workflow.verdict import judge

    rng = np.random.default_rng(0)
    y = np.repeat(rng.integers(0, 2, 60), 5).astype(float)
    p = np.clip(0.3 + 0.4 * y + np.repeat(rng.normal(0, 0.2, 60), 5), 0.01, 0.99)
    predicted, nothing = np.column_stack([1 - p, p]), np.full((300, 2), 0.5)
    task = Task("binary", "t", "roc_auc", True, classes=("a", "b"), positive="b")
    groups = np.repeat(np.arange(60), 5)

    def gain(groups: Any = None, factor: float = 1.0) -> float:
        found = judge(
            task, y, predicted, nothing, groups=groups, threshold=0.5, sealed=False, factor=factor
        ).detectable
        assert found is not None
        return found

    assert gain(groups) > 1.5 * gain()
    assert gain(factor=1.2) == gain(), "without a seal the gate is wider than that already"
    assert gain(factor=1.5) == pytest.approx(1.5 / GATE * gain())
