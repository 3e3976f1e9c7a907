"""heldout verify RUN or BUNDLE: is the file whole, and is the score what it says?"""

from __future__ import annotations

from pathlib import Path

import click

from heldout.cli.options import output


@click.command("verify")
@click.argument("bundle")
@click.argument("data", required=False)
@click.option("--key", type=click.Path(path_type=Path), help="A public key: also check who signed.")
@output
def command(
    bundle: str, data: str | None, key: Path | None, out: str | None, as_json: bool, quiet: bool
) -> int:
    """Check digests, signature and test vectors; with DATA compute the reported score again.

    Computing it again is not a new look: the same rows, the same bundle, the same number.

    \b
      heldout verify runs/churn churn.csv
    """
    from heldout.workflow.verify import verify_file

    told = verify_file(bundle, data, key)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
