"""How is what rain does at meters and in areas written down?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.event_volumes import EventVolume
from wenqu.diagnosis.meter_methods import Stamp
from wenqu.diagnosis.rain_areas import Areas, MeterErrors, areas_above, meter_errors
from wenqu.diagnosis.rain_response import Record, Response, speed_of
from wenqu.diagnosis.rain_season import Against, by_season, by_size, by_wetness
from wenqu.diagnosis.rtk import Triangles
from wenqu.records.finding import Finding
from wenqu.records.rain import AreaRain, Comparison, MeterEvent, MeterRain, Share, Triangle
from wenqu.services.rain_inputs import RainInputs

Floats = npt.NDArray[np.float64]
Z90 = 1.6449
EVENT_WIDTH = 0.5  # [-] of what an area lets in at one event against the mean of all
EVENT_ERROR = 0.1  # [-] of one event's rain above one meter against the next


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One placed meter with what rain does there."""

    place: int  # among the placed meters
    record: Record
    response: Response
    triangles: Triangles
    events: tuple[EventVolume, ...]
    rises: int

    @property
    def triangles_skill(self) -> float:
        """Return what the triangles foretell, against the same pattern as the memories. [-]"""
        plain = self.response.plain
        return float(1.0 - self.triangles.left / plain) if plain > 0 and self.triangles.peak else 0.0

    @property
    def compared(self) -> dict[str, Against]:
        """Return how kinds of events answered against the others."""
        return {
            "season": by_season(self.events),
            "wetness": by_wetness(self.events, self.record.rain, self.record.step),
            "size": by_size(self.events),
        }


def _iso(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[s]"))


def _share(value: float, sd: float) -> Share:
    return Share(float(value), float(max(value - Z90 * sd, 0.0)), float(value + Z90 * sd))


def meter_row(given: RainInputs, one: Heard, stamp: Stamp) -> MeterRain:
    """Return what is filed of one meter."""
    observer = given.placed[one.place]
    land = float(given.ground.above[one.place] @ given.ground.size)
    bias = observer.bias_error
    speeds, sd = one.response.speeds, np.sqrt(np.maximum(np.diagonal(one.response.covariance), 0.0))
    errors = np.hypot(sd, bias * speeds)
    fast, slow, memory = (_share(*pair) for pair in zip(speeds.tolist(), errors.tolist(), strict=True))
    read = np.flatnonzero(one.record.used)
    compared = tuple(
        Comparison(about, found.verdict, found.ratio, found.low, found.high, found.here, found.there)
        for about, found in one.compared.items()
    )
    notes = tuple(
        f"rain.note.{row.about}-{row.verdict}" for row in compared if row.verdict in {"more", "less"}
    )
    triangles = tuple(
        Triangle(float(area / max(land, 1.0)), float(error / max(land, 1.0)), peak * 3600.0, recession)
        for area, error, peak, recession in zip(
            one.triangles.area, one.triangles.sd, one.triangles.peak, one.triangles.recession, strict=True
        )
    )
    return MeterRain(
        observer.type, observer.id, _iso(one.record.times[read[0]]), _iso(one.record.times[read[-1]]),
        land, given.ground.basis, float(np.nansum(one.record.rain) * one.record.step), fast, slow, memory,
        one.response.lag * one.record.step, triangles, one.response.skill, one.triangles_skill,
        tuple(_event(row, one.record.times, one.record.step) for row in one.events), compared, one.rises,
        given.distance_at(one.place), notes, stamp.version, stamp.by, stamp.at, stamp.simulated,
    )  # fmt: skip


def _event(row: EventVolume, times: npt.NDArray[np.datetime64], step: float) -> MeterEvent:
    storm = row.storm
    end = times[min(storm.end, len(times)) - 1] + np.timedelta64(int(step), "s")
    flags = tuple(name for name, there in (("cut", storm.cut), ("night", storm.night)) if there)
    half = Z90 * row.sd
    return MeterEvent(
        _iso(storm.since), _iso(storm.until), _iso(end), storm.depth, storm.peak, row.volume,
        row.volume - half, row.volume + half, row.foretold, row.peak, row.left_out, flags,
    )  # fmt: skip


def area_rows(given: RainInputs, heard: Sequence[Heard], stamp: Stamp) -> list[AreaRain]:
    """Return what the meters say together of every area between them, over the year and by event."""
    if not heard:
        return []
    land = given.ground
    rows = np.array([one.place for one in heard])
    bias = np.array([given.placed[row].bias_error for row in rows])
    speeds = np.array([one.response.speeds for one in heard])
    without = np.stack([one.response.without @ speed_of(one.response.hours) for one in heard])
    depth = np.nansum(given.area_rain, axis=1) * given.step
    fallen = np.array([np.nansum(one.record.rain) for one in heard]) * given.step
    above = _scaled(land.above[rows], depth, fallen)
    seen = [
        areas_above(above, values, meter_errors(without[..., kind].T, values, bias), land.weight)
        for kind, values in ((0, speeds[:, 0]), (1, speeds[:, 1]))
    ]
    both = speeds[:, 0] + speeds[:, 1]
    total = areas_above(above, both, meter_errors(without[..., :2].sum(axis=2).T, both, bias), land.weight)
    events = _by_event(given, heard, both, total)
    known = [row for row, end in enumerate(land.ends) if end in set(rows.tolist())]
    made = []
    for row in known:
        observer = given.placed[land.ends[row]]
        fast, slow = (Share(float(one.mean[row]), float(one.low[row]), float(one.high[row])) for one in seen)
        all_ = _share(fast.value + slow.value, float(total.sd[row]))
        size = max(float(land.size[row]), 1.0)
        mine = tuple(
            (since, float(one.mean[row] / size), float(one.low[row] / size), float(one.high[row] / size))
            for since, one in events
        )
        made.append(
            AreaRain(
                observer.type, observer.id, size, float(land.length[row]), float(depth[row]), fast, slow,
                all_, float(total.data_share[row]), mine, _iso(given.times[0]), _iso(given.times[-1]),
                stamp.version, stamp.by, stamp.at, stamp.simulated,
            )
        )  # fmt: skip
    return made


def _scaled(above: Floats, area: Floats, meter: Floats) -> Floats:
    """Return how much of each area a meter sees when it rained more or less there than above the meter."""
    found: Floats = above * area[None, :] / np.maximum(meter[:, None], 1e-9)
    return found


def _by_event(
    given: RainInputs, heard: Sequence[Heard], both: Floats, pooled: Areas
) -> list[tuple[str, Areas]]:
    """Return the areas by each event that enough meters have seen; what all events say is the prior."""
    found = []
    for number, storm in enumerate(given.storms):
        seen = [(row, one.events[number]) for row, one in enumerate(heard) if not one.events[number].left_out]
        if 2 * len(seen) < len(heard):
            continue
        rows = np.array([row for row, _ in seen])
        values = np.array([event.ratio for _, event in seen]) * both[rows]
        sd = np.array([np.hypot(event.ratio_sd, EVENT_ERROR) for _, event in seen]) * both[rows]
        depth = np.nansum(given.area_rain[:, storm.first : storm.last], axis=1) * given.step
        fallen = np.array([event.storm.depth for _, event in seen])
        above = _scaled(given.ground.above[[heard[row].place for row in rows]], depth, fallen)
        errors = MeterErrors(np.hypot(sd, 0.01 * float(both.max())), 0.0)
        found.append((_iso(storm.since), areas_above(above, values, errors, pooled.mean, EVENT_WIDTH)))
    return found


def findings_of(meters: Sequence[MeterRain], areas: Sequence[AreaRain]) -> list[Finding]:
    """Return the same as findings, so that cards and lists read them like those of every method."""
    return [
        *(one for row in meters for one in _said(row, "", row.notes)),
        *(one for row in areas for one in _said(row, "area_", ())),
    ]


def _said(row: MeterRain | AreaRain, prefix: str, notes: tuple[str, ...]) -> Iterator[Finding]:
    base = Finding(
        row.asset_type, row.asset, "rain_response", "", 0.0, 0.0, 0.0, "m²", row.since, row.until,
        (f"series:{row.asset}/flow", "series:rain"), notes, row.version, row.by, row.at, row.simulated,
    )  # fmt: skip
    for name, share in (("rain_fast", row.fast), ("rain_slow", row.slow)):
        facts: dict[str, float | str] = {"ground": row.ground, "r": share.value / max(row.ground, 1.0)}
        yield replace(
            base, quantity=prefix + name, value=share.value, low=share.low, high=share.high, facts=facts
        )
