"""What is shown of one contract: terms, pipes, variations, payments, what may be paid and what is wrong?"""

from typing import Any

from wenqu.services.city_state import CityState
from wenqu.services.coming_values import coming_values
from wenqu.services.money_ledger import kept_accounts, money_ledger
from wenqu.services.money_rights import account_seen, demand_money
from wenqu.services.money_rows import contract_row, contract_terms, payment_row, variation_row
from wenqu.services.money_sums import SeenMoney
from wenqu.services.rights import Person
from wenqu.services.view_figures import day_of
from wenqu.services.view_money import curves_told, warning_row, warnings_of
from wenqu.services.works_rights import has_part
from wenqu.store.database import Store


def view_contract(store: Store, state: CityState, id_: str, person: Person, language: str) -> dict[str, Any]:
    """Return one contract: terms, pipes, variations, payments, curves, what may be paid, what is wrong.

    Raises
    ------
    Unknown
        There is none for this person.
    """
    city = state.network.city.code
    demand_money(person, city)
    ledger, day = money_ledger(store, state), day_of(state)
    account = account_seen(kept_accounts(store, state), person, city, id_)
    seen = SeenMoney(ledger, {id_: account}, [], whole=False, day=day)
    mine = (
        not state.network.as_of
        and account.project is not None
        and has_part(person, "decide", city, account.project, account.lot)
    )
    return {
        **contract_row(account, day),
        **contract_terms(account, city),
        "day": day,
        "pipes": [
            {
                "pipe": one.pipe, "length": one.length_mm / 1000, "method": one.method,
                "diameter": one.diameter if one.diameter == one.diameter else None,
                "accepted": one.on(day),
                "since": next((s for s, u in one.accepted if s <= day and (not u or day < u)), ""),
                "paid": [p.id for p in ledger.of_contract(id_) if one.pipe in p.pipes],
            }
            for one in account.book.pipes
        ],
        "variations": [variation_row(ledger, one, city) for one in ledger.varied.get(id_, ())],
        "payments": [payment_row(ledger, one, city) for one in ledger.of_contract(id_)],
        "curves": curves_told(seen, coming_values(store, state, [account], day)),
        "warnings": [warning_row(one, language) for one in warnings_of(seen, {})],
        "filed": ledger.filed["contract", id_].at[:10],
        "filed_by": ledger.filed["contract", id_].who,
        "may": mine,
        "account": person.account,
    }  # fmt: skip
