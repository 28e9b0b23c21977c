"""Which error becomes which HTTP status? One table, one shape (RFC 9457), two languages."""

import logging
import secrets

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wenqu import errors
from wenqu.messages import LANGUAGES, say
from wenqu.services.wording import sentence

STATUS: dict[type[errors.WenquError], int] = {
    errors.WenquError: 500,
    errors.BadInput: 422,
    errors.FileMissing: 404,
    errors.FileUnreadable: 422,
    errors.UnknownUnit: 422,
    errors.Unknown: 404,
    errors.UnknownAsset: 404,
    errors.UnknownCity: 404,
    errors.UnknownType: 404,
    errors.UnknownMethod: 404,
    errors.NotEnoughData: 404,
    errors.Refused: 403,
    errors.Infeasible: 409,
    errors.EngineFailed: 502,
    errors.StoreFailed: 503,
    errors.Cancelled: 409,
    errors.BadSetting: 500,
}
REASON_STATUS = {
    ("refused", "token"): 401,
    ("refused", "sign-in"): 401,
    ("refused", "sign-in-wrong"): 401,
    ("refused", "oidc-state"): 401,
    ("refused", "oidc-issuer"): 401,
    ("refused", "oidc-unknown"): 401,
    ("refused", "too-many"): 429,
    ("refused", "read-only"): 405,
    ("refused", "queue-closes"): 409,
    ("refused", "queue-closes-orphans"): 409,
    ("refused", "problem-moved"): 409,
    ("refused", "paper-moved"): 409,
    ("refused", "acceptance-lacks"): 409,
    ("refused", "problem-step"): 409,
    ("refused", "document-moved"): 409,
    ("refused", "document-step"): 409,
    ("refused", "document-same"): 409,
    ("refused", "document-number"): 409,
    ("refused", "consultation-waits"): 409,
    ("refused", "consultation-closed"): 409,
    ("refused", "rules-changed"): 409,
}
# Money: the sums and the days stand against it, not the rights.
REASON_STATUS |= {
    ("refused", reason): 409
    for reason in (
        "money-twice",
        "money-metres",
        "money-advance",
        "money-retention",
        "money-pipe",
        "money-refund",
        "fund-overdrawn",
        "fund-lapsed",
        "fund-use",
        "fund-district",
        "contract-settled",
        "variation-decided",
        "counter-twice",
        "counter-hangs",
        "row-decided",
        "price-stale",
    )
}
# What an address of OGC API Features got wrong is a 400 there (17-069r4 §7.5.1).
REASON_STATUS |= {
    ("bad-input", reason): 400
    for reason in (
        "parameter",
        "parameter-unknown",
        "filter",
        "filter-language",
        "filter-size",
        "filter-property",
        "filter-operator",
        "filter-kinds",
        "filter-geometry",
    )
}
ASKED = {"queue-closes", "queue-closes-orphans"}  # refusals to whose count a person may agree
log = logging.getLogger("wenqu")


def language_of(request: Request) -> str:
    """Return zh or en: the one of the two that the client prefers, Chinese when it says nothing."""
    best, language = 0.0, LANGUAGES[0]
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, rest = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        weight = _weight(rest)
        if name in LANGUAGES and weight > best:
            best, language = weight, name
    return language


def _weight(parameters: str) -> float:
    """Return the q of a part of Accept-Language (RFC 9110 §12.4.2); 1 when none is given."""
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _answer(request: Request, status: int, code: str, detail: str, count: int | None = None) -> JSONResponse:
    title = say(f"http.{status}", language_of(request))
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    body |= {"detail": detail, "code": code} | ({} if count is None else {"count": count})
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _wenqu_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, errors.WenquError):
        raise error
    status = REASON_STATUS.get((error.code, error.reason)) or STATUS[type(error)]
    count = error.facts.get("count") if error.reason in ASKED else None
    said = sentence(error, language_of(request))
    return _answer(request, status, error.key, said, count if isinstance(count, int) else None)


async def _bad_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = ", ".join(".".join(str(part) for part in entry["loc"][1:]) for entry in error.errors())
    status = 400 if "/ogc/" in request.url.path else 422
    return _answer(request, status, "http.field", say("http.field", language_of(request), fields=fields))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    detail = say(f"http.{error.status_code}", language_of(request))
    return _answer(request, error.status_code, f"http.{error.status_code}", detail)


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Give the user a number and keep the traceback for the maintainer's log."""
    reference = secrets.token_hex(4)
    log.error("unforeseen %s at %s", reference, request.url.path, exc_info=error)
    sentence = say("error.unexpected", language_of(request), reference=reference)
    return _answer(request, 500, "error.unexpected", sentence)


class Wall:
    """Answer what nobody foresaw inside the other layers, so that this answer too bears their headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an error before the answer began becomes the answer."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await _unforeseen(Request(scope), error)(scope, receive, send)


def install(app: FastAPI) -> None:
    """Let every error leave in the one shape."""
    app.add_exception_handler(errors.WenquError, _wenqu_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(Wall)
