"""Signing in by the city's own sign-in (OpenID Connect)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from wenqu.api.routes.accounts import Door, with_session
from wenqu.errors import Refused
from wenqu.services.access import is_known_name
from wenqu.services.oidc import PATIENCE, Elsewhere

router = APIRouter(tags=["accounts"])
COOKIE = "wenqu-elsewhere"


def _elsewhere(request: Request) -> Elsewhere:
    found: Elsewhere | None = getattr(request.app.state, "elsewhere", None)
    if found is None:
        raise Refused("oidc-none")
    return found


There = Annotated[Elsewhere, Depends(_elsewhere)]


@router.get("/sign-in/elsewhere", status_code=303)
def go_elsewhere(request: Request, there: There, door: Door) -> Response:
    """Send the browser to the city's own sign-in."""
    host = request.headers.get("host", "")
    if not is_known_name(host, door.names):
        raise Refused("host", host=host)
    state, address = there.start(str(request.url_for("come_back")))
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https"
    # Lax: the way back is a navigation from another site.
    answer.set_cookie(COOKIE, state, max_age=int(PATIENCE), httponly=True, samesite="lax", secure=secure)
    return answer


@router.get("/sign-in/elsewhere/back", status_code=303)
def come_back(
    request: Request, there: There, door: Door, state: str = "", code: str = "", error: str = ""
) -> Response:
    """Let in whom the city's own sign-in vouches for, if there is an account."""
    if error:
        raise Refused("oidc-issuer", said=error[:80])
    subject = there.finish(state, request.cookies.get(COOKIE, ""), code)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return with_session(answer, request, door.let_in(subject))
