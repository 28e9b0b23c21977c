"""Every setting with its default; the only reader of the environment.

What each means stands in both languages under ``setting.<name>`` in ``wenqu/messages``.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from wenqu.errors import BadSetting

PREFIX = "WENQU_"


def _setting(default: Any) -> Any:
    return field(default=default, metadata={"kind": type(default)})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one Wenqu, frozen after reading."""

    store: str = _setting("wenqu-store")
    archive: str = _setting("")
    language: str = _setting("zh")
    host: str = _setting("127.0.0.1")
    port: int = _setting(8765)
    names: str = _setting("")
    solver_seconds: float = _setting(60.0)
    author: str = _setting("")
    upload_mb: int = _setting(2048)


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
            raise BadSetting("value", name=name, value=text, setting=entry.name) from None
    settings = Settings(**values)  # type: ignore[arg-type]
    if not 0 < settings.solver_seconds < math.inf:
        raise BadSetting(
            "value", name="WENQU_SOLVER_SECONDS", value=settings.solver_seconds, setting="solver_seconds"
        )
    if settings.language not in {"zh", "en"}:
        raise BadSetting("value", name="WENQU_LANGUAGE", value=settings.language, setting="language")
    return settings


def language_asked(environment: Mapping[str, str] | None = None) -> str:
    """Return the language asked for even when another setting cannot be read; English when it is unknown."""
    asked = (os.environ if environment is None else environment).get(PREFIX + "LANGUAGE", Settings().language)
    return asked if asked in {"zh", "en"} else "en"
