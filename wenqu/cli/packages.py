"""What could be done where, and which pipes are one package: listed, joined, split, named, taken back.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, figure, opened, people, settings, table, words
from wenqu.cli.works import local_person

packages = typer.Typer(
    help="Packages of the plan: what could be done where, and which pipes are one job.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"packages": packages}
Name = Annotated[str, typer.Argument(help="name of the package")]
Why = Annotated[str, typer.Option(help="why; it is kept with the step")]
SHOWN = 40


@packages.command("list")
def list_(city: CityOption, as_json: AsJson = False) -> None:
    """List the packages, the longest first, with those made by hand."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_packages import view_packages

    with opened() as store:
        found = view_packages(store, CityState(store.network(city)), local_person(), None)
    if as_json:
        answer(found)
        return
    rows = [
        (one["id"], words("packages.cli.hand") if one["by_hand"] else "", ", ".join(one["roads"]),
         str(len(one["members"])), figure(one["length_m"]), one["window"] or "–")
        for one in found["rows"][:SHOWN]
    ]  # fmt: skip
    heads = [words(f"packages.cli.{name}") for name in ("name", "made", "road", "count", "length", "window")]
    table(
        words("packages.cli.title", city=city, count=len(found["rows"]), shown=len(rows)), heads, rows, (3, 4)
    )


@packages.command("why")
def why(
    city: CityOption,
    asset: Annotated[str, typer.Argument(help="type/id, as in conduit/GD0001")],
    as_json: AsJson = False,
) -> None:
    """Say by which methods an asset could be mended at which cost, and why not by the others."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_options import options_of_asset

    type_, _, id_ = asset.partition("/")
    with opened() as store:
        state = CityState(store.network(city))
        state.network.row(type_, id_)
        found = options_of_asset(store, state, type_, id_, None)
    if as_json:
        answer(found)
        return
    if not found["places"]:
        people.print(words("packages.cli.nothing", asset=asset))
    for one in found["places"]:
        rows = [_method_row(method) for method in one["methods"] if method["reason"] != "other-site"]
        heads = [words(f"packages.cli.{name}") for name in ("method", "fits", "cost", "clean", "sewage")]
        table(words("packages.cli.place", asset=asset, package=one["package"]), heads, rows, (2, 3, 4))


def _method_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    name = one["zh"] if settings().language == "zh" else one["en"]
    if not one["fits"]:
        return (name, words(f"plan.unfit.{one['reason']}", **one["facts"]), "", "", "")
    water = (figure(one["clean_m3_per_d"]), figure(one["sewage_m3_per_d"]))
    return (name, words("plan.reason.fits"), figure(one["cost"] + one["mobilisation"]), *water)


@packages.command("put")
def put(
    city: CityOption,
    name: Name,
    ids: Annotated[list[str], typer.Argument(help="ids of conduits")],
    reason: Why = "",
) -> None:
    """Put conduits into one package, which joins packages or splits one; the next plan keeps it."""
    from wenqu.services.city_state import CityState
    from wenqu.services.package_hands import put_together

    with opened() as store:
        state = CityState(store.network(city))
        odd = put_together(store, state, ids, name, person=local_person(), reason=reason)
    people.print(words("packages.cli.put", name=name, count=len(ids)))
    for note in odd:
        facts = {key: value for key, value in note.items() if key != "note"}
        people.print(words(f"packages.note.{note['note']}", **facts), soft_wrap=True)


@packages.command("rename")
def rename(
    city: CityOption, name: Name, new: Annotated[str, typer.Argument(help="its new name")], reason: Why = ""
) -> None:
    """Give a package another name."""
    from wenqu.services.city_state import CityState
    from wenqu.services.package_hands import call_otherwise

    with opened() as store:
        call_otherwise(store, CityState(store.network(city)), name, new, person=local_person(), reason=reason)
    people.print(words("packages.cli.renamed", name=name, new=new))


@packages.command("release")
def release(city: CityOption, name: Name, reason: Why = "") -> None:
    """Take a package that was made by hand apart: its pipes are bundled by street again."""
    from wenqu.services.city_state import CityState
    from wenqu.services.package_hands import let_go

    with opened() as store:
        let_go(store, CityState(store.network(city)), name, person=local_person(), reason=reason)
    people.print(words("packages.cli.released", name=name))


@packages.command("undo")
def undo_(city: CityOption) -> None:
    """Take the last step that was made by hand back."""
    from wenqu.services.city_state import CityState
    from wenqu.services.package_hands import undo

    with opened() as store:
        undo(store, CityState(store.network(city)), person=local_person())
    people.print(words("packages.cli.undone"))
