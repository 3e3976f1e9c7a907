"""The answer in words, the same on terminal, page and card."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heldout.core.names import count
from heldout.report import words
from heldout.report.figures import listed, percent, percents, times
from heldout.report.record import Operating, RunRecord, as_float
from heldout.report.shell import sentence
from heldout.stats.intervals import wilson

NONE_KEPT = "None kept: the bundle answers with the baseline."
VOLUMES = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Volume:
    """An operating point scaled to a round number of samples, in whole counts that add up."""

    size: int
    right: int
    false: int
    missed: int
    rest: int
    chance: int

    @property
    def flagged(self) -> int:
        """Those that the model picks out."""
        return self.right + self.false

    @property
    def positives(self) -> int:
        """Those that there are."""
        return self.right + self.missed


def volume(point: Operating, size: int | None = None) -> Volume:
    """Per 1,000 samples, or per 10,000 and so on where the positives are rare (DEPLOY-02)."""
    share = point.positives / point.samples if point.samples else 0.0
    if size is None:
        enough = [v for v in VOLUMES if share * v >= 5]
        size = enough[0] if enough and share > 0 else VOLUMES[0 if share == 0 else -1]
    scale = size / point.samples
    right, missed = round(point.right * scale), round(point.missed * scale)
    flagged = max(right, round(point.flagged * scale))
    return Volume(
        size,
        right,
        flagged - right,
        missed,
        max(0, size - flagged - missed),
        round(point.by_chance * scale),
    )


def verdict_line(record: RunRecord) -> str:
    """Signal or not, in one sentence."""
    if record.signal is None:
        return "Not finished: the run was interrupted before its answer."
    if record.signal:
        return f"Signal: {record.target} can be predicted from this table, beyond chance."
    return "No signal: no model beat the baseline by more than chance."


def heading(record: RunRecord) -> str:
    """The page's heading."""
    if record.signal is None:
        return f"Not finished: no answer yet for {record.target}"
    if record.signal:
        return f"{record.target} can be predicted from this table"
    return f"No signal found for {record.target} in this table"


def page_title(record: RunRecord) -> str:
    """What tabs and mail show: ``Churn: 0.845 (0.822 to 0.866), baseline 0.500``."""
    headline = record.headline
    if headline is None:
        return f"{record.target}: not finished"
    shown = words.digits(headline)
    between = ""
    if headline.low is not None and headline.high is not None:
        between = f" ({shown(headline.low)} to {shown(headline.high)})"
    return f"{record.target}: {shown(headline.value)}{between}, baseline {shown(headline.baseline)}"


def business(record: RunRecord) -> str:
    """What the model does per 1,000 samples, in words (DEPLOY-02, X-012)."""
    point = record.operating
    if point is None:
        return _without_threshold(record)
    v = volume(point)
    pos, units = record.positive, record.units
    share = ""
    if point.precision is not None:
        value, low, high = point.precision
        share = f" ({percent(value)}, interval {percents(low, high)})"
    return (
        f"Of every {count(v.size)} {units} like these, about {count(v.positives)} are {pos}. The "
        f"model flags {count(v.flagged)} of the {count(v.size)}; {count(v.right)} of these are "
        f"{pos}{share}. It misses {count(v.missed)}. Flagging {count(v.flagged)} by chance would "
        f"catch about {count(v.chance)}."
    )


def daily(record: RunRecord) -> str:
    """The same a day, where the number of cases a day is known; with what chance varies (X-012)."""
    point, cases = record.operating, record.cases_a_day
    if point is None or cases is None:
        return ""
    v = volume(point, round(cases))
    spread = math.sqrt(v.missed)
    text = (
        f"With {count(v.size)} {record.units} a day: {count(v.flagged)} to look at, {count(v.right)} "
        f"{record.positive} caught, {count(v.missed)} missed"
    )
    return text + (f", give or take {spread:.1f} from day to day." if v.missed else ".")


def _without_threshold(record: RunRecord) -> str:
    headline = record.headline
    if headline is None:
        return "The run ended before anything was scored."
    shown = words.digits(headline)
    ends = ""
    if headline.low is not None and headline.high is not None:
        ends = f" (interval {shown(headline.low)} to {shown(headline.high)})"
    base = words.baseline(headline)
    if (told := _by_class(record)) and not words.in_unit(headline):
        return told
    if not words.in_unit(headline):
        return (
            f"{words.meaning(record, headline)} Here: {shown(headline.value)}{ends}. {base}".strip()
        )
    text = (
        f"An answer for {record.target} is off by {shown(headline.value)}{ends} on average, "
        f"measured as {words.title(headline.metric)}. {base}"
    )
    share = 1 - headline.value / headline.baseline if headline.baseline else 0.0
    return text + (f" The model removes {percent(share)} of that error." if share > 0 else "")


def _by_class(record: RunRecord) -> str:
    """How many of 1,000 get their true class, what always saying the commonest would get, and
    which class is found least; empty where decisions were not counted."""
    n = record.numbers("operating")
    counts, classes = n.get("confusion") or (), [str(c) for c in n.get("classes") or ()]
    total = sum(map(sum, counts))
    if not total or len(counts) != len(classes) or len(classes) < 2:
        return ""
    right = sum(row[i] for i, row in enumerate(counts))
    sizes = [sum(row) for row in counts]
    commonest = max(range(len(sizes)), key=sizes.__getitem__)
    found = [
        (row[i] / size, c)
        for i, (row, size, c) in enumerate(zip(counts, sizes, classes, strict=True))
        if size
    ]
    share, least = min(found)
    ends = ""
    if record.numbers("plan").get("unit", "row") == "row":
        ends = f", interval {percents(*wilson(right, total))}"
    return (
        f"Of every 1,000 {record.units} like these, the model says the right {record.target} for "
        f"{count(round(1000 * right / total))} ({percent(right / total)}{ends}); always saying "
        f"{record.in_words(classes[commonest])}, the commonest, would be right for "
        f"{count(round(1000 * sizes[commonest] / total))}."
        + (
            f" It finds {record.in_words(least)} least: {percent(share)} of them."
            if share < 1
            else ""
        )
    )


def looks_words(record: RunRecord) -> str:
    """What choosing by the validation rows has cost, in the digits of the score (EVAL-12)."""
    entry, headline, cross = record.entry("looks"), record.headline, record.numbers("crossval")
    if entry is None:
        return ""
    paid = as_float(cross.get("correction"))
    if paid is None or headline is None:
        return sentence(entry.reason)
    shown = words.digits(headline)
    least = 10.0**-shown.places
    much = f"less than {shown(least)}" if abs(paid) < least else f"about {shown(abs(paid))}"
    text = f"Choosing the best by these looks has flattered it by {much}"
    drawn = as_float(cross.get("resamples"))
    if drawn:
        text += f", measured by choosing again on {count(int(drawn))} resamples"
    text += "; the cross-validated score has paid for it."
    if headline.sealed:
        text += f" The sealed {record.units}, which no choice saw, gave {shown(headline.value)}."
    return text


def seal_words(openings: int, before: list[str]) -> tuple[str, str]:
    """How often the seal was opened, and by whom before; and what that does to the number."""
    text = f"Seal opened: {times(openings)}"
    if openings <= 1:
        return text + ".", ""
    if before:
        text += f", before by {listed(before)}"
    return text + ".", "Each look makes this number a little too good."


def model_line(record: RunRecord) -> str:
    """What the final model is made of, and what blending gained."""
    ensemble = record.numbers("ensemble")
    members = record.members
    by_name = {str(r.get("name")): str(r.get("model") or r.get("name")) for r in record.leaderboard}
    titles = list(
        dict.fromkeys(
            words.model_title(by_name.get(str(m["name"]), str(m["name"]))) for m in members
        )
    )
    if not titles:
        return ""
    text = titles[0] if len(titles) == 1 else f"{titles[0]} blended with {listed(titles[1:])}"
    text = text[:1].upper() + text[1:]
    tried = tried_words(record)
    if tried:
        text += f", out of {tried}"
    gain, low, high = (ensemble.get(k) for k in ("gain", "gain_low", "gain_high"))
    headline = record.headline
    if gain and len(members) > 1 and not record.lost and headline is not None:
        shown = words.digits(headline)
        text += f"; {shown(float(gain))} better than the best single one"
        if low is not None and high is not None:
            text += f" ({shown(float(low))} to {shown(float(high))})"
        text += " on open rows, that is, those not sealed" if record.sealed else ""
        text += ", which may be chance" if low is not None and float(low) <= 0 else ""
    return text + "."


def tried_words(record: RunRecord) -> str:
    """How many candidates there were, and how many of them were judged on every fold.

    ``20 candidates, 9 of them on all folds``; empty where none is known.
    """
    whole = int(record.numbers("ensemble").get("tried") or 0)
    every = max(whole, sum(1 for r in record.leaderboard if r.get("name") != "blend"))
    if not every:
        return ""
    text = f"{count(every)} candidate{'s' if every != 1 else ''}"
    return text if whole in (0, every) else f"{text}, {count(whole)} of them on all folds"


def parity_words(record: RunRecord) -> str:
    """How far the bundle's answers equal those of training."""
    parity = record.numbers("parity")
    rows, largest = parity.get("rows"), parity.get("largest")
    if not rows or largest is None:
        return ""
    if float(largest) == 0:
        same = "the same answers, bit for bit"
    else:
        places = min(15, math.floor(-math.log10(float(largest))))
        same = (
            f"the same answers to {places} digits"
            if places >= 1
            else f"answers differ by up to {float(largest):.2g}"
        )
    return f"compared with training on {count(int(rows))} rows: {same}"
