"""heldout compare RUN RUN: is the difference real?"""

from __future__ import annotations

import click

from heldout.cli.options import output


@click.command("compare")
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@output
def command(first: str, second: str, out: str | None, as_json: bool, quiet: bool) -> int:
    """Two runs side by side: the same data, the same sealed rows, and can they be told apart?

    --out FILE.html writes the page.

    \b
      heldout compare runs/churn runs/churn-2
    """
    from heldout.workflow.side_by_side import compare

    told = compare(first, second, out)
    click.echo(told.as_json() if as_json else told.text)
    return 0
