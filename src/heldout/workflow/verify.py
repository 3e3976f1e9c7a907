"""``heldout verify``: whole, the same answers here, and the same score from the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import load
from heldout.core.errors import DATA, DONE
from heldout.core.journal import read_journal
from heldout.core.seed import Seed
from heldout.metrics.scoring import score
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tasks.several import known
from heldout.tasks.state import encode
from heldout.workflow.define import load as load_table
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.folder import RunFolder
from heldout.workflow.spec import resolve
from heldout.workflow.told import Told, lines
from heldout.workflow.verdict import prediction_of


def verify_file(bundle: str, data: str | None, key: Path | None) -> Told:
    """Digests, signature, vectors; with ``data`` the reported score is computed again."""
    loaded = load(bundle)
    told = loaded.verify(key)
    vectors = told["vectors"]
    rows = [
        ("Whole", f"{loaded.path.name}: every member is as it was written"),
        (
            "Answers",
            f"{vectors['rows']} test rows answered again by {vectors['runtime']}; largest "
            f"difference {vectors['largest_difference']:.1e}, allowed {vectors['tolerance']:.0e}",
        ),
        ("Signature", str(told["signature"])),
    ]
    folder = RunFolder(Path(bundle)) if Path(bundle).is_dir() else None
    if folder is not None and folder.journal.exists():
        steps = read_journal(folder.journal)
        rows.append(("Journal", f"{len(steps)} entries, the chain of hashes is whole"))
    exit_code = DONE
    if data is not None:
        again = _again(loaded, data, folder)
        rows.append(("Score", again["words"]))
        told["score_again"] = again
        exit_code = DONE if again["same"] else DATA
    return Told(lines(rows), told, exit_code)


def _again(loaded: Any, data: str, folder: RunFolder | None) -> dict[str, Any]:
    """Seal the same rows by the same rule and score them: no new look, the same number."""
    stored = loaded.manifest.get("verdict") or {}
    if not stored.get("sealed"):
        return {"same": True, "words": "cross-validated, not sealed: there are no sealed rows"}
    spec = resolve({"data": data}, folder.spec if folder else None)
    task = loaded.task
    spec = resolve({**spec.as_dict(), "data": data, "target": task.named})
    table = load_table(data, spec)
    if fingerprint(table) != loaded.manifest.get("data_fingerprint"):
        return {"same": False, "words": f"{Path(data).name} is not the data of this run"}
    y = encode(task, table)
    rows = np.flatnonzero(known(y))
    table, y = table.take(rows), y[rows]
    sealed = make_plan(
        make_samples(table, task), y, task, Seed(spec.seed), seal=spec.seal, protocol=spec.protocol
    ).sealed
    columns = table.take(sealed).arrays([c.name for c in loaded.schema.inputs])
    found = score(
        task.metric, task, y[sealed], prediction_of(loaded.run(columns)), threshold=loaded.threshold
    )
    same = abs(found.value - stored["value"]) <= 1e-9 * max(1.0, abs(stored["value"]))
    words = (
        f"{found.value:.6g} computed again on {len(sealed)} sealed rows; "
        f"{'the same as reported' if same else 'reported was ' + format(stored['value'], '.6g')}"
    )
    return {"same": same, "score": found.value, "reported": stored["value"], "words": words}
