"""What must a programme obey? Windows, money, milestones and further conditions, SI inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wenqu.planning.conditions import (
    DistrictBudget,
    FlowRule,
    Fund,
    LeastWork,
    MarginRule,
    MethodDays,
    Moratorium,
    MustDo,
    MustNot,
    Order,
)


@dataclass(frozen=True, slots=True)
class ShareRule:
    """By the end of a window, plants with at least this share of the capacity meet their threshold."""

    by: str
    share: float  # [-] of design capacity
    source: str = ""
    pollutant: str = "bod5"
    threshold: float | None = None  # [kg/m³]; None each plant's own (for BOD5 alone)

    @property
    def usual(self) -> bool:
        """Tell whether it speaks of BOD5 and each plant's own threshold."""
        return self.pollutant == "bod5" and self.threshold is None


@dataclass(frozen=True, slots=True)
class LengthRule:
    """By the end of a window, at least this share of the bad length is mended."""

    by: str
    share: float  # [-] of the frozen denominator
    district: str = ""  # "" the city as a whole; "*" every district by itself; else one district
    source: str = ""
    of: float | None = None  # [m] denominator as it was frozen; None the bad length when the plan is made


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a programme must obey. SI inside; JSON outside carries the border unit in each name."""

    windows: tuple[str, ...]  # years, in order
    budgets: tuple[float, ...]  # [yuan] a window; inf where none is set
    crew_days: tuple[float, ...]  # [d] a window; inf where none is set
    threshold: float  # [kg/m³] influent BOD5, unless the plant has its own
    operator: str  # > or >=
    resolution: float  # [kg/m³] smallest step that counts as above
    shares: tuple[ShareRule, ...]
    lengths: tuple[LengthRule, ...]
    problem_grade: int  # structural grade that puts a conduit on the problem list
    must_grade: int  # structural grade that must be mended
    must_by: str  # window; "" when there is no such rule
    load_guard: bool  # the sewage load of no plant may fall
    pace: float  # [-] largest share of the whole cost in one window; 1 for none
    discount: float  # [-] a window; costs of later windows weigh less
    clean_bod: float  # [kg/m³] BOD5 of the clean water kept out
    premises_flow: float  # [m³/s] sewage that one set of premises brings back
    default: bool = False  # nobody of the city has confirmed them
    probability: float = (
        0.5  # [-] that a plant which counts as meeting does meet; 0.5 asks for the mean alone
    )
    # [yuan] a package that leaves what was announced: another year, another method, dropped, added
    change_prices: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    clean_others: Mapping[str, float] = field(default_factory=dict)  # [kg/m³] by pollutant, as clean_bod
    margins: tuple[MarginRule, ...] = ()
    flows: tuple[FlowRule, ...] = ()
    funds: tuple[Fund, ...] = ()
    district_budgets: tuple[DistrictBudget, ...] = ()
    method_days: tuple[MethodDays, ...] = ()
    moratoria: tuple[Moratorium, ...] = ()
    orders: tuple[Order, ...] = ()
    least: tuple[LeastWork, ...] = ()
    must_do: tuple[MustDo, ...] = ()
    must_not: tuple[MustNot, ...] = ()

    @property
    def pollutants(self) -> tuple[str, ...]:
        """Return which pollutants beside BOD5 the rules speak of."""
        named = {rule.pollutant for rule in self.shares} | {rule.pollutant for rule in self.margins}
        return tuple(sorted(named - {"bod5"}))

    @property
    def aim(self) -> float:
        """The concentration to reach: above means at least one step above. [kg/m³]"""
        return self.threshold + self.step

    @property
    def step(self) -> float:
        """What is added to a threshold when the operator is "above". [kg/m³]"""
        return self.resolution if self.operator == ">" else 0.0
