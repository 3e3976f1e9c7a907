"""heldout models: what can be tried."""

from __future__ import annotations

import click


@click.command("models")
@click.argument("name", required=False)
@click.option("--task", metavar="TASK", help="Only models for this task.")
@click.option("--family", metavar="FAMILY", help="linear, tree, forest, boosting, net ...")
@click.option("--linear/--nonlinear", default=None, help="Only linear models, or only others.")
@click.option("--supervision", metavar="KIND", help="supervised, unsupervised ...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    name: str | None,
    task: str | None,
    family: str | None,
    linear: bool | None,
    supervision: str | None,
    as_json: bool,
) -> int:
    """The catalogue of models, or one model's card.

    \b
      heldout models
      heldout models --task regression
      heldout models lightgbm
    """
    from heldout.workflow.catalog import card_text, table

    if name:
        told = card_text(name)
        click.echo(told.as_json() if as_json else told.text)
        return 0
    told = table(task, family, linear, supervision)
    click.echo(told.as_json() if as_json else told.text)
    return 0
