"""Why does sewage of 200 mg/L arrive at a plant with 60, and would sealing the sewers suffice?

The way from the source to the plant is told in steps, each the change of the concentration when one more
thing is taken into account, in this fixed order: decay on the way, groundwater, river water, rain, sewage
that never arrives. The order matters for the size of the single steps, not for the end. What the steps do
not explain of the measured concentration stands as the last step.

Interval 5-95 %: seeded draws of the posterior flows (with their covariance), the end members, the decay and
the rain, taken as Gaussian and cut at nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
LIKELY = 0.9  # chance from which a target is likely met where nobody measures
STEPS = ("decay", "groundwater", "river", "rain", "missing")
HOUR = 3600.0
Number = tuple[float, float]  # mean and standard deviation


@dataclass(frozen=True, slots=True)
class PlantWaters:
    """What comes to a plant, flows in m³/s and concentrations in kg/m³."""

    flow: Floats  # (3,) sewage that arrives, groundwater, river water
    flow_covariance: Floats  # (3, 3)
    generated: Number  # sewage of all users above the plant
    rain: Number  # rain water in the yearly mean
    concentration: Floats  # (4,) sewage at the source, groundwater, river, rain
    concentration_sd: Floats  # (4,)
    loss: Number  # [-] share of the sewage's load that decays on the way
    measured: Number  # (NaN, NaN) without readings
    target: float
    assessed: float = float("nan")  # the mean by which the target is judged; NaN: the measured one


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall."""

    key: str  # source | decay | groundwater | river | rain | missing | unexplained | arriving
    change: float  # [kg/m³] the level itself for source and arriving
    low: float  # [kg/m³] 5 %
    high: float  # [kg/m³] 95 %
    level: float  # [kg/m³] concentration after the step


@dataclass(frozen=True, slots=True)
class PlantDilution:
    """The waterfall of a plant with its verdict."""

    steps: tuple[Step, ...]
    sealed: float  # [kg/m³] what would arrive without any clean water
    sealed_low: float
    sealed_high: float
    clean_share: float  # [-] clean water in the flow now
    clean_share_allowed: float  # [-] that it may hold for the target; negative when none helps
    verdict: str  # meets (measured) | sealing-suffices | sealing-cannot-suffice
    verdict_chance: float  # [-] share of the draws in which sealing can suffice
    clean_share_low: float = float("nan")  # [-] of 90 %
    clean_share_high: float = float("nan")
    unmeasured: str = ""  # likely | open | unlikely: whether the target is met where nobody measures; else ""


def decay_loss(travel: float, temperature: float = 20.0) -> Number:
    """Return the share of BOD5 lost on the way and its standard deviation: 1 - exp(-k τ).

    Parameters
    ----------
    travel
        Flow-weighted mean travel time. [s]
    temperature
        Of the sewage. [°C]
    """
    warm = default("decay_temperature") ** (temperature - 20.0)
    rate, error = default("decay_rate") * warm, default("decay_rate_error") * warm
    left = float(np.exp(-rate * travel))
    return 1.0 - left, error * travel * left


def arriving(source: float, loss: float, clean_share: float, clean: float) -> float:
    """Return C = C_s (1 - ℓ)(1 - φ) + φ C_e. [unit of the concentrations]

    Examples
    --------
    >>> round(arriving(200, 0.15, 0.42, 5), 1)
    100.7
    """
    return source * (1 - loss) * (1 - clean_share) + clean_share * clean


def allowed_clean_share(source: float, loss: float, clean: float, target: float) -> float:
    """Return the share of clean water at which the target is just met; negative when none is small enough."""
    return (source * (1 - loss) - target) / (source * (1 - loss) - clean)


def margins(source: float, clean: float, target: float) -> Number:
    """Return what a cubic metre does for the target: clean water kept out, sewage brought in. [kg/m³]"""
    return target - clean, source - target


def _levels(flow: Floats, generated: Floats, rain: Floats, water: Floats, loss: Floats) -> Floats:
    """Return concentrations after each step for many draws. (D, 6)"""
    d, g, r = flow.T
    arriving_source = water[:, 0] * (1 - loss)
    bottom, top = generated, generated * arriving_source
    levels = [water[:, 0], arriving_source]
    for amount, kind in ((g, 1), (r, 2), (rain, 3)):
        bottom, top = bottom + amount, top + amount * water[:, kind]
        levels.append(top / bottom)
    levels.append((top - (generated - d) * arriving_source) / (bottom - generated + d))
    return np.stack(levels, axis=1)


def plant_dilution(waters: PlantWaters, *, draws: int = 2000, seed: int = 1) -> PlantDilution:
    """Return the waterfall from the source to the plant and whether sealing can suffice.

    Raises
    ------
    NotEnoughData
        No sewage is known to arrive, or none to be made.
    """
    if not waters.flow[0] > 0 or not waters.generated[0] > 0:
        raise NotEnoughData("no-sewage", flow=float(waters.flow[0]))
    generator = np.random.default_rng(seed)
    normal = generator.normal(size=(draws, 8))
    flow = generator.multivariate_normal(waters.flow, waters.flow_covariance, size=draws, method="eigh")
    flow = np.maximum(flow, [waters.flow[0] * 0.05, 0.0, 0.0])
    generated = np.maximum(
        waters.generated[0] + waters.generated[1] * normal[:, 0], waters.generated[0] * 0.05
    )
    rain = np.maximum(waters.rain[0] + waters.rain[1] * normal[:, 1], 0.0)
    water = np.maximum(waters.concentration + waters.concentration_sd * normal[:, 2:6], 0.0)
    loss = np.clip(waters.loss[0] + waters.loss[1] * normal[:, 6], 0.0, 0.95)
    drawn = _levels(flow, generated, rain, water, loss)
    means = [np.array([value]) for value in (waters.generated[0], waters.rain[0], waters.loss[0])]
    middle = _levels(waters.flow[None], means[0], means[1], waters.concentration[None], means[2])[0]
    sealed_draws = drawn[:, 1]
    sealed_low, sealed_high = np.percentile(sealed_draws, [5, 95])
    clean = float(waters.flow[1:].sum() + waters.rain[0])
    beside = flow[:, 1:].sum(axis=1) + rain
    clean_low, clean_high = np.percentile(beside / (beside + flow[:, 0]), (5, 95))
    share = clean / (clean + float(waters.flow[0]))
    measured = bool(np.isfinite(waters.measured[0]))
    judged = waters.assessed if np.isfinite(waters.assessed) else waters.measured[0]
    chance = float((drawn[:, -1] >= waters.target).mean())
    guess = "likely" if chance >= LIKELY else "unlikely" if chance <= 1 - LIKELY else "open"
    enough = default("sufficient_margin") * waters.target
    verdict = "sealing-suffices" if middle[1] >= enough else "sealing-cannot-suffice"
    steps = _steps(middle, drawn, waters.measured, normal[:, 7])
    mixed = float(waters.flow[1:] @ waters.concentration[1:3] + waters.rain[0] * waters.concentration[3])
    return PlantDilution(
        steps,
        float(middle[1]),
        float(sealed_low),
        float(sealed_high),
        share,
        allowed_clean_share(
            waters.concentration[0], waters.loss[0], mixed / clean if clean > 0 else 0.0, waters.target
        ),
        "meets" if measured and judged >= waters.target else verdict,
        float((sealed_draws >= enough).mean()),
        float(clean_low),
        float(clean_high),
        "" if measured else guess,
    )


def _steps(middle: Floats, drawn: Floats, measured: Number, normal: Floats) -> tuple[Step, ...]:
    low, high = np.percentile(drawn[:, 0], [5, 95])
    steps = [Step("source", float(middle[0]), float(low), float(high), float(middle[0]))]
    for place, key in enumerate(STEPS, start=1):
        low, high = np.percentile(drawn[:, place] - drawn[:, place - 1], [5, 95])
        change = float(middle[place] - middle[place - 1])
        steps.append(Step(key, change, float(low), float(high), float(middle[place])))
    end, ends = float(middle[-1]), drawn[:, -1]
    if np.isfinite(measured[0]):
        readings = measured[0] + np.nan_to_num(measured[1]) * normal
        low, high = np.percentile(readings - ends, [5, 95])
        steps.append(Step("unexplained", measured[0] - end, float(low), float(high), measured[0]))
        end, ends = measured[0], readings
    low, high = np.percentile(ends, [5, 95])
    steps.append(Step("arriving", end, float(low), float(high), end))
    return tuple(steps)
