"""What every check must hold, ours and yours: ``check_check(card)``."""

from __future__ import annotations

import json
from collections.abc import Sequence

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look

SEVERITIES = ("note", "warn", "block")


def check_check(card: CheckCard) -> None:
    """Raise AssertionError where a check breaks the rules of its shelf.

    It finds its own example, is silent on clean tables, says the same twice, can be written as
    JSON, names columns that exist, and says how a block is overruled.
    """
    found = _found(card, card.example())
    assert found, f"{card.code} finds nothing in its own example"
    assert [f.as_dict() for f in _found(card, card.example())] == [f.as_dict() for f in found]
    for finding in found:
        _well_formed(card, card.example(), finding)
    for seed in range(3):
        for binary in (True, False):
            assert not _found(card, _clean(card, seed, binary)), f"{card.code} cries wolf"


def _clean(card: CheckCard, seed: int, binary: bool) -> Look:
    made = examples.clean(seed=seed, binary=binary)
    return made if card.reads == "target" else examples.without_target(made)


def _found(card: CheckCard, look: Look) -> Sequence[Finding]:
    return list(card.run(look))


def _well_formed(card: CheckCard, look: Look, finding: Finding) -> None:
    assert finding.code == card.code
    assert finding.severity in SEVERITIES
    assert finding.what
    assert finding.why
    assert all(name in look.table.schema for name in finding.where)
    json.dumps(finding.as_dict(), allow_nan=False, default=float)
    if finding.severity == "block":
        assert finding.overrule, f"{card.code} blocks and does not say how to overrule it"
        assert finding.where, f"{card.code} blocks and does not say what"
