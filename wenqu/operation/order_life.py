"""In which state is an order, what was done, and what does the next step need? Folded from its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from wenqu.operation.order_tables import SAME, Step, checklist, kinds, states, steps
from wenqu.records.counted import counted
from wenqu.records.order import Order, OrderEvent

FIRST = "issued"
ANSWERS = ("ok", "fault", "none")


@dataclass(frozen=True, slots=True)
class Run:
    """An order as it stands."""

    order: Order
    state: str = FIRST
    done_at: str = ""  # ISO time it was last reported done
    approved_at: str = ""
    sent_back: int = 0
    hands: tuple[str, ...] = ()  # accounts that did the work
    events: tuple[OrderEvent, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Tell whether it is still to be done or looked at."""
        return states()[self.state].open

    @property
    def apart(self) -> tuple[OrderEvent, ...]:
        """Return what came too late and is kept beside the order."""
        return tuple(event for event in self.events if event.apart)

    def overdue(self, day: str) -> bool:
        """Tell whether its day has passed before it was done."""
        waiting = self.state in {"issued", "accepted", "started"}
        return waiting and bool(self.order.until) and self.order.until < day

    def summed(self) -> tuple[float, dict[str, float]]:
        """Return the hours worked and the quantities, summed over what was reported. [h, SI]"""
        hours, made = 0.0, dict.fromkeys(kinds()[self.order.kind].quantities, 0.0)
        for event in self.events:
            if event.apart:
                continue
            hours += event.hours
            for name, value in event.quantities.items():
                made[name] = made.get(name, 0.0) + value
        return hours, made

    def photos(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the photos before and after, those kept beside the order too."""
        before = tuple(name for event in self.events for name in event.before)
        return before, tuple(name for event in self.events for name in event.after)


def run(order: Order, events: Iterable[OrderEvent]) -> Run:
    """Fold the events of an order. An event that was written twice counts once."""
    return reduce(_after, counted(events, steps()), Run(order))


def _after(before: Run, event: OrderEvent) -> Run:
    step = steps()[event.step]
    made = replace(before, events=(*before.events, event))
    if event.apart:
        return made
    if step.to != SAME:
        made = replace(made, state=step.to)
    if step.who == "work" and step.name != "note":
        made = replace(made, hands=tuple(dict.fromkeys((*made.hands, event.by))))
    if event.step == "done":
        made = replace(made, done_at=event.written_at or event.at)
    if event.step == "approve":
        made = replace(made, approved_at=event.at)
    if event.step == "send_back":
        made = replace(made, sent_back=made.sent_back + 1)
    return made


def open_steps(one: Run) -> tuple[Step, ...]:
    """Return the steps that lead on from where an order stands."""
    return tuple(step for step in steps().values() if one.state in step.from_)


def lacks(one: Run, event: OrderEvent) -> tuple[str, ...]:
    """Return what a step needs and neither the event nor what was reported before brings."""
    kind = kinds()[one.order.kind]
    answers = {name: value for past in (*one.events, event) for name, value in past.answers.items()}
    before, after = one.photos()
    brought = {
        "note": bool(event.note.strip()),
        "hours": one.summed()[0] + event.hours > 0,
        "checklist": all(answers.get(item.name) in ANSWERS for item in checklist(kind.name)),
        "photos": not kind.photos or bool((*before, *event.before) and (*after, *event.after)),
    }
    return tuple(need for need in steps()[event.step].needs if not brought[need])


def faults(one: Run) -> tuple[str, ...]:
    """Return the items of the checklist at which the crew found a fault, by the last answer."""
    answers = {name: value for event in one.events for name, value in event.answers.items()}
    return tuple(name for name, value in answers.items() if value == "fault")
