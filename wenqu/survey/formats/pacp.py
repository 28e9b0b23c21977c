"""What does a PACP exchange database say, as far as it is public? Inspections, rows, and the ratings stated.

The PACP code book is sold by NASSCO and is not here: codes are kept as written and have no names, and a
row has a grade only where the file itself states one. Feet become metres.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place
from wenqu.records.inspection import Defect, Inspection
from wenqu.survey.check_seen import check_seen, closed, media_of, with_own_ids
from wenqu.survey.delivery import Peek, SeenAsset, SurveyDelivery
from wenqu.survey.table_rows import Row, rows_of_tables, table_of_member
from wenqu.survey.values import NAN, day, film_second, number, quantities, ring, time_of_day

NAME = "PACP exchange"
STANDARD = "NASSCO PACP"
FOOT = 0.3048  # [m]
KINDS = ("Inspections", "Conditions", "Ratings", "Media_Inspections", "Media_Conditions")
TABLES = tuple(f"{prefix}{kind}" for kind in KINDS for prefix in ("PACP_", ""))
DIRECTIONS = {"d": "downstream", "u": "upstream"}
NOTHING: Row = {}
FACTS = ("owner", "customer", "street", "city", "material", "shape", "height", "width", "sewer_use",
         "pre_cleaning", "year_laid", "location_code", "additional_info", "certificate_number")  # fmt: skip


def recognises(peek: Peek) -> bool:
    """Tell whether a file is a database, or an archive of CSV files, with the tables of the exchange."""
    names = {name.casefold() for name in peek.tables} | {table_of_member(name) for name in peek.members}
    return {"pacp_inspections", "pacp_conditions"} <= names or {
        "inspections",
        "conditions",
        "ratings",
    } <= names


def read(path: Path) -> SurveyDelivery:
    """Return the inspections of the exchange, with the ratings that the contractor states.

    Raises
    ------
    FileUnreadable
        The file is damaged, or holds no inspection.
    """
    tables, told = rows_of_tables(path, TABLES)
    issues: list[Issue] = list(told)
    found = {kind: tables[f"pacp_{kind.casefold()}"] or tables[kind.casefold()] for kind in KINDS}
    rows = _by(found["Conditions"], "inspectionid")
    ratings = _by(found["Ratings"], "inspectionid")
    films = _by(found["Media_Inspections"], "inspectionid")
    pictures = _by(found["Media_Conditions"], "conditionid")
    seen = []
    for place, run in enumerate(found["Inspections"], 1):
        key = run.get("inspectionid", "")
        film = next((row.get("video_name", "") for row in films[key]), "")
        asset = _asset(run, rows[key], pictures, film)
        stated = _stated(next(iter(ratings[key]), NOTHING))
        asset = SeenAsset(
            asset.inspection, asset.start, asset.end, stated, asset.facts, f"{path.name}:{place}", asset.media
        )
        where = Place(path.name, "PACP_Inspections", place)
        asset, open_issues = closed(asset, where)
        seen.append(asset)
        length = number(run.get("total_length", "")) * _unit(run)
        issues += [*open_issues, *check_seen(asset, where, length if length > 0 else NAN)]
    if not seen:
        raise FileUnreadable("no-inspection", path=path.name)
    own, again = with_own_ids(seen, path.name)
    return SurveyDelivery(NAME, STANDARD, "UTF-8", own, (*issues, *again))


def _by(rows: Sequence[Row], column: str) -> defaultdict[str, list[Row]]:
    found = defaultdict[str, list[Row]](list)
    for row in rows:
        found[row.get(column, "")].append(row)
    return found


def _unit(run: Row) -> float:
    """Return the metres of one unit of length: feet unless the inspection says that it is metric."""
    return 1.0 if run.get("isimperial", "").casefold() in ("0", "false") else FOOT


def _asset(run: Row, rows: Sequence[Row], pictures: dict[str, list[Row]], film: str) -> SeenAsset:
    name = run.get("pipe_segment_reference", "")
    direction = DIRECTIONS.get(run.get("direction", "")[:1].casefold(), "")
    upper, lower = run.get("upstream_mh", ""), run.get("downstream_mh", "")
    start, end = (lower, upper) if direction == "upstream" else (upper, lower)
    date = day(run.get("inspection_date", "") or run.get("date", ""))
    time = time_of_day((run.get("inspection_time", "") or run.get("time", ""))[-8:])
    key = " ".join(part for part in (name or f"{start}-{end}", date, time) if part)
    made = tuple(_row(row, _unit(run), pictures, (name, date, key)) for row in rows)
    length = number(run.get("length_surveyed", "")) * _unit(run)
    if math.isnan(length):
        length = max((row.start for row in made if math.isfinite(row.start)), default=NAN)
    inspection = Inspection(
        key, name, "cctv", date, length, direction, run.get("surveyed_by", ""), film, STANDARD,
        run.get("data_standard", ""), made, start=start, end=end, time=time, reason=run.get("purpose", ""),
        weather=run.get("weather", ""),
    )  # fmt: skip
    facts = {field: run[field] for field in FACTS if run.get(field)}
    media = media_of(film, [(row.picture,) for row in made])
    return SeenAsset(inspection, start, end, {}, facts, "", media)


def _row(row: Row, unit: float, pictures: dict[str, list[Row]], of: tuple[str, str, str]) -> Defect:
    asset, date, key = of
    grade = number(row.get("grade", ""))
    picture = next((one.get("image_name", "") for one in pictures.get(row.get("conditionid", ""), [])), "")
    percent = row.get("value_percent", "")
    remark = " ".join(part for part in (row.get("remarks", ""), f"{percent} %" if percent else "") if part)
    return Defect(
        asset, row.get("pacp_code", ""), int(grade) if grade > 0 else 0,
        round(number(row.get("distance", "")) * unit, 4), 0.0, date, key,
        ring(row.get("clock_at_from", ""), row.get("clock_to", "")),
        remark, picture,
        quantities=quantities(row.get("value_1st_dimension", ""), row.get("value_2nd_dimension", "")),
        joint=row.get("joint", "") not in ("", "0", "False"), continuous=row.get("continuous", "").upper(),
        film_at=film_second(row.get("vcr_time", "")),
    )  # fmt: skip


def _stated(row: Row) -> dict[str, float | str]:
    """Return the ratings as stated; quick ratings are words, for a leading nought or a letter counts."""
    found: dict[str, float | str] = {}
    for name, text in row.items():
        if not text or name in ("inspectionid", "ratingid"):
            continue
        value = number(text)
        found[name] = text if "quick" in name or math.isnan(value) else value
    return found
