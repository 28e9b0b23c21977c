"""The command line of Wenqu: reads what is asked, calls a service, prints the answer."""

import io
import logging
import secrets
import sys
import tempfile
import traceback

import typer

from wenqu.cli import (
    accounts,
    ask,
    balance,
    blank,
    cases,
    choices,
    cycles,
    documents,
    effects,
    evidence,
    figures,
    inspections,
    intake,
    loop,
    maps,
    money,
    months,
    opinions,
    orders,
    packages,
    page,
    papers,
    placement,
    plans,
    plant,
    prices,
    problems,
    programme,
    programme_rules,
    rainfall,
    registers,
    schedule,
    searches,
    sharing,
    works,
)
from wenqu.cli.output import aside
from wenqu.errors import WenquError
from wenqu.messages import say
from wenqu.services.wording import sentence
from wenqu.settings import language_asked

BAD_INPUT = 2
UNFORESEEN = 1
INTERRUPTED = 130

app = typer.Typer(
    help="Wenqu 问渠: from a city's sewer data to diagnosis, plan and proof. WENQU_STORE names the store.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (
    evidence.commands, balance.commands, blank.commands, cases.commands, loop.commands, maps.commands,
    choices.commands, page.commands, placement.commands, plant.commands, rainfall.commands,
    registers.commands, sharing.commands, months.commands,
):  # fmt: skip
    for name, command in commands.items():
        app.command(name)(command)
for name, group in {
    **ask.groups,
    **accounts.groups,
    **intake.groups,
    **inspections.groups,
    **cycles.groups,
    **papers.groups,
    **plans.groups,
    **problems.groups,
    **programme_rules.groups,
    **figures.groups,
    **documents.groups,
    **opinions.groups,
    **schedule.groups,
    **orders.groups,
    **searches.groups,
    **works.groups,
    **effects.groups,
    **prices.groups,
    **packages.groups,
    **money.groups,
    **programme.groups,
}.items():
    app.add_typer(group, name=name)


def _tell(key: str, **facts: object) -> None:
    aside.print(say(key, language_asked(), **facts), soft_wrap=True)


def _kept_traceback(reference: str) -> str:
    """Write the traceback of what was not foreseen into a file and return its path."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"wenqu-{reference}-", suffix=".log", delete=False
    ) as file:
        file.write(traceback.format_exc())
    return file.name


def run() -> None:
    """Run the command line; every error leaves as one sentence and an exit code."""
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that knows no check mark must not end the work
    try:
        app()
    except SystemExit as left:  # typer turns an interrupt into its exit code, and a misspelt call into 2
        if left.code == INTERRUPTED:
            _tell("cli.interrupted")
        raise
    except KeyboardInterrupt:
        _tell("cli.interrupted")
        sys.exit(INTERRUPTED)
    except WenquError as error:
        aside.print(f"✗ {sentence(error, language_asked())}", soft_wrap=True)
        sys.exit(BAD_INPUT)
    except OSError as error:
        _tell("cli.system", path=error.filename or "-", says=error.strerror or str(error))
        sys.exit(BAD_INPUT)
    except Exception:  # noqa: BLE001 - the outer wall: a user gets a number and a file to send, no traceback
        reference = secrets.token_hex(4)
        aside.print(f"✗ {say('error.unexpected', language_asked(), reference=reference)}", soft_wrap=True)
        _tell("cli.kept", path=_kept_traceback(reference))
        sys.exit(UNFORESEEN)


if __name__ == "__main__":
    run()
