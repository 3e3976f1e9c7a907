"""heldout explain RUN [ROW]: what drives the model, or one answer."""

from __future__ import annotations

import click

from heldout.cli.options import output


@click.command("explain")
@click.argument("run")
@click.argument("row", required=False)
@click.option("--data", metavar="FILE", help="The table that ROW (its number, from 0) is in.")
@click.option("--target", metavar="NAME", help="Of several targets, the one to explain.")
@output
def command(
    run: str, row: str | None, data: str | None, target: str | None, out: str | None, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """What drives the model of RUN; with ROW, why it answers that row as it does.

    ROW is a JSON object, or a row number of --data.

    \b
      heldout explain runs/churn
      heldout explain runs/churn 17 --data churn.csv
    """
    from heldout.workflow.why import why

    told = why(run, row, data, target)
    click.echo(told.as_json() if as_json else told.text)
    return 0
