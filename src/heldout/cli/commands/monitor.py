"""heldout monitor BUNDLE DATA: do new data still look like the old?"""

from __future__ import annotations

import click

from heldout.cli.options import output


@click.command("monitor")
@click.argument("bundle")
@click.argument("data")
@click.option("--labels", metavar="FILE", help="Answers by id, for a prediction log.")
@click.option(
    "--rename", metavar="OLD=NEW", multiple=True, help="Read a column under another name."
)
@click.option(
    "--fail-on", type=click.Choice(["note", "warn", "block"]), help="Exit 4 at this severity."
)
@output
def command(
    bundle: str,
    data: str,
    labels: str | None,
    rename: tuple[str, ...],
    fail_on: str | None,
    out: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Compare DATA, a table or a prediction log, with what BUNDLE was trained on.

    \b
      heldout monitor runs/churn march.csv --fail-on warn
      heldout monitor runs/churn runs/churn/churn.log.sqlite
    """
    from heldout.workflow.watch import watch

    told = watch(bundle, data, labels=labels, rename=rename, fail_on=fail_on, out=out)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
