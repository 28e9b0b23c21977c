"""A search for a source manhole by manhole: how it began, and every sample, in the order they were taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Search:
    """One search as it was started; samples and what came of them are events."""

    id: str
    start: str  # type/id of the place where the water was noticed; only what drains there is searched
    what: str  # what is looked for, in words
    hit: float = 0.95  # [-] how often a sample shows it when the source is above
    false: float = 0.05  # [-] how often it shows it otherwise
    tracer: tuple[float, ...] = ()  # background, signal, sd, share of wrong samples; () for seen or not seen
    unit: str = ""  # of the tracer
    others: float = 0.5  # [-] further sources expected beside the first
    radius: float = 200.0  # [m] as near as the search is to come
    sure: float = 0.965  # [-] belief at which it ends
    crews: int = 1
    district: str = ""
    body: str = ""  # who keeps the place where it began
    by: str = ""
    at: str = ""  # ISO time
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class SearchEvent:
    """One sample or decision. Its id is given where it was written: it counts once."""

    id: str
    search: str
    step: str  # reading | undo | found | stopped | close
    at: str  # ISO time it was filed
    by: str
    asset: str = ""  # type/id of the manhole
    answer: str = ""  # seen | unseen, of a reading without a value
    value: float | None = None  # of the tracer
    of: str = ""  # event that is taken back, or the found one that was stopped
    note: str = ""
    written_at: str = ""  # ISO time on the device that wrote it
    place: tuple[float, ...] = ()  # longitude, latitude of the device
    simulated: bool = False
