"""A person takes a proposed price into the price table, or does not: with the contracts it comes from."""

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.planning.costs import default_text
from wenqu.records.money import APPROVED, REJECTED, PriceDecision
from wenqu.services.city_state import CityState
from wenqu.services.file_money import today
from wenqu.services.file_works import new_id
from wenqu.services.price_book import checked_prices, own_text, rows_of, text_of, write_prices
from wenqu.services.rights import Person, demand_account, reach
from wenqu.services.unit_costs import Proposal, city_proposals
from wenqu.store.database import Store

NEAR = 5e-4  # [-] two factors this close are one: the page shows three digits
PRICE_COLUMNS = ("price_a", "price_b", "price_depth")
LEARNED = "city"  # status of a price that contracts of the city have shown


def decide_price(
    store: Store, city: str, method: str, verdict: str, *, person: Person, reason: str, factor: float
) -> PriceDecision:
    """Take a proposed price into the city's price table, or not.

    Parameters
    ----------
    factor
        What the person saw: the proposal must still be that one.

    Raises
    ------
    Unknown
        Nothing is proposed for the method.
    BadInput
        No reason is given, or the verdict is none.
    Refused
        The person does not decide for the whole city, or the proposal has changed (``price-stale``).
    """
    demand_account(person)
    if not reach(person, "decide", city).whole:
        raise Refused("rights", action="decide", city=city, district="", body="")
    if not reason.strip() or verdict not in {APPROVED, REJECTED}:
        raise BadInput("price-decision", method=method)
    with store.change(city, who=person.account, why=f"price of {method}: {reason}") as change:
        found = city_proposals(store, CityState(store.network(city))).get(method)
        if found is None:
            raise Unknown("proposal", name=method)
        if not abs(found.factor - factor) <= NEAR * max(1.0, found.factor):
            raise Refused("price-stale", method=method, factor=found.factor)
        made = PriceDecision(
            new_id("U"), method, verdict, found.factor, found.low, found.high, found.count, found.contracts,
            found.was, found.now, found.deflated_to, today(), person.account, reason.strip(),
            store.city(city).simulated,
        )  # fmt: skip
        change.add_records("price_decision", [made])
        if verdict == APPROVED:
            text = with_price(own_text(store, city) or default_text(), found)
            checked_prices(text)  # refuses nonsense
            why = f"{method} × {found.factor:.3f}, n={found.count}: {reason.strip()}"
            write_prices(change, text, why, made.simulated)
    return made


def with_price(text: str, found: Proposal) -> str:
    """Return a price table in which one method has the proposed price, and says from where."""
    rows = rows_of(text)
    since, until = found.years
    for row in rows:
        if row["method"] == found.method:
            row.update(zip(PRICE_COLUMNS, (f"{value:.10g}" for value in found.now), strict=True))
            row["standard"] = f"contracts of {since}-{until}" if since != until else f"contracts of {since}"
            row["clause"] = f"n={found.count}: {'; '.join(found.contracts)}"
            row["status"] = LEARNED
    return text_of(rows)
