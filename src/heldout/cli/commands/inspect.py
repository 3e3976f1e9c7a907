"""heldout inspect DATA: the columns, and what the audits find."""

from __future__ import annotations

from typing import Any

import click

from heldout.cli.options import PRODUCTION, output, question


@click.command("inspect")
@click.argument("data")
@question
@PRODUCTION
@click.option("--no-rows", is_flag=True, default=None, help="Show no row of the data.")
@output
def command(
    data: str,
    out: str | None,
    as_json: bool,
    quiet: bool,
    type_: Any,
    no_rows: bool | None,
    **said: Any,
) -> int:
    """Look at DATA: kinds, parts, missing values; with --target also for leaks.

    Rows that a run would seal stay shut. A page with pictures is written to --out, by default
    DATA-inspect.html in this folder.

    \b
      heldout inspect churn.csv --target Churn
    """
    from heldout.workflow.inspect import inspect

    rows = False if no_rows else None
    told = inspect({**said, "data": data, "type": type_, "rows": rows}, out)
    click.echo(told.as_json() if as_json else told.text)
    return 0
