"""Which jobs and deliveries belong to the running interface, and who may bring data into a city?"""

from typing import Annotated

from fastapi import Depends, Request

from wenqu.api.asked import Caller, Known
from wenqu.services import take_in
from wenqu.services.city_state import Cities
from wenqu.services.deliveries import Deliveries
from wenqu.services.jobs import Jobs
from wenqu.services.part_import import brings_all
from wenqu.services.rights import demand


def root_of(request: Request) -> Cities:
    """Return the cities as they are."""
    known: Cities = request.app.state.cities
    return known


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the running interface."""
    if getattr(request.app.state, "jobs", None) is None:
        request.app.state.jobs = take_in.jobs_of(root_of(request).store)
    jobs: Jobs = request.app.state.jobs
    return jobs


def bringer(city: str, who: Caller, known: Known) -> Cities:
    """Return the cities, as they may be seen, to somebody who may bring data into a part of this one."""
    demand(who, "import", city)
    return known


def kept_of(city: str, who: Caller, known: Annotated[Cities, Depends(bringer)]) -> Deliveries:
    """Return the deliveries beside the store: all, or to those who bring a part their own."""
    return take_in.deliveries_of(known.whole.store, "" if brings_all(who, city) else who.account)


Bringer = Annotated[Cities, Depends(bringer)]
Kept = Annotated[Deliveries, Depends(kept_of)]
Running = Annotated[Jobs, Depends(jobs_of)]
