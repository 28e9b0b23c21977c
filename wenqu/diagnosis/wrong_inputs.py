"""Which of the things that were told is wrong, when meters contradict each other?

Tried are bills that err more than they say, clocks that are hours off, a day of sewage that is not this
city's, and each meter that would have to be off by far more than it says. What makes the readings more
probable by ``PLAIN`` log units is believed; then the rest is asked again. Bills and meters that are trusted
less need no more than to be about as probable: of two answers that explain the readings alike, the one that
contradicts no meter is wider, and so the honest one.

References
----------
Bayes factors by Laplace's approximation, as in ``model_evidence``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.expected_inflow import balance_of
from wenqu.diagnosis.joint_inversion import PASSES, Inversion, invert, tried
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.joint_unknowns import TALLER, Expected, Sizes
from wenqu.diagnosis.model_evidence import log_evidence
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.travelled_waves import HOURS, Ways

Floats = npt.NDArray[np.float64]
ODD = 3.0  # errors by which a meter may differ from all others before that is told
PLAIN = {"clock": 3.0, "day": 3.0, "bills": -2.0, "meter": -2.0}  # log units: least gain of a fault
WORSE_BILLS = (2.0, 4.0)  # their error against what was told
DAYS = ("clock", "day")  # faults that all meters would show
LATE = 3  # [h] less than that is the speed of the wave
WAVES = (0.25, 0.6, 1.4)  # [m/s] tried with each hour
FAR_TALLER = 0.3  # [-] of the height of all waves
LET, UNTRUSTED = 2.0, 0.5  # of the error found, which the others still hold back; [-] at least
LEAST_READ = 0.05  # [-] of what flows, that a meter reads at least when it is put right
MOST = 6  # faults that are believed at once
SUSPECTS = 3  # meters that are asked at a time
UNKNOWN_HOUR, UNKNOWN_HEIGHT = 0.2, 0.15  # [-] errors of the default day, where the case has none


@dataclass(frozen=True, slots=True)
class Fault:
    """Something told that is not believed."""

    kind: str  # bills | clock | day | meter
    amount: float  # times the error of the bills; hours that clocks are ahead; [-] error let to the meter
    meter: int = -1  # -1: none
    gain: float = 0.0  # log Bayes factor


@dataclass(frozen=True, slots=True)
class Told:
    """What an inversion is made of, with its answer."""

    expected: Expected
    heard: Heard
    ways: Ways
    pattern: Floats  # (24,)
    sizes: Sizes
    found: Inversion

    @property
    def evidence(self) -> float:
        """Return the log density of the readings."""
        return log_evidence(self.found, self.expected, self.pattern, self.sizes)

    def odd(self) -> npt.NDArray[np.bool_]:
        """Return which meters the others contradict. (M,)"""
        return self._off() | (self._missed() > ODD)

    def _off(self) -> npt.NDArray[np.bool_]:
        return np.asarray(np.abs(self.found.bias) > ODD * np.maximum(self.expected.bias, 1e-4))

    def _missed(self) -> Floats:
        return np.nan_to_num(self.found.misfit * self.found.loose)

    def other(self, **what: Any) -> "Told":
        """Return the answer when something of it is told otherwise."""
        changed = replace(self, **what)
        if "pattern" in what:  # another day has another speed
            again = invert(changed.expected, self.heard, self.ways, changed.pattern, changed.sizes)
        else:
            heard = replace(self.heard, loose=self.found.loose)
            wave = (changed.pattern, self.found.celerity)
            again = tried(changed.expected, heard, self.ways, wave, changed.sizes, passes=PASSES)
        return replace(changed, found=again)

    def suspects(self) -> list[int]:
        """Return the meters that would have to be off the most, by their stated errors."""
        far = np.abs(self.found.bias) / np.maximum(self.expected.bias, 1e-4)
        order = np.argsort(-far)
        return [int(one) for one in order[:SUSPECTS] if far[one] > ODD]

    def turned(self) -> bool:
        """Return whether the day of all meters is far from as high as that of the users, or upside down."""
        return bool(abs(self.found.theta[self.found.layout.city(TALLER)]) > FAR_TALLER)

    def misread(self) -> bool:
        """Return whether most meters have another day than the model gives them."""
        waves = np.isfinite(self.found.misfit)
        return bool(waves.any() and (self._missed()[waves] > ODD).mean() > 0.5)


def without_faults(told: Told, before: Sequence[Fault] = ()) -> tuple[Told, list[Fault]]:
    """Return the answer when what contradicts the rest is no more believed, and what that was.

    Nothing is tried while no meter is contradicted, and nothing twice that stood ``before``.
    """
    faults, first = list(before), told.expected
    while (told.odd().any() or told.turned()) and len(faults) < MOST:
        now = told.evidence
        found = [(one, other, other.evidence - now) for one, other in _tries(told, faults)]
        found = [row for row in found if row[2] > PLAIN[row[0].kind]]
        if not found:
            break
        fault, other, gain = max(found, key=lambda row: row[2])
        told = other
        faults.append(replace(fault, gain=gain))
        unbelieved = sorted({one.meter for one in faults if one.meter >= 0})
        if fault.meter >= 0:  # what was expected went by what this meter reads
            size = _clean(told, unbelieved) / max(_clean(told, []), 1e-12)
            size /= float(told.expected.ground.sum() / max(first.ground.sum(), 1e-12))
            ground, river = told.expected.ground * size, told.expected.river * size
            told = told.other(expected=replace(told.expected, ground=ground, river=river))
    return told, faults


def _clean(told: Told, unbelieved: Sequence[int]) -> float:
    """Return the clean water that the outermost meters leave over, some put right first. [m³/s]"""
    flow = told.heard.mean.copy()
    flow[unbelieved] /= np.maximum(1 + told.found.bias[unbelieved], LEAST_READ)
    share = np.asarray(told.ways.above, dtype=np.float64)
    above = share > 0.0
    within = np.asarray((above[:, None] <= above[None]).all(axis=2))  # a row's areas are all a column's too
    same = within & within.T
    inner = np.asarray(within & ~same | np.tril(same, -1)).any(axis=1)
    chosen = ~inner & np.isfinite(flow)
    return balance_of(flow[chosen], share[chosen] @ told.expected.made).clean


def _tries(told: Told, faults: list[Fault]) -> list[tuple[Fault, Told]]:
    found = []
    for fault, what in _suspected(told, faults):
        try:
            other = told.other(**what)
        except np.linalg.LinAlgError:  # figures so far apart that no answer holds them all
            continue
        if fault.kind not in DAYS or not other.misread():
            found.append((fault, other))
    return found


def _suspected(told: Told, faults: list[Fault]) -> Iterator[tuple[Fault, dict[str, Any]]]:
    """Yield what may be wrong with what would be told instead."""
    kinds = {fault.kind for fault in faults}
    expected = told.expected
    if "bills" not in kinds and expected.made.any() and told.odd().any():
        for worse in WORSE_BILLS:
            yield Fault("bills", worse), {"expected": replace(expected, made_cv=expected.made_cv * worse)}
    if (told.misread() or told.turned()) and "clock" not in kinds:
        hours = _ahead(told)
        if abs(hours) >= LATE:
            yield Fault("clock", float(hours)), {"pattern": np.roll(told.pattern, hours)}
    if told.misread() and "day" not in kinds and told.sizes.hour < UNKNOWN_HOUR:
        wide = replace(told.sizes, hour=UNKNOWN_HOUR, taller=UNKNOWN_HEIGHT)
        yield Fault("day", 0.0), {"pattern": default_pattern(), "sizes": wide}
    for meter in told.suspects():
        bias = expected.bias.copy()
        bias[meter] = max(LET * abs(float(told.found.bias[meter])), UNTRUSTED)
        yield Fault("meter", float(bias[meter]), meter), {"expected": replace(expected, bias=bias)}


def _ahead(told: Told) -> int:
    """Return by how many hours the clocks of the flows seem ahead of that of the users, -11 to 12."""
    given = told.expected, told.heard, told.ways

    def evidence(hours: int) -> float:
        day = np.roll(told.pattern, hours)
        return max(tried(*given, (day, speed), told.sizes).evidence for speed in WAVES)

    best = max(range(HOURS), key=evidence)
    return best if best <= HOURS // 2 else best - HOURS
