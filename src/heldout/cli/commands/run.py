"""heldout run DATA --target COLUMN: the whole development."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from heldout.cli.options import code, output, question, work


@click.command("run")
@click.argument("data", required=False)
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
    """Find a model for DATA --target COLUMN, and score it on sealed rows.

    DATA is a CSV, ARFF, Parquet or Arrow file, or a folder of images. Reads it, looks for leaks,
    chooses a protocol, beats a baseline, tries models for as long as --budget allows, and opens
    the seal once. Writes runs/NAME with a report and a bundle.

    \b
      heldout run churn.csv --target Churn --budget 60s
      heldout run rides.csv --target cnt --time row --budget 5m
    """
    from heldout.core.clock import process_start
    from heldout.workflow.develop import develop_file

    started = process_start()
    said |= {"type": type_, "rows": False if no_rows else None, "data": data}
    outcome = develop_file(
        said, config, started=started, quiet=quiet or None, allow_code=allow_code
    )
    if as_json:
        print(outcome.as_json())  # noqa: T201
    else:
        print(outcome.screen())  # noqa: T201
    sys.stdout.flush()
    return outcome.exit_code
