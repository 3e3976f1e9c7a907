"""``predict`` and ``evaluate``: the bundle on new rows, with and without known answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import Bundle, load
from heldout.core import files
from heldout.core.arrays import Array, Bools, Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural, quoted
from heldout.metrics.scoring import metric_for, score
from heldout.report.figures import decimals, number
from heldout.splits.content import content
from heldout.tables.answering import Chunk, Refusal, chunks
from heldout.tasks import null
from heldout.tasks.labels import read_label_columns, read_labels
from heldout.tasks.several import known
from heldout.workflow.each_target import each_target
from heldout.workflow.spec import renamed
from heldout.workflow.told import Told, lines
from heldout.workflow.verdict import prediction_of

ANSWERS = (".csv", ".txt", ".parquet", ".pq")
SHOWN = 5  # refused rows told on the screen


def predict_file(
    bundle: str,
    data: str | None,
    out: str | None,
    *,
    rename: Sequence[str] = (),
    strict: bool = False,
    explain: bool = False,
    as_values: bool = False,
) -> Told:
    """Answers as CSV or Parquet; where no file is named, CSV to standard output or, for JSON,
    among the values. ``explain``: what each column adds to each answer, beside it."""
    _check_kind(out)
    loaded = load(bundle)
    if loaded.context is not None:
        if explain:
            raise _only_history(loaded)
        return _goes_on(loaded, data, out, renamed(rename), as_values)
    if data is None:
        raise HeldoutError(
            "H101",
            "no data to answer",
            seen=f"{loaded.path.name} answers rows of a table",
            why="only a forecast can go on without new data",
            do=[f"heldout predict {quoted(bundle)} DATA --out answers.csv"],
        )
    new_names = renamed(rename)
    seen = _trained_on(bundle, loaded, data, new_names)
    reasons = None
    if explain:
        from heldout.explain.told import beside

        reasons = beside(loaded)
    if out is None:
        found = loaded.predict(data, rename=new_names, strict=strict, beside=reasons)
        from heldout.bundle.predict import guarded

        if not as_values:
            sys.stdout.write(guarded(found.frame).write_csv())
        rows, answered, refused = found.rows, found.answered, found.refused
    else:
        done = loaded.predict_file(data, out, rename=new_names, strict=strict, beside=reasons)
        rows, answered, refused = done.rows, done.answered, done.refused
    told = [("Answered", f"{count(answered)} of {plural(rows, 'row')}")]
    told += _refusals(refused, rows - answered)
    if seen:
        told.append(("Trained", f"{plural(seen, 'row')} of these were trained on"))
    if out is not None:
        told.append(("Answers", out))
    values: dict[str, Any] = {
        "rows": rows,
        "answered": answered,
        "refused": rows - answered,
        "seen_in_training": seen,
        "out": out,
    }
    if out is None and as_values:
        values["answers"] = found.frame.to_dicts()
    return Told(lines(told), values)


def _only_history(loaded: Bundle) -> HeldoutError:
    return HeldoutError(
        "H101",
        "a forecast is not explained column by column",
        seen=f"{loaded.path.name} goes on from the end of a series",
        why="its only inputs are the values before",
    )


def _check_kind(out: str | None) -> None:
    """A spreadsheet or JSON file is not written as CSV under that name: H102."""
    if out is None or Path(out).suffix.lower() in ("", *ANSWERS) or Path(out).is_dir():
        return
    raise HeldoutError(
        "H102",
        f"--out {out} is of a kind that is not written",
        seen=f"it ends in {Path(out).suffix}; written are {', '.join(ANSWERS)}",
        why="a file is believed to be what its name says",
        do=[f"--out {Path(out).with_suffix('.csv')}"],
    )


def _goes_on(
    loaded: Bundle,
    data: str | None,
    out: str | None,
    rename: Mapping[str, str] | None,
    as_values: bool,
) -> Told:
    """A forecast: the next steps of every series, from the bundle's end or from newer history."""
    from heldout.bundle import forecast
    from heldout.bundle.predict import guarded

    found = forecast.ahead(loaded, data, rename=rename)
    frame = guarded(forecast.frame(loaded, found))
    if out is None and not as_values:
        sys.stdout.write(frame.write_csv())
    if out is not None:
        with files.aside(Path(out)) as temporary:
            parquet = Path(out).suffix.lower() in (".parquet", ".pq")
            frame.write_parquet(temporary) if parquet else frame.write_csv(temporary)
    count_of, horizon = found.values.shape
    ends = frame["time"].to_list()
    band = (loaded.context or {})["band"]["level"]
    told = [
        ("Forecast", f"{plural(horizon, 'step')} of {plural(count_of, 'series', 'series')}, "
         f"{ends[0]} to {ends[horizon - 1]}"),
        ("Band", f"low to high is meant to hold {100 * band:.0f} % of what will come"),
    ]  # fmt: skip
    if out is not None:
        told.append(("Answers", out))
    values: dict[str, Any] = {"rows": frame.height, "series": count_of, "horizon": horizon}
    values |= {"out": out} if out is not None or not as_values else {"answers": frame.to_dicts()}
    return Told(lines(told), values)


def evaluate_file(
    bundle: str, data: str, *, rename: Sequence[str] = (), strict: bool = False
) -> Told:
    """The bundle's own metric with interval on labeled rows, beside the score of its report."""
    loaded = load(bundle)
    if loaded.context is not None:
        raise HeldoutError(
            "H101",
            "a forecast is not scored row by row",
            seen=f"{loaded.path.name} goes on from the end of a series",
            why="its score is that of whole stretches from several earlier moments",
            do=[
                f"heldout run {quoted(data)} --target {quoted(loaded.task.listed)} --task forecast"
            ],
        )
    labeled = answered_rows(loaded, data, renamed(rename), strict=strict)
    trained = trained_rows(bundle, labeled.hashes)
    there = known(labeled.y)
    keep = ~trained & there
    if not keep.any():
        raise HeldoutError(
            "H320",
            f"{Path(data).name} has no row to score",
            seen=f"{count(len(keep))} rows, {count(int(trained.sum()))} of them trained on, "
            f"{count(int((~there).sum()))} without a known {loaded.task.target}",
            why="a score on rows that the model has seen says nothing about new ones",
            do=["bring labeled rows that were not in the training data"],
        )
    task = loaded.task
    found = score(
        task.metric,
        task,
        labeled.y[keep],
        labeled.prediction[keep],
        threshold=loaded.threshold,
        groups=None if labeled.unit is None else labeled.unit[keep],
    )
    warning = "; ".join(w for w in (found.warning, labeled.without_unit) if w)
    nothing = baseline_prediction(loaded, int(keep.sum()))
    base = score(task.metric, task, labeled.y[keep], nothing, threshold=loaded.threshold).value
    values: dict[str, Any] = {
        "metric": task.metric,
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "baseline": base,
        "samples": found.samples,
        "seen_in_training": int(trained.sum()),
        "refused": len(labeled.refused),
        "warning": warning,
    }
    if task.parts:
        values["targets"] = each_target(
            task, labeled.y[keep], labeled.prediction[keep], nothing,
            groups=None if labeled.unit is None else labeled.unit[keep], threshold=loaded.threshold,
        )  # fmt: skip
    return Told(_evaluated(loaded, values, labeled.strange), values)


class Labeled:
    """Answered rows with their known answers; arrays of shape (rows,) or (rows, outputs)."""

    def __init__(self, y: Doubles, prediction: Doubles, hashes: Any) -> None:
        self.y = y
        self.prediction = prediction
        self.hashes = hashes
        self.refused: list[Refusal] = []
        self.strange: tuple[str, ...] = ()
        self.columns: dict[str, Any] = {}
        self.unit: Ints | None = None  # codes of the groups that the interval counts by
        self.without_unit = ""


def answered_rows(
    loaded: Bundle, data: Any, rename: Mapping[str, str] | None, *, strict: bool = False
) -> Labeled:
    """Answer a labeled source; raises H321 where the target's column is not there."""
    targets = loaded.task.targets
    ys, predictions, hashes, refused = [], [], [], []
    strange: dict[str, None] = {}
    kept: list[dict[str, Any]] = []
    units: list[Any] = []
    lacking: set[str] = set()
    for chunk in chunks(data, loaded.schema, rename=rename, bundle=str(loaded.path)):
        absent = [t for t in targets if t not in chunk.extra.columns]
        if absent:
            raise HeldoutError(
                "H321",
                f'{_name(data)} has no column "{absent[0]}"',
                seen=f"{len(chunk.extra.columns)} columns",
                why="without the known answers there is nothing to compare with",
                do=["name it with --rename OLD=" + quoted(absent[0])],
            )
        refused += chunk.refused
        texts = [chunk.labels(target).to_list() for target in targets]
        if loaded.task.parts:
            y, unknown = read_label_columns(loaded.task, texts)
        else:
            y, unknown = read_labels(loaded.task, texts[0])
        strange.update(dict.fromkeys(unknown))
        outputs = loaded.run(chunk.columns)
        ys.append(y)
        predictions.append(prediction_of(outputs))
        hashes.append(content(chunk.columns, loaded.schema))
        kept.append(chunk.columns)
        lacking |= set(loaded.task.group) - set(chunk.extra.columns)
        if not lacking:
            units.append(_unit_names(chunk, loaded.task.group))
    if strict and refused:
        first = refused[0]
        raise HeldoutError(
            "H311",
            f"{plural(len(refused), 'cell')} of {_name(data)} refused, and --strict was given",
            seen=f'line {first.line}, column "{first.column}": {first.value!r}',
            why=f"expected: {first.expected}",
        )
    made = Labeled(np.concatenate(ys), np.concatenate(predictions), np.concatenate(hashes))
    made.refused, made.strange = refused, tuple(strange)
    made.columns = {n: np.concatenate([k[n] for k in kept]) for n in kept[0]}
    if lacking:
        names = ", ".join(sorted(lacking))
        made.without_unit = f"no column {names} here: the interval counts rows, not groups"
    elif loaded.task.group:
        made.unit = np.unique(np.concatenate(units), return_inverse=True)[1].reshape(-1)
    return made


def _unit_names(chunk: Chunk, names: Sequence[str]) -> Array:
    """(rows,) the text of all group columns together."""
    parts = [chunk.labels(n).fill_null("").to_list() for n in names]
    return np.array(["\x1f".join(p) for p in zip(*parts, strict=True)], dtype=str)


def trained_rows(bundle: str, hashes: Any) -> Bools:
    """Which of these rows the run was trained on; none known for a bundle without its run."""
    path = Path(bundle)
    folder = path if path.is_dir() else path.parent
    stored = folder / "oof" / "trained.npy"
    if not stored.exists():
        return np.zeros(len(hashes), dtype=bool)
    return np.isin(hashes, np.load(stored, allow_pickle=False))


def baseline_prediction(loaded: Bundle, rows: int) -> Doubles:
    """What the null model of the run answers, from the manifest."""
    stored = loaded.manifest.get("baseline") or {}
    if "prediction" in stored:
        return null.repeat(np.asarray(stored["prediction"], dtype=np.float64), rows)
    return np.full((rows, loaded.task.outputs), 1.0 / loaded.task.outputs)


def _trained_on(bundle: str, loaded: Bundle, data: str, rename: Mapping[str, str] | None) -> int:
    if not (Path(bundle) / "oof" / "trained.npy").exists():
        return 0
    return sum(
        int(trained_rows(bundle, content(chunk.columns, loaded.schema)).sum())
        for chunk in chunks(data, loaded.schema, rename=rename)
    )


def _refusals(refused: Sequence[Refusal], rows: int) -> list[tuple[str, str]]:
    if not rows:
        return []
    words = [f"{plural(rows, 'row')}; the reason stands in the column `refused`"]
    words += [
        f'line {r.line}, column "{r.column}": {r.value!r}; expected {r.expected}'
        for r in refused[:SHOWN]
    ]
    return [("Refused", "\n".join(words))]


def _evaluated(loaded: Bundle, values: Mapping[str, Any], strange: Sequence[str]) -> str:
    card = metric_for(values["metric"], loaded.task)
    ends = (values["low"], values["high"], values["baseline"])
    places = decimals(values["score"], ends, of_target=card.unit_of_target)
    value, low, high, base = (number(v, places) for v in (values["score"], *ends))
    between = f"95 % interval {low} to {high}" if values["low"] is not None else "no interval"
    rows = [
        ("Score", f"{value}   {between}   baseline {base}   rows {count(values['samples'])}"),
        ("", f"{card.words.replace('{value}', value)} {values['warning']}".strip()),
    ]
    for i, one in enumerate(values.get("targets", ())):
        rows.append(("" if i else "Targets", _target(one)))
    old = loaded.manifest.get("verdict") or {}
    if old.get("value") is not None and old.get("metric") == values["metric"]:
        parts = (old["value"], old.get("low"), old.get("high"))
        was, was_low, was_high = (number(v, places) for v in parts)
        how = "sealed" if old.get("sealed") else "cross-validated"
        rows.append(("Reported", f"{was}   {was_low} to {was_high}, {how}"))
    if values["seen_in_training"]:
        rows.append(
            ("Left out", f"{plural(values['seen_in_training'], 'row')} that the run trained on")
        )
    if values["refused"]:
        rows.append(("Refused", plural(values["refused"], "cell")))
    if strange:
        rows.append(("Unknown", f"labels never seen: {', '.join(strange[:SHOWN])}"))
    return lines(rows)


def _target(one: Mapping[str, Any]) -> str:
    """A target's own score on one line."""
    places = decimals(one["value"], (one["low"], one["high"], one["baseline"]), of_target=True)
    value, low, high, base = (number(one[k], places) for k in ("value", "low", "high", "baseline"))
    between = f"{low} to {high}" if one["low"] is not None else "no interval"
    return f"{one['target']}: {value}   {between}   baseline {base}"


def _name(data: Any) -> str:
    return Path(data).name if isinstance(data, (str, Path)) else "the frame"
