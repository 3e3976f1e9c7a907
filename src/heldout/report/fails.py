"""Where the model fails: answers against the truth, probabilities, errors, the worst rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heldout.core.names import count
from heldout.report import draw
from heldout.report.figures import Digits, decimals, number, percent, percents
from heldout.report.foretold import earlier
from heldout.report.record import RunRecord, as_float
from heldout.report.slices import conformal, fairness, slices

MOST_FAILURES, MOST_VALUES, MOST_CLASSES, MOST_MISTAKES = 12, 12, 30, 5


def fails(record: RunRecord) -> dict[str, Any]:
    """Everything of the section; a part is empty where it was not measured."""
    none = record.signal is False
    told: dict[str, Any] = {
        "rows": _worst(record),
        "unit": record.unit,
        "confusion": _confusion(record),
        "mistakes": _mistakes(record),
        "decided": _decided(record),
        "reliability": _reliability(record),
        "reliable": reliable(record),
        "residuals": _residuals(record),
        "slices": slices(record) if not none else None,
        "fairness": fairness(record),
        "conformal": conformal(record),
        "finished": record.entry("finish") is not None and record.kind != "forecast",
        "earlier": earlier(record),
    }
    parts = ("rows", "confusion", "reliability", "residuals", "slices", "earlier")
    told["any"] = any(told[p] for p in parts) or told["finished"]
    return told


def _worst(record: RunRecord) -> list[dict[str, Any]]:
    told = []
    for row in list(record.numbers("failures").get("rows") or ())[:MOST_FAILURES]:
        values = list((row.get("values") or {}).items())
        told.append(
            {
                "row": count(int(row.get("row", 0))),
                "truth": plain(row.get("truth")),
                "said": said(record, row),
                "values": [(k, record.cell(k, v)) for k, v in values[:MOST_VALUES]],
                "more": max(0, len(values) - MOST_VALUES),
            }
        )
    return told


def said(record: RunRecord, row: Mapping[str, Any]) -> str:
    """What the model answered, in words."""
    probability = as_float(row.get("probability"))
    if probability is not None:
        what = record.positive or plain(row.get("prediction", row.get("truth")))
        return f"gave {what} a probability of {percent(probability)}"
    value = as_float(row.get("prediction"))
    return f"answered {plain(row.get('prediction') if value is None else value)}"


def plain(value: Any) -> str:
    """A value of the table as text."""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _confusion(record: RunRecord) -> draw.Picture | None:
    """Decisions against the truth: of the sealed rows where they were counted."""
    point = record.operating
    if point is not None:
        classes = [str(record.positive), record.negative]
        alarms = point.flagged - point.right
        rest = point.samples - point.flagged - point.missed
        counts: Sequence[Sequence[float]] = [[point.right, point.missed], [alarms, rest]]
    else:
        found = record.numbers("operating")
        given = found.get("confusion") or record.numbers("confusion").get("counts")
        named = found.get("classes") or record.numbers("confusion").get("classes")
        classes = [str(c) for c in named or record.task.get("classes") or ()]
        if not given or len(given) != len(classes) or len(classes) > MOST_CLASSES:
            return None
        counts = given
    samples = count(sum(sum(float(v) for v in row) for row in counts))
    sealed = record.numbers("operating").get(
        "sealed", record.headline is not None and record.headline.sealed
    )
    where = "sealed" if sealed else "open" if record.sealed else "out-of-fold"
    return draw.heat(
        "Answers against the truth",
        f"{samples} {where} {record.units}. In a row those that truly are, in a column those that the model "
        "says; the deeper the shade, the larger the share of its row. Off the diagonal are errors.",
        [f"truly {c}" for c in classes],
        [f"said {c}" for c in classes],
        counts, shown=count, by_row=True,
    )  # fmt: skip


def _mistakes(record: RunRecord) -> list[str]:
    """The commonest confusions of several classes, as sentences."""
    if record.positive is not None:
        return []
    told = []
    for m in list(record.numbers("confusion").get("mistakes") or ())[:MOST_MISTAKES]:
        share = as_float(m.get("share"))
        part = f", {percent(share)} of all {m.get('truth')}" if share is not None else ""
        told.append(
            f"{count(int(m.get('rows') or 0))} {m.get('truth')} taken for {m.get('decided')}{part}"
        )
    return told  # fmt: skip


def _decided(record: RunRecord) -> Any:
    """Recall and precision of each class, with intervals."""
    rows = record.numbers("confusion").get("decided") or ()
    if not rows or len(rows) <= 2:
        return ""
    told = [
        (str(r.get("class")), count(int(r.get("samples") or 0)), rate(r.get("recall")), rate(r.get("precision")))
        for r in rows
    ]  # fmt: skip
    head = ("class", record.units, "of these found", "right when said")
    return draw.table("Each class by itself, out of fold", head, told)


def rate(found: object) -> str:
    """A rate with its ends: ``66 % (61 to 71 %)``."""
    if isinstance(found, Mapping):
        value, low, high = (as_float(found.get(k)) for k in ("value", "low", "high"))
    else:
        value, low, high = as_float(found), None, None
    if value is None:
        return ""
    return percent(value) + (f" ({percents(low, high)})" if None not in (low, high) else "")  # type: ignore[arg-type]


def _reliability(record: RunRecord) -> draw.Picture | None:
    """Mean probability against the share that came true; larger dots hold more."""
    found = record.numbers("reliability")
    bins = [
        b for b in found.get("bins") or () if b.get("n") and as_float(b.get("share")) is not None
    ]
    bins = [b for b in bins if as_float(b.get("mean")) is not None]
    if not bins:
        return None
    total = sum(float(b["n"]) for b in bins)
    marks = [
        draw.Point(
            float(b["mean"]), float(b["share"]), "", as_float(b.get("share_low")),
            as_float(b.get("share_high")), round(3 + 6 * (float(b["n"]) / total) ** 0.5, 1),
        )
        for b in bins
    ]  # fmt: skip
    what = record.positive or "right"
    picture = draw.lines(
        "Do the probabilities mean what they say?",
        f"Dots on the dashed line: what is given 30 % turns out {what} in 30 % of cases. Below the "
        f"line the model is too sure, above it not sure enough. Larger dots hold more {record.units}; "
        "upright lines are intervals.",
        [], right="probability given", up=f"share that turned out {what}", marks=marks,
        diagonal=True, x=draw.Scale(0.0, 1.0), y=draw.Scale(0.0, 1.0), square=True, height=260,
    )  # fmt: skip
    rows = tuple(
        (
            f"{number(as_float(b.get('low')), 2)} to {number(as_float(b.get('high')), 2)}",
            count(int(b["n"])), percent(float(b["mean"])),
            rate({"value": b["share"], "low": b.get("share_low"), "high": b.get("share_high")}),
        )
        for b in bins
    )  # fmt: skip
    head = ("probability", record.units, "mean given", "came true")
    return draw.Picture(picture.name, picture.says, picture.body, head, rows, narrow=True)


def reliable(record: RunRecord) -> str:
    """Slope and Brier score in a sentence."""
    found = record.numbers("reliability")
    fit, brier = found.get("calibration") or {}, found.get("brier") or {}
    told = []
    slope, low, high = (as_float(fit.get(k)) for k in ("slope", "slope_low", "slope_high"))
    if slope is not None:
        ends = f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else ""
        if low is not None and high is not None and low <= 1 <= high:
            means = "cannot be told from 1, where they mean what they say"
        else:
            means = "below 1: they are too extreme" if slope < 1 else "above 1: they are too timid"
        told.append(f"The calibration slope is {slope:.2f}{ends}, {means}.")
    value, base = as_float(brier.get("value")), as_float(brier.get("baseline"))
    if value is not None:
        low, high = as_float(brier.get("low")), as_float(brier.get("high"))
        ends = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        beside = (
            f"; always answering the share of each class gives {base:.3f}"
            if base is not None
            else ""
        )
        told.append(
            f"The Brier score, the mean squared error of the probabilities, is {value:.3f}{ends}{beside}."
        )
    return " ".join(told)


def _residuals(record: RunRecord) -> list[draw.Picture]:
    """Errors by answer, and how they are spread."""
    found = record.numbers("residuals")
    made = []
    bins = [b for b in found.get("bins") or () if as_float(b.get("q50")) is not None]
    quantiles = found.get("quantiles") or {}
    if len(bins) >= 2:
        xs = [float(b["prediction"]) for b in bins]
        parts = {k: [float(b[k]) for b in bins] for k in ("q10", "q50", "q90")}
        made.append(
            draw.lines(
                "Errors by answer",
                "Truth minus answer: the line is the middle error, the band holds 8 of 10. A line "
                "that leaves 0 or a band that widens shows where answers are worse.",
                [draw.Series("", xs, parts["q50"], parts["q10"], parts["q90"])],
                right=f"the answer for {record.target}", up="truth minus answer",
                y=draw.around([*parts["q10"], *parts["q90"], 0.0]), square=True, shown=_error(parts),
                shown_x=_error({"x": xs}),
            )
        )  # fmt: skip
    histogram = found.get("histogram") or {}
    edges, counts = histogram.get("edges") or [], histogram.get("counts") or []
    if len(counts) >= 2 and len(edges) == len(counts) + 1:
        low, high = as_float(quantiles.get("5")), as_float(quantiles.get("95"))
        says = "How large the errors are, truth minus answer."
        if low is not None and high is not None:
            shown = _error({"q": [low, high]})
            says += f" 9 of 10 lie between {shown(low)} and {shown(high)}."
        made.append(
            draw.histogram(
                "Size of the errors", says, edges, counts, right="truth minus answer", height=220
            )
        )
    return made


def _error(parts: Mapping[str, Sequence[float]]) -> Digits:
    values = [abs(v) for p in parts.values() for v in p]
    return Digits(decimals(max(values, default=0.0), of_target=True))
