"""Step 10, monitor: a table or a prediction log against what the bundle was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from heldout.bundle import load
from heldout.core.arrays import Bools
from heldout.core.errors import DONE, NO, HeldoutError
from heldout.core.names import plural, quoted
from heldout.monitor import page, to_label
from heldout.monitor.compare import Report, severity_named
from heldout.monitor.log import is_log, watch_log
from heldout.monitor.table import watch_table
from heldout.monitor.told import text
from heldout.report.record import RunRecord
from heldout.splits.content import content
from heldout.tables.table import Columns
from heldout.workflow.answer import trained_rows
from heldout.workflow.spec import renamed
from heldout.workflow.told import Told


def watch(
    bundle: str,
    data: str,
    *,
    labels: str | None = None,
    rename: Sequence[str] = (),
    fail_on: str | None = None,
    out: str | None = None,
) -> Told:
    """Compare, write the page (with JSON beside it) and tell; exit 4 where ``fail_on`` rang."""
    if fail_on is not None:
        severity_named(fail_on)
    loaded = load(bundle)
    deaf = _unimportant(bundle)
    if is_log(data):
        report = watch_log(loaded, data, labels=labels, unimportant=deaf)
    else:
        if labels is not None:
            raise HeldoutError(
                "H101",
                "--labels belongs to a prediction log",
                seen=f"{Path(data).name} is a table",
                why="labels are joined by the id that the service gave to each prediction",
                do=[f"put the answers into the table as a column {quoted(loaded.task.target)}"],
            )

        def trained(columns: Columns) -> Bools:
            return trained_rows(bundle, content(columns, loaded.schema))

        new_names = renamed(rename)
        report = watch_table(loaded, data, rename=new_names, unimportant=deaf, trained=trained)
    written = page.write(report, out or _beside(bundle, data))
    values = {**report.as_dict(), "page": str(written)}
    return Told(text(report, str(written)), values, _exit_code(report, fail_on))


def queue(
    bundle: str, log: str, *, audit: float | None, hardest: int | None, out: str | None
) -> Told:
    """Rows for people to label, as a CSV: a fair draw (``audit``, a share) or the ``hardest``."""
    if not is_log(log) or (audit is None) == (hardest is None):
        raise HeldoutError(
            "H101",
            "--audit SHARE or --hardest N, one of them, draws rows from a prediction log",
            seen=f"{Path(log).name}: {'a log' if is_log(log) else 'no log'}",
            why="labels are joined by the id that the service gave to each prediction",
            do=["heldout monitor RUN LOG --audit 0.05 --out audit.csv"],
        )
    loaded = load(bundle)
    if audit is not None:
        rows, name = to_label.audit(loaded, log, audit), "audit"
    else:
        rows, name = to_label.hardest(loaded, log, hardest or 0), "hardest"
    path = to_label.write(
        loaded, rows, Path(out) if out else _beside(bundle, log).with_name(f"{name}.csv")
    )
    after = f"Fill in `value`, then: heldout monitor {bundle} {log} --labels {path}"
    if name == "hardest":
        after = "Fill in `value` and train again with them; they are no fair sample to score by."
    return Told(
        f"{plural(len(rows), 'row')} to label in {path}\n{after}",
        {"rows": len(rows), "kind": name, "file": str(path)},
    )


def _exit_code(report: Report, fail_on: str | None) -> int:
    return NO if report.fails(fail_on) else DONE


def _beside(bundle: str, data: str) -> Path:
    """``watch-NAME.html`` in the run folder, or where the bundle lies."""
    folder = Path(bundle) if Path(bundle).is_dir() else Path(bundle).parent
    return folder / f"watch-{Path(data).name.split('.')[0]}.html"


def _unimportant(bundle: str) -> set[str]:
    """Columns that the model does not listen to, by the importance of the run where it is known:
    the upper end of what shuffling them costs is not above 0."""
    journal = Path(bundle) / "journal.jsonl"
    if not journal.is_file():
        return set()
    rows = RunRecord.from_journal(journal).numbers("importance").get("rows") or ()
    return {str(r["column"]) for r in rows if r.get("high") is not None and float(r["high"]) <= 0}
