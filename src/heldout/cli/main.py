"""The entry point: find the command, call it, print errors for the person who made them.

Nothing heavy is imported here; each command's file is imported when it is called.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from heldout import __version__
from heldout.core.errors import INTERRUPTED, HeldoutError
from heldout.core.files import no_room
from heldout.core.names import nearest

COMMANDS = (
    "demo", "run", "define", "inspect", "status", "explain", "compare", "evaluate", "verify",
    "predict", "serve", "export", "compress", "monitor", "retrain", "learn", "models",
    "experiment", "tune", "report",
)  # fmt: skip
LATER = {
    "compress": "bundles of trees and linear models are small already",
}

HELP = """\
heldout: from a table and a question to a score that you can defend.

Usage: heldout COMMAND ...          heldout COMMAND --help explains each

Start
  demo        the whole workflow on a small table that comes with heldout
  run         find a model for DATA --target COLUMN, score it on sealed rows
Before
  define      write spec.yaml: the questions that define the task
  inspect     look at the data: leaks, copies, odd columns
After
  status      what was decided in a run, why, and what comes next
  report      write the page of a run again from its journal
  explain     what drives the model, or one answer
  compare     two runs: is the difference real?
  evaluate    score a bundle on new rows with known answers
  verify      check that a file is whole; compute a reported score again
Use
  predict     answers for a file                 serve     answers over HTTP
  export      ONNX and a dozen lines that run it
Watch
  monitor     do new data still look like the old?
  retrain     same recipe, new data; the better model is kept
Learn
  learn       a word or an error code explained  models    what can be tried
  experiment  vary one or two settings           tune      search settings

Everywhere: --json --quiet --out PATH --config spec.yaml --seed N --version
RUN and BUNDLE are interchangeable: a run folder stands for its bundle.

  heldout run churn.csv --target Churn --budget 5m
  heldout predict runs/churn new.csv --out answers.csv
  heldout monitor runs/churn march.csv --fail-on warn

Exit: 0 done, 1 our defect, 2 command, 3 data, 4 the answer is no,
      5 no time or memory, 130 interrupted.   Nothing leaves this machine.
"""


class Commands(click.Group):
    """Commands by file name, imported when called; help as the screens say."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of one command."""
        if cmd_name in LATER:
            raise HeldoutError(
                "H101",
                f"heldout {cmd_name} is not built yet",
                seen=f"heldout {__version__}",
                why="it belongs to the next version",
                do=[LATER[cmd_name]],
            )
        if cmd_name not in COMMANDS:
            near = nearest(cmd_name, COMMANDS)
            raise HeldoutError(
                "H101",
                f'there is no command "{cmd_name}"',
                seen=f'the nearest name is "{near}"' if near else "",
                why="the command says what to do",
                do=[f"heldout {near} --help" if near else "heldout --help"],
            )
        module = importlib.import_module(f"heldout.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The screen of screens, word for word."""
        formatter.write(HELP)


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(__version__, message="heldout %(version)s")
@click.pass_context
def heldout(ctx: click.Context) -> None:
    """From a table and a question to a score that you can defend."""
    if ctx.invoked_subcommand is None:
        click.echo(HELP, nl=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the codes of contract 12."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_guarded(lambda: heldout(arguments, standalone_mode=False), "--json" in arguments))


def _guarded(call: Callable[[], Any], as_json: bool) -> int:
    try:
        result = call()
    except HeldoutError as error:
        return _told(error, as_json)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.ClickException as error:
        return _told(usage(error), as_json)
    except (KeyboardInterrupt, click.Abort):
        print("\nInterrupted; nothing to show yet. (exit code 130)", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 0
    except MemoryError:
        return _told(
            HeldoutError("H803", "the machine has no memory left", why="the work was stopped"),
            as_json,
        )
    except Exception as error:  # noqa: BLE001 - the last line of defence: a defect of ours
        if isinstance(error, OSError) and no_room(error):
            return _told(_full(error), as_json)
        return _told(_defect(error), as_json)
    return int(result) if isinstance(result, int) and not isinstance(result, bool) else 0


def usage(error: click.ClickException) -> HeldoutError:
    """A mistake on the command line, in our own words."""
    context = getattr(error, "ctx", None)
    command = context.command_path.replace("main", "heldout") if context else "heldout"
    near = ""
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        near = f"the nearest option is {sorted(error.possibilities)[0]}"
    return HeldoutError(
        "H101",
        error.format_message().rstrip(".").replace("No such option", "no such option"),
        seen=near,
        why="the command is not complete or not known",
        do=[f"{command} --help"],
    )


def _told(error: HeldoutError, as_json: bool) -> int:
    from heldout.tables.address import shown

    if as_json:
        import json

        print(shown(json.dumps(error.as_dict(), ensure_ascii=False)))  # noqa: T201
    print(shown(error.text()), file=sys.stderr)  # noqa: T201
    return error.exit_code


def _full(error: OSError) -> HeldoutError:
    """A full disk that a library met, or the journal."""
    return HeldoutError(
        "H802",
        "no room left on the disk",
        seen=str(error),
        why="without room nothing of the work can be kept",
        do=["free some space, then run the same command again"],
        wrote="What was finished before is kept.",
    )


def _defect(error: Exception) -> HeldoutError:
    """Keep the traceback where the person can find it; print no traceback."""
    import tempfile
    import traceback

    from heldout.tables.address import shown

    text = shown("".join(traceback.format_exception(error)))
    handle, name = tempfile.mkstemp(prefix="heldout-defect-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"heldout {__version__}\n{text}")
    return HeldoutError(
        "H901",
        f"a defect of heldout: {type(error).__name__}",
        seen=str(error).split("\n", maxsplit=1)[0][:300],
        why="this is our mistake, not yours",
        do=[f"the traceback is in {Path(name)}; it names what to report"],
        wrote="Nothing was sent anywhere.",
    )


__all__ = ["heldout", "main"]
