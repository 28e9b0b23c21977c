"""Serve the page and the HTTP interface."""

import socket
from collections.abc import Callable
from typing import Annotated

import typer

from wenqu.cli.output import aside, settings, words
from wenqu.errors import Refused

BACKLOG = 2048


def serve(
    host: Annotated[str, typer.Option(help="address; others reach it under WENQU_NAMES too")] = "",
    port: Annotated[int | None, typer.Option(help="port; 0 takes any that is free", min=0, max=65535)] = None,
) -> None:
    """Serve the page on localhost until interrupted."""
    import uvicorn

    from wenqu.app import make_app
    from wenqu.services.accounts import FIRST, ensure_administrator
    from wenqu.services.warm_up import warm_up

    chosen = settings()
    host = host or chosen.host
    listening = _listening(host.strip("[]"), chosen.port if port is None else port)
    with listening:
        app = make_app(chosen)
        password = ensure_administrator(app.state.cities.store.accounts)
        if password:
            aside.print(words("cli.first-account", account=FIRST, password=password), soft_wrap=True)
        warm_up(app.state.cities)
        shown = f"[{host.strip('[]')}]" if listening.family == socket.AF_INET6 else host
        aside.print(words("cli.serving", address=f"http://{shown}:{listening.getsockname()[1]}/"))
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """Open the port before anything else is done, so that a taken one is one sentence."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        says = getattr(error, "strerror", None) or str(error)
        raise Refused("port-taken", host=host, port=port, says=says) from None


commands: dict[str, Callable[..., None]] = {"serve": serve}
