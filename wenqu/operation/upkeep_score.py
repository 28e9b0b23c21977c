"""How well does an upkeep body do? A score of items, each with the orders that it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wenqu.operation.order_life import Run
from wenqu.operation.order_tables import score_items


@dataclass(frozen=True, slots=True)
class Item:
    """One item: which orders count, and which of them are as they should be."""

    name: str
    weight: float
    good: tuple[str, ...]
    whole: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Return the share of good orders; None when none counts. [-]"""
        return len(self.good) / len(self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class BodyScore:
    """The score of one body in one period."""

    body: str
    since: str  # ISO date
    until: str  # ISO date
    items: tuple[Item, ...]
    hours: float  # [h]
    quantities: dict[str, float]  # SI

    @property
    def score(self) -> float | None:
        """Return the score of 100: the mean of the shares by weight, of items that have orders."""
        counted = [(item.weight, item.share) for item in self.items if item.share is not None]
        weight = sum(one for one, _ in counted)
        return 100 * sum(one * share for one, share in counted) / weight if weight else None


def upkeep_scores(runs: Sequence[Run], since: str, until: str) -> list[BodyScore]:
    """Return the score of each body for orders due (or, without a date, issued) in a period of whole days.

    Cancelled orders do not count. An item without orders takes no part: the others share its weight.
    """
    bodies = sorted({one.order.body for one in runs})
    counted = {body: [one for one in runs if _counts(one, body, since, until)] for body in bodies}
    return [_score(body, rows, since, until) for body, rows in counted.items()]


def _counts(one: Run, body: str, since: str, until: str) -> bool:
    day = one.order.until or one.order.at[:10]
    return one.order.body == body and one.state != "cancelled" and since <= day <= until


def _score(body: str, runs: list[Run], since: str, until: str) -> BodyScore:
    done = [one for one in runs if one.done_at and one.state in {"done", "closed"}]
    dated = [one for one in runs if one.order.until and (one in done or one.order.until < until)]
    approved = [one for one in runs if one.state == "closed"]
    good_whole = {
        "on_time": ((one for one in dated if one in done and one.done_at[:10] <= one.order.until), dated),
        "done": (done, runs),
        "right_first": ((one for one in approved if not one.sent_back), approved),
        "proved": ((one for one in done if _proved(one)), done),
    }
    items = tuple(
        Item(row.name, row.weight, *(_ids(some) for some in good_whole[row.name])) for row in score_items()
    )
    hours, summed = 0.0, dict[str, float]()
    for one in runs:
        worked, made = one.summed()
        hours += worked
        for name, value in made.items():
            summed[name] = summed.get(name, 0.0) + value
    return BodyScore(body, since, until, items, hours, summed)


def _proved(one: Run) -> bool:
    before, after = one.photos()
    return bool(before and after and any(event.place for event in one.events))


def _ids(runs: Iterable[Run]) -> tuple[str, ...]:
    return tuple(one.order.id for one in runs)
