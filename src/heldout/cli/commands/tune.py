"""heldout tune DATA --model NAME: settings searched, and paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from heldout.cli.options import code, output, question, work


@click.command("tune")
@click.argument("data", required=False)
@click.option("--model", metavar="NAME", help="Whose settings: lightgbm, dense_net ...")
@click.option("--trials", metavar="N", type=int, help="Settings to try, the defaults included.")
@click.option("--space", metavar="FILE", help="YAML: which settings, from where to where.")
@click.option(
    "--storage",
    metavar="ADDRESS",
    help="Where processes share trials: postgresql://..., or a file (default: in the folder).",
)
@question
@work
@code
@output
def command(
    data: str | None,
    config: Path | None,
    as_json: bool,
    quiet: bool,
    no_rows: bool | None,
    type_: Any,
    allow_code: tuple[str, ...],
    **said: Any,
) -> int:
    """Search the settings of a model on DATA; the defaults are the first trial.

    Says whether anything beats the defaults beyond chance, with the choice paid for, and writes
    best.yaml for `heldout run --config`. The same command goes on where it was; called twice at
    once, the two share the trials. Sealed rows are not used.

    \b
      heldout tune churn.csv --target Churn --model lightgbm --trials 20
      heldout tune churn.csv --target Churn --model lightgbm --set lightgbm.leaves=31 \\
          --space space.yaml --budget 5m
    """
    from heldout.core.clock import process_start
    from heldout.workflow.tuning import tune_told

    said |= {"type": type_, "rows": False if no_rows else None, "data": data}
    told = tune_told(said, config, started=process_start(), quiet=quiet, allow_code=allow_code)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
