"""Which long work is going on, and how is it called off?"""

from fastapi import APIRouter, Request

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller
from wenqu.api.census_asked import Running
from wenqu.api.errors import language_of
from wenqu.services.rights import demand_account
from wenqu.services.view_jobs import job_row, job_seen, jobs_seen

router = APIRouter(tags=["jobs"])


@router.get("/jobs")
def jobs(request: Request, running: Running, who: Caller, city: str = "") -> Answer:
    """Return the jobs of cities that the reader may bring data into, newest first."""
    return Answer(jobs_seen(running, who, city, language_of(request)))


@router.get("/jobs/{job}")
def job(request: Request, running: Running, who: Caller, job: str) -> Answer:
    """Return one job: how far it is, its result or why it failed."""
    demand_account(who)  # before it is told whether there is such a job
    return Answer(job_row(job_seen(running, who, job), language_of(request)))


@router.post("/jobs/{job}/cancel")
def cancel(request: Request, running: Running, who: Caller, job: str) -> Answer:
    """Call a job off; what it was writing did not happen."""
    demand_account(who)
    found = job_seen(running, who, job)
    return Answer(job_row(running.cancel(found.id), language_of(request)))
