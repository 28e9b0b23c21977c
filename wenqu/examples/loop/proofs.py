"""Which works of the example city are judged by their meters, and what had these read before?

The readings of the example are one year. What lies before is that year again, a year and more earlier, with
noise of its own: a history that belongs to the meter. Where works are seen, more water ran before them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wenqu.records.verification import Judgement, Verification, WorksEnd
from wenqu.series.model import Series
from wenqu.services.effect_records import FLOW, meters, read_flows
from wenqu.services.judge_effect import judgement_of
from wenqu.services.register_effect import Wanted, made_verification
from wenqu.store.database import Store

EARLIER = 484  # [d] of history before the year
TURN = 364  # [d] whole weeks
NOISE = 0.025  # [-] of a day
FEWEST = 8000  # readings that a meter must have to be chosen
CUT = 0.25  # [-] by which the works that are seen have cut the flow
BUILDER = "问渠建工有限公司"


@dataclass(frozen=True, slots=True)
class Case:
    """One verification of the example: which meter, when the works were, whether they took water away."""

    id: str
    name: str
    begins: int  # [d] after the first of the year's readings
    lasts: int  # [d]
    cut: float
    method: str


PLAYED = (
    Case("V-1", "东岸支管修复（模拟）", 1, 20, CUT, "cipp"),
    Case("V-2", "西市接口灌浆（模拟）", 1, 25, 0.0, "joint_grouting"),
    Case("V-3", "南门主管翻新（模拟）", 320, 18, 0.0, "cipp"),
)


def earlier(year: Series) -> Series:
    """Return a record again, one and two years of whole weeks earlier, as far back as `EARLIER`."""
    first, day = year.times[0], np.timedelta64(86400, "s")
    times, values = [], []
    for turn in (2, 1):
        back = turn * TURN * day
        kept = (year.times - back >= first - EARLIER * day) & (year.times < first + TURN * day)
        times.append(year.times[kept] - back)
        values.append(year.values[kept])
    when = np.concatenate(times)
    flags = np.zeros(len(when), np.uint8)
    return replace(year, times=when, values=np.concatenate(values), flags=flags, simulated=True)


def earlier_flow(year: Series, cut: float, seed: int) -> Series:
    """Return what a meter had read before works that cut its flow, with days of its own."""
    made = earlier(year)
    day = (made.times.astype("datetime64[D]") - made.times[0].astype("datetime64[D]")).astype(int)
    noise = np.random.default_rng([seed, 171]).normal(0, NOISE, int(day[-1]) + 1)
    return replace(made, values=np.round(made.values / (1 - cut) * (1 + noise[day]), 6))


def chosen_meters(store: Store, city: str) -> list[str]:
    """Return four meters with a full year of readings: three that are judged and their control."""
    table = store.network(city, types=["meter"]).table("meter").ids
    known = {one.asset for one in store.series_index(city) if one.quantity == FLOW and one.count > FEWEST}
    return [str(name) for name in table if str(name) in known][: len(PLAYED) + 1]


def write_history(store: Store, city: str, names: Sequence[str]) -> None:
    """Write what the chosen meters and the gauges had read before their year."""
    flows = store.read_many(city, FLOW, list(names))
    rain = store.read_many(city, "rain", None)
    cuts = [one.cut for one in PLAYED] + [0.0]
    rows = [earlier_flow(flows[name], cuts[at], at) for at, name in enumerate(names)]
    store.write_series(city, [*rows, *(earlier(one) for one in rain.values())])


def statements(
    store: Store, city: str, names: Sequence[str], day: str
) -> Mapping[str, list[Verification] | list[WorksEnd] | list[Judgement]]:
    """Return verifications, ends of works and verdicts as they would have been filed in time."""
    control = names[-1]
    read = read_flows(store, city, names)
    first = min(read.flow[name].times[0] for name in names).astype("datetime64[D]")
    start = first + np.timedelta64(EARLIER, "D")
    made: list[Verification] = []
    ended: list[WorksEnd] = []
    judged: list[Judgement] = []
    for one, meter in zip(PLAYED, names, strict=False):
        begins = start + np.timedelta64(one.begins, "D")
        wanted = Wanted(meter, str(begins), CUT, id=one.id, name=one.name, control=control,
                        methods=((one.method, 1.0),), contractor=BUILDER, note="SIMULATED")  # fmt: skip
        found = meters(read, meter, control)
        stated = replace(made_verification(found, wanted), registered=str(begins - np.timedelta64(14, "D")),
                         by="example", simulated=True)  # fmt: skip
        end = WorksEnd(one.id, meter, str(begins + np.timedelta64(one.lasts, "D")), "example", simulated=True)
        made.append(stated)
        ended.append(end)
        verdict = judgement_of(found, stated, end, (day, "example"))
        judged += [] if verdict is None else [verdict]
    return {"verification": made, "works_end": ended, "judgement": judged}


def play_proofs(store: Store, city: str, who: str, day: str) -> int:
    """File the verifications of the example; return how many, 0 where the city has no readings."""
    names = chosen_meters(store, city)
    if len(names) <= len(PLAYED):
        return 0
    write_history(store, city, names)
    filed = statements(store, city, names, day)
    with store.change(city, who=who, why="verifications (simulated)") as change:
        for kind, rows in filed.items():
            change.add_records(kind, rows)
    return len(filed["verification"])
