"""Whose bundle it is: optional, with cryptography."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from heldout.bundle import load
from heldout.bundle.signature import sign
from heldout.bundle.write import rewrite_verdict
from heldout.core.errors import HeldoutError

ed25519 = pytest.importorskip(
    "cryptography.hazmat.primitives.asymmetric.ed25519", reason="signatures need cryptography"
)


def keys(folder: Path, name: str) -> tuple[Path, Path]:
    """A pair of key files."""
    from cryptography.hazmat.primitives import serialization as s

    key = ed25519.Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def test_signed_and_checked(made: Callable[..., Path], tmp_path: Path) -> None:
    """Valid with its key, refused with another, gone after the verdict was rewritten."""
    path = made()
    digest = load(path).digest
    private, public = keys(tmp_path, "ours")
    _, foreign = keys(tmp_path, "theirs")
    assert load(path).verify()["signature"] == "none"
    sign(path, private)
    bundle = load(path)
    assert bundle.digest == digest
    assert bundle.verify()["signature"] == "not checked"
    assert bundle.verify(public)["signature"] == "valid"
    for wrong in (foreign, private, tmp_path / "nothing"):
        with pytest.raises(HeldoutError) as caught:
            bundle.verify(wrong)
        assert (caught.value.code, caught.value.exit_code) == ("H509", 3)
    rewrite_verdict(path, None, None, {}, "changed")
    with pytest.raises(HeldoutError, match="signature"):
        load(path).verify(public)
