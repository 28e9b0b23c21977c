"""How is what a rule speaks of called: plants, districts, methods, funds, pollutants?"""

from collections.abc import Mapping

from wenqu.messages import say
from wenqu.planning.conditions import FUNDS, POLLUTANTS
from wenqu.planning.costs import read_catalogue
from wenqu.services.city_state import CityState


def scope_names(state: CityState, language: str) -> dict[str, str]:
    """Return the name of each plant, district and method by its id."""
    tables = (state.network.table(type_) for type_ in ("zone", "plant"))
    named = {
        str(id_): str(name)
        for table in tables
        for id_, name in zip(table.ids, table.column("name"), strict=True)
        if name
    }
    return {one.key: getattr(one, language) for one in read_catalogue().methods} | named


def scope_said(scope: str, names: Mapping[str, str], language: str) -> str:
    """Return what a rule speaks of in words; the whole city where it names nothing.

    A scope is an id or two (``WSC01 tn``, ``C1 → C2``); what has no name stays as it is written.
    """
    if scope in names or not scope:
        return names.get(scope) or say("plan.scope.city", language)
    return " ".join(_part(part, names, language) for part in scope.split(" "))


def _part(part: str, names: Mapping[str, str], language: str) -> str:
    if part in POLLUTANTS or part in FUNDS:
        return say(f"plan.scope.{part}", language)
    return names.get(part, part)
