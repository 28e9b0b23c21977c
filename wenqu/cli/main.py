"""The command line of Wenqu: reads what is asked, calls a service, prints the answer."""

import logging
import secrets
import sys

import click
import typer

from wenqu.cli import evidence, loop, page
from wenqu.cli.output import aside
from wenqu.errors import WenquError
from wenqu.messages import say, told
from wenqu.settings import read_settings

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
for commands in (evidence.commands, loop.commands, page.commands):
    for name, command in commands.items():
        app.command(name)(command)


def _language() -> str:
    try:
        return read_settings().language
    except WenquError:
        return "en"


def run() -> None:
    """Run the command line; every error leaves as one sentence and an exit code."""
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    try:
        app(standalone_mode=False)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(BAD_INPUT)
    except (KeyboardInterrupt, click.exceptions.Abort):
        aside.print(say("cli.interrupted", _language()))
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except WenquError as error:
        aside.print(f"✗ {told(error.key, _language(), error.facts)}", soft_wrap=True, markup=False)
        sys.exit(BAD_INPUT)
    except Exception as error:
        reference = secrets.token_hex(4)
        logging.getLogger("wenqu").exception("unforeseen %s", reference, exc_info=error)
        aside.print(
            f"✗ {say('error.unexpected', _language(), reference=reference)}", soft_wrap=True, markup=False
        )
        sys.exit(UNFORESEEN)


if __name__ == "__main__":
    run()
