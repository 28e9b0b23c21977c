"""A programme that was made anew: from which facts, what that costs, and is anything only assumed?"""

from dataclasses import dataclass

from wenqu.records.programme import Programme


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is otherwise than when the last programme was made."""

    kind: str  # sentence: replan.fact.<kind>
    about: str  # method, rule, lot, plant, window; "" for the city
    before: float | None = None  # in ``unit``
    after: float | None = None
    unit: str = ""
    assets: tuple[str, ...] = ()  # the assets it speaks of
    methods: tuple[str, ...] = ()  # rows of the price table it speaks of
    ids: tuple[str, ...] = ()  # verifications behind it
    said: str = ""  # of a rule: what it says now
    assumed: bool = False  # asked "what if"; not filed anywhere


@dataclass(frozen=True, slots=True)
class Replan:
    """A programme made anew as a proposal; it becomes the city's programme when it is filed."""

    id: str
    base: str  # id of the programme it starts from
    programme: Programme
    facts: tuple[Fact, ...]
    asked: str  # what was asked to be otherwise, as JSON
    change_price: float  # [yuan] that leaving what was announced costs
    keeping: tuple[str, ...]  # rules that the announced programme would miss now, as JSON each
    keeping_cost: float  # [yuan] of the announced works that are left, at today's prices
    overdue: tuple[str, ...]  # due dates that have passed
    assumed: bool  # rests on something that is not filed: it cannot become the programme
    at: str
    by: str
    simulated: bool = False
