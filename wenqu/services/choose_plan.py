"""Make an alternative the programme of a city."""

from dataclasses import replace
from datetime import datetime

from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.planning.rules import rules_from, rules_text
from wenqu.records.alternative import Alternative
from wenqu.records.programme import Programme
from wenqu.services.drawn_chance import chance_of_alternative, write_chance
from wenqu.services.plan_choices import ALTERNATIVES, KIND
from wenqu.services.plan_city import RULES
from wenqu.services.programme_proof import PROOF, PROOF_MEDIA
from wenqu.services.rights import Person, demand, reach
from wenqu.store.database import Store


def may_choose(person: Person, city: str) -> bool:
    """Tell whether a person may decide on the programme: who decides in all of the city."""
    return reach(person, "decide", city).whole


def demand_choice(person: Person, city: str) -> None:
    """Refuse who does not decide in all of a city.

    Raises
    ------
    Refused
        No grant allows it.
    """
    demand(person, "decide", city)
    if not may_choose(person, city):
        raise Refused("rights-part", city=city)


def alternatives(store: Store, city: str, as_of: str | None = None) -> list[Alternative]:
    """Return the alternatives that were worked out last."""
    return store.records(city, KIND, Alternative, as_of=as_of, last_run=True)


def find_alternative(store: Store, city: str, id_: str, as_of: str | None = None) -> Alternative:
    """Return one of the alternatives that were worked out last.

    Raises
    ------
    Unknown
        There is none of that id.
    """
    found = next((one for one in alternatives(store, city, as_of) if one.id == id_), None)
    if found is None:
        raise Unknown("alternative", name=id_)
    return found


def choose_plan(
    store: Store, city: str, id_: str, *, person: Person, reason: str, although: bool = True
) -> Programme:
    """File an alternative as the city's programme, with its rules and its proof.

    Parameters
    ----------
    store
        The whole store.
    id_
        The alternative.
    reason
        Why it is chosen; filed with the change.
    although
        It may be one that misses rules.

    Raises
    ------
    Refused
        The person does not decide in all of the city.
    Unknown
        There is none of that id.
    BadInput
        No reason is given.
    """
    demand_choice(person, city)
    found = find_alternative(store, city, id_)
    if not reason.strip():
        raise BadInput("choice-reason")
    if not although and found.programme.status == "infeasible":
        raise Refused("programme-misses")
    proof = store.document(city, f"{ALTERNATIVES}{id_}.parquet")
    if proof is None:
        raise NotEnoughData("no-programme", city=city)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    made = replace(found.programme, at=at, by=person.account)
    rules = rules_from(made.rules, int(made.windows[0][:4]))
    with store.change(city, who=person.account, why=f"choose {id_}: {reason.strip()}") as change:
        change.add_records("programme", [made])
        change.write_document(RULES, rules_text(rules).encode(), "application/json")
        change.write_document(PROOF, proof, PROOF_MEDIA)
        write_chance(change, chance_of_alternative(found, at))
    return made
