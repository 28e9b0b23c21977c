"""Which files of its money does a city hand to finance, and which does it give to be filled in?"""

from wenqu.reports.plain_sheet import plain_sheet
from wenqu.services.city_state import CityState
from wenqu.services.describe_city import districts
from wenqu.services.money_tables import table_csv, table_of, template
from wenqu.services.money_workbook import money_workbook
from wenqu.services.rights import Person
from wenqu.services.unit_costs import view_unit_costs
from wenqu.services.view_money import view_money
from wenqu.store.database import Store


def _names(state: CityState) -> dict[str, str]:
    return {str(one["id"]): str(one["name"]) for one in districts(state)}


def money_xlsx(store: Store, state: CityState, person: Person, language: str, district: str = "") -> bytes:
    """Return what a person sees of a city's money as a workbook, every row of it.

    Raises
    ------
    Refused
        The person may see no money.
    """
    view = view_money(store, state, person, language, district, most=None)
    costs = view_unit_costs(store, state, person, district)
    return money_workbook(view, costs, _names(state), language)


def money_csv(
    store: Store, state: CityState, person: Person, language: str, table: str, district: str = ""
) -> bytes:
    """Return one table of what a person sees of a city's money as CSV, every row of it.

    Raises
    ------
    Refused
        The person may see no money.
    BadInput
        There is no such table.
    """
    view = view_money(store, state, person, language, district, most=None)
    return table_csv(table_of(view, table, language, _names(state)))


def money_template(table: str, language: str) -> bytes:
    """Return an empty workbook with the headings of a table; what every row needs is marked.

    Raises
    ------
    BadInput
        There is no such table.
    """
    heads, rows = template(table, language)
    return plain_sheet(heads, rows)
