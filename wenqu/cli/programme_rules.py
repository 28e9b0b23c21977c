"""The rules of a programme: show, check, keep, look back, and see whether the last programme keeps them."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words
from wenqu.errors import BadInput, FileMissing
from wenqu.units import from_si

if TYPE_CHECKING:
    from wenqu.planning.verify import Verdict

RulesFile = Annotated[Path, typer.Argument(help="rules as JSON; what it leaves out is that of the default")]

rules = typer.Typer(
    help="The rules of a programme: show, check, keep, history, verdicts.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"plan-rules": rules}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileMissing(path=str(path))
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from None
    except UnicodeDecodeError:
        raise BadInput("rules-json", line=1, said="UTF-8") from None
    if not isinstance(found, dict):
        raise BadInput("rules-json", line=1, said="no object")
    return found


@rules.command("show")
def show(
    city: CityOption,
    version: Annotated[int, typer.Option(help="number of an older version; 0 is what holds")] = 0,
) -> None:
    """Print the rules that hold as JSON, to be edited and kept again."""
    from wenqu.planning.rules import rules_text
    from wenqu.services.programme_rules import city_rules, rules_version

    with opened() as store:
        answer(
            rules_version(store, city, version)
            if version
            else json.loads(rules_text(city_rules(store, city)))
        )


@rules.command("check")
def check(city: CityOption, path: RulesFile, as_json: AsJson = False) -> None:
    """Say what is wrong with a file of rules, and which rules it would change; nothing is kept."""
    from wenqu.services.city_state import CityState
    from wenqu.services.programme_rules import check_rules

    with opened() as store:
        told = check_rules(store, CityState(store.network(city)), _read(path))
    if as_json:
        answer(told)
        return
    language = settings().language
    for mark, rows in (("✗", told["faults"]), ("?", told["doubts"])):
        for row in rows:
            people.print(f"{mark} {row[language]['says']}", soft_wrap=True)
            people.print(f"    → {row[language]['remedy']}", soft_wrap=True, style="dim")
    if not told["faults"]:
        people.print(words("page.planrules.fine") if not told["doubts"] else "", soft_wrap=True)
    names = [words(f"page.plan.rule_{name}") for name in told["changed"]]
    key = "page.planrules.changes" if names else "page.planrules.nothing_changed"
    people.print(words(key, names="; ".join(names)), soft_wrap=True)


@rules.command("keep")
def keep(
    city: CityOption,
    path: RulesFile,
    why: Annotated[str, typer.Option(help="why the rules are changed; it stands in the history")],
) -> None:
    """Keep a file of rules as the city's own; the next programme is made under them."""
    from dataclasses import replace

    from wenqu.services.programme_rules import keep_rules
    from wenqu.services.rights import LOCAL

    with opened() as store:
        keep_rules(store, city, _read(path), person=replace(LOCAL, account=author()), why=why)
    people.print(words("page.planrules.saved"))


@rules.command("history")
def history(city: CityOption, as_json: AsJson = False) -> None:
    """List who changed the rules, when, why, and which rules each change touched."""
    from wenqu.services.programme_rules import rules_versions

    with opened() as store:
        versions = rules_versions(store, city)
    if as_json:
        answer(versions)
        return
    rows = [
        (row["number"], row["at"][:16].replace("T", " "), row["who"], row["why"],
         "; ".join(words(f"page.plan.rule_{name}") for name in row["changed"]))
        for row in versions
    ]  # fmt: skip
    heads = [words(f"page.planrules.{name}") for name in ("history", "when", "who", "reason", "what")]
    table(words("page.planrules.history"), heads, rows, (0,))


@rules.command("verdicts")
def verdicts(city: CityOption, as_json: AsJson = False) -> None:
    """Judge the last programme again from its proof, without a solver: every rule, asked and reached."""
    from dataclasses import asdict

    from wenqu.services.city_state import CityState
    from wenqu.services.programme_proof import verify_programme
    from wenqu.services.scope_names import scope_names, scope_said

    language = settings().language
    with opened() as store:
        judged = verify_programme(store, city)
        names = scope_names(CityState(store.network(city)), language)
    if as_json:
        answer(asdict(judged) | {"holds": judged.holds})
    else:
        rows = []
        for row in judged.verdicts:
            asked, reached, unit = _shown(row)
            name, scope = words(f"plan.rule.{row.rule}"), scope_said(row.scope, names, language)
            rows.append(("✓" if row.holds else "✗", name, scope, row.window, asked, reached, unit))
        heads = [
            "",
            *(words(f"page.planrules.{name}") for name in ("rule", "scope", "col_window", "demanded", "got")),
            "",
        ]
        table(words("page.planrules.reached"), heads, rows, (4, 5))
    if not judged.holds:
        raise typer.Exit(1)


def _shown(row: "Verdict") -> tuple[str, str, str]:
    """Return what a rule asks, what is reached, and the unit: shares in per cent, counts as they are."""
    from wenqu.services.plan_city import BORDER
    from wenqu.services.wording_plan import COUNTED

    share = row.unit == "-" and row.rule not in COUNTED
    unit = "%" if share else "" if row.unit == "-" else BORDER.get(row.unit, row.unit)

    def told(value: float) -> str:
        if math.isnan(value):
            return "–"
        if share:
            return figure(100 * value, 4)
        return figure(from_si(value, unit) if unit else value, 5)

    return told(row.demanded), told(row.reached), "d" if row.unit == "d" else unit
