"""What does a WinCan VX project (a SQLite file, db3) say? SECTION, SECINSP, SECOBS, their media, NODE."""

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.observations import EN, observation_codes
from wenqu.survey.check_seen import check_seen, closed, media_of, with_own_ids
from wenqu.survey.delivery import Peek, SeenAsset, SurveyDelivery
from wenqu.survey.table_rows import Row, rows_of_tables
from wenqu.survey.values import NAN, day, film_second, number, quantities, ring, time_of_day, trimmed

NAME = "WinCan VX"
PACP = "NASSCO PACP"
TABLES = ("SECTION", "SECINSP", "SECOBS", "SECOBSMM", "NODE")
DIRECTIONS = {"1": "downstream", "D": "downstream", "2": "upstream", "U": "upstream"}
FILMS = ("MP4", "MPG", "MPEG", "AVI", "WMV", "MOV", "IPF")
NOTHING: Row = defaultdict(str)
FACTS = ("obj_street", "obj_city", "obj_material", "obj_size1", "obj_size2", "obj_shape", "obj_usage",
         "obj_length", "ins_cleanedmethod", "ins_remark", "ins_ratetext")  # fmt: skip


def recognises(peek: Peek) -> bool:
    """Tell whether a file is a database with WinCan's tables."""
    return {"SECTION", "SECINSP", "SECOBS"} <= {name.upper() for name in peek.tables}


def read(path: Path) -> SurveyDelivery:
    """Return the inspections of conduits of a project; rows that it marks as deleted are left out.

    Raises
    ------
    FileUnreadable
        The file is damaged, or holds no inspection.
    """
    tables, told = rows_of_tables(path, TABLES)
    issues: list[Issue] = list(told)
    sections = {row.get("obj_pk", ""): row for row in tables["section"]}
    nodes = {row.get("obj_pk", ""): row.get("obj_key", "") for row in tables["node"]}
    rows, media = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for row in _kept(tables["secobs"], "obs_deleted"):
        rows[row.get("obs_inspection_fk", "")].append(row)
    for row in _kept(tables["secobsmm"], "omm_deleted"):
        media[row.get("omm_observation_fk", "")].append(row)
    standard = _standard(tables["secobs"])
    seen = []
    for place, run in enumerate(_kept(tables["secinsp"], "ins_deleted"), 1):
        section = sections.get(run.get("ins_section_fk", ""), NOTHING)
        where = Place(path.name, "SECINSP", place)
        asset, open_issues = closed(
            _asset(section, run, rows[run.get("ins_pk", "")], media, (nodes, standard)), where
        )
        seen.append(asset)
        length = number(section.get("obj_length", "") or section.get("obj_reallength", ""))
        issues += [*open_issues, *check_seen(asset, where, length if length > 0 else NAN)]
    if not seen:
        raise FileUnreadable("no-inspection", path=path.name)
    own, again = with_own_ids(seen, path.name)
    return SurveyDelivery(NAME, standard, "UTF-8", own, (*issues, *again))


def _kept(rows: Sequence[Row], mark: str) -> list[Row]:
    return [row for row in rows if row.get(mark, "") not in ("1", "True", "true")]


def _standard(rows: Sequence[Row]) -> str:
    """Return the standard of the codes: EN 13508-2 where most are its main codes, else PACP."""
    known = observation_codes()
    codes = [row.get("obs_opcode", "")[:3] for row in rows]
    return EN if 2 * sum(code in known for code in codes) >= len(codes) else PACP


def _asset(
    section: Row, run: Row, rows: Sequence[Row], media: dict[str, list[Row]], told: tuple[dict[str, str], str]
) -> SeenAsset:
    nodes, standard = told
    name = section.get("obj_key", "")
    direction = DIRECTIONS.get(run.get("ins_inspectiondir", ""), "")
    upper = nodes.get(section.get("obj_fromnode_ref", ""), "")
    lower = nodes.get(section.get("obj_tonode_ref", ""), "")
    start, end = (lower, upper) if direction == "upstream" else (upper, lower)
    date, time = day(run.get("ins_startdate", "")), time_of_day(run.get("ins_starttime", "")[-8:])
    key = " ".join(part for part in (name or f"{start}-{end}", date, time) if part)
    rows = sorted(rows, key=lambda row: number(row.get("obs_sortorder", "")) or 0)
    made = tuple(_row(row, media.get(row.get("obs_pk", ""), []), (name, date, key), standard) for row in rows)
    files = [entry.get("omm_filename", "") for row in rows for entry in media.get(row.get("obs_pk", ""), [])]
    film = next((file for file in files if file.upper().endswith(FILMS)), "")
    length = number(run.get("ins_inspectedlength", ""))
    if math.isnan(length):
        length = max((row.start for row in made if math.isfinite(row.start)), default=NAN)
    inspection = Inspection(
        key, name, "cctv", date, length, direction, run.get("ins_operator", ""), film, standard,
        "2003+A1:2011" if standard == EN else "", made, start=start, end=end, time=time,
        reason=run.get("ins_purpose", ""), weather=run.get("ins_weather", ""),
    )  # fmt: skip
    both = {**section, **run}
    facts = {field: both[field] for field in FACTS if both.get(field)}
    return SeenAsset(
        inspection, start, end, {}, facts, f"SECINSP {run.get('ins_pk', '')}", media_of(film, [files])
    )


def _row(row: Row, media: Sequence[Row], of: tuple[str, str, str], standard: str) -> Defect:
    def say(field: str) -> str:
        return row.get(f"obs_{field}", "")

    asset, date, key = of
    code, level, family = say("opcode"), 0, ""
    characters = trimmed(say("char1") or say("c1_value"), say("char2") or say("c2_value"))
    if standard == EN:
        code, characters = code[:3], characters or trimmed(*code[3:5])
    else:
        grades = {"structural": number(say("grades")), "operation": number(say("gradeo"))}
        known = {name: int(grade) for name, grade in grades.items() if grade > 0}
        family = max(known, key=known.__getitem__, default="")
        level = known.get(family, 0)
    length = number(say("contdefectlength"))
    files = [entry.get("omm_filename", "") for entry in media]
    return Defect(
        asset, code, level, number(say("distance")), length if length > 0 else 0.0, date, key,
        ring(say("clockpos1"), say("clockpos2")), say("memo") or say("observation"),
        next((file for file in files if file and not file.upper().endswith(FILMS)), ""), family,
        characters=characters, quantities=quantities(say("q1_value"), say("q2_value")),
        joint=say("atjoint") not in ("", "0", "False"), continuous=say("cd_code1").upper(),
        film=next((file for file in files if file.upper().endswith(FILMS)), ""),
        film_at=film_second(say("timectr")),
    )  # fmt: skip
