"""Step 2, choose an evaluation protocol: who is sealed, who validates whom, at what cost."""

from __future__ import annotations

from dataclasses import dataclass

from heldout.core.names import plural
from heldout.splits.plan import Plan, Samples
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.workflow.context import Context
from heldout.workflow.define import Defined


@dataclass(frozen=True)
class Protocol:
    """Samples and the plan over them."""

    samples: Samples
    plan: Plan


def protocol(defined: Defined, context: Context) -> Protocol:
    """Plan by contract 1 and enter reason and cost."""
    spec = context.spec
    samples = make_samples(defined.table, defined.task)
    seal = False if spec.test else spec.seal  # --test FILE is the seal
    made = make_plan(
        samples, defined.y, defined.task, context.seed, seal=seal, protocol=spec.protocol
    )
    fits = len(made.folds)
    context.write(
        "plan",
        f"{made.protocol}: {plural(len(made.sealed), 'row')} sealed, {plural(fits, 'fold')}",
        made.reason,
        numbers={
            **made.numbers,
            "protocol": made.protocol,
            "sealed": len(made.sealed),
            "open": len(made.open),
            "folds": fits,
            "repeats": 1 + len(made.more) // max(1, fits),
            "unit": made.unit,
            "units": made.units,
            "rarest": made.rarest,
            "n": len(samples),
            "fits_per_candidate": fits + len(made.more),
        },
        overrule="--protocol, --seal, --group, --time",
    )
    return Protocol(samples, made)
