"""How is the sewage of the example city lifted?"""

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.drains import COMBINED, Drains
from wenqu.examples.city.land import Floats
from wenqu.examples.city.lists import names
from wenqu.examples.city.standing import GROUP, SIZES, Base, add_conduit
from wenqu.units import to_si


def add_stations(draft: Draft, ground: Base, sanitary: Drains, flow: Floats) -> list[str]:
    """Build a station at every lifted junction, with pumps and main; ``flow`` is the mean inflow."""
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
        odour_control=number % 3 == 0, upgrade_class=("none", "standardise", "upgrade",
        "enlarge")[number % 4],
        delivers_to=str(ground.ids[target]), operator=GROUP, district=zone, status="in_use", owner=GROUP,
        minimum_level=round(floor + 0.5, 3), control_level=round(floor + 1.2, 3),
        warning_level=round(inlet, 3),
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
            "pump", f"SB{number + 1:03d}-{pump + 1}", np.array([well, 0.5 * (well + valve) + [0.0,
            1.5 * (pump - 1)], valve]), from_id=station, to_id=chamber,
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
        draft, (chamber, str(ground.ids[target])), np.array([valve, *turns, ground.at(target)]),
        system=system,
        height=main, width=main, pressure="pressure",
        material="ductile_iron", from_invert=round(start, 3), to_invert=round(end, 3), year=2009,
        district=zone,
    )  # fmt: skip
    return station
