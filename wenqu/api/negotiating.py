"""Does a client want a page for people or JSON for programs, and in which language?"""

from collections.abc import Callable

from fastapi import Request, Response

from wenqu.api.errors import language_of
from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES

FORMS = ("json", "html")
GUARD = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def _accepted(request: Request) -> str:
    """Return json or html: what the client prefers; programs that say nothing get JSON."""
    best, form = 0.0, "json"
    for part in request.headers.get("accept", "").split(","):
        media, _, rest = part.partition(";")
        kind = "html" if "html" in media else "json" if "json" in media else ""
        name, _, value = rest.strip().partition("=")
        try:
            weight = float(value) if name == "q" else 1.0
        except ValueError:
            weight = 0.0
        if kind and weight > best:
            best, form = weight, kind
    return form


def wants_page(request: Request) -> bool:
    """Tell whether a page is wanted.

    Raises
    ------
    BadInput
        ``f`` names a form that there is not.
    """
    form = request.query_params.get("f") or _accepted(request)
    if form not in FORMS:
        raise BadInput("parameter", name="f", value=form[:80], known=", ".join(FORMS))
    return form == "html"


def page_language(request: Request) -> str:
    """Return the language of a page: ``lang`` of the address, else the client's.

    Raises
    ------
    BadInput
        There is no such language.
    """
    asked = request.query_params.get("lang")
    if asked and asked not in LANGUAGES:
        raise BadInput("parameter", name="lang", value=asked[:80], known=", ".join(LANGUAGES))
    return asked or language_of(request)


def answered(request: Request, answer: Response, page: Callable[[str], str]) -> Response:
    """Return an answer as it is, or the page that is made of it when one is wanted."""
    made = answer
    if wants_page(request):
        language = page_language(request)
        headers = {"Content-Language": language, "Content-Security-Policy": GUARD}
        made = Response(page(language), media_type="text/html", headers=headers)
    made.headers["Vary"] = "Accept, Accept-Language"
    return made
