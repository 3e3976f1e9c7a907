"""Whatever an option says, spec.yaml says too; secrets are written nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl
import pytest

from heldout.cli.commands import run
from heldout.core.errors import HeldoutError
from heldout.workflow.spec import resolve

OF_THE_CALL = {"config", "as_json", "quiet", "allow_code"}  # said by a person, never by a file
VALUES = {
    "task": "binary", "metric": "roc_auc", "rename": "old=new", "type_": "a=number",
    "columns": "c=a + b", "cost": "miss=5,alarm=1", "budget": "60s", "threshold": 0.3,
    "capacity": 20.0, "models": "tree,linear", "drop": "a,b", "keep": "a", "time": "t", "group": "g",
    "limits": "latency_ms=5", "prefer": "simple", "conformal": 0.9, "settings": "lightgbm.leaves=31",
}  # fmt: skip
OPTIONS = [
    p for p in run.command.params if isinstance(p, click.Option) and p.name not in OF_THE_CALL
]


def value_of(option: click.Option) -> Any:
    if option.name in VALUES:
        return VALUES[option.name]
    if option.is_flag:
        return True
    return 3 if option.type is click.INT else 0.5 if option.type is click.FLOAT else "x"


@pytest.mark.parametrize("option", OPTIONS, ids=lambda o: o.opts[0])
def test_spec_yaml_takes_what_an_option_takes(option: click.Option, tmp_path: Path) -> None:
    import yaml

    value = value_of(option)
    (name,) = {o.removeprefix("--") for o in option.opts if o.startswith("--")} - {"sheet"}
    config = tmp_path / "spec.yaml"
    config.write_text(yaml.safe_dump({"target": "y", name: value}))
    said = {"type_": "type", "no_rows": "rows"}.get(str(option.name), str(option.name))
    by_file = resolve({}, config)
    by_option = resolve({"target": "y", said: not value if said == "rows" else value})
    assert by_file == by_option
    assert by_file != resolve({"target": "y"}) or name == "target", f"--{name} says nothing"
    saved = tmp_path / "saved.yaml"
    saved.write_text(by_file.as_yaml())
    assert resolve({}, saved) == by_file


def test_several_files_in_spec_yaml(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("target: y\ndata: [a.csv, b.csv]\nsheet: May\nno_seal: true\n")
    spec = resolve({}, tmp_path / "s.yaml")
    assert (spec.data, spec.table, spec.seal) == ("a.csv,b.csv", "May", False)


def test_a_column_is_not_its_name() -> None:
    """``heldout.run(frame, target=frame["y"])`` ended in NumPy's words about broadcasting."""
    for column in (np.zeros(300), pl.Series("y", range(300))):
        with pytest.raises(HeldoutError, match="--target cannot be a ") as caught:
            resolve({"target": column})
        assert caught.value.code == "H102"
        assert "name of a column" in caught.value.seen
        assert len(str(caught.value)) < 600
