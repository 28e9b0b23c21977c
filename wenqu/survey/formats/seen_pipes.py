"""What does a crew say about one pipe or manhole, as an inspection of ours?"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from wenqu.issues import Issue, Weight
from wenqu.records.inspection import Inspection
from wenqu.standards.condition import ConditionRules, condition_rules
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.cell_values import (
    date_of,
    ends_of,
    level_of,
    metres,
    number,
    word_in,
    word_is,
)
from wenqu.survey.formats.gathering import Gathered, Gathering
from wenqu.survey.formats.headings import FIGURES
from wenqu.survey.formats.pictured import Shown, matched
from wenqu.survey.formats.seen_defects import defects_of
from wenqu.survey.sounded_silt import PROFILE, written_profile

GRADES = ("structural_grade", "repair_grade", "functional_grade", "upkeep_grade")
OURS = (
    "asset",
    "start",
    "end",
    "manhole",
    "point",
    "method",
    "date",
    "film",
    "seen",
    "weather",
    "reason",
    "report_id",
)
MILLIMETRES = ("diameter",)  # what crews write without a unit


def seen_assets(made: Gathering) -> tuple[list[SeenAsset], list[Issue]]:
    """Return an inspection for each pipe, manhole and finding that a file speaks of, and what is odd."""
    rules, ids = condition_rules(), Counter[str]()
    seen = []
    for one in made.found:
        asset = _seen(made, one, rules)
        own = asset.inspection.id
        ids[own] += 1
        if ids[own] > 1:
            own = f"{own}#{ids[own]}"
            defects = tuple(replace(defect, inspection=own) for defect in asset.inspection.defects)
            asset = replace(asset, inspection=replace(asset.inspection, id=own, defects=defects))
        seen.append(asset)
    return seen, made.issues


def _kind(one: Gathered) -> tuple[str, str]:
    """Return the type of asset and the method."""
    method = word_in("method", one.text("method")) or ("other" if one.text("method") else "")
    of_pipe = one.text("asset") or one.text("start") or one.text("end")
    finding = any(row.event.of("finding") for row in one.rows)
    if one.text("manhole") and not of_pipe and not one.text("point"):
        return "manhole", method or (one.method if one.method in {"patrol", "qv"} else "manhole")
    if one.text("point") or (finding and (not of_pipe or _of_facility(one))):
        return ("conduit" if of_pipe else "manhole" if one.text("manhole") else ""), method or "patrol"
    return "conduit", method or one.method or ("sonar" if one.silt else "cctv")


def _of_facility(one: Gathered) -> bool:
    """Tell whether a row names its asset as patrols do: a facility, and not a pipe."""
    return "asset" in one.said and one.said["asset"].heading.startswith(("设施", "资产", "Asset"))


def _seen(made: Gathering, one: Gathered, rules: ConditionRules) -> SeenAsset:
    type_, method = _kind(one)
    asset = one.text("asset") or (one.text("manhole") if type_ == "manhole" else "")
    ends = (one.text("start"), one.text("end"))
    start, end = ends if any(ends) else ends_of(asset) if type_ == "conduit" else ("", "")
    name = asset or "-".join(part for part in (start, end) if part) or one.text("point") or one.text("place")
    date = date_of(one.text("date"))
    if date is None:
        made.tell("crew.bad-date", Weight.DOUBT, one.event, name, text=one.text("date"))
    own = one.text("report_id") or " ".join(part for part in (name, date or one.text("date")) if part)
    shown = matched(one)
    length = metres(one.text("seen"), one.said["seen"].unit) if "seen" in one.said else None
    direction = word_is("direction", one.text("direction"))
    inspection = Inspection(
        own, asset, method, date or "", math.nan if length is None else length, direction,
        one.text("inspector") or one.text("person"), one.text("film"), asset_type=type_, start=start, end=end,
        reason=one.text("reason"), weather=one.text("weather"),
    )  # fmt: skip
    defects = tuple(defects_of(made, one, inspection, rules, shown))
    inspection = replace(inspection, defects=defects)
    media = [inspection.file, *(defect.picture for defect in defects), *shown.names()]
    facts = _facts(one, direction, date)
    _told(made, one, inspection, shown)
    where = " ".join(part for part in (made.file, one.event.table, str(one.event.row or "")) if part)
    return SeenAsset(
        inspection,
        start,
        end,
        _stated(one),
        facts,
        where,
        tuple(dict.fromkeys(name for name in media if name)),
    )


def _stated(one: Gathered) -> Mapping[str, float | str]:
    made: dict[str, float | str] = {}
    for name in FIGURES:
        text = one.text(name)
        if text:
            figure = level_of(text) if name in GRADES else number(text)
            made[name] = text if not figure and figure != 0 else float(figure)
    return made


def _facts(one: Gathered, direction: str, date: str | None) -> dict[str, str]:
    """Return what has no field of ours: by our word where there is one, else by its heading."""
    made = {}
    for name, said in one.said.items():
        lost = (name == "direction" and not direction) or (name == "date" and date is None)
        known = name in OURS or name in FIGURES or name in {"direction", "inspector"}
        known |= name == "person" and "inspector" not in one.said
        if known and not lost:
            continue
        unit = said.unit or ("mm" if name in MILLIMETRES and number(said.text) is not None else "")
        made[name] = f"{said.text} {unit}" if unit and number(said.text) is not None else said.text
    points = list[tuple[float, float]]()
    for event in one.silt:
        at, deep = (
            metres(event.of("distance"), event.unit("distance")),
            metres(event.of("silt"), event.unit("silt")),
        )
        if at is not None and deep is not None:
            points.append((at, deep))
    return made | ({PROFILE: written_profile(points)} if points else {}) | one.other


def _told(made: Gathering, one: Gathered, inspection: Inspection, shown: Shown) -> None:
    """Tell what is odd about an inspection as a whole."""
    if shown.unused:
        made.tell(
            "crew.picture-unused", Weight.NOTE, one.event, inspection.asset, count=len(shown.unused),
            names=", ".join(shown.unused[:5]),
        )  # fmt: skip
