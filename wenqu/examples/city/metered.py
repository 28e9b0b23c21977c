"""What do the supply meters and the plants' laboratories of the example city say, day by day?"""

from collections.abc import Iterator

import numpy as np

from wenqu.examples.city.land import Floats
from wenqu.examples.city.lists import rows
from wenqu.examples.city.mixing import TRACERS, WATERS, Mixer, strengths
from wenqu.examples.city.points import Points
from wenqu.examples.city.weather import Weather
from wenqu.series.model import Series, series
from wenqu.units import to_si

LEAKED = 1.12  # [-] water that goes in over water that is billed
NOISE, BIAS = 0.03, 0.02  # [-] of a supply meter
TP_NOISE = 0.07  # [-] of a day's sample
GAP = 0.006  # [-] share of the days that a meter does not report
DAY = 24  # hours
STAYS = TRACERS.index("nh3n")  # phosphorus stays like ammonia: neither decays on the way


def supply_series(zones: list[str], water: Floats, sky: Weather, seed: int, hours: int) -> Iterator[Series]:
    """Yield the daily metered supply of every metering zone; ``water`` is what its users are billed.

    Parameters
    ----------
    water
        Mean of the year, by zone. [m³/s]
    """
    days = sky.times[-hours:][::DAY]
    for number, (zone, billed) in enumerate(zip(zones, water, strict=True)):
        generator = np.random.default_rng([seed, 151, number])
        bias = float(np.clip(generator.normal(0, BIAS), -0.05, 0.05))
        values = billed * LEAKED * (1 + bias) * (1 + generator.normal(0, NOISE, len(days)))
        kept = generator.random(len(days)) > GAP
        yield series(zone, "supply", days[kept], np.round(values, 7)[kept], simulated=True)


def laboratory_series(
    places: Points, owners: list[str], mixer: Mixer, sky: Weather, seed: int
) -> Iterator[Series]:
    """Yield total phosphorus and water temperature of every plant's inflow, one of each a day."""
    chosen = np.flatnonzero(places.kind == 2)
    if not len(chosen):
        return
    mean = [
        to_si(float(row["mean"]), row["unit"])
        for water in WATERS
        for row in rows("mixture")
        if (row["kind"], row["tracer"]) == (water, "tp")
    ]
    passing = mixer.passing(chosen)
    hours = passing.parts.shape[2]
    times, warm = sky.times[-hours:], sky.temperature[-hours:]
    whole = hours // DAY * DAY
    days = times[:whole][::DAY]
    parts = passing.parts[:, :, :whole].reshape(4, len(chosen), -1, DAY).sum(axis=3)
    salts = np.array([strengths(water)[0][STAYS] for water in WATERS])
    ammonia = passing.loads[STAYS][:, :whole].reshape(len(chosen), -1, DAY).sum(axis=2)
    sewage = (ammonia - np.tensordot(salts[1:], parts[1:], axes=1)) / salts[0]  # as strong as it is there
    loads = mean[0] * sewage + np.tensordot(np.array(mean[1:]), parts[1:], axes=1)
    carried = loads / np.maximum(parts.sum(axis=0), 1e-12)
    heat = warm[:whole].reshape(-1, DAY).mean(axis=1)
    for row, place in enumerate(chosen):
        generator = np.random.default_rng([seed, 152, int(place)])
        noise = 1 + generator.normal(0, TP_NOISE, len(days))
        yield series(owners[place], "tp", days, np.round(carried[row] * noise, 7), simulated=True)
        shown = heat + generator.normal(0, 0.3, len(days))
        yield series(owners[place], "temperature", days, np.round(shown, 1), simulated=True)
