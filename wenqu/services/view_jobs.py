"""What does the page show of the jobs?"""

from dataclasses import asdict
from typing import Any

from wenqu.errors import Refused
from wenqu.messages import say, told
from wenqu.services.jobs import Job, Jobs
from wenqu.services.rights import Person, demand, reach


def jobs_seen(jobs: Jobs, person: Person, city: str, language: str) -> list[dict[str, Any]]:
    """Return the jobs that a person may see."""
    return [job_row(job, language) for job in jobs.known(city) if may_see(person, job)]


def may_see(person: Person, job: Job) -> bool:
    """Tell whether a job is one's own, or in a city all of which one may bring data into."""
    there = reach(person, "import", job.city)
    return there.whole or (bool(there) and job.who == person.account)


def job_seen(jobs: Jobs, person: Person, id_: str) -> Job:
    """Return one job.

    Raises
    ------
    Unknown
        There is none of that id.
    Refused
        It is not the person's to see.
    """
    job = jobs.job(id_)
    demand(person, "import", job.city)
    if not may_see(person, job):
        raise Refused("rights-part", city=job.city)
    return job


def job_row(job: Job, language: str) -> dict[str, Any]:
    """Return a job with its sentences."""
    doing = say(f"job.{job.kind}", language, about=job.about)
    error = told(job.error, language, job.facts or {}) if job.error else ""
    return {**asdict(job), "doing": doing, "said": error}
