"""Have a city's choices worked out, as a job that can be left and called off."""

from dataclasses import asdict
from typing import Any

from wenqu.progress import Progress
from wenqu.services.choices_asked import Wanted, check_wanted
from wenqu.services.choose_plan import demand_choice
from wenqu.services.jobs import Job, Jobs
from wenqu.services.plan_choices import work_out_choices
from wenqu.services.rights import Person
from wenqu.settings import read_settings
from wenqu.store.database import Store, open_store

JOB = "plan_choices"


def start_choices(jobs: Jobs, store: Store, city: str, wanted: Wanted, person: Person) -> Job:
    """Start to work out a city's choices.

    Raises
    ------
    BadInput
        What is asked for cannot be.
    Refused
        The person does not decide in all of the city, or it is being worked out already.
    """
    demand_choice(person, city)
    check_wanted(wanted)
    where, archive = store.address
    told = {"where": where, "archive": archive, "city": city, "who": person.account, "wanted": asdict(wanted)}
    about = {"kind": JOB, "city": city, "who": person.account, "about": city, "subject": JOB}
    return jobs.start("wenqu.services.start_choices:work_out", told, **about)


def work_out(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Work out and file, in the child that the job runs in."""
    wanted = Wanted(**{**given["wanted"], "probabilities": tuple(given["wanted"]["probabilities"])})
    store = open_store(given["where"], given["archive"])
    try:
        made = work_out_choices(
            store, given["city"], wanted, who=given["who"], progress=progress,
            seconds=read_settings().solver_seconds,
        )  # fmt: skip
        return {"alternatives": made["alternatives"], "chance": made["chance"]}
    finally:
        store.close()
