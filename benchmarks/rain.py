"""Is the rain that each area lets in found, and how much better than by subtracting meters?

The peer is what an engineer does by hand: over every rain, the flow above the mean dry day of the meter,
moved to the level of the day before; its volume over the rain; each meter less the next ones above it,
nothing below zero.
"""

from collections.abc import Iterator

import numpy as np
from _rain_truth import HOUR, RainTruth, rain_truth

from wenqu.diagnosis.rain_areas import areas_above, differences, meter_errors
from wenqu.diagnosis.rain_events import after_rain, storms
from wenqu.diagnosis.rain_response import Record, parts_of, rain_response

CITIES, FEW = 20, 3
METERS = (20, 40)
FIRST_SEED = 3001


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield the errors of the rain of the areas beside those of usual practice; less is better."""
    count = FEW if quick else CITIES
    for meters in METERS:
        scores = [judged(rain_truth(meters, FIRST_SEED + city)) for city in range(count)]
        middle = {name: float(np.median([score[name] for score in scores])) for name in scores[0]}
        yield row(
            f"error of rain by area, M={meters}", middle["ours"], middle["usual"], middle["ratio"], count
        )
        yield row(f"bias of the total, M={meters}", middle["bias"], middle["usual_bias"], None, count)
        yield row(f"truth within 90 %, M={meters}", middle["cover"], None, None, count)
        yield row(f"five worst found, M={meters}", middle["top5"], middle["usual_top5"], None, count)


def row(name: str, ours: float, peer: float | None, ratio: float | None, runs: int) -> dict[str, object]:
    """Return one row of the table."""
    return {"name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": "-", "runs": runs, "target": ""}


def judged(truth: RainTruth) -> dict[str, float]:
    """Return the scores of both ways on one city."""
    part = parts_of(truth.times)
    made = [rain_response(Record(truth.times, HOUR, flow, truth.rain, part)) for flow in truth.flow]
    seen = np.array([one.speeds[:2].sum() for one in made])
    without = np.stack([one.without[:, one.hours <= 240].sum(axis=1) for one in made], axis=1)
    error = meter_errors(without, seen, np.full(len(seen), 0.06))
    found = areas_above(truth.above, seen, error, truth.length)
    usual = differences(truth.above, usual_meters(truth))
    size = truth.let_in.sum()
    ours, theirs = (float(np.abs(one - truth.let_in).sum() / size) for one in (found.mean, usual))
    worst = set(np.argsort(-truth.let_in)[:5])
    top, theirs_top = (len(worst & set(np.argsort(-one)[:5])) / 5 for one in (found.mean, usual))
    return {
        "ours": ours, "usual": theirs, "ratio": ours / theirs,
        "bias": float(found.mean.sum() / size - 1), "usual_bias": float(usual.sum() / size - 1),
        "cover": float(((found.low <= truth.let_in) & (truth.let_in <= found.high)).mean()),
        "top5": top, "usual_top5": theirs_top,
    }  # fmt: skip


def usual_meters(truth: RainTruth) -> np.ndarray:
    """Return the area of each meter by its mean dry day and the day before each rain. (M,) [m²]"""
    dry = ~after_rain(truth.rain, HOUR, 48.0)
    hour = np.arange(len(truth.times)) % 24
    found = np.zeros(len(truth.flow))
    events = storms(truth.times, truth.rain)
    for meter, flow in enumerate(truth.flow):
        day = np.array([np.nanmean(flow[dry & (hour == one)]) for one in range(24)])
        above = flow - day[hour]
        volume = depth = 0.0
        for one in events:
            before = above[max(0, one.first - 24) : one.first]
            if np.isfinite(before).any():
                volume += float(np.nansum(above[one.first : one.end] - np.nanmean(before))) * HOUR
                depth += one.depth
        found[meter] = volume / depth
    return found
