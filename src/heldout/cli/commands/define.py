"""heldout define DATA: the definition of the task, written as a specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from heldout.cli.options import output, question


@click.command("define")
@click.argument("data", required=False)
@question
@click.option(
    "--config",
    metavar="spec.yaml",
    type=click.Path(path_type=Path),
    help="Read options from a file; options given here win.",
)
@output
def command(
    data: str | None,
    config: Path | None,
    out: str | None,
    as_json: bool,
    quiet: bool,
    type_: Any,
    **said: Any,
) -> int:
    """Write spec.yaml: every question that defines the task, answered from DATA where it can be.

    What only you can know stays open in it; what stays open is an assumption on the report.

    \b
      heldout define churn.csv --target Churn
      heldout run --config spec.yaml --budget 60s
    """
    from heldout.workflow.definition import define_file

    told = define_file({**said, "data": data, "type": type_}, config, out)
    click.echo(told.as_json() if as_json else told.text)
    return 0
