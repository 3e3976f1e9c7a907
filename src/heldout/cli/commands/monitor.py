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
@click.option("--audit", metavar="SHARE", type=float, help="Draw rows of a log for labeling.")
@click.option("--hardest", metavar="N", type=int, help="Rows of a log decided by least, to label.")
@output
def command(
    bundle: str,
    data: str,
    labels: str | None,
    rename: tuple[str, ...],
    fail_on: str | None,
    audit: float | None,
    hardest: int | None,
    out: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Compare DATA, a table or a prediction log, with what BUNDLE was trained on.

    \b
      heldout monitor runs/churn march.csv --fail-on warn
      heldout monitor runs/churn runs/churn/churn.log.sqlite
      heldout monitor runs/churn runs/churn/churn.log.sqlite --audit 0.05 --out audit.csv
    """
    from heldout.workflow.watch import queue, watch

    if audit is not None or hardest is not None:
        told = queue(bundle, data, audit=audit, hardest=hardest, out=out)
        click.echo(told.as_json() if as_json else told.text)
        return told.exit_code
    told = watch(bundle, data, labels=labels, rename=rename, fail_on=fail_on, out=out)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
