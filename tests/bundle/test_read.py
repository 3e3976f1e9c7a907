"""What is not a whole bundle of heldout is refused with a code, before it is parsed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.bundle import archive, load
from heldout.bundle.archive import canonical, digests, model_digest, pack, unpack
from heldout.core.errors import HeldoutError

Make = Callable[..., Path]


def refused(path: Path) -> HeldoutError:
    """The error of loading ``path``."""
    with pytest.raises(HeldoutError) as caught:
        load(path)
    assert caught.value.exit_code == 3
    return caught.value


def forged(path: Path, to: Path, **changes: bytes) -> Path:
    """A bundle with other members, its manifest made to agree."""
    members, manifest = unpack(path.read_bytes(), path)
    members |= {k.replace("_", ".", 1): v for k, v in changes.items()}
    manifest["digests"] = digests(members)
    manifest["model_digest"] = model_digest(manifest["digests"])
    members["manifest.json"] = canonical(manifest)
    to.write_bytes(pack(members))
    return to


@pytest.mark.requirement("DEPLOY-09")
def test_read_back_it_answers_the_same(bundle_path: Path) -> None:
    """A bundle repeats its vectors bit for bit."""
    bundle = load(bundle_path)
    told = bundle.verify()
    assert told["whole"]
    assert told["vectors"]["rows"] == 64
    assert told["vectors"]["largest_difference"] == 0.0
    assert told["signature"] == "none"


def test_a_run_folder_stands_for_its_bundle(bundle_path: Path, tmp_path: Path) -> None:
    """RUN and BUNDLE are interchangeable, where there is exactly one."""
    assert load(bundle_path.parent).path == bundle_path
    assert refused(tmp_path).code == "H506"
    for name in ("a", "b"):
        (tmp_path / f"{name}.heldout").write_bytes(b"")
    assert refused(tmp_path).code == "H506"
    assert refused(tmp_path / "nothing.heldout").code == "H201"


def test_a_changed_member_is_told_in_the_words_of_the_screens(
    bundle_path: Path, tmp_path: Path
) -> None:
    """H502 names the member and both checksums."""
    members, _ = unpack(bundle_path.read_bytes(), bundle_path)
    members["model.onnx"] = members["model.onnx"][:-1] + b"\x00"
    path = tmp_path / "churn.heldout"
    path.write_bytes(pack(members))
    error = refused(path)
    assert error.code == "H502"
    assert error.what == "churn.heldout is not as it was written: model.onnx has changed"
    assert error.seen.startswith("checksum ")
    assert error.text().endswith("Nothing in the file was loaded. (exit code 3)")


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_byte_changed_is_refused_or_harmless(
    share: float, flip: int, bundle_path: Path, tmp_path: Path
) -> None:
    """Never a traceback, never another answer."""
    raw = bytearray(bundle_path.read_bytes())
    raw[int(share * len(raw))] ^= flip
    path = tmp_path / "churn.heldout"
    path.write_bytes(raw)
    try:
        bundle = load(path, replay=False)
    except HeldoutError as error:
        assert error.code in ("H502", "H503", "H505", "H508")
    else:
        assert bundle.digest == load(bundle_path, replay=False).digest


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_refused(share: float, bundle_path: Path, tmp_path: Path) -> None:
    """As after a copy that broke off."""
    raw = bundle_path.read_bytes()
    path = tmp_path / "churn.heldout"
    path.write_bytes(raw[: int(share * len(raw))])
    assert refused(path).code in ("H502", "H505")


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=300))
def test_bytes_that_are_no_bundle(data: bytes, tmp_path: Path) -> None:
    """Whatever they are."""
    path = tmp_path / "churn.heldout"
    path.write_bytes(data)
    assert refused(path).code == "H505"


def test_a_newer_format_is_not_guessed(bundle_path: Path, tmp_path: Path) -> None:
    """H503 says what to do."""
    members, manifest = unpack(bundle_path.read_bytes(), bundle_path)
    members["manifest.json"] = canonical({**manifest, "format_version": 2, "digests": {}})
    path = tmp_path / "churn.heldout"
    path.write_bytes(pack(members))
    error = refused(path)
    assert error.code == "H503"
    assert "pip install" in error.do[0]


def test_missing_foreign_and_repeated_members(bundle_path: Path, tmp_path: Path) -> None:
    """Exactly the members of a bundle, each once."""
    members, _ = unpack(bundle_path.read_bytes(), bundle_path)
    path = tmp_path / "churn.heldout"
    for name in members:
        path.write_bytes(pack({k: v for k, v in members.items() if k != name}))
        assert refused(path).code == "H505"
    for name in ("../../evil", "/etc/passwd", "code.py", "model.onnx/"):
        path.write_bytes(pack({**members, name: b""}))
        assert refused(path).code == "H505"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as twice, pytest.warns(UserWarning):
        for name in (*members, "model.onnx"):
            twice.writestr(name, members[name])
    path.write_bytes(buffer.getvalue())
    assert refused(path).code == "H505"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("hello.txt", "hello")
    assert refused(path).code == "H505"


def test_a_link_in_the_archive_is_only_bytes(bundle_path: Path, tmp_path: Path) -> None:
    """A symbolic link's member is its text; its digest does not fit."""
    members, _ = unpack(bundle_path.read_bytes(), bundle_path)
    path = tmp_path / "churn.heldout"
    with zipfile.ZipFile(path, "w") as linked:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            if name == "model.onnx":
                info.create_system, info.external_attr = 3, 0o120777 << 16
            linked.writestr(info, b"/etc/passwd" if name == "model.onnx" else data)
    assert refused(path).code == "H502"


def test_a_zip_bomb_is_not_unpacked(
    bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By ratio, by member, by what the header hides."""
    path = forged(bundle_path, tmp_path / "churn.heldout", card_md=b"\0" * 20_000_000)
    assert refused(path).code == "H508"
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 500)
    assert refused(bundle_path).code == "H508"
    monkeypatch.undo()
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"card.md") - 46
    raw[at + 24 : at + 28] = (9).to_bytes(4, "little")  # the size announced in the directory
    path.write_bytes(raw)
    assert refused(path).code in ("H502", "H505", "H508")


def test_parts_that_agree_with_a_forged_manifest_are_still_checked(
    bundle_path: Path, tmp_path: Path
) -> None:
    """Digests say nothing about an author: what is inside must make sense."""
    to = tmp_path / "churn.heldout"
    assert refused(forged(bundle_path, to, schema_json=b'{"a": 1}')).code == "H505"
    assert refused(forged(bundle_path, to, schema_json=b'[{"name": "a"}]')).code == "H505"
    assert refused(forged(bundle_path, to, schema_json=b"[" * 100_000)).code == "H505"
    assert refused(forged(bundle_path, to, vectors_json=b"{}")).code == "H505"
    assert refused(forged(bundle_path, to, model_onnx=b"not a model")).code == "H507"
    assert refused(forged(bundle_path, to, model_onnx=b"")).code == "H507"


def test_other_answers_than_the_vectors_are_refused(bundle_path: Path, tmp_path: Path) -> None:
    """H504: the runtime of this machine computes otherwise."""
    bundle = load(bundle_path)
    vectors = json.loads(json.dumps(bundle.vectors))
    vectors["outputs"]["probability"][3][0] += 1e-9
    to = forged(bundle_path, tmp_path / "churn.heldout", vectors_json=canonical(vectors))
    error = refused(to)
    assert error.code == "H504"
    assert "onnxruntime" in error.seen
    vectors = json.loads(json.dumps(bundle.vectors))
    vectors["outputs"]["decision"][3] = "1" if vectors["outputs"]["decision"][3] == "0" else "0"
    assert refused(forged(bundle_path, to, vectors_json=canonical(vectors))).code == "H504"


def test_a_lone_row_and_a_batch(bundle_path: Path) -> None:
    """The graph takes [N, 1] per column; none of the rows depends on its neighbors."""
    from small_bundles import table

    bundle = load(bundle_path)
    columns = table(50)
    batch = bundle.run(columns)
    for i in (0, 17, 23, 49):
        one = bundle.run({n: v[i : i + 1] for n, v in columns.items()})
        np.testing.assert_allclose(one["probability"][0], batch["probability"][i], rtol=1e-12)
    assert bundle.run({n: v[:0] for n, v in columns.items()})["probability"].shape == (0, 2)
