"""Have meters proposed for a city, as a job that can be left and called off."""

from dataclasses import asdict
from typing import Any

from wenqu.errors import Refused
from wenqu.progress import Progress
from wenqu.services.jobs import Job, Jobs
from wenqu.services.place_meters import Wanted, check_wanted, place_city_meters
from wenqu.services.rights import Person, demand
from wenqu.services.view_placement import may_place
from wenqu.store.database import Store, open_store

KIND = "place_meters"


def start_placement(jobs: Jobs, store: Store, city: str, wanted: Wanted, person: Person) -> Job:
    """Start the choice of a city's next meters.

    Raises
    ------
    BadInput
        What is asked for cannot be.
    Refused
        The person does not decide in all of the city, or a choice is being made already.
    """
    demand(person, "decide", city)
    if not may_place(person, city):
        raise Refused("rights-part", city=city)
    check_wanted(wanted)
    where, archive = store.address
    told = {"where": where, "archive": archive, "city": city, "who": person.account, "wanted": asdict(wanted)}
    about = {"kind": KIND, "city": city, "who": person.account, "about": str(wanted.meters), "subject": KIND}
    return jobs.start("wenqu.services.start_placement:place", told, **about)


def place(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Choose and file, in the child that the job runs in."""
    store = open_store(given["where"], given["archive"])
    try:
        made = place_city_meters(
            store, given["city"], Wanted(**given["wanted"]), who=given["who"], progress=progress
        )
        return {"meters": len(made["picks"]), "left": made["left"], "cost_yuan": made["cost_yuan"]}
    finally:
        store.close()
