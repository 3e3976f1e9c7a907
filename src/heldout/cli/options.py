"""Options that many commands share, each with one meaning everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_PART = (
    click.option(
        "--table", "--sheet", "table", metavar="NAME", help="Which table, sheet or member of DATA."
    ),
    click.option("--query", metavar="SQL", help="What to select from a database."),
)
_QUESTION = (
    click.option("--target", "-t", metavar="COLUMN", help="The column to predict; several: a,b,c."),
    click.option("--task", metavar="TASK", help="binary, multiclass, multilabel, regression ..."),
    click.option("--metric", metavar="NAME", help="The score that decides (roc_auc, mae ...)."),
    click.option("--positive", metavar="LABEL", help="The class that is looked for."),
    click.option("--time", metavar="COLUMN[,..]", help="Orders the rows; row, or none."),
    click.option("--group", metavar="COLUMN[,..]", help="Rows that belong together, or none."),
    click.option("--weight", metavar="COLUMN", help="How much each row counts."),
    click.option("--horizon", metavar="N", type=int, help="Steps ahead (forecast)."),
    click.option(
        "--existing",
        metavar="COLUMN|RULE",
        help="How it is solved today: a column of old answers, or an expression.",
    ),
    click.option("--unit", metavar="WORD", help="What a row is: customer, patient ..."),
)
_COLUMNS = (
    click.option("--drop", metavar="COLUMN[,..]", multiple=True, help="Columns to leave out."),
    click.option(
        "--keep",
        metavar="COLUMN[,..]",
        multiple=True,
        help="Columns to keep in spite of a finding.",
    ),
    click.option(
        "--may-miss",
        metavar="COLUMN[,..]",
        multiple=True,
        help="Columns that may be empty in use: learned from copies of rows without them.",
    ),
    click.option(
        "--rename", metavar="OLD=NEW", multiple=True, help="Read a column under another name."
    ),
    click.option(
        "--type",
        "type_",
        metavar="COLUMN=KIND",
        multiple=True,
        help="number, category, boolean, date, text.",
    ),
    click.option(
        "--column",
        "columns",
        metavar="NAME=EXPRESSION",
        multiple=True,
        help='A column of your own, computed from others: ratio="a / b".',
    ),
    click.option("--header/--no-header", default=None, help="Whether the first line holds names."),
    click.option("--header-row", metavar="N", type=int, help="The line that holds names (from 1)."),
    *_PART,
)
_DECIDE = (
    click.option("--cost", metavar="miss=5,alarm=1", help="What each kind of error costs."),
    click.option(
        "--capacity", metavar="N", type=float, help="Share or number of rows that can be looked at."
    ),
    click.option(
        "--cases", metavar="N", type=float, help="Cases a day, so that --capacity 200 is 200 a day."
    ),
    click.option("--threshold", metavar="P", type=float, help="Flag from this probability on."),
    click.option(
        "--fairness",
        metavar="COLUMN[,..]",
        multiple=True,
        help="Tell rates and score for each group of these columns.",
    ),
    click.option(
        "--conformal",
        metavar="0.9",
        type=float,
        help="Intervals or sets of classes that hold the truth in this share of rows.",
    ),
    click.option(
        "--limits",
        metavar="latency_ms=5,..",
        multiple=True,
        help="latency_ms, size_mb, memory_mb, explainable, private (always kept: no bundle holds a row).",
    ),
    click.option(
        "--prefer",
        metavar="WORD",
        help="accurate (default); simple, small or fast: among those within noise of the best.",
    ),
)
PRODUCTION = click.option(
    "--production", metavar="FILE", help="Rows as they come in use: are they like DATA?"
)
SET = click.option(
    "--set", "settings", metavar="MODEL.SETTING=VALUE", multiple=True,
    help="Hold a setting: lightgbm.leaves=31.",
)  # fmt: skip
_WORK = (
    click.option("--budget", metavar="60s|5m|1h", help="Wall time, everything included."),
    click.option("--work", metavar="N", type=int, help="Count fits instead of seconds."),
    click.option("--seed", metavar="N", type=int, help="Root of all randomness (default 0)."),
    click.option("--models", metavar="NAME[,..]", multiple=True, help="Only these models."),
    SET,
    click.option(
        "--ladder/--no-ladder",
        default=None,
        help="Grow a model until it overfits, then hold it back (from 60 s on).",
    ),
    click.option("--protocol", metavar="NAME", help="holdout, kfold, repeated, purged."),
    click.option("--gap", metavar="N", type=int, help="Moments left out before validation."),
    click.option("--embargo", metavar="N", type=int, help="Moments left out after it (purged)."),
    click.option("--seal/--no-seal", default=None, help="Set 20 % of the rows aside, or none."),
    click.option(
        "--refit-all",
        is_flag=True,
        default=None,
        help="After the sealed score: refit on every row; the bundle is not what was scored.",
    ),
    click.option("--test", metavar="FILE", help="Your own sealed rows."),
    PRODUCTION,
)
_OUTPUT = (
    click.option("--out", metavar="PATH", help="Where to write."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
    click.option("--quiet", is_flag=True, help="No progress lines."),
)


def question(command: Command) -> Command:
    """Everything that states the question, for `run`."""
    return _apply(command, _QUESTION + _COLUMNS + _DECIDE)


def work(command: Command) -> Command:
    """Budget, seed, protocol."""
    return _apply(
        command,
        (
            *_WORK,
            click.option("--no-rows", is_flag=True, default=None, help="Show no row of the data."),
            click.option(
                "--config",
                metavar="spec.yaml",
                type=click.Path(path_type=Path),
                help="Read options from a file; options given here win.",
            ),
        ),
    )


def code(command: Command) -> Command:
    """--allow-code."""
    return _apply(
        command,
        (
            click.option(
                "--allow-code",
                metavar="PATH[:FUNCTION]",
                multiple=True,
                help="Run this Python file: its function gives a model that competes.",
            ),
        ),
    )


def output(command: Command) -> Command:
    """--out, --json, --quiet."""
    return _apply(command, _OUTPUT)


def reading(command: Command) -> Command:
    """--rename, --strict, --table and --query, for commands that answer new rows."""
    return _apply(
        command,
        (
            click.option(
                "--rename",
                metavar="OLD=NEW",
                multiple=True,
                help="Read a column under another name.",
            ),
            click.option("--strict", is_flag=True, help="Refuse all if one row is refused."),
            *_PART,
        ),
    )


def with_part(data: str | None, said: dict[str, Any]) -> str | None:
    """DATA with the part that --table or --query name, which are taken out of ``said``."""
    from heldout.tables.address import joined, selecting

    table, query = said.pop("table", None), said.pop("query", None)
    return None if data is None else joined(data, selecting(query) or table)


def _apply(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
