"""Which error becomes which HTTP status? One table, one shape (RFC 9457), two languages."""

import logging
import secrets

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from wenqu import errors
from wenqu.messages import say, told

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
    errors.BadSetting: 500,
}
REASON_STATUS = {("refused", "token"): 401, ("refused", "read-only"): 405}
log = logging.getLogger("wenqu")


def language_of(request: Request) -> str:
    """Return zh or en: the first of the two that the client prefers, Chinese when it says nothing."""
    wanted = request.headers.get("accept-language", "")
    for part in wanted.split(","):
        name = part.split(";")[0].strip().lower()[:2]
        if name in {"zh", "en"}:
            return name
    return "zh"


def _answer(request: Request, status: int, code: str, detail: str) -> JSONResponse:
    title = say(f"http.{status}", language_of(request))
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _wenqu_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, errors.WenquError):
        raise error
    status = REASON_STATUS.get((error.code, error.reason)) or STATUS[type(error)]
    return _answer(request, status, error.key, told(error.key, language_of(request), error.facts))


async def _bad_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = ", ".join(".".join(str(part) for part in entry["loc"][1:]) for entry in error.errors())
    return _answer(request, 422, "http.field", say("http.field", language_of(request), fields=fields))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    detail = say(f"http.{error.status_code}", language_of(request))
    return _answer(request, error.status_code, f"http.{error.status_code}", detail)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Give the user a number and keep the traceback for the maintainer's log."""
    reference = secrets.token_hex(4)
    log.error("unforeseen %s at %s", reference, request.url.path, exc_info=error)
    sentence = say("error.unexpected", language_of(request), reference=reference)
    return _answer(request, 500, "error.unexpected", sentence)


def install(app: FastAPI) -> None:
    """Let every error leave in the one shape."""
    app.add_exception_handler(errors.WenquError, _wenqu_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)
