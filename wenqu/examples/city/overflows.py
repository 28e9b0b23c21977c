"""Where do the sewers of the example city overflow?"""

import numpy as np

from wenqu.examples.city.draft import Draft
from wenqu.examples.city.drains import COMBINED, Drains
from wenqu.examples.city.land import Ints, Land
from wenqu.examples.city.outlets import add_outfall
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.standing import GROUP, Base, add_conduit
from wenqu.examples.city.streets import Streets


def overflow_junctions(frame: Land, plan: Streets, pipes: Skeleton, sanitary: Drains, wanted: int) -> Ints:
    """Return the junctions where combined sewers overflow: near the river, one apart from the next."""
    used = np.flatnonzero(np.isfinite(sanitary.reach) & plan.old & (sanitary.parent >= 0))
    used = used[~np.isin(used, sanitary.lifted) & (pipes.sanitary_at[used] >= 0)]
    used = used[pipes.system[pipes.sanitary_at[used]] == COMBINED]
    away = frame.river_distance(plan.x[used], plan.y[used])
    order = np.argsort(away, kind="stable")[: 2 * wanted]
    picked = (
        order[np.unique(np.linspace(0, len(order) - 1, wanted).astype(np.int64))] if len(order) else order
    )
    found: Ints = used[picked].astype(np.int64)
    return found


def emergency_rows(frame: Land, pipes: Skeleton, sanitary: Drains, wanted: int) -> Ints:
    """Return the stations (rows of the lifted) with an emergency overflow: the nearest to a river."""
    manholes = pipes.sanitary_at[sanitary.lifted]
    away = frame.river_distance(pipes.x[manholes], pipes.y[manholes])
    return np.argsort(away, kind="stable")[:wanted].astype(np.int64)


def add_overflows(draft: Draft, ground: Base, sanitary: Drains, junctions: Ints) -> None:
    """Give the combined sewers their overflow weirs, one in five with a tank behind."""
    for number, junction in enumerate(junctions):
        place = int(ground.pipes.sanitary_at[junction]), int(sanitary.parent[junction])
        _add_overflow(draft, ground, place, tank=number % 5 == 1)


def _add_overflow(draft: Draft, ground: Base, place: tuple[int, int], *, tank: bool) -> None:
    manhole, below = place
    here, zone = ground.at(manhole), ground.zone(manhole)
    bank = ground.bank(manhole, 7.0)
    ahead = (bank - here) / max(float(np.hypot(*(bank - here))), 1.0)
    chamber, bottom = here + 6 * ahead, float(ground.depth.bottom[manhole])
    bore = float(max(ground.incoming[manhole], 0.6))
    crest = round(0.75 * bore, 2)
    number = draft.count("weir") + 1
    surface = float(ground.pipes.ground[manhole])
    if tank:
        # deep enough to hold water, shallow enough to empty by itself into the manhole below
        floor = max(bottom - 0.4, float(ground.depth.bottom[ground.pipes.sanitary_at[below]]) + 0.05)
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
        draft, ground, (manhole, bank), start - 0.0015 * away, system="combined", kind="free", height=bore,
        width=bore,
        flap=number % 3 != 0, dry_flow=False, discharge="overflow",
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


def add_station_overflows(draft: Draft, ground: Base, sanitary: Drains, rows: Ints) -> None:
    """Give some stations an emergency overflow, behind a weir."""
    manholes = ground.pipes.sanitary_at[sanitary.lifted]
    for row in rows:
        manhole = int(manholes[row])
        well = ground.at(manhole) + np.array([9.0, 7.0])
        zone, bank = ground.zone(manhole), ground.bank(manhole, 14.0)
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
            draft, ground, (manhole, bank), lower, system="sanitary", kind="free", height=0.6, width=0.6,
            flap=True,
            dry_flow=False, discharge="overflow",
        )  # fmt: skip
        add_conduit(
            draft, (next_, outfall), np.array([chamber, bank]), system="sanitary", height=0.6, width=0.6,
            from_invert=round(crest - 0.4, 3), to_invert=round(lower, 3), year=2010, district=zone,
        )  # fmt: skip
