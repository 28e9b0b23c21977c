"""What is asked when a city has its choices worked out?"""

from dataclasses import asdict, dataclass

from wenqu.errors import BadInput

MOST_LEVELS, MOST_KNOWN, MOST_DRAWS = 8, 10, 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be worked out."""

    probabilities: tuple[float, ...] = (0.5, 0.7, 0.8, 0.9, 0.95)
    budget: float = 0.8  # [-] of the money that is left; 1: not asked
    later: int = 1  # windows by which dates move; 0: not asked
    share: float = 0.1  # [-] by which the shares of capacity are lowered; 0: not asked
    money: float = 1e6  # [yuan] more in one window
    crew_days: float = 220.0  # [d] of one more crew in a window
    knowing: int = 3  # unknowns whose worth is solved for truly
    draws: int = 6  # programmes chosen anew for each


def check_wanted(wanted: Wanted) -> Wanted:
    """Return what is asked for.

    Raises
    ------
    BadInput
        It cannot be.
    """
    good = (
        len(wanted.probabilities) <= MOST_LEVELS
        and all(0.5 <= one <= 0.999 for one in wanted.probabilities)
        and 0 < wanted.budget <= 1
        and 0 <= wanted.later <= 10
        and 0 <= wanted.share < 1
        and 0 < wanted.money <= 1e12
        and 0 < wanted.crew_days <= 1e6
        and 0 <= wanted.knowing <= MOST_KNOWN
        and 2 <= wanted.draws <= MOST_DRAWS
    )
    if not good:
        raise BadInput("plan-choices", **{**asdict(wanted), "probabilities": list(wanted.probabilities)})
    return wanted
