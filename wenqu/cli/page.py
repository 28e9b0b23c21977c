"""Serve the page and the HTTP interface."""

from typing import Annotated

import typer
import uvicorn

from wenqu.app import make_app
from wenqu.cli.output import aside, settings, words
from wenqu.services.access import check_host
from wenqu.services.warm_up import warm_up


def serve(
    host: Annotated[str, typer.Option(help="address; other machines need WENQU_TOKEN")] = "",
    port: Annotated[int, typer.Option(help="port")] = -1,
) -> None:
    """Serve the page on localhost until interrupted."""
    chosen = settings()
    host = host or chosen.host
    port = chosen.port if port < 0 else port
    check_host(host, chosen.token)
    app = make_app(chosen)
    warm_up(app.state.cities)
    aside.print(words("cli.serving", address=f"http://{host}:{port}/"))
    uvicorn.run(app, host=host, port=port, log_level="warning")


commands = {"serve": serve}
