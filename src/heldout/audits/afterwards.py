"""Names that sound as if the value were written down after the outcome, or beside it.

A small dictionary of English words; a name alone proves nothing, so that it only ever asks.
"""

from __future__ import annotations

from heldout.audits.wording import words

_AFTER = (
    "outcome result results final actual realized verdict resolution resolved settled settlement "
    "closed closing completed completion cancelled canceled cancellation terminated termination "
    "paid repaid repayment recovered recoveries recovery refund refunded chargeback collections "
    "discharge discharged died death deceased survived "
    "duration elapsed ended finished exit arrival arrived delivered delivery returned "
    "status reason after afterwards subsequent post followup"
)
_BEFORE = (
    "previous prev prior past last initial expected planned scheduled estimated requested "
    "employment marital checking smoking health housing credit military civil"
)
_GENERIC = (
    "the and for num number count total sum mean median average avg min max rate ratio share "
    "percent pct value values class label target type kind name code index date day month year "
    "time hour minute level amount size per column var feature score group"
)
AFTER = frozenset(_AFTER.split())
BEFORE = frozenset(_BEFORE.split())
"""With one of these the name speaks of earlier times, of a plan, or of what a person is."""
GENERIC = frozenset(_GENERIC.split())
"""Words that two columns share without belonging together."""
SHORTEST = 3  # letters of a word that is shared with the target


def afterwards(name: str, target: str) -> str:
    """The word for which a column is asked about; empty where there is none.

    >>> afterwards("loan_status", "default"), afterwards("arr_time", "arr_delay")
    ('status', 'arr')
    >>> afterwards("previous_outcome", "y"), afterwards("mean_size", "mean_price")
    ('', '')
    """
    own = words(name)
    if own & BEFORE:
        return ""
    after = sorted(own & AFTER)
    if after:
        return after[0]
    shared = sorted(w for w in (own & words(target)) - GENERIC if len(w) >= SHORTEST)
    return shared[0] if shared else ""
