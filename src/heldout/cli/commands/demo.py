"""heldout demo: the whole workflow on tables that come with heldout."""

from __future__ import annotations

import click


@click.command("demo")
@click.option("--budget", default="40s", show_default=True, help="For the first table.")
@click.option("--out", metavar="PATH", help="Where to write (default: runs/demo).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--quick", is_flag=True, help="A few fits instead of seconds; for tests.")
def command(budget: str, out: str | None, as_json: bool, quick: bool) -> int:
    """Telco churn from file to service in a minute, then a leak set aside live."""
    from heldout.workflow.demo import demo

    return demo(budget, out, quick=quick, as_json=as_json)
