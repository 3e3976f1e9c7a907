"""What every check must hold, ours and yours: ``check_check(card)``."""

from __future__ import annotations

import json
from collections.abc import Sequence

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look

SEVERITIES = ("note", "warn", "block")
SMALL, LARGE = 200, 500_000


def check_check(card: CheckCard) -> None:
    """Raise AssertionError where a check breaks the rules of its shelf.

    It finds its own example, is silent on clean tables, says the same twice, can be written as
    JSON, names columns that exist, says how a block is overruled, and its card says by which rule
    it speaks, how often for nothing, and what follows.
    """
    assert card.rule, f"{card.code} does not say by which rule it speaks"
    assert card.does, f"{card.code} does not say what is done"
    assert 0 <= card.false_alarms <= 0.05, f"{card.code} cries too often"
    assert not card.applies(card.example()), f"{card.code} does not apply to its own example"
    found = found_by(card, card.example())
    assert found, f"{card.code} finds nothing in its own example"
    assert [f.as_dict() for f in found_by(card, card.example())] == [f.as_dict() for f in found]
    for finding in found:
        _well_formed(card, card.example(), finding)
    if card.clean is not None:
        assert not _alarms(card, card.clean()), f"{card.code} cries at its own clean example"
    for seed in range(3):
        for binary in (True, False):
            for look in clean_looks(card, 600, seed, binary):
                assert not _alarms(card, look), f"{card.code} cries wolf"


def clean_looks(card: CheckCard, rows: int, seed: int, binary: bool) -> list[Look]:
    """Two honest tables as the check would see them: plain ones and one with every kind."""
    plain = examples.clean(rows, seed, binary)
    if card.reads == "structure":
        return [examples.without_target(made) for made in (plain, examples.mixed(rows, seed))]
    made = [plain, examples.mixed(rows, seed, binary)]
    if card.reads == "trained":
        return [examples.with_training(look) for look in made]
    if card.reads == "production":
        later = [examples.clean(rows, seed + 99, binary), examples.mixed(rows, seed + 99, binary)]
        return [examples.beside(a, b.table) for a, b in zip(made, later, strict=True)]
    return made


def false_alarms(card: CheckCard, rows: int, tables: int) -> tuple[int, int]:
    """(clean tables in which the check speaks, clean tables to which it applies)."""
    spoke = asked = 0
    for seed in range(tables):
        for look in clean_looks(card, rows, 10_000 + seed, seed % 2 == 0):
            if not card.applies(look):
                asked += 1
                spoke += bool(_alarms(card, look))
    return spoke, asked


def found_by(card: CheckCard, look: Look) -> Sequence[Finding]:
    """All findings of a check, in order."""
    return list(card.run(look))


def _alarms(card: CheckCard, look: Look) -> Sequence[Finding]:
    """What a check says; of one that only measures, what it says above a note."""
    if card.applies(look):
        return []
    return [f for f in found_by(card, look) if not card.informs or f.severity != "note"]


def _well_formed(card: CheckCard, look: Look, finding: Finding) -> None:
    assert finding.code == card.code
    assert finding.severity in SEVERITIES
    assert SEVERITIES.index(finding.severity) <= SEVERITIES.index(card.severity)
    assert finding.what
    assert finding.why
    names = set(look.table.schema.names)
    if look.production is not None:
        names |= set(look.production.schema.names)
    assert names.issuperset(finding.where)
    json.dumps(finding.as_dict(), allow_nan=False, default=float)
    if finding.severity == "block":
        assert finding.overrule, f"{card.code} blocks and does not say how to overrule it"
        assert finding.where, f"{card.code} blocks and does not say what"
