"""What goes into a bundle is bounded: 300,000 tree nodes together."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.core.clock import now
from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.core.seed import Seed
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow import deploy
from heldout.workflow.context import Clock, Context
from heldout.workflow.deploy import heaviest
from heldout.workflow.folder import RunFolder
from heldout.workflow.members import fit_members
from heldout.workflow.spec import Spec


def test_the_lightest_member_leaves_where_nodes_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is journaled, and the others answer."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=200), rng.normal(size=200)
    y = np.where(a + b > 0, "yes", "no")
    table = read({"a": a, "b": b, "y": y})
    table = table.with_schema(table.schema.with_roles({"y": "target"}, "the target"))
    task = state(table, "y")
    journal = Journal(tmp_path / "journal.jsonl")
    context = Context(Spec(), RunFolder(tmp_path), journal, Clock(now(), None, 1), Seed(0))
    columns = table.arrays()
    probe = deploy.probe(columns, np.arange(100), table.schema, Seed(0))
    parts = [
        {"name": n, "card": n, "settings": {}, "rounds": None, "weight": w}
        for n, w in (("logistic", 0.6), ("decision_tree", 0.4))
    ]
    recipes, members, trained = fit_members(
        parts, task, table.schema, columns, encode(task, table), probe, context
    )
    built = (task, table.schema, recipes, members, trained, None, 0.5, probe, 1.0, context)
    assert [m.card for m in deploy.build(*built).members] == ["logistic", "decision_tree"]
    monkeypatch.setattr(deploy, "MAX_NODES", 1)
    assert [m.card for m in deploy.build(*built).members] == ["logistic"]
    assert "decision_tree leaves" in journal.entries()[-1].decision
    built = (*built[:4], [p + 0.01 for p in trained], *built[5:])
    with pytest.raises(HeldoutError, match="was not written") as caught:  # training says otherwise
        deploy.build(*built)
    assert (caught.value.code, caught.value.exit_code) == ("H404", 4)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 9)), min_size=1, max_size=7))
def test_the_heaviest_that_fit_are_kept(members: list[tuple[int, int]]) -> None:
    """No other members within the limit weigh more; where none fits the heaviest stays alone."""
    nodes, weights = [n for n, _ in members], [float(w) for _, w in members]
    kept = heaviest(nodes, weights, most=300)
    every = [
        places
        for k in range(1, len(members) + 1)
        for places in itertools.combinations(range(len(members)), k)
        if sum(nodes[i] for i in places) <= 300
    ]
    if not every:
        assert kept == [weights.index(max(weights))]
        return
    assert sum(nodes[i] for i in kept) <= 300
    assert sum(weights[i] for i in kept) == max(sum(weights[i] for i in p) for p in every)
