"""heldout export BUNDLE --to onnx: the graph alone, with a dozen lines that run it."""

from __future__ import annotations

import click

from heldout.cli.options import output


@click.command("export")
@click.argument("bundle")
@click.option("--to", "target", required=True, metavar="TARGET", help="onnx")
@output
def command(bundle: str, target: str, out: str | None, as_json: bool, quiet: bool) -> int:
    """Write BUNDLE in another form and compare its answers before it leaves.

    \b
      heldout export runs/churn --to onnx --out churn_onnx
    """
    from heldout.workflow.export import export_bundle

    told = export_bundle(bundle, target, out)
    click.echo(told.as_json() if as_json else told.text)
    return 0
