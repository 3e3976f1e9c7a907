"""heldout status RUN: what was decided, why, and what comes next."""

from __future__ import annotations

import click

from heldout.cli.options import output


@click.command("status")
@click.argument("run")
@output
def command(run: str, out: str | None, as_json: bool, quiet: bool) -> int:
    """The steps of the workflow in RUN, the decision at each, and the next action."""
    from heldout.workflow.status import status_of

    told = status_of(run)
    click.echo(told.as_json() if as_json else told.text)
    return 0
