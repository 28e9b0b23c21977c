"""Where do stations, plants, overflows and outfalls of the example city stand, and how are they joined?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.drains import COMBINED, Drains
from wenqu.examples.city.land import DISTRICTS, Floats, Ints, Land
from wenqu.examples.city.lists import names
from wenqu.examples.city.marks import Names
from wenqu.examples.city.rivers import Reach, nearest_reach
from wenqu.examples.city.skeleton import Levels, Skeleton
from wenqu.examples.city.streets import Streets
from wenqu.units import to_si

SIZES = (0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0)  # [m] pressure mains
GROUP = "问渠市供排水集团"


@dataclass(frozen=True, slots=True)
class Base:
    """What the structures stand on."""

    frame: Land
    plan: Streets
    pipes: Skeleton
    depth: Levels
    ids: Names  # (N,) of the manholes
    district: Ints  # (N,) index of DISTRICTS
    incoming: Floats  # (N,) largest bore that ends at a manhole [m]
    course: list[Reach]
    banks: Floats  # (J, 2) nearest place on a bank from each junction [m]
    shores: Ints  # (J,) reach there

    def at(self, manhole: int) -> Floats:
        """Where a manhole stands. [m]"""
        return np.array([self.pipes.x[manhole], self.pipes.y[manhole]])

    def zone(self, manhole: int) -> str:
        """Return the district of a manhole."""
        return DISTRICTS[self.district[manhole]]

    def bank(self, manhole: int) -> Floats:
        """Return the nearest place on a bank from the junction of a manhole. [m]"""
        return np.asarray(self.banks[self.pipes.junction[manhole]], dtype=np.float64)

    def reach(self, manhole: int) -> Reach:
        """Return the reach at that bank."""
        return self.course[int(self.shores[self.pipes.junction[manhole]])]


def base(
    frame: Land, plan: Streets, laid: tuple[Skeleton, Levels], marks: tuple[Names, Ints], course: list[Reach]
) -> Base:
    """Put together what the structures stand on."""
    pipes, depth = laid
    incoming = np.zeros(len(pipes.x))
    np.maximum.at(incoming, pipes.end, pipes.diameter)
    np.maximum.at(incoming, pipes.start, 0.3)
    banks = _banks(frame, plan)
    shores = nearest_reach(course, banks[:, 0], banks[:, 1])
    return Base(frame, plan, pipes, depth, marks[0], marks[1], incoming, course, banks, shores)


def _banks(frame: Land, plan: Streets) -> Floats:
    x, y = plan.x.copy(), plan.y.copy()
    for _ in range(3):
        away = frame.river_distance(x, y) + 1.0
        east, north = frame.toward_river(x, y)
        x, y = x + away * east, y + away * north
    return np.column_stack([x, y])


def add_outfall(draft: Draft, ground: Base, manhole: int, invert: float, **fields: object) -> str:
    """Add one outfall on the bank nearest to a manhole's junction, named by its reach and number."""
    reach = ground.reach(manhole)
    number = draft.count("outfall") + 1
    decision = ("keep", "keep", "undecided", "rectify", "keep", "merge", "remove")[number % 7]
    return draft.add(
        "outfall",
        f"PK{number:04d}",
        ground.bank(manhole),
        name=f"{reach.name}{number}号排口",
        invert_level=round(invert, 3),
        ground_level=round(max(reach.level + 1.9, invert + 1.0), 3),
        normal_level=round(reach.level, 3),
        receiving=reach.id,
        responsible=f"{reach.district}区（县）水务中心",
        district=reach.district,
        **{"keep_decision": decision, "signed": number % 3 != 0, "shape": "circular", **fields},
    )


def add_conduit(draft: Draft, ends: tuple[str, str], line: Floats, **fields: object) -> str:
    """Add one short conduit of a structure."""
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    given = {"shape": "circular", "barrels": 1, "roughness": 0.013, "pressure": "gravity", **fields}
    return draft.add(
        "conduit",
        f"LG{draft.count('conduit') + 1:05d}",
        line,
        from_id=ends[0],
        to_id=ends[1],
        length=round(max(length, 0.5), 2),
        status="in_use",
        owner=GROUP,
        **{"material": "reinforced_concrete", "soil": "mucky_soil", "importance": "other", **given},
    )


def add_storm_outfalls(draft: Draft, ground: Base, storm: Drains) -> None:
    """Lead every storm tree to the river: by a conduit, some by an open channel or behind a flood gate."""
    for number, root in enumerate(np.unique(storm.outlet[storm.outlet >= 0])):
        manhole = int(ground.pipes.storm_at[root])
        if manhole < 0:
            continue
        here, zone = ground.at(manhole), ground.zone(manhole)
        bank = ground.bank(manhole)
        away = float(np.hypot(*(bank - here)))
        upper = float(ground.depth.bottom[manhole])
        lower = upper - 0.001 * away
        bore = float(ground.incoming[manhole])
        dry = number % 9 == 4
        outfall = add_outfall(
            draft, ground, manhole, lower, system="storm", kind="free", height=bore, width=bore,
            flap=number % 4 == 0, dry_flow=dry, discharge="mixed" if dry else "storm",
        )  # fmt: skip
        line = np.array([here, bank])
        ends = (str(ground.ids[manhole]), outfall)
        if number % 18 == 5:
            draft.add(
                "channel", f"QD{draft.count('channel') + 1:03d}", line, from_id=ends[0], to_id=ends[1],
                system="storm", length=round(away, 2), shape="trapezoidal", depth=1.8, bottom_width=1.6,
                side_slope=1.0, roughness=0.025, from_invert=upper, to_invert=lower, district=zone,
                material="stone", bed_lined=True, status="in_use", owner=GROUP, name="排水渠",
            )  # fmt: skip
        elif number % 18 == 11:
            draft.add(
                "gate", f"ZM{draft.count('gate') + 1:03d}", line, from_id=ends[0], to_id=ends[1],
                kind="sluice", shape="rect_closed", height=bore, width=bore, crest_height=0.0,
                crest_level=upper, flap=True, drive="electric", remote=True, district=zone,
                status="in_use", owner=GROUP, name="防洪闸",
            )  # fmt: skip
        else:
            add_conduit(
                draft, ends, line, system="storm", height=bore, width=bore, from_invert=round(upper, 3),
                to_invert=round(lower, 3), year=2006, district=zone,
            )  # fmt: skip


def add_overflows(draft: Draft, ground: Base, sanitary: Drains, wanted: int) -> Ints:
    """Give the combined sewers their overflow weirs, two with a tank behind; return the manholes that overflow."""
    used = np.flatnonzero(np.isfinite(sanitary.reach) & ground.plan.old & (sanitary.parent >= 0))
    lifted = np.isin(used, sanitary.lifted)
    used = used[~lifted & (ground.pipes.sanitary_at[used] >= 0)]
    manholes = ground.pipes.sanitary_at[used]
    used, manholes = (part[ground.pipes.system[manholes] == COMBINED] for part in (used, manholes))
    away = ground.frame.river_distance(ground.plan.x[used], ground.plan.y[used])
    order = np.argsort(away, kind="stable")[: 2 * wanted]
    picked = (
        order[np.unique(np.linspace(0, len(order) - 1, wanted).astype(np.int64))] if len(order) else order
    )
    for number, row in enumerate(picked):
        tank = number % 5 == 1
        _add_overflow(draft, ground, (int(manholes[row]), int(sanitary.parent[used[row]])), tank)
    return manholes[picked]


def _add_overflow(draft: Draft, ground: Base, place: tuple[int, int], tank: bool) -> None:
    manhole, below = place
    here, zone = ground.at(manhole), ground.zone(manhole)
    bank = ground.bank(manhole)
    ahead = (bank - here) / max(float(np.hypot(*(bank - here))), 1.0)
    chamber, bottom = here + 6 * ahead, float(ground.depth.bottom[manhole])
    bore = float(max(ground.incoming[manhole], 0.6))
    crest = round(0.75 * bore, 2)
    number = draft.count("weir") + 1
    surface = float(ground.pipes.ground[manhole])
    if tank:
        floor = bottom - 0.4
        next_ = draft.add(
            "storage", f"TX{draft.count('storage') + 1:02d}", chamber, name=f"{number}号合流调蓄池",
            system="combined", kind="tank", ground_level=surface, invert_level=round(floor, 3),
            depth=round(surface - floor, 3), area=420.0, volume=round(420.0 * 2.2, 1), covered=True,
            district=zone, status="in_use", owner=GROUP,
        )  # fmt: skip
    else:
        floor = bottom + crest - 0.3
        next_ = draft.add(
            "manhole", f"YL{number:04d}", chamber, name=f"{number}号溢流井", kind="overflow",
            system="combined", ground_level=surface, invert_level=round(floor, 3),
            depth=round(surface - floor, 3), district=zone, status="in_use", owner=GROUP,
        )  # fmt: skip
    draft.add(
        "weir", f"YLY{number:03d}", np.array([here, chamber]), from_id=str(ground.ids[manhole]), to_id=next_,
        kind="transverse", role="overflow", crest_height=crest, crest_level=round(bottom + crest, 3),
        width=round(2.5 * bore, 2), height=0.8, discharge_coefficient=1.84, interception_ratio=2.0,
        district=zone, status="in_use", owner=GROUP, name=f"{number}号溢流堰",
    )  # fmt: skip
    away = float(np.hypot(*(bank - chamber)))
    start = floor + (1.6 if tank else 0.0)
    outfall = add_outfall(
        draft, ground, manhole, start - 0.0015 * away, system="combined", kind="free", height=bore, width=bore,
        flap=True, dry_flow=False, discharge="overflow",
    )  # fmt: skip
    add_conduit(
        draft, (next_, outfall), np.array([chamber, bank]), system="combined", height=bore, width=bore,
        from_invert=round(start, 3), to_invert=round(start - 0.0015 * away, 3), year=1996, district=zone,
    )  # fmt: skip
    if tank:
        back = int(ground.pipes.sanitary_at[below])
        draft.add(
            "gate", f"ZM{draft.count('gate') + 1:03d}", np.array([chamber, ground.at(back)]), from_id=next_,
            to_id=str(ground.ids[back]), kind="orifice", shape="circular", position="side", height=0.3,
            crest_height=0.0, discharge_coefficient=0.65, drive="electric", remote=True, flap=True,
            district=zone, status="in_use", owner=GROUP, name="调蓄池放空闸",
        )  # fmt: skip


def add_stations(draft: Draft, ground: Base, sanitary: Drains, flow: Floats) -> list[str]:
    """Build a station at every lifted junction: inlet, wet well, pumps, pressure main; ``flow`` is the mean."""
    made = []
    for number, (junction, target) in enumerate(zip(sanitary.lifted, sanitary.delivered, strict=True)):
        manhole = int(ground.pipes.sanitary_at[junction])
        path = [int(junction)]
        while path[-1] != target:
            path.append(int(sanitary.parent[path[-1]]))
        made.append(_add_station(draft, ground, (manhole, number), path, float(flow[manhole])))
    return made


def _add_station(draft: Draft, ground: Base, place: tuple[int, int], path: list[int], flow: float) -> str:
    manhole, number = place
    here, zone, surface = ground.at(manhole), ground.zone(manhole), float(ground.pipes.ground[manhole])
    inlet, bore = float(ground.depth.bottom[manhole]) - 0.02, float(ground.incoming[manhole])
    floor, system = inlet - 2.0, ("combined" if ground.pipes.system[manhole] == COMBINED else "sanitary")
    words = names("station")
    name = words[number % len(words)] + ("" if number < len(words) else str(number // len(words) + 1))
    well, valve = here + np.array([9.0, 7.0]), here + np.array([15.0, 7.0])
    design = max(0.01, round(2.1 * flow, 3))
    target = int(ground.pipes.sanitary_at[path[-1]])
    station = draft.add(
        "station", f"BZ{number + 1:03d}", well, name=f"{name}污水泵站", kind="lift", system=system,
        ground_level=round(surface, 3), invert_level=round(floor, 3), depth=round(surface - floor, 3),
        wet_well_area=round(max(12.0, 300 * design), 1), wet_well_volume=round(max(15.0, 330 * design), 1),
        design_flow=design, pumps=3, spare_pumps=0 if number % 5 == 3 else 1, dual_power=number % 3 != 1,
        standby_generator=number % 4 == 0, metered=True, unattended=number % 2 == 0, screen=True,
        odour_control=number % 3 == 0, upgrade_class=("none", "standardise", "upgrade", "enlarge")[number % 4],
        delivers_to=str(ground.ids[target]), operator=GROUP, district=zone, status="in_use", owner=GROUP,
        minimum_level=round(floor + 0.5, 3), control_level=round(floor + 1.2, 3), warning_level=round(inlet, 3),
    )  # fmt: skip
    add_conduit(
        draft, (str(ground.ids[manhole]), station), np.array([here, well]), system=system, height=bore,
        width=bore, from_invert=round(inlet + 0.02, 3), to_invert=round(inlet, 3), year=2009, district=zone,
    )  # fmt: skip
    main = next((size for size in SIZES if np.pi * size**2 / 4 * 1.2 >= design), SIZES[-1])
    start = surface - 1.3 - main
    chamber = draft.add(
        "manhole", f"YJ{number + 1:04d}", valve, name=f"{name}泵站出水井", kind="pressure", system=system,
        ground_level=round(surface, 3), invert_level=round(start, 3), depth=round(1.3 + main, 3),
        surcharge_depth=30.0, district=zone, status="in_use", owner=GROUP,
    )  # fmt: skip
    for pump in range(3):
        draft.add(
            "pump", f"SB{number + 1:03d}-{pump + 1}", np.array([well, valve]), from_id=station, to_id=chamber,
            station=station, kind="ideal", start_depth=0.9 + 0.2 * pump, stop_depth=0.5,
            design_flow=round(design / 2, 4), design_head=round(float(start - floor) + 6.0, 1),
            power=round(to_si(9.81 * design / 2 * (start - floor + 6.0) / 0.65, "kW"), 0), efficiency=0.65,
            spare=pump == 2, initial_status="off" if pump == 2 else "on", district=zone, status="in_use",
            owner=GROUP, name=f"{name}{pump + 1}号泵",
        )  # fmt: skip
    plan = ground.plan
    turns = [np.array([plan.x[step] + 1.0, plan.y[step] + 4.0]) for step in path[1:-1]]
    end = max(float(ground.depth.bottom[target]), float(ground.pipes.ground[target]) - 1.3 - main)
    add_conduit(
        draft, (chamber, str(ground.ids[target])), np.array([valve, *turns, ground.at(target)]), system=system,
        height=main, width=main, pressure="pressure",
        material="ductile_iron", from_invert=round(start, 3), to_invert=round(end, 3), year=2009, district=zone,
    )  # fmt: skip
    return station


def add_station_overflows(draft: Draft, ground: Base, sanitary: Drains, wanted: int) -> None:
    """Give the stations nearest to a river an emergency overflow, behind a weir."""
    manholes = ground.pipes.sanitary_at[sanitary.lifted]
    away = ground.frame.river_distance(ground.pipes.x[manholes], ground.pipes.y[manholes])
    for row in np.argsort(away, kind="stable")[:wanted]:
        manhole = int(manholes[row])
        well = ground.at(manhole) + np.array([9.0, 7.0])
        zone, bank = ground.zone(manhole), ground.bank(manhole)
        ahead = (bank - well) / max(float(np.hypot(*(bank - well))), 1.0)
        chamber, surface = well + 5 * ahead, float(ground.pipes.ground[manhole])
        inlet = float(ground.depth.bottom[manhole]) - 0.02
        crest = max(inlet + 1.0, surface - 2.2)
        number = draft.count("weir") + 1
        next_ = draft.add(
            "manhole", f"YL{number:04d}", chamber, name=f"{number}号应急溢流井", kind="overflow",
            system="sanitary", ground_level=round(surface, 3), invert_level=round(crest - 0.4, 3),
            depth=round(surface - crest + 0.4, 3), district=zone, status="in_use", owner=GROUP,
        )  # fmt: skip
        draft.add(
            "weir", f"YLY{number:03d}", np.array([well, chamber]), from_id=f"BZ{row + 1:03d}", to_id=next_,
            kind="transverse", role="overflow", crest_height=round(crest - inlet + 2.0, 3),
            crest_level=round(crest, 3), width=1.5, height=0.6, discharge_coefficient=1.84, district=zone,
            status="in_use", owner=GROUP, name=f"{number}号应急溢流堰",
        )  # fmt: skip
        length = float(np.hypot(*(bank - chamber)))
        lower = crest - 0.4 - 0.0015 * length
        outfall = add_outfall(
            draft, ground, manhole, lower, system="sanitary", kind="free", height=0.6, width=0.6, flap=True,
            dry_flow=False, discharge="overflow",
        )  # fmt: skip
        add_conduit(
            draft, (next_, outfall), np.array([chamber, bank]), system="sanitary", height=0.6, width=0.6,
            from_invert=round(crest - 0.4, 3), to_invert=round(lower, 3), year=2010, district=zone,
        )  # fmt: skip


def add_plants(draft: Draft, ground: Base, sanitary: Drains, flow: Floats) -> list[str]:
    """Build a plant at the lower end of every tree, with its effluent outfall; ``flow`` is the mean inflow."""
    words = names("plant")
    made: list[str] = []
    parks = 0
    for number, root in enumerate(np.unique(sanitary.outlet[sanitary.outlet >= 0])):
        manhole = int(ground.pipes.sanitary_at[root])
        park = int(ground.frame.park(ground.plan.x[[root]], ground.plan.y[[root]])[0]) >= 0
        name = words[(number - parks) % len(words)]
        name += "" if number - parks < len(words) else str((number - parks) // len(words) + 1)
        if park:
            parks += 1
            name = f"活水工业园污水处理厂{'' if parks == 1 else parks}"
        made.append(_add_plant(draft, ground, (manhole, number), (name, park), float(flow[manhole])))
    return made


def _add_plant(
    draft: Draft, ground: Base, place: tuple[int, int], what: tuple[str, bool], flow: float
) -> str:
    manhole, number = place
    here, zone, surface = ground.at(manhole), ground.zone(manhole), float(ground.pipes.ground[manhole])
    bank = ground.bank(manhole)
    away = float(np.hypot(*(bank - here)))
    ahead = (bank - here) / max(away, 1.0)
    site = here + ahead * (min(0.5 * away, 120.0) if away > 90 else -50.0)
    bore, bottom = float(ground.incoming[manhole]), float(ground.depth.bottom[manhole])
    inlet = bottom - 0.001 * float(np.hypot(*(site - here)))
    step = to_si(0.25, "万m³/d")
    capacity = max(step, float(np.ceil(1.15 * flow / step)) * step)
    floor = inlet - 0.5
    plant = draft.add(
        "plant", f"WSC{number + 1:02d}", site, name=what[0], kind="industrial" if what[1] else "municipal",
        capacity=capacity, peak_capacity=1.3 * capacity, process="AAO+深床滤池", units=2 if number % 2 else 3,
        effluent_grade=("db33_2169_existing", "gb18918_1a", "quasi_iv")[number % 3], bod_target=0.1,
        cod_target=0.26, industrial_share=0.7 if what[1] else 0.08, ground_level=round(surface, 3),
        invert_level=round(floor, 3), depth=round(surface - floor, 3), dual_power=True, odour_control=True,
        sludge_process="板框压滤", sludge_moisture=0.6 if number % 2 else 0.78, operator=GROUP, owner=GROUP,
        receiving=ground.reach(manhole).id, permit_no=f"91330000WQ{number:04d}V", permit_to="2028-06-30",
        district=zone, status="in_use",
    )  # fmt: skip
    add_conduit(
        draft, (str(ground.ids[manhole]), plant), np.array([here, site]), system="sanitary", height=bore,
        width=bore, from_invert=round(bottom, 3), to_invert=round(inlet, 3), year=2008, district=zone,
    )  # fmt: skip
    out = max(surface - 2.5, ground.reach(manhole).level + 0.3)
    length = float(np.hypot(*(bank - site)))
    size = next((each for each in SIZES if np.pi * each**2 / 4 * 0.9 >= 1.5 * capacity), SIZES[-1])
    outfall = add_outfall(
        draft, ground, manhole, out - 0.001 * length, system="other", kind="free", height=size, width=size,
        flap=False, dry_flow=True, discharge="plant", keep_decision="keep", signed=True,
    )  # fmt: skip
    add_conduit(
        draft, (plant, outfall), np.array([site, bank]), system="other", height=size, width=size,
        from_invert=round(out, 3), to_invert=round(out - 0.001 * length, 3), year=2008, district=zone,
    )  # fmt: skip
    return plant
