"""Which jobs and deliveries belong to the running interface, and who may bring data into a city?"""

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from wenqu.api.asked import Caller
from wenqu.errors import Refused
from wenqu.services.city_state import Cities
from wenqu.services.deliveries import Deliveries
from wenqu.services.jobs import Jobs
from wenqu.services.rights import demand, reach
from wenqu.services.take_in import deliveries_of


def root_of(request: Request) -> Cities:
    """Return the cities as they are."""
    known: Cities = request.app.state.cities
    return known


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the running interface."""
    if getattr(request.app.state, "jobs", None) is None:
        request.app.state.jobs = Jobs(Path(root_of(request).store.address[1]) / "jobs")
    jobs: Jobs = request.app.state.jobs
    return jobs


def bringer(request: Request, city: str, who: Caller) -> Cities:
    """Return the cities to somebody who may bring data into the whole of this one."""
    demand(who, "import", city)
    if not reach(who, "import", city).whole:
        raise Refused("rights-part", city=city)
    return root_of(request)


def kept_of(known: Annotated[Cities, Depends(bringer)]) -> Deliveries:
    """Return the deliveries beside the store, to somebody who may bring data in."""
    return deliveries_of(known.store)


Bringer = Annotated[Cities, Depends(bringer)]
Kept = Annotated[Deliveries, Depends(kept_of)]
Running = Annotated[Jobs, Depends(jobs_of)]
