"""Every setting with its default; the only reader of the environment.

What each means stands in both languages under ``setting.<name>`` in ``wenqu/messages``.
"""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from wenqu.errors import BadSetting

PREFIX = "WENQU_"
HOLES = {"z", "x", "y", "s", "key"}  # of the address of a base map
LOOPBACK = {"127.0.0.1", "localhost"}


def _setting(default: Any, secret: bool = False) -> Any:
    return field(default=default, metadata={"kind": type(default)}, repr=not secret)


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
    standards: str = _setting("")
    upload_mb: int = _setting(2048)
    inspection_mb: int = _setting(8192)
    films: str = _setting("")
    basemap: str = _setting("", secret=True)  # an address may hold a key itself
    basemap_key: str = _setting("", secret=True)
    basemap_datum: str = _setting("wgs84")
    basemap_credit: str = _setting("")
    oidc_issuer: str = _setting("")
    oidc_client: str = _setting("")
    oidc_secret: str = _setting("", secret=True)


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
    _check_base_map(settings)
    return settings


def _check_base_map(settings: Settings) -> None:
    """Refuse a base map that cannot be shown. What was given is not repeated: it may hold a key."""
    if settings.basemap_datum not in {"wgs84", "gcj02"}:
        raise BadSetting(
            "value", name="WENQU_BASEMAP_DATUM", value=settings.basemap_datum, setting="basemap_datum"
        )
    if not settings.basemap:
        return
    holes = re.findall(r"\{([^{}]*)\}", settings.basemap)
    if not {"z", "x", "y"} <= set(holes) <= HOLES:
        raise BadSetting("basemap-holes", name="WENQU_BASEMAP", holes="{z} {x} {y}", more="{s} {key}")
    if ("key" in holes) != bool(settings.basemap_key):
        raise BadSetting("basemap-key", name="WENQU_BASEMAP_KEY", hole="{key}")
    if not _is_web_address(settings.basemap):
        raise BadSetting("basemap-address", name="WENQU_BASEMAP")


def _is_web_address(template: str) -> bool:
    """Tell whether a template is an https address of one host, or http of this machine."""
    try:
        parts = urlsplit(template.replace("{s}", "0"))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = re.fullmatch(r"[a-z0-9.-]+", host) and parts.netloc.lower() == host + (f":{port}" if port else "")
    return bool(plain) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def language_asked(environment: Mapping[str, str] | None = None) -> str:
    """Return the language asked for even when another setting cannot be read; English when it is unknown."""
    asked = (os.environ if environment is None else environment).get(PREFIX + "LANGUAGE", Settings().language)
    return asked if asked in {"zh", "en"} else "en"
