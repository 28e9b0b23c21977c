"""What do the tables of a special plan say (专项规划表): assets, problems, works, blank areas?"""

import math
from collections import defaultdict

import numpy as np
import numpy.typing as npt

from wenqu.network.model import link_lengths
from wenqu.network.schema import code_lists
from wenqu.records.programme import PlantOutlook
from wenqu.reports.paper import Cell, Grid, Words
from wenqu.services import filed_records
from wenqu.services.blank_areas import blank_areas
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.paper_district import methods_grid
from wenqu.services.paper_draft import Draft, From, source_only
from wenqu.services.paper_progress import milestones_grid
from wenqu.services.paper_works import plan_source
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.problem_lists import zone_name
from wenqu.services.programme_part import programme_part
from wenqu.services.sight import districts_of
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.units import from_si

CLASSES = ((0.0, 0.3), (0.3, 0.6), (0.6, 1.0), (1.0, math.inf))  # [m] diameter, upper end left out
GRADES = (1, 2, 3, 4)
KM = 1e3
Mask = npt.NDArray[np.bool_]


def tables_paper(store: Store, state: CityState, district: str, draft: Draft, whole: Store | None) -> None:
    """Write the tables of a special plan, of a city or of one district, into a draft.

    Raises
    ------
    UnknownAsset
        There is no such district.
    """
    if district:
        state.network.row("zone", district)
    draft.part(
        "assets",
        draft.words("assets", "tables.assets"),
        _sewers(state, district, draft),
        _diameters(state, district, draft),
        _plants(store, state, district, draft),
    )
    draft.part("problems", draft.words("problems", "tables.problems"), _grades(store, state, district, draft))
    draft.part("goal", milestones_grid(store, state, day_of(state), draft, district))
    _programme(store, state, district, draft, whole)
    draft.part("blank", *_blank(store, state, district, draft))


def _zones(state: CityState) -> npt.NDArray[np.object_]:
    """Return the district of each conduit, "" where none is known."""
    found = state.once("conduit districts", lambda: districts_of(state.network).get("conduit"))
    names = np.empty(0, object) if found is None else found
    return np.array([name or "" for name in names], dtype=object)


def _here(state: CityState, district: str) -> Mask:
    zones = _zones(state)
    return np.asarray(zones == district, dtype=np.bool_) if district else np.ones(len(zones), dtype=np.bool_)


def _row(draft: Draft, key: str, label: str, text: str, rows: int, what: str, link: str) -> str:
    source = From(draft.say("from.table", what=what), rows, link=link)
    return source_only(draft.told(key, label, text, source))


def _named(state: CityState, zone: str, draft: Draft) -> str:
    return zone_name(state.network, zone) if zone else draft.say("no_district")


def _sewers(state: CityState, district: str, draft: Draft) -> Grid:
    table = state.network.table("conduit")
    lengths, zones, here = np.nan_to_num(link_lengths(table)), _zones(state), _here(state, district)
    systems = np.array([str(one or "") for one in table.column("system")], dtype=object)
    rows: list[tuple[Cell, ...]] = []
    for zone in sorted(set(zones[here].tolist())):
        for system in sorted(set(systems[here].tolist())):
            mine = np.flatnonzero((zones == zone) & (systems == system) & here)
            if not len(mine):
                continue
            name = _of_list("system", system, draft)
            total = round(float(lengths[mine].sum()) / KM, 3)
            cited = _row(
                draft,
                f"sewer.{zone or '-'}.{system or '-'}",
                draft.say("fact.sewer", district=_named(state, zone, draft), system=name),
                f"{total} km",
                len(mine),
                draft.say("what.conduits"),
                "registers?tab=conduit",
            )
            rows.append((_named(state, zone, draft), name, len(mine), total, cited))
    columns = (
        ("district", 1.2, False),
        ("system", 1.2, False),
        ("pipes", 0.8, True),
        ("length", 1.0, True),
        ("source", 0.6, False),
    )
    return draft.grid("sewers", columns, rows, units={"length": "km"})


def _diameters(state: CityState, district: str, draft: Draft) -> Grid:
    table = state.network.table("conduit")
    lengths, here = np.nan_to_num(link_lengths(table)), _here(state, district)
    wide = np.asarray(table.column("height"), dtype=np.float64)
    foul = np.array([str(one) in {"sanitary", "combined"} for one in table.column("system")], dtype=np.bool_)
    rows: list[tuple[Cell, ...]] = []
    for low, high in (*CLASSES, (math.nan, math.nan)):
        mine = np.isnan(wide) if math.isnan(low) else (wide >= low) & (wide < high)
        at = np.flatnonzero(mine & foul & here)
        name = draft.say("not_known") if math.isnan(low) else _class(low, high)
        total = round(float(lengths[at].sum()) / KM, 3)
        cited = _row(
            draft,
            f"diameter.{low}",
            draft.say("fact.diameter", size=name),
            f"{total} km",
            len(at),
            draft.say("what.conduits"),
            "registers?tab=conduit",
        )
        rows.append((name, len(at), total, cited))
    columns = (("diameter", 1.4, False), ("pipes", 0.8, True), ("length", 1.0, True), ("source", 0.6, False))
    return draft.grid("diameters", columns, rows, units={"diameter": "mm", "length": "km"})


def _class(low: float, high: float) -> str:
    if low == 0:
        return f"< {high * 1e3:.0f}"
    return f"≥ {low * 1e3:.0f}" if math.isinf(high) else f"{low * 1e3:.0f}–{high * 1e3:.0f}"


def _of_list(name: str, code: str, draft: Draft) -> str:
    entry = code_lists().get(name, {}).get(code)
    if entry is None:
        return code or draft.say("not_known")
    return entry.zh if draft.language == "zh" else entry.en


def _plants(store: Store, state: CityState, district: str, draft: Draft) -> Grid:
    unit, decimals = ("万m³/d", 3) if draft.language == "zh" else ("m³/d", None)
    rows: list[tuple[Cell, ...]] = []
    for one in plant_inflows(store, state):
        if district and one.district != district:
            continue
        source = From(
            draft.say(
                "from.series",
                names=f"flow@{one.id}, bod5@{one.id}",
                since=one.since or "–",
                until=one.until or "–",
            ),
            one.days,
            "Σ(Q·C) / ΣQ",
            link=f"diagnosis?asset=plant/{one.id}",
        )
        known = not math.isnan(one.bod5)
        bod5 = round(from_si(one.bod5, "mg/L"), 1) if known else None
        cited = source_only(
            draft.told(
                f"plant.{one.id}", one.name, f"{bod5} mg/L" if known else draft.say("not_known"), source
            )
        )
        rows.append(
            (
                one.name,
                _named(state, one.district, draft),
                round(from_si(one.capacity, unit), 3) if one.capacity else None,
                None if math.isnan(one.flow) else round(from_si(one.flow, unit), decimals),
                bod5,
                round(from_si(one.threshold, "mg/L"), 1),
                draft.say("yes" if one.bod5 > one.threshold else "no") if known else None,
                cited,
            )
        )
    columns = (
        ("plant", 1.5, False),
        ("district", 1.0, False),
        ("capacity", 0.9, True),
        ("flow", 0.9, True),
        ("bod5", 0.9, True),
        ("target_bod5", 0.9, True),
        ("meets", 0.6, False),
        ("source", 0.5, False),
    )
    return draft.grid(
        "plants", columns, rows, units={"capacity": unit, "flow": unit, "bod5": "mg/L", "target_bod5": "mg/L"}
    )


def _grades(store: Store, state: CityState, district: str, draft: Draft) -> Grid | Words:
    graded = filed_records.grades(store, state)
    if not graded:
        return draft.missing("grades", "tables.no_grades")
    table = state.network.table("conduit")
    lengths, zones, here = np.nan_to_num(link_lengths(table)), _zones(state), _here(state, district)
    foul = np.array([str(one) in {"sanitary", "combined"} for one in table.column("system")], dtype=np.bool_)
    worse = np.array([worse_grade(graded[name]) if name in graded else 0 for name in table.ids.tolist()])
    rows: list[tuple[Cell, ...]] = []
    for zone in sorted(set(zones[here & foul].tolist())):
        mine = (zones == zone) & here & foul
        sums = [round(float(lengths[mine & (worse == grade)].sum()) / KM, 3) for grade in (*GRADES, 0)]
        bad = round(sums[2] + sums[3], 3)
        rule = next(iter(graded.values()))
        source = From(
            draft.say("from.grades", standard=f"{rule.standard}-{rule.edition}"),
            int(mine.sum()),
            edition=f"{rule.standard}-{rule.edition}",
            link="registers?tab=conduit",
        )
        cited = source_only(
            draft.told(
                f"grades.{zone or '-'}",
                draft.say("fact.problem_length", district=_named(state, zone, draft)),
                f"{bad} km",
                source,
            )
        )
        rows.append((_named(state, zone, draft), *sums, bad, cited))
    columns = (
        ("district", 1.2, False),
        ("grade_1", 0.8, True),
        ("grade_2", 0.8, True),
        ("grade_3", 0.8, True),
        ("grade_4", 0.8, True),
        ("ungraded", 0.8, True),
        ("bad", 0.9, True),
        ("source", 0.5, False),
    )
    names = ("grade_1", "grade_2", "grade_3", "grade_4", "ungraded", "bad")
    return draft.grid("grades", columns, rows, units=dict.fromkeys(names, "km"))


def _programme(store: Store, state: CityState, district: str, draft: Draft, whole: Store | None) -> None:
    programme = programme_part(store, state, whole)
    if programme is None:
        draft.part("works", draft.missing("works", "district.no_programme"))
        return
    mine = [one for one in programme.measures if not district or one.district == district]
    sums: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for one in mine:
        into = sums[one.district, one.window]
        for place, value in enumerate((1.0, one.length, one.cost)):
            into[place] += value
    rows: list[tuple[Cell, ...]] = []
    for (zone, window), (count, length, cost) in sorted(sums.items()):
        source = plan_source(programme, draft, int(count))
        label = draft.say("fact.zone_year", district=_named(state, zone, draft), year=window)
        cited = source_only(
            draft.told(
                f"plan.{zone or '-'}.{window}", label, f"{draft.money(cost, 2)} {draft.unit('万元')}", source
            )
        )
        rows.append(
            (
                _named(state, zone, draft),
                window,
                int(count),
                round(length / KM, 3),
                draft.money(cost, 2),
                cited,
            )
        )
    columns = (
        ("district", 1.2, False),
        ("year", 0.8, False),
        ("count", 0.7, True),
        ("length", 1.0, True),
        ("cost", 1.0, True),
        ("source", 0.5, False),
    )
    years = draft.grid("plan_years", columns, rows, units={"length": "km", "cost": "万元"})
    draft.part(
        "works",
        draft.words("works", "tables.works", id=programme.id),
        years,
        methods_grid(store, programme, mine, draft, whole),
        _outlook(state, programme.outlook, draft, plan_source(programme, draft, 1).record, district),
    )


def _outlook(
    state: CityState, outlook: tuple[PlantOutlook, ...], draft: Draft, record: str, district: str
) -> Grid | None:
    plants = state.network.table("plant")
    at = {str(id_): row for row, id_ in enumerate(plants.ids)}
    rows: list[tuple[Cell, ...]] = []
    for one in outlook:
        row = at.get(one.plant)
        if row is None or (district and str(plants.column("district")[row] or "") != district):
            continue
        name = str(plants.column("name")[row] or one.plant)
        rows.append(
            (
                name,
                one.window,
                round(from_si(one.concentration, "mg/L"), 1),
                draft.say("yes" if one.meets else "no"),
            )
        )
    if not rows:
        return None
    columns = (("plant", 1.6, False), ("year", 0.8, False), ("planned", 1.0, True), ("meets", 0.8, False))
    return draft.grid("outlook", columns, rows, units={"planned": "mg/L"}, note=record)


def _blank(store: Store, state: CityState, district: str, draft: Draft) -> list[Words | Grid]:
    found = blank_areas(store, state)
    areas = [one for one in found.areas if not district or one.asset == district]
    if not areas:
        return [draft.missing("blank", "tables.no_blank")]
    rows: list[tuple[Cell, ...]] = []
    for number, one in enumerate(areas, 1):
        cited = _row(
            draft,
            f"blank.{number}",
            draft.say("fact.blank", number=number),
            f"{one.premises}",
            one.premises,
            draft.say("what.premises", source=one.source),
            "survey?tab=blank",
        )
        rows.append(
            (
                number,
                _named(state, one.asset, draft),
                one.premises,
                None if math.isnan(one.people) else round(one.people),
                round(one.area / 1e4, 2),
                round(one.distance),
                cited,
            )
        )
    columns = (
        ("number", 0.5, True),
        ("district", 1.2, False),
        ("premises", 0.8, True),
        ("people", 0.8, True),
        ("area_ha", 0.9, True),
        ("distance", 0.9, True),
        ("source", 0.5, False),
    )
    return [draft.grid("blank", columns, rows, units={"area_ha": "ha", "distance": "m"})]
