"""heldout predict BUNDLE DATA: answers for a file."""

from __future__ import annotations

from typing import Any

import click

from heldout.cli.options import output, reading, with_part


@click.command("predict")
@click.argument("bundle")
@click.argument("data", required=False)
@click.option("--explain", is_flag=True, help="What each column adds to each answer, beside it.")
@reading
@output
def command(
    bundle: str, data: str | None, out: str | None, as_json: bool, quiet: bool, **said: Any
) -> int:
    """Answers for DATA as CSV or Parquet, one row per input row, in order.

    BUNDLE is a .heldout file or a run folder. Without --out, CSV goes to standard output.
    A row that the schema refuses is reported and the rest is answered; --strict refuses all.
    A forecast needs no DATA; if given, it is newer history.
    --explain: `base` and one `contribution_COLUMN` a column add up to the answer: the value, the
    probability of the positive class, or of the most probable one of several.

    \b
      heldout predict runs/churn march.csv --out answers.csv
      heldout predict runs/churn march.csv --explain --out reasons.csv
    """
    from heldout.workflow.answer import predict_file

    told = predict_file(bundle, with_part(data, said), out, as_values=as_json, **said)
    click.echo(told.as_json() if as_json else told.text, err=out is None and not as_json)
    return 0
