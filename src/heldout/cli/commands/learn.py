"""heldout learn WORD: a word or an error code explained."""

from __future__ import annotations

import json

import click


@click.command("learn")
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(word: str | None, as_json: bool) -> int:
    """Explain a WORD of the field or an error code; without one, list them.

    \b
      heldout learn leakage
      heldout learn H104
    """
    from heldout.workflow.glossary import explain_word

    text = explain_word(word)
    click.echo(json.dumps({"word": word, "text": text}, ensure_ascii=False) if as_json else text)
    return 0
