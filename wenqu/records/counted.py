"""Which events of a life count? Each once, however often it was written, and only steps that are known."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, TypeVar


class Event(Protocol):
    """One step in the life of something: a problem, an order."""

    @property
    def id(self) -> str:
        """Return what it was called by whoever wrote it."""
        ...

    @property
    def step(self) -> str:
        """Return the row of the table of steps."""
        ...


Some = TypeVar("Some", bound=Event)


def counted(events: Iterable[Some], known: Collection[str]) -> Iterator[Some]:
    """Yield the events that count, in their order."""
    seen: set[str] = set()
    for event in events:
        if event.id not in seen and event.step in known:
            seen.add(event.id)
            yield event
