"""What would a delivery bring, and what waits to be mended?"""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wenqu.cli.output import answer, author, opened, people, settings, table, words
from wenqu.messages import told
from wenqu.network.schema import asset_types

if TYPE_CHECKING:  # heavy, and only named here
    from wenqu.services.stage_import import Import
    from wenqu.store.waiting import Waiting

CityOption = Annotated[str, typer.Option("--city", help="code of the city")]
AsJson = Annotated[bool, typer.Option("--json", help="answer as JSON")]
Ids = Annotated[list[int] | None, typer.Option("--id", help="row of the queue; may be given several times")]
RuleOption = Annotated[str, typer.Option("--rule", help="all open rows of this rule")]
SHOWN = 40  # rows listed one by one; --json lists all

queue = typer.Typer(
    help="What waits to be mended: list, apply, dismiss, confirm, undo.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"queue": queue}


def staged_row(made: "Import") -> dict[str, Any]:
    """Return the classes and the differences of a staging for a program."""
    return {
        "survey": made.survey,
        "classes": _classes(made),
        "differences": {
            type_: {
                "new": x.new,
                "changed": x.changed,
                "same": x.same,
                "gone": len(x.gone),
                "fields": dict(x.fields),
            }
            for type_, x in made.changes.items()
        },
    }


def _classes(made: "Import") -> dict[str, int]:
    from wenqu.services.stage_import import mended_on_reading

    staged = made.staged
    good = sum(len(rows) for rows in staged.tables.values())
    return {
        "good": good,
        "mended": len(staged.mended) + len(mended_on_reading(made)),
        "queued": len(staged.queued),
        "flagged": len(staged.flagged),
    }


def show_staged(made: "Import") -> None:
    """Print what enters, what was mended, what waits, and what the delivery changes."""
    from wenqu.services.spoken_facts import rule_name

    language = settings().language
    people.print(words("cli.staged", **_classes(made)))
    rows = [
        (
            getattr(asset_types()[type_], language),
            f"{x.new:,}",
            f"{x.changed:,}",
            f"{x.same:,}",
            f"{len(x.gone):,}",
        )
        for type_, x in made.changes.items()
    ]
    names = ("cli.type", "cli.new", "cli.changed", "cli.same", "cli.gone")
    table(words("cli.difference"), tuple(words(name) for name in names), rows, (1, 2, 3, 4))
    rules = Counter(entry.issue.code for entry in made.staged.queued)
    if rules:
        said = [(rule_name(rule, language), rule, count) for rule, count in rules.most_common()]
        table(words("cli.waits"), (words("cli.rule"), "", words("cli.count")), said, (2,))


def _queue_row(row: "Waiting", language: str) -> dict[str, Any]:
    """Return one waiting row and its proposals in words."""
    from wenqu.services.spoken_facts import spoken
    from wenqu.services.waiting_rows import repairs_from

    facts = spoken(row.body.get("facts", {}), row.type, language)
    repairs = repairs_from(row.body.get("proposals", ()))
    said = [(one.key, spoken(one.facts, one.type, language, one.key)) for one in repairs]
    return {
        "id": row.id,
        "rule": row.rule,
        "inside": row.inside,
        "type": row.type,
        "asset": row.asset,
        "file": row.file,
        "row": row.row,
        "says": told(f"issue.{row.rule}.says", language, facts),
        "repairs": [{"key": key, "says": told(f"repair.{key}", language, known)} for key, known in said],
    }


@queue.command("list")
def list_(city: CityOption, rule: RuleOption = "", state: str = "open", as_json: AsJson = False) -> None:
    """List the rows that wait, each with its proposed repair."""
    from wenqu.store.waiting import Sought

    with opened() as store:
        rows = store.waiting(city, Sought(state, rule))
    language = settings().language
    made = [_queue_row(row, language) for row in rows]
    if as_json:
        answer(made)
        return
    cells = [
        (
            one["id"],
            f"{one['type']} {one['asset']}",
            one["says"],
            one["repairs"][0]["says"] if one["repairs"] else "",
        )
        for one in made[:SHOWN]
    ]
    columns = ("", words("cli.asset"), words("cli.finding"), words("cli.repair"))
    table(words("cli.queue", count=len(made), city=city), columns, cells)


def _decided(city: str, as_json: bool, **asked: Any) -> None:
    from wenqu.services.city_state import Cities
    from wenqu.services.decide_queue import decide
    from wenqu.services.rights import Person

    with opened() as store:
        made = decide(Cities(store), city, asked, Person(author(), local=True))
    if as_json:
        answer(made)
    else:
        count, left = len(made.repaired) + len(made.followed), len(made.left)
        people.print(words("cli.decided", count=count, number=made.number, left=left))


@queue.command("apply")
def apply(
    city: CityOption,
    id_: Ids = None,
    rule: RuleOption = "",
    repair: Annotated[str, typer.Option(help="key of the repair; the first one when left out")] = "",
    closing: Annotated[
        int, typer.Option(min=0, help="how many assets the repairs may take out of the city")
    ] = 0,
    why: str = "",
    as_json: AsJson = False,
) -> None:
    """Apply a repair to some rows, or to all of one kind, as one change."""
    _decided(city, as_json, act="repair", ids=id_ or [], rule=rule, key=repair, closing=closing, why=why)


@queue.command("dismiss")
def dismiss(
    city: CityOption,
    why: Annotated[str, typer.Option(help="reason")],
    id_: Ids = None,
    rule: RuleOption = "",
    as_json: AsJson = False,
) -> None:
    """Leave rows aside for good, with a reason."""
    _decided(city, as_json, act="dismiss", ids=id_ or [], rule=rule, why=why)


@queue.command("confirm")
def confirm(
    city: CityOption,
    id_: Ids = None,
    rule: RuleOption = "",
    why: str = "",
    as_json: AsJson = False,
) -> None:
    """Say that findings are right as they are; the rule is silent about them from then on."""
    _decided(city, as_json, act="confirm", ids=id_ or [], rule=rule, why=why)


@queue.command("undo")
def undo(
    city: CityOption,
    number: Annotated[int, typer.Option(help="number of the change")],
    why: str = "",
    as_json: AsJson = False,
) -> None:
    """Take a decision back: its rows are open again."""
    _decided(city, as_json, act="undo", number=number, why=why)
