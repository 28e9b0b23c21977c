"""Where do plants and storm sewers of the example city let out their water?"""

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.drains import Drains
from wenqu.examples.city.land import Floats
from wenqu.examples.city.lists import names
from wenqu.examples.city.standing import GROUP, SIZES, Base, add_conduit
from wenqu.units import to_si


def add_outfall(
    draft: Draft, ground: Base, place: tuple[int, Floats], invert: float, **fields: object
) -> str:
    """Add one outfall at a place on the bank nearest to a manhole's junction."""
    manhole, point = place
    reach = ground.reach(manhole)
    number = draft.count("outfall") + 1
    decision = ("keep", "keep", "undecided", "rectify", "keep", "merge", "remove")[number % 7]
    return draft.add(
        "outfall",
        f"PK{number:04d}",
        point,
        name=f"{reach.name}{number}号排口",
        invert_level=round(invert, 3),
        ground_level=round(max(reach.level + 1.9, invert + 1.0), 3),
        normal_level=round(reach.level, 3),
        receiving=reach.id,
        responsible=f"{reach.district}区（县）水务中心",
        district=reach.district,
        **{"keep_decision": decision, "signed": number % 3 != 0, "shape": "circular", **fields},
    )


def add_storm_outfalls(draft: Draft, ground: Base, storm: Drains) -> None:
    """Lead every storm tree to the river: by a conduit, an open channel or through a flood gate."""
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
            draft, ground, (manhole, bank), lower, system="storm", kind="free", height=bore, width=bore,
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


def add_plants(draft: Draft, ground: Base, sanitary: Drains, flow: Floats) -> list[str]:
    """Build a plant with its outfall at the lower end of every tree; ``flow`` is the mean inflow."""
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
    bank = ground.bank(manhole, -7.0)
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
    out = max(surface - 2.5, ground.reach(manhole).level + 0.3, floor + 0.2)
    length = float(np.hypot(*(bank - site)))
    size = next((each for each in SIZES if np.pi * each**2 / 4 * 0.9 >= 1.5 * capacity), SIZES[-1])
    size = max(size, bore)
    outfall = add_outfall(
        draft, ground, (manhole, bank), out - 0.001 * length, system="other", kind="free", height=size,
        width=size,
        flap=False, dry_flow=True, discharge="plant", keep_decision="keep", signed=True,
    )  # fmt: skip
    add_conduit(
        draft, (plant, outfall), np.array([site, bank]), system="other", height=size, width=size,
        from_invert=round(out, 3), to_invert=round(out - 0.001 * length, 3), year=2008, district=zone,
    )  # fmt: skip
    return plant
