"""Installed size: what answering needs, what training needs, and what is largest.

python bench/size.py [--short]
"""

from __future__ import annotations

import sys
from importlib import metadata

ANSWERING = {"heldout", "numpy", "onnxruntime", "msgspec", "flatbuffers", "protobuf", "packaging"}
EXTRAS = {
    "keras", "jax", "jaxlib", "h5py", "ml-dtypes", "optree", "namex", "absl-py", "opt-einsum",
    "rich", "pygments", "markdown-it-py", "mdurl", "pillow",
}  # fmt: skip
BUILDING = {
    "mypy", "ruff", "pytest", "hypothesis", "import-linter", "grimp", "pandas", "pyarrow",
    "selenium", "hatchling", "psutil", "pip", "setuptools", "trio", "httpx", "cryptography",
}  # fmt: skip


def sizes() -> dict[str, int]:
    """Bytes on disk of every installed distribution."""
    found = {}
    for dist in metadata.distributions():
        files = dist.files or []
        name = (dist.metadata["Name"] or "?").lower()
        found[name] = sum(p.stat().st_size for f in files if (p := dist.locate_file(f)).is_file())
    return found


def main() -> None:
    """Print the sums and the largest."""
    found = sizes()
    mb = {name: size / 2**20 for name, size in found.items()}
    answering = sum(v for n, v in mb.items() if n in ANSWERING)
    core = sum(v for n, v in mb.items() if n not in EXTRAS | BUILDING)
    everything = sum(v for n, v in mb.items() if n not in BUILDING)
    print(
        f"Installed: answering {answering:.0f} MB, tables {core:.0f} MB, all extras {everything:.0f} MB"
    )
    if "--short" in sys.argv:
        return
    for name, size in sorted(mb.items(), key=lambda x: -x[1])[:15]:
        print(f"{size:8.1f} MB  {name}")


if __name__ == "__main__":
    main()
