"""What is a number of an INP file in SI, and what is a value of ours in the file's units?"""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass

from wenqu.errors import UnknownUnit
from wenqu.hydraulics.swmm.sections import InpModel
from wenqu.issues import Issue, Place, Weight
from wenqu.network.schema import code_lists
from wenqu.units import factor

US_FLOWS = ("CFS", "GPM", "MGD")
METRIC_FLOWS = ("CMS", "LPS", "MLD")
FOOT, INCH = factor("ft"), factor("in")
# Kind of number → factor to SI, in the US system and in the metric one.
FACTORS = {
    "length": (FOOT, 1.0),
    "height": (INCH, 1e-3),  # of rain or of storage on the ground
    "land": (factor("ac"), factor("ha")),
    "surface": (FOOT**2, 1.0),
    "rate": (INCH / 3600, 1e-3 / 3600),
    "percent": (0.01, 0.01),
    "hours": (3600.0, 3600.0),
    "days": (86400.0, 86400.0),
    # A weir's flow is coefficient × length × head^1.5 in the file's own units.
    "weir": (math.sqrt(FOOT), 1.0),
    "number": (1.0, 1.0),
}
YES_NO = {"YES": 1, "NO": 0}
# The engine's words for what our code lists name otherwise.
WORDS = {"weir_kind": {"V-NOTCH": "v_notch"}}


@dataclass(frozen=True, slots=True)
class FileUnits:
    """The unit system of one INP file."""

    flow: str  # CFS GPM MGD (US system) or CMS LPS MLD (metric)
    elevation: bool  # the ends of links are given as levels, not as heights above the node

    @property
    def metric(self) -> bool:
        """Tell whether lengths are metres."""
        return self.flow in METRIC_FLOWS

    def factor(self, kind: str) -> float:
        """Return the factor that turns a number of the file into SI."""
        return factor(self.flow) if kind == "flow" else FACTORS[kind][self.metric]


class BadTokenError(ValueError):
    """A token is not what its place asks for."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def file_units(model: InpModel) -> tuple[FileUnits, list[Issue]]:
    """Return the unit system that the options of a file decide.

    Raises
    ------
    UnknownUnit
        FLOW_UNITS is none of the engine's six.
    """
    row = model.options.get("FLOW_UNITS")
    flow = model.option("FLOW_UNITS")
    known = US_FLOWS + METRIC_FLOWS
    issues = []
    if row is None or not flow:
        flow = "CFS"
        place = Place(model.name, "OPTIONS", None if row is None else row.line)
        issues.append(Issue("inp.unit-default", Weight.DOUBT, place=place, facts={"unit": flow}))
    elif flow not in known:
        near = difflib.get_close_matches(flow, known, n=1)
        raise UnknownUnit(
            "flow",
            unit=flow,
            known=", ".join(known),
            path=model.name,
            section="OPTIONS",
            line=row.line,
            nearest=near[0] if near else "",
        )
    return FileUnits(flow, model.option("LINK_OFFSETS", "DEPTH").startswith("ELEV")), issues


def number_of(token: str) -> float:
    """Return a token as a number, the way the engine reads one.

    Raises
    ------
    BadTokenError
        It is not a finite number.
    """
    try:
        # Python would also read 1_000, inf and full-width digits; the engine does not.
        value = float(token) if token.isascii() and "_" not in token else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadTokenError("inp.number", text=token)
    return value


def clock_of(token: str) -> float:
    """Return hours, hours:minutes or hours:minutes:seconds in seconds. [s]"""
    parts = token.split(":")
    if len(parts) > 3:
        raise BadTokenError("inp.number", text=token)
    return sum(number_of(part) * size for part, size in zip(parts, (3600, 60, 1), strict=False))


def value_of(kind: str, token: str, units: FileUnits) -> object:
    """Return what one token says, in SI.

    Raises
    ------
    BadTokenError
        The token is not what its place asks for.
    """
    if kind in READERS:
        return READERS[kind](token)
    kind, _, of = kind.partition(":")
    if kind == "code":
        return _code_of(of, token)
    if kind == "by":
        return (token.upper().partition("/")[2] or "DEPTH").lower()
    return number_of(token) * units.factor(kind)


def _text_of(token: str) -> str | None:
    return None if token in {"", "*"} else token


def _decay_time_of(token: str) -> float | None:
    """Return one over a rate in 1/h. [s]"""
    rate = number_of(token)
    return 3600.0 / rate if rate > 0 else None


def _yes_of(token: str) -> int:
    if token.upper() not in YES_NO:
        raise BadTokenError("inp.word", text=token, known="YES, NO")
    return YES_NO[token.upper()]


READERS: dict[str, Callable[[str], object]] = {
    "text": _text_of,
    "clock": clock_of,
    "decay": _decay_time_of,
    "yes": _yes_of,
}


def _code_of(list_name: str, token: str) -> str:
    known = code_lists()[list_name]
    code = WORDS.get(list_name, {}).get(token.upper(), token.lower())
    if code not in known:
        raise BadTokenError("inp.word", text=token, known=", ".join(known).upper())
    return code


def plain(value: float) -> str:
    """Return a number as a person would write it, exact to twelve digits."""
    text = f"{value:.12g}"
    return "0" if text == "-0" else text


def token_of(kind: str, value: object, units: FileUnits) -> str:
    """Return one of our values as the file writes it."""
    if kind in WRITERS:
        return WRITERS[kind](value)
    kind, _, of = kind.partition(":")
    if kind == "code":
        words = WORDS.get(of, {})
        return next((word for word, code in words.items() if code == value), str(value).upper())
    if kind == "by":
        return f"{of}/{str(value).upper()}"
    return plain(float(str(value)) / units.factor(kind))


def _clock_token(value: object) -> str:
    seconds = round(float(str(value)))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}" + f":{seconds % 60:02d}" * (seconds % 60 > 0)


WRITERS: dict[str, Callable[[object], str]] = {
    "text": str,
    "node": str,
    "link": str,
    "outlet": str,
    "clock": _clock_token,
    "decay": lambda value: plain(3600.0 / float(str(value))),
    "yes": lambda value: "YES" if value else "NO",
}
