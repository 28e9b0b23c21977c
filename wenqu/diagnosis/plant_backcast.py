"""Would the last twelve months have been foretold, had only flow and temperature been known?

The forecast of a month knows its flow and temperature and nothing of its BOD5: a constant load of sewage
that decays faster when it is warm, thinned by whatever flows beyond it. The load is that of the months
before, or of all other months where the record is too short for that. Interval 5-95 %: Student's t on the
logarithm of how far the other months lie from the same forecast.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.plant_history import FEWEST, Span, weighted
from wenqu.diagnosis.plant_record import PlantDays

Floats = npt.NDArray[np.float64]
MONTHS = 12  # that are foretold
LEAST = 6  # months that a forecast rests on
DECAYS = tuple(0.05 * step for step in range(11))  # [-] tried where nobody says the way
BEFORE, OTHERS = "before", "others"


@dataclass(frozen=True, slots=True)
class BackMonth:
    """One month foretold."""

    month: str
    flow: float  # [m³/s] that really ran
    temperature: float  # [°C] NaN where it was not read
    measured: float  # [kg/m³]
    forecast: Span  # [kg/m³]

    @property
    def held(self) -> bool:
        """Whether the measured mean lies in the interval."""
        return self.forecast[1] <= self.measured <= self.forecast[2]


@dataclass(frozen=True, slots=True)
class Backcast:
    """The last months foretold, and how well."""

    rests_on: str  # before | others: which months the load comes from
    months: tuple[BackMonth, ...]
    held: int
    error: float  # [-] mean of |forecast - measured| / measured
    plain_error: float  # [-] the same when the mean of those months is the forecast
    bias: float  # [-] mean of (forecast - measured) / measured


@dataclass(frozen=True, slots=True)
class _Months:
    """Monthly figures. m months"""

    names: list[str]
    flow: Floats
    bod5: Floats
    temperature: Floats


def backcast(record: PlantDays, decay: float, clean: float) -> Backcast | None:
    """Return the last months foretold by flow and temperature; None where fewer than seven are known.

    Parameters
    ----------
    decay
        Decay on the way at 20 °C: rate times travel time; NaN: what fits the other months best. [-]
    clean
        BOD5 of the clean water. [kg/m³]
    """
    found = _months(record)
    size = len(found.names)
    if size <= LEAST:
        return None
    rests_on = BEFORE if size >= MONTHS + LEAST else OTHERS
    made, plain = [], []
    for at in range(max(0, size - MONTHS), size):
        others = np.arange(at) if rests_on == BEFORE else np.delete(np.arange(size), at)
        made.append(
            BackMonth(
                found.names[at], float(found.flow[at]), float(found.temperature[at]), float(found.bod5[at]),
                _forecast(found, others, at, (decay, clean)),
            )
        )  # fmt: skip
        plain.append(float(found.bod5[others].mean()))
    measured = np.array([one.measured for one in made])
    told = np.array([one.forecast[0] for one in made])
    return Backcast(
        rests_on, tuple(made), sum(one.held for one in made),
        float((np.abs(told - measured) / measured).mean()),
        float((np.abs(np.array(plain) - measured) / measured).mean()),
        float(((told - measured) / measured).mean()),
    )  # fmt: skip


def _months(record: PlantDays) -> _Months:
    flow, bod5, temperature = (record.of(name) for name in ("flow", "bod5", "temperature"))
    month = record.days.astype("datetime64[M]")
    names, rows = [], []
    for one in np.unique(month):
        mine = month == one
        both = np.isfinite(flow[mine]) & np.isfinite(bod5[mine]) & (flow[mine] > 0)
        mean = weighted(flow[mine], bod5[mine])
        if both.sum() < FEWEST or not mean > 0:
            continue
        warm = temperature[mine]
        warm = warm[np.isfinite(warm)]
        names.append(str(one))
        rows.append((float(np.nanmean(flow[mine])), mean, float(warm.mean()) if len(warm) else np.nan))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return _Months(names, table[:, 0], table[:, 1], table[:, 2])


def _fit(found: _Months, others: npt.NDArray[np.int64], rule: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return every month as some others foretell it, and how far those lie from it. [kg/m³, -]"""
    decay, clean = rule
    warm = np.where(np.isnan(found.temperature), 20.0, found.temperature)
    left = np.exp(-decay * default("decay_temperature") ** (warm - 20.0))
    beyond = clean * np.maximum(found.flow - found.flow[others].min(), 0.0)
    load = float(((found.bod5 * found.flow - beyond) / left)[others].mean())
    told = (load * left + beyond) / found.flow
    return told, np.log(np.maximum(found.bod5[others], 1e-9)) - np.log(np.maximum(told[others], 1e-9))


def _forecast(found: _Months, others: npt.NDArray[np.int64], at: int, rule: tuple[float, float]) -> Span:
    """Return the BOD5 of one month from its flow and temperature and the load of other months."""
    tried = DECAYS if np.isnan(rule[0]) else rule[:1]
    fits = [_fit(found, others, (decay, rule[1])) for decay in tried]
    told, apart = min(fits, key=lambda fit: float(fit[1].std()))
    count = len(others)
    half = float(student.ppf(0.95, count - 1) * apart.std(ddof=1) * np.sqrt(1 + 1 / count))
    middle = float(told[at])
    return (middle, middle * float(np.exp(-half)), middle * float(np.exp(half)))
