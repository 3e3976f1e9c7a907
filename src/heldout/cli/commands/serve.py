"""heldout serve BUNDLE: answers over HTTP."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("serve")
@click.argument("bundle")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port; 0 takes a free one.")
@click.option("--log", type=click.Path(path_type=Path), help="SQLite file for the prediction log.")
@click.option("--no-log", is_flag=True, help="Keep no log.")
@click.option(
    "--log-inputs",
    type=click.Choice(["yes", "no"]),
    default="yes",
    show_default=True,
    help="Whether the log keeps what was asked.",
)
@click.option("--threshold", type=float, metavar="P", help="Flag from this probability on.")
@click.option(
    "--token", envvar="HELDOUT_TOKEN", help="Ask for this bearer token (or set HELDOUT_TOKEN)."
)
@click.option("--quiet", is_flag=True, help="No lines but the address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the address.")
def command(
    bundle: str,
    host: str,
    port: int,
    log: Path | None,
    no_log: bool,
    log_inputs: str,
    threshold: float | None,
    token: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """REST, a web page with a form, metrics and a prediction log, on loopback.

    \b
      heldout serve runs/churn
      heldout serve churn.heldout --port 0 --log answers.sqlite
    """
    from heldout.bundle import load
    from heldout.serve import serve

    loaded = load(bundle)
    where = None if no_log else log or loaded.path.with_suffix(".log.sqlite")
    serve(
        loaded,
        host=host,
        port=port,
        log_path=where,
        log_inputs=log_inputs == "yes",
        threshold=threshold,
        token=token,
        quiet=quiet,
        as_json=as_json,
    )
    return 0
