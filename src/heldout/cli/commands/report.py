"""heldout report RUN: the page again, from the journal."""

from __future__ import annotations

import json

import click

from heldout.cli.options import output


@click.command("report")
@click.argument("run")
@output
def command(run: str, out: str | None, as_json: bool, quiet: bool) -> int:
    """Write report.html, card.md, findings.json and leaderboard.parquet of RUN again."""
    from heldout.workflow.views import rebuild

    page = rebuild(run)
    click.echo(json.dumps({"report": str(page)}) if as_json else f"Report    {page}")
    return 0
