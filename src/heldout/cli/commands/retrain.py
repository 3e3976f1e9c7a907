"""heldout retrain RUN DATA: the same recipe on new data, champion against challenger."""

from __future__ import annotations

from typing import Any

import click

from heldout.cli.options import code, output


@click.command("retrain")
@click.argument("run")
@click.argument("data")
@click.option("--with-old", metavar="FILE", help="Add the old file, if it is the one trained on.")
@click.option(
    "--rename", metavar="OLD=NEW", multiple=True, help="Read a column under another name."
)
@click.option("--drop", metavar="COLUMN[,..]", multiple=True, help="Columns to leave out.")
@click.option("--seed", type=int, help="Root of all randomness (default: the run's).")
@code
@output
def command(run: str, data: str, as_json: bool, quiet: bool, **said: Any) -> int:
    """Refit the recipe of RUN on DATA without a search, and compare both on the same new rows.

    Says better, worse, or cannot be told; writes the challenger's bundle into --out.

    \b
      heldout retrain runs/churn april.csv --out runs/churn-april
    """
    from heldout.workflow.retrain import retrain

    told = retrain(run, data, quiet=quiet, **said)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
