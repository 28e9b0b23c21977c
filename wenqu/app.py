"""The one place where settings, store, interface and page are joined."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wenqu.api.router import make_api
from wenqu.services.base_map import BaseMap, base_map_of
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.oidc import elsewhere_of
from wenqu.services.take_in import jobs_of
from wenqu.settings import Settings
from wenqu.store.database import open_store

PAGE = Path(__file__).parent / "page"
# The page loads nothing from elsewhere and runs in nobody's frame.
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    b"worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
    b"form-action 'self'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
}


def headers_with(base: BaseMap) -> dict[bytes, bytes]:
    """Return the headers of every answer: pictures may come from the hosts of the base map, and no others."""
    if not base.tiles:
        return HEADERS
    hosts = " ".join(base.hosts)
    policy = HEADERS[b"content-security-policy"].decode()
    policy = policy.replace("img-src 'self' data: blob:", f"img-src 'self' data: blob: {hosts}")
    return {**HEADERS, b"content-security-policy": f"{policy}; connect-src 'self' {hosts}".encode()}


class Guarded:
    """Add the headers that keep a browser from doing what the page never asks for."""

    def __init__(self, app: ASGIApp, headers: dict[bytes, bytes]) -> None:
        """Wrap an application."""
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its answer."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in self.headers.items() if name not in present),
                ]
            await send(message)

        await self.app(scope, receive, guarded)


def make_app(settings: Settings) -> FastAPI:
    """Return the whole application: interface under /api/v1, page at /.

    Raises
    ------
    StoreFailed
        The store cannot be opened.
    """
    store = open_store(settings.store, archive=settings.archive or None)
    names = tuple(name.strip() for name in settings.names.split(",") if name.strip())
    app = make_api(Cities(store), Entrance(store.accounts, names))
    app.state.jobs = jobs_of(store)
    app.state.elsewhere = elsewhere_of(settings)
    app.state.upload_mb = settings.upload_mb
    app.state.solver_seconds = settings.solver_seconds
    app.state.inspection_mb = settings.inspection_mb
    app.state.films = settings.films
    app.add_middleware(GZipMiddleware, minimum_size=2048, compresslevel=4)
    app.state.base_map = base_map_of(settings)
    app.add_middleware(Guarded, headers=headers_with(app.state.base_map))
    if (PAGE / "index.html").is_file():
        app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    return app
