"""What does one sample at a manhole say about a source above it?

Every kind of reading is turned into one number, the logarithm of how much more likely it is with the
source above than without. A wrong reading is part of it: no single sample can settle a search.
"""

import math
from dataclasses import dataclass

from wenqu.errors import BadInput

SURE = 1e-12


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a sample shows what it looks for. With other sources about, a false sight is likelier."""

    hit: float = 0.95  # [-] seen when the source is above
    false: float = 0.05  # [-] seen when it is not

    def __post_init__(self) -> None:
        """Refuse chances that teach nothing or that leave no room for error.

        Raises
        ------
        BadInput
            Not 0 < false < hit < 1.
        """
        if not 0 < self.false < self.hit < 1:
            raise BadInput("search-chances", hit=self.hit, false=self.false)

    def log_ratio(self, *, seen: bool) -> float:
        """Return ln P(reading | above) − ln P(reading | not above)."""
        if seen:
            return math.log(self.hit / self.false)
        return math.log((1 - self.hit) / (1 - self.false))


@dataclass(frozen=True, slots=True)
class Tracer:
    """A value that can be measured: what it is without the source, and with it."""

    background: float
    signal: float
    sd: float  # of both, of readings and of the water itself
    wrong: float = 0.01  # [-] samples that tell nothing: mixed up, wrong bottle, instrument out of order

    def __post_init__(self) -> None:
        """Refuse a tracer that cannot tell.

        Raises
        ------
        BadInput
            Signal and background are equal, the spread is not positive, or wrong is no share below one half.
        """
        if self.signal == self.background or not self.sd > 0 or not 0 < self.wrong < 0.5:
            raise BadInput("search-tracer", signal=self.signal, background=self.background, sd=self.sd)

    def log_ratio(self, value: float) -> float:
        """Return ln p(value | above) − ln p(value | not above).

        Two normal distributions of one spread; a share ``wrong`` of the samples comes from the other one,
        so the ratio is held between ± ln((1 − wrong) / wrong). A value between both tells little, one far
        to a side tells as much as the tracer is worth.
        """
        towards = (self.signal - self.background) / self.sd**2
        raw = towards * (value - (self.signal + self.background) / 2)
        with_, without = (1.0, math.exp(-raw)) if raw > 0 else (math.exp(raw), 1.0)
        keep = 1 - self.wrong
        return math.log((keep * with_ + self.wrong * without) / (keep * without + self.wrong * with_))

    def chances(self) -> Chances:
        """Return the chances of a yes or no that teaches about as much: for the choice of the next place."""
        tail = 0.5 * math.erfc(abs(self.signal - self.background) / self.sd / 2 / math.sqrt(2))
        miss = min(max((1 - self.wrong) * tail + self.wrong * (1 - tail), SURE), 0.49)
        return Chances(1 - miss, miss)
