"""Have a city's programme made anew, as a job that can be left and called off."""

from dataclasses import asdict
from typing import Any

from wenqu.errors import Refused
from wenqu.progress import Progress
from wenqu.services.jobs import Job, Jobs
from wenqu.services.learned_prices import PRICES
from wenqu.services.replan_asked import Asked, book_text, check_asked, patched_rules, priced
from wenqu.services.replan_city import replan_city
from wenqu.services.replan_ground import base_programme, city_rules
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.store.database import Store, open_store

KIND = "replan"


def start_replan(jobs: Jobs, store: Store, city: str, asked: Asked, *, seconds: float, person: Person) -> Job:
    """Start making a city's programme anew; what makes no sense is refused before anything starts.

    Raises
    ------
    BadInput
        A price or a rule makes no sense.
    NotEnoughData
        The city has no programme yet.
    Refused
        The person does not decide in all of the city, or it is being made anew already.
    """
    demand_account(person)
    demand(person, "decide", city)
    if not reach(person, "decide", city).whole:
        raise Refused("rights-part", city=city)
    check_asked(asked)
    base, _ = base_programme(store, city)
    patched_rules(city_rules(store, city, base), asked.rules)
    priced(book_text(store, city, PRICES), asked.prices)
    where, archive = store.address
    told = {
        "where": where, "archive": archive, "city": city, "who": person.account, "seconds": seconds,
        "asked": asdict(asked),
    }  # fmt: skip
    about = {"kind": KIND, "city": city, "who": person.account, "about": base.id, "subject": KIND}
    return jobs.start("wenqu.services.start_replan:replan_job", told, **about)


def replan_job(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Make the programme anew, in the child that the job runs in; return the id of the proposal."""
    store = open_store(given["where"], given["archive"])
    try:
        made = replan_city(
            store, given["city"], Asked(**given["asked"]), who=given["who"], seconds=given["seconds"],
            progress=progress,
        )  # fmt: skip
        return {"proposal": made.id, "status": made.programme.status, "cost": made.programme.cost}
    finally:
        store.close()
