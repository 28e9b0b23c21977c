"""What does each water carry, by default and by the city's own samples?"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.issues import Issue, Place, Weight
from wenqu.units import FACTORS, quantities, to_si

KINDS = ("sewage", "groundwater", "river")  # the kinds of the posterior, in its order
WATERS = (*KINDS, "rain")
DOCUMENT = "endmembers.csv"  # the city's own table, same columns


@dataclass(frozen=True, slots=True)
class EndMember:
    """One tracer in one water."""

    mean: float  # SI of the tracer
    sd: float
    status: str  # default | sampled | …: how it is known


Table = Mapping[tuple[str, str], EndMember]  # (kind of water, tracer)


def _rows(text: str, name: str) -> tuple[dict[tuple[str, str], EndMember], list[Issue]]:
    table: dict[tuple[str, str], EndMember] = {}
    issues: list[Issue] = []
    for number, row in enumerate(csv.DictReader(text.lstrip("\ufeff").splitlines()), start=2):
        kind, tracer, unit = (str(row.get(key) or "").strip() for key in ("kind", "tracer", "unit"))
        try:
            mean, sd = float(row.get("mean") or ""), float(row.get("sd") or "")
        except ValueError:
            mean = sd = -1.0
        known = kind in WATERS and tracer in quantities() and unit in FACTORS
        fits = known and FACTORS[unit][0] == quantities()[tracer].unit
        if not fits or mean < 0 or sd < 0:
            facts: dict[str, object] = {"row": number, "kind": kind, "tracer": tracer, "unit": unit}
            place = Place(name, "", number)
            issues.append(Issue("diagnosis.end-member-unreadable", Weight.FAULT, place=place, facts=facts))
            continue
        table[kind, tracer] = EndMember(to_si(mean, unit), to_si(sd, unit), row.get("status") or "")
    return table, issues


@cache
def _defaults() -> tuple[tuple[tuple[str, str], EndMember], ...]:
    text = (files("wenqu.diagnosis") / DOCUMENT).read_text(encoding="utf-8")
    return tuple(_rows(text, DOCUMENT)[0].items())


def end_member_table(own: str | None = None) -> tuple[Table, list[Issue]]:
    """Return the end members: the defaults, replaced row by row by the city's own table.

    Parameters
    ----------
    own
        Text of the city's ``endmembers.csv`` (kind, tracer, mean, sd, unit, status), None without one.

    Returns
    -------
    Table
        End members in SI by water and tracer.
    list of Issue
        Rows of the city's table that cannot be used.
    """
    table = dict(_defaults())
    issues: list[Issue] = []
    if own is not None:
        found, issues = _rows(own, DOCUMENT)
        table.update(found)
    return table, issues
