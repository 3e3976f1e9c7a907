"""``heldout export``: another form of the bundle, compared before it leaves."""

from __future__ import annotations

from pathlib import Path

from heldout.bundle import load
from heldout.bundle.export import TARGETS
from heldout.core.errors import HeldoutError
from heldout.workflow.told import Told, lines


def export_bundle(bundle: str, target: str, out: str | None) -> Told:
    """Build the target, verify it against the bundle's vectors, say how close it is."""
    card = TARGETS.get(target)
    loaded = load(bundle)
    folder = Path(out) if out else loaded.path.parent / f"{loaded.name}_{target}"
    if folder.is_file():
        raise HeldoutError(
            "H102",
            f"--out {folder} is a file",
            why="an export is several files, so it needs a folder",
            do=[f"heldout export {bundle} --to {target} --out {folder}_{target}"],
        )
    written = card.build(loaded, folder)
    proof = card.verify(loaded, written)
    text = lines(
        [
            ("Wrote", "\n".join(str(p) for p in written)),
            ("Parity", proof.text),
            ("Limits", card.limits),
        ]
    )
    return Told(text, {"files": [str(p) for p in written], "parity": proof.as_dict()})
