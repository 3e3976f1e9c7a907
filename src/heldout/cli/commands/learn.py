"""heldout learn WORD: a word or an error code explained."""

from __future__ import annotations

import click


@click.command("learn")
@click.argument("word", required=False)
def command(word: str | None) -> int:
    """Explain a WORD of the field or an error code; without one, list them.

    \b
      heldout learn leakage
      heldout learn H104
    """
    from heldout.workflow.glossary import explain_word

    click.echo(explain_word(word))
    return 0
