"""What is shown of the rules of money: Wenqu's, the city's own, and who set them when and why?"""

from dataclasses import asdict
from typing import Any

from wenqu.records.money import MoneyRule
from wenqu.services.city_state import CityState
from wenqu.services.money_ledger import money_ledger
from wenqu.services.money_rights import demand_money, may_fund
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.works.money.rules import rules

LISTED = 200  # decisions that are told


def view_rules(store: Store, state: CityState, person: Person) -> dict[str, Any]:
    """Return every rule with its value, its source and how well it is known, and what the city decided.

    Raises
    ------
    Refused
        The person may see no money.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    demand_money(person, city)
    given = rules()
    return {
        "rows": [
            {**asdict(one), "given": given[name].value if name in given else None}
            for name, one in money_ledger(store, state).rules.items()
        ],
        "history": [
            {"rule": one.rule, "value": one.value, "reason": one.reason, "by": one.by, "at": filing.at}
            for one, filing in reversed(store.filed(city, "money_rule", MoneyRule, moment))
        ][:LISTED],
        "may": may_fund(person, city, "") and not state.network.as_of,
    }
