"""Who wrote a bundle: Ed25519 over the bytes of manifest.json, which holds all digests.

Optional: needs the package ``cryptography``. Keys are PEM files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.bundle.archive import pack, unpack
from heldout.core import files
from heldout.core.errors import HeldoutError

if TYPE_CHECKING:
    from heldout.bundle.read import Bundle


def sign(path: Path, private_key: Path) -> None:
    """Add a signature to the bundle at ``path``; the model's digest does not change."""
    members, _ = unpack(path.read_bytes(), path)
    key = _serialization().load_pem_private_key(private_key.read_bytes(), password=None)
    members["signature"] = key.sign(members["manifest.json"])
    files.write(path, pack(members))


def check(bundle: Bundle, public_key: Path | None) -> str:
    """ "none", "not checked", or "valid"; raises H509 where it does not fit the key."""
    try:
        signature = bundle.member("signature")
    except KeyError:
        if public_key is None:
            return "none"
        raise _refused(bundle.path, "the bundle carries no signature") from None
    if public_key is None:
        return "not checked"
    try:
        key = _serialization().load_pem_public_key(public_key.read_bytes())
    except (OSError, ValueError) as error:
        raise _refused(bundle.path, f"{public_key} is not a public key in PEM form") from error
    try:
        key.verify(signature, bundle.member("manifest.json"))
    except Exception as error:
        raise _refused(bundle.path, f"it was not made with the key of {public_key}") from error
    return "valid"


def _serialization() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError as error:
        raise HeldoutError(
            "H509",
            "signatures need the package cryptography",
            seen="it is not installed",
            why="a checksum shows damage, only a signature shows the author",
            do=["pip install cryptography"],
        ) from error
    return serialization


def _refused(path: Path, seen: str) -> HeldoutError:
    return HeldoutError(
        "H509",
        f"the signature of {path.name} is not valid",
        seen=seen,
        why="without it nobody knows who wrote the model",
        do=["get the bundle again from its author, with the key by another way"],
        wrote="Nothing was answered.",
    )
