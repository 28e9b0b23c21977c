"""How does a proposal become the city's programme: who may, and what must still be as it was?"""

from dataclasses import replace

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.programme import Programme
from wenqu.records.replan import Replan
from wenqu.services.drawn_chance import CHANCE, MEDIA
from wenqu.services.plan_city import RULES
from wenqu.services.price_book import write_prices
from wenqu.services.programme_proof import PROOF, PROOF_MEDIA
from wenqu.services.replan_city import FOLDER, REPLAN, asked_of
from wenqu.services.replan_ground import base_programme, gather_ground
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.store.database import Store

ASSUMED, STALE, MOVED = "assumed", "stale", "moved"


def refusal_of(store: Store, city: str, made: Replan) -> str:
    """Return why a proposal cannot be filed, "" when it can.

    assumed: it rests on a what-if; stale: another programme has been filed since; moved: something has
    happened since that it does not know of.
    """
    if made.assumed:
        return ASSUMED
    if base_programme(store, city)[0].id != made.base:
        return STALE
    facts = gather_ground(store, city, asked_of(made.asked)).facts
    return "" if facts == made.facts else MOVED


def file_replan(
    store: Store, city: str, id_: str, *, why: str, person: Person, although: bool = True
) -> Programme:
    """File a proposal as the city's programme, with its proof, its rules and its prices.

    Parameters
    ----------
    although
        It may be one that misses rules.

    Raises
    ------
    Refused
        The person does not decide in all of the city, the proposal rests on an assumption, or it is out of
        date.
    BadInput
        No reason is given.
    Unknown
        There is no such proposal.
    """
    demand_account(person)
    demand(person, "decide", city)
    if not reach(person, "decide", city).whole:
        raise Refused("rights-part", city=city)
    if not why.strip():
        raise BadInput("replan-why")
    with store.change(city, who=person.account, why=f"plan: {why.strip()}") as change:
        made = next((one for one in store.records(city, REPLAN, Replan) if one.id == id_), None)
        if made is None:
            raise Unknown("replan", name=id_)
        if not although and made.programme.status == "infeasible":
            raise Refused("programme-misses")
        refused = refusal_of(store, city, made)
        if refused:
            raise Refused(f"replan-{refused}")
        programme = replace(made.programme, by=person.account)
        change.add_records("programme", [programme])
        prices = store.document(city, f"{FOLDER}{id_}/catalogue.csv")
        if prices is not None:
            write_prices(change, prices.decode(), why.strip(), programme.simulated)
        for name, document, media in (
            ("proof.parquet", PROOF, PROOF_MEDIA),
            ("rules.json", RULES, "application/json"),
            ("chance.json", CHANCE, MEDIA),
        ):
            content = store.document(city, f"{FOLDER}{id_}/{name}")
            if content is not None:
                change.write_document(document, content, media)
    return programme
