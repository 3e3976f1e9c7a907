"""heldout experiment DATA --model NAME --vary SETTING=VALUE,VALUE: what does a setting do?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from heldout.cli.options import code, output, question, work


@click.command("experiment")
@click.argument("data", required=False)
@click.option("--model", metavar="NAME", help="Whose settings: lightgbm, dense_net ...")
@click.option(
    "--vary",
    metavar="SETTING=VALUE,..",
    multiple=True,
    help="A setting and its values; at most two settings.",
)
@click.option("--seeds", metavar="N", type=int, help="Repeats of every setting (default 3).")
@click.option("--folds", metavar="N", type=int, help="Parts that each seed validates on.")
@click.option("--space", metavar="FILE", help="YAML that holds other settings.")
@question
@work
@code
@output
def command(
    data: str | None,
    config: Path | None,
    as_json: bool,
    quiet: bool,
    no_rows: bool | None,
    type_: Any,
    allow_code: tuple[str, ...],
    **said: Any,
) -> int:
    """Vary one or two settings of a model on DATA and see what they do.

    Every setting is fitted with several seeds; any two are compared by a corrected test. Writes a
    page with the curve (one setting) or heat map (two). Sealed rows are not used.

    \b
      heldout experiment churn.csv --target Churn --model lightgbm --vary leaves=4,16,64
      heldout experiment churn.csv --target Churn --model dense_net \\
          --vary learning_rate=0.001,0.01 --vary units=32,128 --set dense_net.epochs=20
    """
    from heldout.core.clock import process_start
    from heldout.workflow.experiments import experiment_told

    said |= {"type": type_, "rows": False if no_rows else None, "data": data}
    told = experiment_told(
        said, config, started=process_start(), quiet=quiet, allow_code=allow_code
    )
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
