"""Every setting with its default and help; the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from wenqu.errors import BadSetting

PREFIX = "WENQU_"


def _setting(default: Any, help_: str) -> Any:
    return field(default=default, metadata={"help": help_, "kind": type(default)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one Wenqu, frozen after reading."""

    store: str = _setting("wenqu-store", "where the data lies: a folder (embedded) or a postgresql:// URL")
    archive: str = _setting("", "folder of telemetry and files; needed when the store is PostgreSQL")
    language: str = _setting("zh", "language of the command line and of new documents: zh or en")
    host: str = _setting("127.0.0.1", "address the page is served on")
    port: int = _setting(8765, "port the page is served on; 0 takes a free one")
    token: str = _setting("", "access token that readers must show; needed when host is not this machine")
    engine_processes: int = _setting(2, "SWMM runs at once, one process each")
    solver_seconds: float = _setting(60.0, "longest time the optimiser may take for one plan [s]")
    author: str = _setting("", "who is named as author of changes; empty takes the name of the account")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    BadSetting
        A variable starts with ``WENQU_`` and is unknown, or its value cannot be read.
    """
    environment = os.environ if environment is None else environment
    known = {PREFIX + entry.name.upper(): entry for entry in fields(Settings)}
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise BadSetting("unknown", names=", ".join(unknown), known=", ".join(known))
    values: dict[str, object] = {}
    for name, text in given.items():
        entry = known[name]
        try:
            kind: type[str | int | float] = entry.metadata["kind"]
            values[entry.name] = kind(text)
        except ValueError:
            raise BadSetting("value", name=name, value=text, help=entry.metadata["help"]) from None
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.language not in {"zh", "en"}:
        raise BadSetting("value", name="WENQU_LANGUAGE", value=settings.language, help="zh / en")
    return settings
