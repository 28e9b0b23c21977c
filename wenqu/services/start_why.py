"""Have the reasons of a city's programme worked out anew, as a job that can be left and called off."""

from typing import Any

from wenqu.progress import Progress
from wenqu.services.choose_plan import demand_choice
from wenqu.services.jobs import Job, Jobs
from wenqu.services.renew_why import renew_why
from wenqu.services.rights import Person
from wenqu.settings import read_settings
from wenqu.store.database import Store, open_store

JOB = "plan_why"


def start_why(jobs: Jobs, store: Store, city: str, person: Person) -> Job:
    """Start to work out why packages are in the programme that stands or not.

    Raises
    ------
    Refused
        The person does not decide in all of the city, or it is being worked out already.
    """
    demand_choice(person, city)
    where, archive = store.address
    told = {"where": where, "archive": archive, "city": city, "who": person.account}
    about = {"kind": JOB, "city": city, "who": person.account, "about": city, "subject": JOB}
    return jobs.start("wenqu.services.start_why:work_out", told, **about)


def work_out(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Work out and file, in the child that the job runs in."""
    store = open_store(given["where"], given["archive"])
    try:
        made = renew_why(
            store, given["city"], who=given["who"], progress=progress, seconds=read_settings().solver_seconds
        )
        return {"programme": made}
    finally:
        store.close()
