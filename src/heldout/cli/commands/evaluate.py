"""heldout evaluate BUNDLE DATA: the same metrics and intervals on labeled data."""

from __future__ import annotations

from typing import Any

import click

from heldout.cli.options import output, reading, with_part


@click.command("evaluate")
@click.argument("bundle")
@click.argument("data")
@reading
@output
def command(
    bundle: str, data: str, out: str | None, as_json: bool, quiet: bool, **said: Any
) -> int:
    """Score BUNDLE on DATA, whose answers are known, beside the score it was sealed with.

    Of a run folder, rows that were trained on are told and left out.

    \b
      heldout evaluate runs/churn march_with_answers.csv
    """
    from heldout.workflow.answer import evaluate_file

    source = with_part(data, said) or data
    told = evaluate_file(bundle, source, **said)
    click.echo(told.as_json() if as_json else told.text)
    return 0
