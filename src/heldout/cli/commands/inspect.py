"""heldout inspect DATA: the columns, and what the audits find."""

from __future__ import annotations

from typing import Any

import click

from heldout.cli.options import PRODUCTION, output, question


@click.command("inspect")
@click.argument("data")
@question
@PRODUCTION
@output
def command(data: str, out: str | None, as_json: bool, quiet: bool, type_: Any, **said: Any) -> int:
    """Look at DATA: kinds, parts, missing values; with --target also for leaks.

    Rows that a run would seal stay shut.

    \b
      heldout inspect churn.csv --target Churn
    """
    from heldout.workflow.inspect import inspect

    told = inspect({**said, "data": data, "type": type_})
    click.echo(told.as_json() if as_json else told.text)
    return 0
