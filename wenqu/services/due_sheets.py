"""What is due, and a year's plan of inspections, as Excel workbooks."""

from wenqu.messages import say
from wenqu.reports.plain_sheet import plain_sheet
from wenqu.services.city_state import CityState
from wenqu.services.look_again import due_rows
from wenqu.services.plan_looks import Year, plan_of
from wenqu.store.database import Store

DUE = ("conduit", "kind", "state", "due", "overdue", "sooner", "length_m", "district", "road")
PLAN = ("stretch", "conduit", "road", "district", "length_m", "due", "chance", "found_m")


def due_sheet(store: Store, state: CityState, kind: str, language: str) -> bytes:
    """Return every conduit that is due, overdue or was never inspected as a workbook."""
    told = {**_told("kind", ("structural", "functional"), language)}
    told |= _told("state", ("due", "overdue", "never"), language)
    rows = []
    for row in due_rows(store, state, kind):
        reasons = "; ".join(say(f"look_again.reason.{name}", language) for name in row["sooner"])
        said = {**row, "kind": told[row["kind"]], "state": told[row["state"]], "sooner": reasons}
        rows.append([said[name] for name in DUE])
    return plain_sheet(_heads(DUE, language), rows, _note(state, language))


def plan_sheet(store: Store, state: CityState, year: Year, language: str) -> bytes:
    """Return the conduits of a year's plan, stretch by stretch, as a workbook."""
    plan, made, chance, streets, value = plan_of(store, state, year)
    chosen = set(plan.bundles[plan.chosen].tolist())
    rank = {name: place for place, name in enumerate(plan.order().tolist())}
    road, due = made.conduits.column("road"), made.turns[year.kind].due
    rows = [
        [name, str(made.conduits.ids[row]), road[row] or "", made.district[row] or "",
         round(float(made.length[row]), 2), str(due[row]), round(float(chance[row]), 4),
         round(float(value[row]), 2)]
        for row, name in enumerate(streets.tolist())
        if name in chosen
    ]  # fmt: skip
    rows.sort(key=lambda row: (rank[row[0]], row[1]))
    return plain_sheet(_heads(PLAN, language), rows, _note(state, language))


def _told(group: str, names: tuple[str, ...], language: str) -> dict[str, str]:
    return {name: say(f"look_again.{group}.{name}", language) for name in names}


def _heads(names: tuple[str, ...], language: str) -> list[str]:
    return [say(f"look_again.column.{name}", language) for name in names]


def _note(state: CityState, language: str) -> str:
    unconfirmed = say("look_again.unconfirmed", language)
    mark = say("profile.simulated", language) if state.network.city.simulated else ""
    return " ".join(part for part in (unconfirmed, mark) if part)
