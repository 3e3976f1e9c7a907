"""The last screen of ``heldout run``, from the journal.

Plain text, 79 columns, ASCII unless told otherwise. A command is never broken over lines.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence

from heldout.core.names import count, quoted
from heldout.report import targets, words
from heldout.report.answer import NONE_KEPT, model_line, parity_words, seal_words, verdict_line
from heldout.report.figures import listed, percent, percents, seconds, size, some
from heldout.report.record import Headline, Numbers, RunRecord

WIDTH, LABEL = 79, 10
MOST_COLUMNS = 3  # ignored or repaired columns named on the screen
_GLUE = "\x1f"  # stands for a blank that no line is broken at


def last_screen(record: RunRecord, *, ascii_only: bool = True) -> str:
    """The whole screen, without a newline at its end."""
    blocks = [
        _answer(record),
        _in_use(record),
        _looked(record) + _model(record),
        _left(record),
    ]
    text = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    return printable(text, ascii_only=ascii_only)


def printable(text: str, *, ascii_only: bool = True) -> str:
    """Control characters of names never reach a terminal; beyond ASCII only where it is known.

    >>> printable("a\\x1b[31mb"), printable("caf\\u00e9")
    ('a\\\\x1b[31mb', 'caf\\\\xe9')
    """
    shown = "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
    return shown.encode("ascii", "backslashreplace").decode("ascii") if ascii_only else shown


def entry(label: str, text: str, *, indent: str = "") -> list[str]:
    """One labelled paragraph, wrapped beside its label."""
    head = f"{label:<{LABEL}}{indent}"
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace(_GLUE, " ").rstrip() for line in lines] or [head.rstrip()]


def whole(command: str) -> str:
    """A command that is kept on one line."""
    return command.replace(" ", _GLUE)


def _answer(record: RunRecord) -> list[str]:
    lines = entry("Answer", verdict_line(record))
    headline = record.headline
    if headline is None:
        return lines
    lines += entry("Score", score_line(record, headline))
    lines += entry("", _explained(record, headline))
    for i, told in enumerate(targets.lines(record)):
        lines += entry("" if i else "Targets", told)
    if record.signal is False:
        detectable = record.numbers("gate").get("detectable")
        if detectable is not None:
            shown = words.digits(headline)(float(detectable))
            lines += entry("", f"A true gain of {shown} would have been found 4 times in 5.")
    return lines


def score_line(record: RunRecord, headline: Headline) -> str:
    """Value, interval, baseline and rows: a number never stands alone."""
    shown = words.digits(headline)
    if headline.low is None or headline.high is None:
        between = "no interval"
    else:
        between = f"{round(100 * headline.level)} % interval {shown(headline.low)} to {shown(headline.high)}"
    parts = [shown(headline.value), between]
    if headline.baseline is not None:
        parts.append(f"baseline {shown(headline.baseline)}")
    parts.append(f"{record.units} {count(headline.samples)}")
    glued = [p.replace(" ", _GLUE) for p in parts]
    for gap in (3, 2):
        text = (_GLUE * gap).join(glued)
        if len(text) <= WIDTH - LABEL:
            return text
    return (_GLUE * 3).join(glued[:-1]) + " " + glued[-1]  # a long word for a row goes below


def _explained(record: RunRecord, headline: Headline) -> str:
    parts = [words.meaning(record, headline), words.baseline(headline)]
    if headline.sealed:
        parts.append(f"Measured once, on {record.units} sealed (unseen) until the end.")
        if headline.low is not None:
            parts.append(f"{_odds(headline.level)} the true score is inside the interval.")
    elif record.sealed:
        parts.append("Cross-validated on open rows; the seal is shut.")
    else:
        parts.append(words.not_sealed(record, headline))
    if headline.warning:
        parts.append(_sentence(words.of_units(record, headline.warning)))
    note = record.numbers("crossval").get("note")
    if note and not headline.sealed:
        parts.append(_sentence(words.of_units(record, str(note))))
    return " ".join(p for p in parts if p)


def _odds(level: float) -> str:
    for top, bottom in ((9, 10), (19, 20), (99, 100)):
        if abs(level - top / bottom) < 1e-9:
            return f"{top} times in {bottom}"
    return f"In {100 * level:.0f} % of such runs"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def _in_use(record: RunRecord) -> list[str]:
    point = record.operating
    if point is None or record.signal is False:
        return []
    pos, units = record.positive, record.units
    where = "sealed " if record.headline is not None and record.headline.sealed else ""
    lines = entry(
        "In use",
        f"{count(point.positives)} of the {count(point.samples)} {where}{units} are {pos}. "
        f"Flagging from probability {point.threshold:.2f}:",
    )
    flagged = f"flagged  {count(point.flagged)}, of them {count(point.right)} {pos}"
    missed = f"missed   {count(point.missed)} of the {count(point.positives)} {pos}"
    wide = max(len(flagged), len(missed))
    for text, share in ((flagged, point.precision), (missed, _rest(point.recall))):
        shown = f"   {percent(share[0])}, interval {percents(share[1], share[2])}" if share else ""
        lines += entry("", whole(f"{text:<{wide}}{shown}".rstrip()), indent="  ")
    lines += entry(
        "",
        f"{count(point.flagged)} {units} flagged by chance would hold about "
        f"{count(point.by_chance)} {pos}",
        indent="  ",
    )
    return lines + entry("", _threshold(record, point.threshold))


def _rest(share: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    return None if share is None else (1 - share[0], 1 - share[2], 1 - share[1])


def _threshold(record: RunRecord, threshold: float) -> str:
    cost = record.task.get("cost") or {}
    if cost:
        said = ",".join(f"{k}={v:g}" for k, v in sorted(cost.items(), reverse=True))
        unused = " --capacity was not used: costs decide." if record.task.get("capacity") else ""
        return f"{threshold:.2f} is the cheapest threshold for --cost {said}.{unused}"
    if record.task.get("capacity") is not None:
        return f"{threshold:.2f} fills the capacity of {record.task['capacity']:g} that you gave."
    if record.task.get("threshold") is not None:
        return f"{threshold:.2f} is the threshold that you gave."
    return f"You gave no costs, so {threshold:.2f} is a default: {whole('--cost miss=5,alarm=1')}"


def _looked(record: RunRecord) -> list[str]:
    lines = []
    if record.entry("audit") is not None:
        lines += _leaks(record)
    ignored = [f"{c['name']}: {c.get('reason') or 'ignored'}" for c in record.ignored]
    lines += _several("Ignored", ignored, "columns")
    names = {str(c.get("name")) for c in record.columns}
    notes = [str(n) for n in record.numbers("read").get("notes") or ()]
    lines += _several("Repaired", [n for n in notes if n.split(":")[0] in names], "columns")
    lines += _several("Read", [n for n in notes if n.split(":")[0] not in names], "notes")
    for question in record.questions[:1]:
        more = len(record.questions) - 1
        tail = f" ({count(more)} more on the report)" if more else ""
        lines += entry("Question", question + tail)
    return lines


def _several(label: str, texts: Sequence[str], what: str) -> list[str]:
    lines: list[str] = []
    for text in texts[:MOST_COLUMNS]:
        lines += entry("" if lines else label, _sentence_as_is(text))
    if len(texts) > MOST_COLUMNS:
        lines += entry("", f"and {count(len(texts) - MOST_COLUMNS)} more {what}, on the report.")
    return lines


def _sentence_as_is(text: str) -> str:
    return text if text.endswith((".", "?")) else text + "."


def aside_groups(record: RunRecord) -> list[list[Numbers]]:
    """Columns set aside, those with the same reason together, in order."""
    groups: dict[tuple[str, str], list[Numbers]] = {}
    for one in record.set_aside:
        key = (str(one.get("code")), str(one.get("reason")))
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _leaks(record: RunRecord) -> list[str]:
    groups = aside_groups(record)
    if not groups:
        text = "None found (a leak is a column that already contains the answer)."
        not_run = record.numbers("audit").get("not_run") or ()
        if not_run:
            text += f" Not looked for, for want of time: {some(map(str, not_run))}."
        return entry("Leaks", text)
    columns = [str(a["column"]) for a in record.set_aside]
    both = _both_ways(record, record.set_aside[0])
    it = "it" if len(columns) == 1 else "them"
    keep = whole(f"--keep {quoted(','.join(columns))}")
    told = [aside_text(group) for group in groups]
    told[-1] += f" {both}If you know {it} beforehand: {keep}"
    lines: list[str] = []
    for text in told:
        lines += entry("" if lines else "Leaks", text)
    return lines


def aside_text(group: Sequence[Numbers]) -> str:
    """What was set aside and on what evidence."""
    names = listed(f"`{one['column']}`" for one in group)
    reason = str(group[0].get("reason") or "").strip()
    for start in (names, f"`{group[0]['column']}`", str(group[0]["column"])):
        rest = reason.removeprefix(start)
        # "`a` and `b` add up to the target" loses all its names or none
        if rest != reason and not rest.lstrip().startswith("and "):
            reason = rest.lstrip(": ")
            break
    return f"SET ASIDE {names}: {_sentence_as_is(reason)}" if reason else f"SET ASIDE {names}."


def _both_ways(record: RunRecord, aside: Numbers) -> str:
    with_it, without = aside.get("score_with"), aside.get("score_without")
    headline = record.headline
    if with_it is None or without is None or headline is None:
        return ""
    shown = words.digits(headline)
    it = "it" if len(record.set_aside) == 1 else "them"
    where = "on open rows" if record.sealed else "out of fold"
    return f"Score {where}: {shown(float(with_it))} with {it}, {shown(float(without))} without. "


def _model(record: RunRecord) -> list[str]:
    if record.signal is False and record.finished:
        return entry("Model", NONE_KEPT)
    line = model_line(record)
    return entry("Model", line) if line else []


def _left(record: RunRecord) -> list[str]:
    finish, lines = record.numbers("finish"), []
    folder = record.folder
    report = finish.get("report") or (folder / "report.html")
    lines += entry("Report", quoted(report))
    if finish.get("bundle"):
        parts = [quoted(finish["bundle"]) + _GLUE * 3 + whole(size(finish.get("bundle_bytes")))]
        parity = parity_words(record)
        lines += entry("Bundle", "; ".join([*parts, parity] if parity else parts))
    lines += _time(record)
    return lines + entry("Next", _next(record))


def _time(record: RunRecord) -> list[str]:
    start, finish = record.begun, record.numbers("finish")
    spent = finish.get("seconds")
    if spent is None:
        return []
    budget = start.get("budget")
    text = seconds(float(spent))
    text += f" of {float(budget):g} s." if budget else "."
    text += f"{_GLUE * 3}Seed {start.get('seed', 0)}."
    after = ""
    if record.openings:
        before = [str(b) for b in record.numbers("seal").get("before") or ()]
        opened, after = seal_words(record.openings, before)
        text += f"{_GLUE * 3}{opened}"
    return entry("Time", f"{text} {after}".strip())


def _next(record: RunRecord) -> str:
    if not record.finished:
        command = record.begun.get("command")
        again = f": {whole(str(command))}" if command else "."
        return f"The same command goes on where this one stopped{again}"
    if record.task.get("kind") == "forecast":
        return whole(f"heldout predict {quoted(record.folder)} --out forecast.csv")
    if record.signal is False:
        look = whole(f"heldout inspect {quoted(_data(record))}")
        if record.source == "frame":
            look = whole(f"heldout.inspect(frame, target={record.target!r})")
        return f"Look for columns recorded before the outcome: {look}"
    return whole(f"heldout serve {quoted(record.folder)}")


def _data(record: RunRecord) -> str:
    """The path as it was typed; the file's name where the command is not known."""
    try:
        typed = shlex.split(str(record.begun.get("command") or ""))
    except ValueError:
        typed = []
    if len(typed) > 2 and typed[1] == "run" and not typed[2].startswith("-"):
        return typed[2]
    return record.source
