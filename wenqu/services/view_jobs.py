"""What does the page show of the jobs?"""

from dataclasses import asdict
from typing import Any

from wenqu.messages import say, told
from wenqu.services.jobs import Job, Jobs
from wenqu.services.rights import Person, allows


def jobs_seen(jobs: Jobs, person: Person, city: str, language: str) -> list[dict[str, Any]]:
    """Return the jobs of the cities that a person may bring data into."""
    return [job_row(job, language) for job in jobs.known(city) if allows(person, "import", job.city)]


def job_row(job: Job, language: str) -> dict[str, Any]:
    """Return a job with its sentences."""
    doing = say(f"job.{job.kind}", language, about=job.about)
    error = told(job.error, language, job.facts or {}) if job.error else ""
    return {**asdict(job), "doing": doing, "said": error}
