"""The zip: written so that equal content gives equal bytes, read with suspicion.

Members are read by their fixed names into memory; nothing is ever extracted to the disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from heldout.bundle.content import FORMAT, FORMAT_VERSION, MODEL_MEMBERS, OPTIONAL, REQUIRED
from heldout.core.errors import HeldoutError
from heldout.core.names import quoted

LARGEST_MEMBER = 512 << 20
LARGEST_TOTAL = 1 << 30
LARGEST_RATIO = 200
_EPOCH = (1980, 1, 1, 0, 0, 0)
NOTHING = "Nothing in the file was loaded."


def pack(members: Mapping[str, bytes]) -> bytes:
    """The archive of these members: sorted, deflated, without a clock or an owner."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o100600 << 16
            archive.writestr(info, members[name], zipfile.ZIP_DEFLATED, 6)
    return buffer.getvalue()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no NaN: equal values, equal bytes."""
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1, default=_plain
    )
    return text.encode() + b"\n"


def digests(members: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """SHA-256 and size of every member but the manifest and its signature."""
    return {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in sorted(members.items())
        if name not in ("manifest.json", "signature")
    }


def model_digest(found: Mapping[str, Mapping[str, Any]]) -> str:
    """One digest of what answers; the score and the card are not part of it."""
    lines = "".join(f"{name} {found[name]['sha256']}\n" for name in MODEL_MEMBERS)
    return hashlib.sha256(lines.encode()).hexdigest()


def unpack(raw: bytes, path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """All members and the manifest, every digest checked before anything else is parsed.

    Raises H502 (altered), H503 (newer format), H505 (no bundle), H508 (too large).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = archive.infolist()
            _check_names([i.filename for i in infos], path)
            _check_sizes(infos, len(raw), path)
            members = {i.filename: _member(archive, i, path) for i in infos}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise foreign(path, f"not a zip archive that can be read ({error})") from error
    manifest = _manifest(members["manifest.json"], path)
    _check_digests(members, manifest, path)
    return members, manifest


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    if info.flag_bits & 0x1:
        raise foreign(path, f"{info.filename} is encrypted")
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)
    except (zlib.error, zipfile.BadZipFile, EOFError) as error:
        raise altered(path, info.filename, f"it cannot be unpacked ({error})") from error
    if len(data) != info.file_size:
        raise altered(path, info.filename, f"{len(data)} bytes, {info.file_size} were announced")
    return data


def _check_names(names: list[str], path: Path) -> None:
    if len(names) > 50 or "manifest.json" not in names:
        raise foreign(path, f"a zip archive of {len(names)} files without manifest.json")
    for name in REQUIRED:
        if name not in names:
            raise foreign(path, f"{name} is missing")
    for name in names:
        if name not in REQUIRED + OPTIONAL or names.count(name) > 1:
            raise foreign(path, f"it also holds {name[:80]!r}, which no bundle has")


def _check_sizes(infos: list[zipfile.ZipInfo], size: int, path: Path) -> None:
    total = sum(i.file_size for i in infos)
    largest = max(i.file_size for i in infos)
    ratio = total / max(size, 1)
    if largest > LARGEST_MEMBER or total > LARGEST_TOTAL or ratio > LARGEST_RATIO:
        raise HeldoutError(
            "H508",
            f"{path.name} would unpack to more than any bundle holds",
            seen=f"{total:,} bytes out of {size:,}; at most {LARGEST_TOTAL:,} and a ratio of "
            f"{LARGEST_RATIO} are read",
            why="a small file that unpacks to a huge one is made to exhaust memory",
            do=["make the bundle again from its run"],
            wrote=NOTHING,
        )


class _Header(msgspec.Struct):
    """What must be in a manifest for the rest to be read."""

    format: str
    format_version: int
    digests: dict[str, dict[str, Any]] = {}
    model_digest: str = ""


def _manifest(data: bytes, path: Path) -> dict[str, Any]:
    try:
        header = msgspec.json.decode(data, type=_Header)
        manifest: dict[str, Any] = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise foreign(path, f"manifest.json cannot be read ({error})") from error
    if header.format != FORMAT:
        raise foreign(path, f"manifest.json says {header.format[:60]!r}")
    if header.format_version > FORMAT_VERSION:
        raise HeldoutError(
            "H503",
            f"{path.name} was written by a newer heldout",
            seen=f"format {header.format_version}; this heldout reads up to {FORMAT_VERSION}",
            why="what a newer format means cannot be guessed",
            do=["pip install --upgrade heldout"],
            wrote=NOTHING,
        )
    return manifest


def _check_digests(members: Mapping[str, bytes], manifest: Mapping[str, Any], path: Path) -> None:
    found, said = digests(members), manifest["digests"]
    if set(found) != set(said):
        raise foreign(path, "the manifest speaks of other files than it holds")
    for name, entry in found.items():
        wanted = str(said[name].get("sha256", ""))
        if entry["sha256"] != wanted:
            raise altered(
                path,
                name,
                f"checksum {entry['sha256'][:6]}..., the manifest says {wanted[:6]}...",
            )
    if manifest.get("model_digest") != model_digest(found):
        raise altered(path, "manifest.json", "the model's digest is not that of its parts")


def altered(path: Path, name: str, seen: str) -> HeldoutError:
    """H502: a member is not what was written."""
    return HeldoutError(
        "H502",
        f"{path.name} is not as it was written: {name} has changed",
        seen=seen,
        why="a damaged or altered model can answer anything; its score is void",
        do=[
            f"copy the file again, then: heldout verify {quoted(path)}",
            "A checksum shows damage, not the author; for that: verify --key FILE",
        ],
        wrote=NOTHING,
    )


def foreign(path: Path, seen: str) -> HeldoutError:
    """H505: not something that heldout wrote."""
    return HeldoutError(
        "H505",
        f"{path.name} is not a bundle of heldout",
        seen=seen,
        why="only what heldout wrote can be checked and answered from",
        do=["name a file that ends in .heldout, or the folder of a run"],
        wrote=NOTHING,
    )


def _plain(value: object) -> object:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
