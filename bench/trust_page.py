"""The store of ``trust_leaks.py``, and docs/trust-leaks.md made from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Line = dict[str, Any]
KEYS = ("part", "what", "table", "kind", "rows", "draw", "column", "look")
HEAD = """# What is found of planted leaks

Made by `python bench/trust_leaks.py page` from `bench/trust_leaks.jsonl`; do not edit.

Sixteen kinds of leaks and of dependent rows (`bench/trust_plants.py`), each planted alone in clean
real tables. *Found or asked*: a finding that names what was planted warns or blocks, or puts a
question. *Warned*: it warns or blocks. Then the same tables untouched: what is cried for nothing.
"""
SEEN = """Thresholds were set on {dev} development tables ({devs}). The {test} test tables ({tests})
are not wholly unseen: before thresholds were settled they had been looked at for near copies, groups and time,
for near copies also with copies planted in them. Since then cases planted in them, or their untouched
subsamples, were measured in {looks} ({cases} cases), each with rows and dice of its own; two of them
(magic_telescope, online_shoppers) are also named below with leaks of their own, which were looked at three times more.
Each look shows what heldout was then. Changed after the first: counts such as `households` are no
longer taken for names; near copies in at most 1 % of the rows are a note; questions were added (A308,
A309, A463); a code for gaps in all columns no longer passes for a sum; a column without which twice as much is
left unexplained is asked about (A305), as is a value that nearly leaves one of many classes alone or
rules out a rare one (A304), and a value too fine to repeat whose targets are alike (A502). Of the development
tables three misses are found by that (letter: filled afterwards, missingness tells; power_plant: entities, fingerprint).
Changed after the second look, for its miss in segment: of values that repeat, those of things measured equally
often are looked at first; for the group that it made of thirds in segment, multiples of any step are no longer
too fine; and fewer columns of one event are asked about together (online_shoppers). The 500 rows of the second look,
and 86 of its untouched subsamples, were measured after that, with looks made cheaper. Changed after those, for sick
(24 of 500 rows are ill): values that are the classes under other names are set aside however few there are."""


class Store:
    """A file of lines, each a case that was measured; what is there is not measured again."""

    def __init__(self, path: Path, part: str) -> None:
        self.path, self.part = path, part
        self.known = {_key(line) for line in read(path)}

    def holds(self, line: Line) -> bool:
        """Whether this case stands in the file."""
        return _key({"part": self.part, **line}) in self.known

    def add(self, line: Line) -> None:
        """Write it at once, so that what was measured is never lost."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"part": self.part, **line}) + "\n")


def read(path: Path) -> list[Line]:
    """All lines; none where there is no file."""
    if not path.exists():
        return []
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def _key(line: Line) -> tuple[object, ...]:
    return tuple(line.get(k) for k in KEYS)


def upper(hits: int, n: int) -> float:
    """The one-sided 95 % bound of a rate (Clopper and Pearson).

    >>> round(upper(0, 210), 4)
    0.0142
    """
    from scipy.special import betaincinv

    return 1.0 if hits >= n else float(betaincinv(hits + 1, n - hits, 0.95))


def write(store: Path, page: Path, dev: Sequence[str], test: Sequence[str]) -> None:
    """The whole page."""
    lines = read(store)
    looks = [r for r in lines if r["what"] == "look"]
    lines_of = {
        part: [r for r in lines if r["part"] == part] for part in ("test", "dev", "natural")
    }
    seen = SEEN.format(
        dev=len(dev), devs=", ".join(dev), test=len(test), tests=", ".join(test),
        looks="one look" if _looks(looks) == 1 else f"{_looks(looks)} looks",
        cases=f"{sum(r['what'] in ('planted', 'untouched') for r in lines_of['test']):,}",
    )  # fmt: skip
    parts = [HEAD, "## How the tables were seen before", "", seen, ""]
    for number in sorted({r.get("look", 1) for r in lines_of["test"]}, reverse=True):
        own = [r for r in lines_of["test"] if r.get("look", 1) == number]
        parts += _planted(f"Test tables, look {number}", own)
        parts += _untouched(own)
    parts += _planted("Development tables, before the second look", lines_of["dev"])
    parts += _untouched(lines_of["dev"])
    parts += _deepchecks([r for r in lines_of["test"] if r.get("look", 1) == 1])
    parts += _natural(lines_of["natural"])
    page.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _looks(lines: Sequence[Line]) -> int:
    return len({r.get("look", 1) for r in lines})


def _planted(title: str, lines: Sequence[Line]) -> list[str]:
    rows = [r for r in lines if r["what"] == "planted"]
    sizes = sorted({r["rows"] for r in rows}, reverse=True)
    if not rows:
        return []
    head = " | ".join(f"{s:,} rows: found or asked | warned" for s in sizes)
    made = [f"## {title}", "", f"| planted | {head} | missed in |"]
    made.append("|---|" + "---|" * (2 * len(sizes) + 1))
    for kind in [*dict.fromkeys(r["kind"] for r in rows), "all"]:
        cells, missed = [str(kind)], []
        for size in sizes:
            own = [r for r in rows if r["rows"] == size and kind in ("all", r["kind"])]
            cells += [f"{sum(r[k] for r in own)} of {len(own)}" for k in ("asked", "strong")]
            missed += [f"{_short(r)} ({size})" for r in own if not r["asked"]]
        made.append(f"| {' | '.join(cells)} | {', '.join(missed) if kind != 'all' else ''} |")
    return [*made, ""]


def _untouched(lines: Sequence[Line]) -> list[str]:
    rows = [r for r in lines if r["what"] == "untouched"]
    if not rows:
        return []
    n = len(rows)
    sizes = ", ".join(f"{s:,}" for s in sorted({r["rows"] for r in rows}))
    made = [
        f"Untouched: {n} shuffled subsamples of {sizes} rows of these tables.",
        "",
        "| cried for nothing | in | upper 95 % bound | which |",
        "|---|---|---|---|",
    ]
    for name, key in (
        ("set aside", "blocks"),
        ("protocol changed", "acts"),
        ("leak rule or near copies warned", "warns"),
        ('asked "would you know ...?"', "asks"),
    ):
        if any(key in r for r in rows):
            hits = [r for r in rows if r.get(key)]
            which = dict.fromkeys(f"{_short(r)}: {said}" for r in hits for said in r[key])
            made.append(
                f"| {name} | {len(hits)} | {upper(len(hits), n):.1%} | {'; '.join(which)} |"
            )
    return [
        *made,
        "",
        "Subsamples of one table are not independent; the bounds take them as if.",
        "",
    ]


def _deepchecks(lines: Sequence[Line]) -> list[str]:
    rows = [r for r in lines if r["what"] == "deepchecks"]
    if not rows:
        return []
    tables = list(dict.fromkeys(str(r["table"]) for r in rows))
    made = [
        "## deepchecks on the same cases",
        "",
        "deepchecks 0.19.1, the checks of its suites that speak of leaks and copies, their own default",
        "conditions, a random third as test data; identifier and date were declared to it. A subset,",
        f"since a case takes seconds: {', '.join(t.split('.')[0] for t in tables)}; {len(rows)} cases. Not",
        "a fair draw: in these tables heldout missed nothing, all its misses lie in the other ones.",
        "",
        "| planted | deepchecks | heldout | by |",
        "|---|---|---|---|",
    ]
    ours = {
        (r["table"], r["kind"], r["rows"]): bool(r["asked"])
        for r in lines
        if r["what"] == "planted"
    }
    for kind in [*dict.fromkeys(r["kind"] for r in rows), "all"]:
        own = [r for r in rows if kind in ("all", r["kind"])]
        us = sum(ours[r["table"], r["kind"], r["rows"]] for r in own)
        by = sorted({b for r in own for b in r["by"]}) if kind != "all" else []
        made.append(
            f"| {kind} | {sum(r['asked'] for r in own)} of {len(own)} | {us} of {len(own)} | "
            f"{', '.join(by)} |"
        )
    return [*made, ""]


def _natural(rows: Sequence[Line]) -> list[str]:
    if not rows:
        return []
    own = [r for r in rows if r["column"]]
    told = {k: sum(r["outcome"] == k for r in own) for k in ("found", "asked", "missed")}
    made = [
        "## Leaks that real tables bring along",
        "",
        "`python bench/trust_natural.py`: columns that the notes on the tables call leaks, without a",
        f"hint. {told['found']} set aside, {told['asked']} asked about, {told['missed']} missed. What",
        "has no telling name and says little (or is a law of other columns) only the person can name.",
        "",
        "| table | set aside | asked | missed | other columns asked about or set aside |",
        "|---|---|---|---|---|",
    ]
    for table in dict.fromkeys(str(r["table"]) for r in own):
        mine = [r for r in own if r["table"] == table]
        cells = [
            ", ".join(
                f"{r['column']} {' '.join(r['by'])}".strip() for r in mine if r["outcome"] == k
            )
            for k in ("found", "asked", "missed")
        ]
        (others,) = (r["by"] for r in rows if r["table"] == table and not r["column"])
        told_others = ", ".join(f"{c} ({', '.join(how)})" for c, how in others.items())
        made.append(f"| {table} | {' | '.join(cells)} | {told_others} |")
    return [*made, ""]


def _short(line: Line) -> str:
    return str(line["table"]).split(".")[0]
