"""heldout verify RUN or BUNDLE: is the file whole, and is the score what it says?"""

from __future__ import annotations

from pathlib import Path

import click

from heldout.cli.options import output


@click.command("verify")
@click.argument("bundle")
@click.argument("data", required=False)
@click.option("--key", type=click.Path(path_type=Path), help="A public key: also check who signed.")
@click.option("--round-trip", is_flag=True, help="Also ask a service and take the time.")
@click.option("--within", metavar="MS", type=float, help="What an answer may take; exit 4 beyond.")
@click.option("--address", metavar="URL", help="The service to ask (default: one started here).")
@click.option("--token", envvar="HELDOUT_TOKEN", help="Its bearer token (or set HELDOUT_TOKEN).")
@output
def command(
    bundle: str,
    data: str | None,
    key: Path | None,
    round_trip: bool,
    within: float | None,
    address: str | None,
    token: str | None,
    out: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Check digests, signature and test vectors; with DATA compute the reported score again.

    Computing it again is not a new look: the same rows, the same bundle, the same number.

    \b
      heldout verify runs/churn churn.csv
      heldout verify runs/churn --round-trip --within 50
    """
    if round_trip or within is not None or address is not None:
        from heldout.workflow.round_trip import timed

        timing = timed(bundle, within, address, token or "")
        click.echo(timing.as_json() if as_json else timing.text)
        return timing.exit_code
    from heldout.workflow.verify import verify_file

    told = verify_file(bundle, data, key)
    click.echo(told.as_json() if as_json else told.text)
    return told.exit_code
