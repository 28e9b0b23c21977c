"""The files that prove the steps of a problem."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.api.receiving import content_of
from wenqu.services.attachments import LARGEST
from wenqu.services.problem_files import keep_proof, proof
from wenqu.services.rights import demand

router = APIRouter(tags=["problems"])


@router.post("/cities/{city}/problems/{problem}/files")
async def keep(request: Request, known: Known, who: Caller, city: str, problem: str, name: str) -> Answer:
    """Keep a file with a problem; the body is the file, the answer what a step names as evidence."""
    demand(who, "read_attributes", city)
    content = await content_of(request, LARGEST)
    given = (known.whole.store, city, problem, name, content)
    return Answer({"evidence": await run_in_threadpool(keep_proof, *given, person=who)}, 201)


@router.get("/cities/{city}/problems/{problem}/files/{digest}/{name}")
def file(known: Known, who: Caller, city: str, problem: str, digest: str, name: str) -> Response:
    """Return one file of a problem."""
    demand(who, "read_attributes", city)
    content, headers = proof(known.whole.store, city, problem, digest, name, who)
    return Response(content, headers=headers)
