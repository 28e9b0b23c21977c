"""Which villages, gullies, gauges, vehicles and sludge sites does the example city have?"""

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.land import DISTRICTS, Land
from wenqu.examples.city.lists import names
from wenqu.examples.city.points import Points
from wenqu.examples.city.rivers import Reach
from wenqu.examples.city.standing import GROUP, Base
from wenqu.units import to_si

MEASURED = ("flow", "level", "bod5", "cod", "nh3n", "conductivity")


def add_all(draft: Draft, ground: Base, conduits: int, seed: int) -> None:
    """Add everything that stands beside the sewers, in numbers that grow with the city up to a limit."""
    add_reaches(draft, ground.course)
    add_gauges(draft, ground.frame, ground.course)
    add_gullies(draft, ground, min(2000, max(8, round(200 * conduits / 6000))), seed)
    add_villages(draft, ground, min(60, max(3, round(12 * conduits / 6000))), seed)
    add_sludge(draft, ground.frame)


def add_reaches(draft: Draft, course: list[Reach]) -> None:
    """Add the river reaches and a section at the end of each."""
    targets = ("III", "III", "IV", "IV")
    for number, reach in enumerate(course):
        target = targets[number % 4]
        draft.add(
            "reach", reach.id, reach.line, name=reach.name, river=reach.river,
            upstream_id=reach.upstream or None,
            downstream_id=reach.downstream or None, class_target=target, width=2 * reach.half_width,
            length=round(float(np.hypot(*np.diff(reach.line, axis=0).T).sum()), 1),
            normal_level=round(reach.level, 2), bed_level=round(reach.level - 2.6, 2),
            bank_level=round(reach.level + 1.9, 2), flood_level=round(reach.level + 1.4, 2),
            tidal=reach.half_width > 20, black_odorous="light" if number % 6 == 5 else "none",
            chief=f"{reach.district}河长{number + 1}", policy=f"一河一策-{reach.id}", district=reach.district,
        )  # fmt: skip
        draft.add(
            "section", f"DM{number + 1:03d}", reach.line[-2], name=f"{reach.name}断面", reach=reach.id,
            class_target=target, level=("provincial", "city", "county")[number % 3], water="river",
            responsible=f"{reach.district}生态环境分局", automatic=number % 3 == 0, district=reach.district,
        )  # fmt: skip


def add_gauges(draft: Draft, frame: Land, course: list[Reach]) -> None:
    """Add two rain gauges, river gauges on the main river and a canal, three groundwater wells."""
    middle = frame.height / 2
    rain = [(0.28, middle), (0.74, middle)]
    for number, (share, y) in enumerate(rain, start=1):
        draft.add(
            "gauge", f"YL-{number:02d}", np.array([share * frame.width, y]), name=f"{number}号雨量站",
            measures="rain", interval=3600.0, simulated=True, installed_on="2019-04-01",
            district=DISTRICTS[0 if number == 1 else 2],
        )  # fmt: skip
    for number, reach in enumerate((course[0], course[min(2, len(course) - 1)], course[-1]), start=1):
        draft.add(
            "gauge", f"SW-{number:02d}", reach.line[len(reach.line) // 2], name=f"{reach.name}水位站",
            measures="river_stage", on_id=reach.id, interval=3600.0, simulated=True,
            zero_level=0.0, installed_on="2018-06-01", district=reach.district,
        )  # fmt: skip
    for number, (x, y) in enumerate(((0.3, 0.68), (0.4, 0.25), (0.75, 0.7)), start=1):
        place = np.array([x * frame.width, y * frame.height])
        zone = frame.district(frame.compartment(place[:1], place[1:]))
        draft.add(
            "gauge", f"DX-{number:02d}", place, name=f"{number}号地下水监测井", measures="groundwater",
            interval=3600.0, simulated=True, installed_on="2020-03-01", district=DISTRICTS[int(zone[0])],
        )  # fmt: skip


def meter_ids(places: Points) -> list[str]:
    """Return the ids of the meters, in the order of the points."""
    stems = ("LL-G", "LL-B", "LL-C")
    counts = [0, 0, 0]
    made = []
    for kind in places.kind:
        counts[kind] += 1
        made.append(f"{stems[kind]}{counts[kind]:03d}")
    return made


def add_meters(draft: Draft, ground: Base, places: Points, on_ids: list[str]) -> list[str]:
    """Add a meter at every measured place: on a conduit, in a station, at a plant's inlet."""
    ids = meter_ids(places)
    for number, (id_, manhole, kind) in enumerate(zip(ids, places.manhole, places.kind, strict=True)):
        draft.add(
            "meter", id_, ground.at(int(manhole)), name=f"{('管道', '泵站', '进厂')[kind]}监测点{id_[-3:]}",
            on_id=on_ids[number], measures="|".join(MEASURED), simulated=True, interval=3600.0,
            kind=("doppler", "electromagnetic", "electromagnetic")[kind], flow_error=0.03, bias_error=0.06,
            installed_on="2024-03-01", calibrated_on="2024-06-15", district=ground.zone(int(manhole)),
            device_no=f"WQ{number + 1:06d}",
        )  # fmt: skip
    return ids


def add_gullies(draft: Draft, ground: Base, wanted: int, seed: int) -> None:
    """Add some gullies beside storm manholes."""
    generator = np.random.default_rng([seed, 91])
    storm = np.flatnonzero((ground.pipes.system == 0) & (ground.pipes.junction < 0))
    for number, manhole in enumerate(
        generator.choice(storm, min(wanted, len(storm)), replace=False), start=1
    ):
        surface = float(ground.pipes.ground[manhole])
        draft.add(
            "gully", f"YSK{number:05d}", ground.at(int(manhole)) + generator.uniform(-4, 4, 2),
            kind=("grate", "kerb", "combined")[number % 3], ground_level=round(surface, 3),
            invert_level=round(surface - 0.8, 3), depth=0.8, connects_to=str(ground.ids[manhole]), grates=1,
            length=0.75, width=0.45, material="cast_iron", sewage_connected=number % 23 == 0,
            district=ground.zone(int(manhole)), status="in_use",
        )  # fmt: skip


def add_villages(draft: Draft, ground: Base, wanted: int, seed: int) -> None:
    """Add villages round the city, two in three with a treatment facility of their own."""
    generator = np.random.default_rng([seed, 92])
    frame, words = ground.frame, names("village")
    for number in range(wanted):
        angle = 2 * np.pi * (number + generator.uniform(-0.3, 0.3)) / wanted
        place = np.array(
            [frame.width * (0.5 + 0.60 * np.cos(angle)), frame.height * (0.5 + 0.60 * np.sin(angle))]
        )
        zone = DISTRICTS[int(frame.district(frame.compartment(place[:1], place[1:]))[0])]
        households = int(generator.integers(60, 420))
        own = number % 3 != 0
        away = float(np.hypot(ground.pipes.x - place[0], ground.pipes.y - place[1]).min())
        key, facility = f"CZ{number + 1:03d}", f"NW{number + 1:03d}"
        name = words[number % len(words)] + ("" if number < len(words) else str(number // len(words) + 1))
        draft.add(
            "village", key, place, name=name, town=f"{zone}镇", households=households,
            population=round(2.7 * households),
            connected_households=round(households * (0.9 if own else 0.2)),
            treatment="own_facility" if own else "none", facility=facility if own else None,
            plant_distance=round(away, 0), terrain="plain", sensitive=number % 5 == 0,
            farmhouse_inns=int(generator.integers(0, 12)), target_year=2025 + number % 3, district=zone,
        )  # fmt: skip
        if own:
            draft.add(
                "facility", facility, place + np.array([60.0, -45.0]), name=f"{name}污水处理终端",
                village=key,
                capacity=to_si(round(households * 0.25, 0), "m³/d"), households=round(0.9 * households),
                process=("aao", "wetland", "mbr", "biofilm")[number % 4], effluent_grade="gb18918_1b",
                running=("normal", "normal", "intermittent", "stopped")[number % 4],
                running_rate=(0.98, 0.95, 0.7, 0.1)[number % 4], metered=number % 2 == 0,
                monitor=number % 4 == 0,
                compliance_rate=(1.0, 0.92, 0.6, 0.0)[number % 4], operator=GROUP, district=zone,
            )  # fmt: skip


def add_sludge(draft: Draft, frame: Land) -> None:
    """Add sludge sites and the vehicles that serve them."""
    sites = (("incineration", "问渠污泥焚烧中心", 120.0), ("compost", "云影堆肥场", 40.0),
             ("building_material", "天光建材协同处置厂", 60.0))  # fmt: skip
    for number, (kind, name, tonnes) in enumerate(sites, start=1):
        place = np.array([frame.width * (0.2 + 0.3 * number), frame.height * 1.06])
        draft.add(
            "sludge_site", f"NC{number:02d}", place, name=name, kind=kind, capacity=to_si(tonnes * 1000,
            "kg/d"),
            moisture_limit=0.6, accepts="plant_sludge|sewer_sediment", weighbridge=True, operator=GROUP,
            permit_no=f"NC2023-{number:03d}", permit_to="2027-12-31", district=DISTRICTS[number % 3],
        )  # fmt: skip
    for number in range(12):
        barge = number >= 10
        draft.add(
            "vehicle", f"CL{number + 1:03d}", np.empty(0),
            name=f"污泥运输{'船' if barge else '车'}{number + 1}",
            kind="barge" if barge else "truck", plate=f"示例{'船' if barge else 'A'}{10001 + 37 * number}",
            carrier="问渠环境物流有限公司", volume=60.0 if barge else 18.0, sealed=True,
            device_no=None if number == 7 else f"{13900000000 + number}", carries="plant_sludge",
            permit_no=f"YS{number + 1:03d}", permit_to="2026-03-31" if number % 4 else "2025-02-28",
            in_service=number != 9, district=DISTRICTS[number % 3],
        )  # fmt: skip
