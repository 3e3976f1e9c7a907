"""Several targets from one command to answers, scores, the service and a refit."""

import contextlib
import io
import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import heldout
from heldout.bundle import load
from heldout.cli.main import main
from small_runs import Said, entries
from small_services import asking

LABELS = ("late", "broken", "returned")


def told(*arguments):
    """The command line, in this process: starting it anew would cost more than what it does."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main([str(a) for a in arguments])
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module", autouse=True)
def own_ledger(place):
    """Runs of this file are entered nowhere else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELDOUT_STATE", str(place / "ledger"))
        yield


def orders(rows, seed=0):
    """Orders with three labels of which one is rare, and two amounts in unlike units."""
    rng = np.random.default_rng(seed)
    size, far = rng.normal(size=rows), rng.normal(size=rows)
    shop = rng.choice(["north", "south", "web"], rows)
    late = far + 0.7 * rng.normal(size=rows) > 0.3
    broken = size + 0.7 * rng.normal(size=rows) > 1.2
    returned = (shop == "web") + 0.5 * rng.normal(size=rows) > 0.5
    return pl.DataFrame(
        {
            "size": size, "far": far, "shop": shop, "noise": rng.normal(size=rows),
            "late": np.where(late, "yes", "no"), "broken": broken.astype(int),
            "returned": np.where(returned, "back", "kept"),
            "grams": 500 + 100 * size + 20 * rng.normal(size=rows),
            "days": 0.3 * far + 0.1 * rng.normal(size=rows),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def labels(place):
    """1,100 orders, sealed because it was asked for, logistic regression."""
    data = place / "labels.csv"
    frame = orders(1_100)
    gap = pl.when(pl.int_range(pl.len()) < 4).then(None).otherwise(pl.col("late"))
    frame.with_columns(gap.alias("late")).write_csv(data)
    out = place / "several"
    said = told(
        "run", data, "--target", ",".join(LABELS), "--drop", "grams,days", "--models", "logistic",
        "--work", "5", "--seal", "--out", out, "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    return out, said.values


@pytest.fixture(scope="module")
def fresh(place):
    """400 orders that nobody has seen."""
    data = place / "fresh.csv"
    orders(400, seed=9).write_csv(data)
    return data


@pytest.fixture(scope="module")
def numbers(place):
    """The amounts, by Python, sealed because it was asked for."""
    return heldout.run(
        orders(1_100).drop(LABELS), target=["grams", "days"], models=["ridge"], work=6, seal=True,
        conformal=0.9, out=str(place / "numbers"),
    )  # fmt: skip


@pytest.mark.requirement("TASK-02", "TASK-10")
def test_labels_end_to_end(labels):
    out, values = labels
    assert (values["task"], values["metric"], values["answer"]) == (
        "multilabel",
        "roc_auc",
        "signal",
    )
    assert 0.5 == values["baseline"] < values["low"] < values["score"] < values["high"] < 1
    assert values["sealed"] and values["openings"] == 1
    assert any("4 rows" in q and "miss at least one target" in q for q in values["questions"])
    each = entries(out, "targets")[-1]["numbers"]["targets"]
    assert [t["target"] for t in each] == list(LABELS)
    assert np.mean([t["value"] for t in each]) == pytest.approx(values["score"], abs=1e-12)
    assert all(t["low"] < t["value"] < t["high"] and t["baseline"] == 0.5 for t in each)
    kept = np.load(out / "oof" / "answers.npz")
    macro = roc_auc_score(kept["y"], kept["prediction"], average="macro")
    assert entries(out, "crossval")[-1]["numbers"]["naive"] == pytest.approx(macro, abs=1e-12)
    threshold = entries(out, "threshold")[-1]["numbers"]["threshold"]
    assert len(threshold) == 3 and load(out).threshold == tuple(threshold)
    parity = entries(out, "parity")[-1]["numbers"]
    assert parity["largest"] <= 1e-12
    page = (out / "report.html").read_text()
    assert "Each target by itself" in page and "late" in page


@pytest.mark.requirement("TASK-02")
def test_the_screen_names_each_target(labels):
    out, _ = labels
    from heldout.report.record import RunRecord
    from heldout.report.screen import last_screen

    screen = last_screen(RunRecord.from_journal(out))
    assert "The mean over 3 labels." in screen
    for target in LABELS:
        assert f"{target}: 0." in screen
    assert told("status", out).code == 0


@pytest.mark.requirement("TASK-02", "DEPLOY-03")
def test_answers_in_a_file(labels, fresh, place):
    out, _ = labels
    answers = place / "answers.csv"
    assert told("predict", out, fresh, "--out", answers).code == 0
    frame = pl.read_csv(answers)
    assert frame.columns == [
        "row", *LABELS, *(f"probability_{t}" for t in LABELS), "refused",
    ]  # fmt: skip
    assert set(frame["late"]) <= {"yes", "no"} and set(frame["returned"]) <= {"back", "kept"}
    truth = pl.read_csv(fresh)
    y = np.stack(
        [truth["late"] == "yes", truth["broken"] == 1, truth["returned"] == "back"], axis=1
    )
    p = frame.select([f"probability_{t}" for t in LABELS]).to_numpy()
    macro = roc_auc_score(y, p, average="macro")
    said = told("evaluate", out, fresh, "--json").values
    assert said["score"] == pytest.approx(macro, abs=1e-9) and said["low"] < macro < said["high"]
    assert [t["target"] for t in said["targets"]] == list(LABELS)
    read = told("evaluate", out, fresh)
    assert read.code == 0 and "Targets" in read.out
    lacking = place / "lacking.csv"
    truth.drop("broken").write_csv(lacking)
    assert "broken" in told("evaluate", out, lacking).err


@pytest.mark.requirement("TASK-02")
def test_whole_again_and_watched(labels, fresh):
    out, _ = labels
    verified = told("verify", out)
    assert verified.code == 0, verified.out + verified.err
    watched = told("monitor", out, fresh, "--json")
    assert watched.code == 0, watched.err
    explained = told("explain", out, "0", "--data", fresh)
    assert explained.code == 0 and "late = yes" in explained.out, explained.err
    assert "--target for broken, returned" in explained.out
    other = told("explain", out, "0", "--data", fresh, "--target", "broken")
    assert "probability of broken = 1" in other.out
    assert told("explain", out, "0", "--data", fresh, "--target", "x").code == 2
    assert "--explain goes with one target" in told("predict", out, fresh, "--explain").err


@pytest.mark.requirement("TASK-02", "DEPLOY-03")
def test_the_service_answers_each_target(labels, place):
    out, _ = labels
    record = {"size": 0.1, "far": 2.0, "shop": "web", "noise": 0.0}
    with asking(load(out), place / "log.db") as client:
        answer = client.post("/predict", json=record).json()
        assert set(answer["prediction"]) == set(LABELS) == set(answer["probability"])
        assert answer["prediction"]["late"] == "yes" and 0.5 < answer["probability"]["late"] <= 1
        shown = client.get("/openapi.json").json()["components"]["schemas"]["Answer"]
        assert shown["properties"]["prediction"]["properties"]["returned"]["enum"] == [
            "kept",
            "back",
        ]
        assert client.get("/").status_code == 200
        form = client.post("/", data={f"in:{k}": str(v) for k, v in record.items()})
        assert "late: yes" in form.text and "late yes" in form.text
        truth = {"late": "yes", "broken": 0, "returned": "back"}
        assert client.post("/labels", json={"id": answer["id"], "value": truth}).status_code == 202
        inputs = [
            {"name": n, "shape": [1], "datatype": "BYTES" if n == "shop" else "FP64", "data": [v]}
            for n, v in record.items()
        ]
        told = client.post(f"/v2/models/{out.name}/infer", json={"inputs": inputs}).json()
        shapes = {o["name"]: o["shape"] for o in told["outputs"]}
        assert shapes["probability"] == shapes["decision"] == shapes["prediction"] == [1, 3]


@pytest.mark.requirement("TASK-02")
def test_the_recipe_is_refitted(labels, fresh, place):
    out, _ = labels
    said = told("retrain", out, fresh, "--out", place / "refit", "--json")
    assert said.code == 0, said.err
    assert said.values["answer"] in ("better", "worse", "cannot be told apart")
    assert load(place / "refit").task.targets == LABELS
    both = told("compare", out, out)
    assert both.code == 0 and "Cannot be told apart" in both.out


@pytest.mark.requirement("TASK-02", "EVAL-03")
def test_numbers_end_to_end(numbers, place):
    assert (numbers.task, numbers.metric, numbers.answer) == ("vector_regression", "mae", "signal")
    assert numbers.sealed and numbers.low < numbers.score < numbers.high < numbers.baseline < 1
    out = numbers.folder
    each = {t["target"]: t for t in entries(out, "targets")[-1]["numbers"]["targets"]}
    grams, days = each["grams"], each["days"]
    assert 15 < grams["value"] < 30 and 0.05 < days["value"] < 0.2  # in their own units
    mean = (grams["value"] / grams["scale"] + days["value"] / days["scale"]) / 2
    assert mean == pytest.approx(numbers.score, abs=1e-9)
    frame = numbers.predict(orders(5, seed=3))
    ends = ["low_grams", "high_grams", "low_days", "high_days"]
    assert frame.columns == ["row", "grams", "days", *ends, "refused"]
    assert load(out).manifest["parity"]["largest"] <= 1e-12
    from heldout.report.record import RunRecord
    from heldout.report.screen import last_screen

    screen = " ".join(last_screen(RunRecord.from_journal(out)).split())
    assert "each counted in its own standard deviation" in screen
    assert "would be off by" not in screen
    json.loads((out / "result.json").read_text())


@pytest.mark.requirement("TASK-02")
def test_each_number_has_its_interval(numbers, place):
    """Nine in ten new rows inside for each; the report, the service's answer and a refit say so."""
    told_of = entries(numbers.folder, "conformal")[-1]["numbers"]
    assert [e["target"] for e in told_of["each"]] == ["grams", "days"]
    assert all(e["low"] < e["value"] < e["high"] for e in told_of["coverage"]["each"])
    new = orders(2_000, seed=4)
    frame = numbers.predict(new)
    for target in ("grams", "days"):
        inside = (frame[f"low_{target}"] <= new[target]) & (new[target] <= frame[f"high_{target}"])
        assert 0.86 < inside.mean() < 0.94
    assert "a band for each target" in (numbers.folder / "report.html").read_text()
    bundle = load(numbers.folder)
    columns = new.head(3).to_dict(as_series=False)
    row = bundle.answer({c.name: np.array(columns[c.name]) for c in bundle.schema.inputs})
    first = row.row(0, bundle.task)
    assert first["low"]["grams"] < first["prediction"]["grams"] < first["high"]["grams"]
    data = place / "amounts.csv"
    orders(900, seed=5).drop(LABELS).write_csv(data)
    said = told("retrain", numbers.folder, data, "--out", place / "numbers again")
    assert said.code == 0 and "90 % inside; champion" in said.out, said.err
    assert "lower" in load(place / "numbers again").session.outputs


@pytest.mark.requirement("TASK-02")
def test_a_list_in_the_specification(place):
    data = place / "orders.csv"
    orders(900).write_csv(data)
    spec = place / "several.yaml"
    spec.write_text(f"data: {data}\ntarget: [late, broken]\ndrop: [returned, grams, days]\n")
    defined = told("define", data, "--config", spec, "--out", place / "defined.yaml")
    assert defined.code == 0 and "multilabel" in defined.out, defined.err
    assert 'target: ["late", "broken"]' in (place / "defined.yaml").read_text()
    seen = told("inspect", data, "--target", "late,broken", "--out", place / "seen")
    assert seen.code == 0, seen.err


@pytest.mark.requirement("TASK-02")
def test_what_cannot_be_is_said(place):
    data = place / "orders.csv"
    orders(900).write_csv(data)
    mixed = told("run", data, "--target", "late,grams", "--work", "5")
    assert mixed.code == 3 and "H270" in mixed.err and "--target late" in mixed.err
    group = told("run", data, "--target", "late,broken", "--group", "late", "--work", "5")
    assert group.code == 2 and "H102" in group.err
    forecast = told("run", data, "--target", "grams,days", "--task", "forecast", "--time", "row")
    assert forecast.code == 3 and "a forecast has one target" in forecast.err
    old = told("run", data, "--target", "late,broken", "--existing", "far")
    assert old.code == 2 and "--existing looks at one target" in old.err
    sets = told("run", data, "--target", "late,broken", "--conformal", "0.9")
    assert sets.code == 2 and "--conformal looks at one target" in sets.err
    assert "--target late" in sets.err
    ladder = told("run", data, "--target", "grams,days", "--ladder")
    assert ladder.code == 2 and "--ladder looks at one target" in ladder.err
