"""What a metric and a baseline mean, in one sentence each, with the words of this task.

The sentences stand on the cards of metrics and null models; here they meet the task's classes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heldout.core.errors import HeldoutError
from heldout.report.figures import Digits, decimals
from heldout.report.record import Headline, RunRecord

if TYPE_CHECKING:
    from heldout.metrics.score import MetricCard


def digits(headline: Headline) -> Digits:
    """How many decimals value, interval and baseline get."""
    near = (headline.low, headline.high)
    return Digits(decimals(headline.value, near, of_target=in_unit(headline)))


def in_unit(headline: Headline) -> bool:
    """Whether the number is in the target's unit; that of several targets is in none."""
    return headline.targets == 1 and is_of_target(headline.metric)


def is_of_target(metric: str) -> bool:
    """Whether the metric is measured in the target's unit."""
    card = _card(metric)
    return bool(card is not None and card.unit_of_target)


def title(metric: str) -> str:
    """The metric's name in words."""
    card = _card(metric)
    return card.title if card is not None else metric.replace("_", " ")


def meaning(record: RunRecord, headline: Headline) -> str:
    """What the metric says, in a sentence; what chance gives is told by ``baseline``."""
    card = _card(headline.metric)
    if card is None:
        return f"{title(headline.metric).capitalize()} is the metric that was asked for."
    told = card.told
    if not told or (record.positive is None and "{positive}" in told):
        told = card.words
    shown = digits(headline)(headline.value)
    told = re.sub(r"\s*Chance gives [^.]*(\.\d+)?\.", "", told)
    told = of_units(record, told) + _of_several(record, headline)
    fills = {"positive": record.positive or "positive", "negative": record.negative, "value": shown}
    return re.sub(r"\{(\w+)\}", lambda m: fills.get(m[1], m[0]), told)


def _of_several(record: RunRecord, headline: Headline) -> str:
    """What a mean over several targets is; empty for one."""
    if headline.targets == 1:
        return ""
    if record.kind == "multilabel":
        return f" The mean over {headline.targets} labels."
    text = f" The mean over {headline.targets} targets"
    counted = ", each counted in its own standard deviation"
    return text + (counted if is_of_target(headline.metric) else "") + "."


def baseline(headline: Headline) -> str:
    """What the best null model and the best single column reach; empty without a baseline."""
    if headline.baseline is None:
        return ""
    shown = digits(headline)
    column = ""
    if headline.column is not None and headline.column_value is not None:
        column = f", the best single column, {headline.column}, {shown(headline.column_value)}"
    value = shown(headline.baseline)
    if headline.metric == "roc_auc":
        return f"Chance gives {value} (the baseline){column}."
    who = null_words(headline.baseline_name)
    if in_unit(headline):
        return f"{who} would be off by {value} (the baseline){column}."
    return f"{who} gives {value} (the baseline){column}."


def null_words(name: str) -> str:
    """What a null model does, as the beginning of a sentence."""
    from heldout.tasks.null import NULLS

    try:
        told = NULLS.get(name).words if name else "the trivial answer"
    except HeldoutError:
        told = f"the best trivial answer, {name.replace('_', ' ')},"
    return told[:1].upper() + told[1:]


def of_units(record: RunRecord, text: str) -> str:
    """A sentence written for rows or samples, in the user's word for them.

    >>> of_units(RunRecord(()), "at this many samples")
    'at this many rows'
    """
    text = re.sub(r"\b(row|sample)s\b", record.units, text)
    return re.sub(r"\b(row|sample)\b", record.unit, text)


def not_sealed(record: RunRecord, headline: Headline) -> str:
    """Why no rows were sealed, and what the number is then."""
    plan = record.numbers("plan")
    n, rarest = int(plan.get("n") or headline.samples), plan.get("rarest")
    if n < 5000:
        why = f"{n:,} {record.units} are too few to set some aside."
    elif rarest is not None and int(rarest) < 500:
        why = f"{int(rarest):,} {record.units} of the rarest class are too few to set some aside."
    else:
        why = "no seal was asked for."
    tried = record.numbers("ensemble").get("tried")
    text = f"Cross-validated, not sealed: {why}"
    if tried and int(tried) > 1:
        moved = "lowered" if record.task.get("greater_is_better", True) else "raised"
        text += f" Already {moved} for having picked the best of {int(tried)} candidates."
    return text


def model_title(name: str) -> str:
    """A learner's name in words, from its card where it has one."""
    from heldout.models.card import MODELS

    try:
        return str(MODELS.get(name).title)
    except HeldoutError:
        return name.replace("_", " ")


def _card(metric: str) -> MetricCard | None:
    from heldout.metrics.score import METRICS

    try:
        return METRICS.get(metric)
    except HeldoutError:
        return None
