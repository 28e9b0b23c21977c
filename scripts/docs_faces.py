"""Which commands and routes are there? Pages from the command line and the interface themselves."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import typer
from docs_tables import table, titled, word

from wenqu.api.router import VERSION, make_api
from wenqu.services.city_state import Cities


@cache
def command_line() -> dict[str, Any]:
    """Return every command of the program by name."""
    from wenqu.cli.main import app

    group: Any = typer.main.get_command(app)  # typer brings a click of its own: no type to name
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        parts = getattr(command, "commands", None)  # a group of commands: each by both words
        if not parts or command.invoke_without_command:  # a group that is a command by itself too
            found[name] = command
        found |= {f"{name} {part}": one for part, one in (parts or {}).items()}
    return found


@cache
def interface() -> dict[str, Any]:
    """Return the OpenAPI description of the interface; no store is needed to describe it."""
    return make_api(cast("Cities", None)).openapi()


def faces() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield verb, path and description of everything that the interface answers."""
    for path, verbs in interface()["paths"].items():
        for verb, about in verbs.items():
            yield verb.upper(), path.removeprefix(VERSION), about


def route_key(verb: str, path: str) -> str:
    """Return under which key docs.toml has the words of a route: what reads goes by its path alone."""
    return path if verb == "GET" else f"{verb} {path}"


def commands(language: str) -> Iterator[str]:
    """Yield the page of commands with their arguments and options."""
    yield titled(language, "# 命令", "# Commands")
    yield ""
    yield word("intro", "commands", language)
    yield ""
    yield from table(
        titled(language, "退出码,含义", "exit code,meaning").split(","),
        [[code, word("exit", code, language)] for code in ("0", "1", "2", "130")],
    )
    for name, command in command_line().items():
        yield f"## `wenqu {name}`"
        yield ""
        yield word("command", name, language, command.help or "")
        yield ""
        yield f"```\n{_usage(name, command)}\n```"
        yield ""
        yield from table(
            titled(language, "参数,默认,说明", "argument,default,meaning").split(","),
            [_parameter(name, entry, language) for entry in command.params],
        )


def _is_argument(entry: Any) -> bool:
    return bool(entry.param_type_name == "argument")


def _usage(name: str, command: Any) -> str:
    words = [(entry.name or "").upper() for entry in command.params if _is_argument(entry)]
    needed = [
        f"{entry.opts[0]} {(entry.name or '').upper()}"
        for entry in command.params
        if entry.required and not _is_argument(entry)
    ]
    return " ".join(["wenqu", name, *words, *needed])


def _parameter(command: str, entry: Any, language: str) -> list[object]:
    name = entry.name or ""
    help_ = str(getattr(entry, "help", "") or "")
    said = word("option", f"{command}.{name}", language, word("option", name, language, help_))
    if _is_argument(entry):
        return [f"`{name.upper()}`", titled(language, "必填", "required"), said]
    opts = " / ".join(f"`{opt}`" for opt in (*entry.opts, *entry.secondary_opts))
    return [opts, _default(entry, language), said]


def _default(entry: Any, language: str) -> str:
    if entry.required:
        return titled(language, "必填", "required")
    if entry.default is None or isinstance(entry.default, bool) or str(entry.default) in {"", "-1"}:
        return ""
    return f"`{entry.default}`"


def routes(language: str) -> Iterator[str]:
    """Yield the page of routes with their parameters."""
    yield titled(language, "# 接口", "# Routes")
    yield ""
    yield word("intro", "routes", language)
    yield ""
    parts: defaultdict[str, list[list[object]]] = defaultdict(list)
    for verb, path, about in faces():
        said = word("route", route_key(verb, path), language, about.get("description", ""))
        parts[about["tags"][0]].append([f"`{verb} {path}`", _asked(about.get("parameters", ())), said])
    for part, rows in parts.items():
        yield f"## {word('part', part, language)}"
        yield ""
        yield from table(titled(language, "接口,查询参数,说明", "route,query,answers").split(","), rows)


def _asked(parameters: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"`{entry['name']}`" + ("" if entry.get("required") else "?")
        for entry in parameters
        if entry["in"] == "query"
    )
