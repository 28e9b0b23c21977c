"""Which asset of the city did a crew look at?

A pipe is known by its code, by another name of it, or by the manholes at its ends in either order; of
several between the same manholes the length decides. Where code and manholes disagree, or several fit
equally well, nothing is decided: the survey waits for a person, with what it may be.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from wenqu.network.model import Assets, Network, link_lengths
from wenqu.survey.pipe_names import ManholeNames, Names, aliases_of, plain_name, two_ends

NODES = ("manhole", "gully", "storage", "outfall", "station", "plant")
UNKNOWN, SEVERAL, CONTRADICTION = "unknown", "several", "contradiction"
SAME = 0.05  # share by which a length may differ and still be the same
LEAST = 1.0  # [m] the same for short pipes
MOST = 6  # proposals


@dataclass(frozen=True, slots=True)
class Pipe:
    """A conduit as a survey needs to know it."""

    id: str
    start: str  # manhole at the upper end, "" unknown
    end: str
    length: float  # [m], NaN unknown
    bore: float = float("nan")  # [m] inner height, NaN unknown


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a survey may have looked at, and why."""

    asset: str
    why: str  # code, manholes, similar, one-manhole, mistyped
    length: float  # [m] of that asset, NaN unknown


@dataclass(frozen=True, slots=True)
class Match:
    """What a survey looked at: one asset, or why that is not sure."""

    asset: str  # "" when it is not sure
    by: str = ""  # code, manholes, length
    direction: str = ""  # downstream, upstream, "" not told by the manholes
    trouble: str = ""  # unknown, several, contradiction
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What a crew's file says about where it was."""

    name: str  # of the pipe or manhole, "" when it names none
    start: str = ""  # manhole where the camera went in
    end: str = ""
    length: float = float("nan")  # [m] of the pipe, or at least seen
    type: str = "conduit"
    road: str = ""  # on which it says that the pipe lies


@dataclass(frozen=True)
class PipeIndex:
    """The pipes and manholes of a city by every name that they have."""

    pipes: Mapping[str, Pipe]
    pipe_names: Names
    nodes: Names
    between: Mapping[frozenset[str], Sequence[str]]
    at: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roads: Mapping[str, str] = field(default_factory=dict)  # of the pipes of which it is known


def pipes_of(conduits: Assets, some: Collection[str] | None = None) -> dict[str, Pipe]:
    """Return conduits as a survey needs to know them: all, or some."""
    if not len(conduits):
        return {}
    begin, end, lengths = conduits.column("from_id"), conduits.column("to_id"), link_lengths(conduits)
    heights = conduits.column("height")
    wanted = None if some is None else set(some)
    return {
        id_: Pipe(id_, str(begin[row] or ""), str(end[row] or ""), float(lengths[row]), float(heights[row]))
        for row, id_ in enumerate(map(str, conduits.ids.tolist()))
        if wanted is None or id_ in wanted
    }


def pipe_index(network: Network) -> PipeIndex:
    """Return every name by which the pipes and manholes of a network may be called."""
    conduits = network.table("conduit")
    pipes = pipes_of(conduits)
    between, at = dict[frozenset[str], list[str]](), dict[str, list[str]]()
    for one in pipes.values():
        between.setdefault(frozenset((one.start, one.end)), []).append(one.id)
        for node in {one.start, one.end} - {""}:
            at.setdefault(node, []).append(one.id)
    nodes = [network.tables[name] for name in NODES if name in network.tables]
    ids = [str(id_) for table in nodes for id_ in table.ids.tolist()]
    named = [pair for table in nodes for pair in _aliases(table)]
    where = conduits.column("road").tolist() if "road" in conduits.fields else []
    roads = {str(id_): str(road) for id_, road in zip(conduits.ids.tolist(), where, strict=False) if road}
    return PipeIndex(pipes, Names(pipes, _aliases(conduits)), ManholeNames(ids, named), between, at, roads)


def _aliases(table: Assets) -> list[tuple[str, str]]:
    columns = {"name": table.column("name").tolist()} if "name" in table.fields else {}
    columns |= {name: column.tolist() for name, column in table.extra.items()}
    return aliases_of(columns, table.ids.tolist())


def match(index: PipeIndex, sought: Sought) -> Match:
    """Return which asset a survey is of, or what it may be of.

    Examples
    --------
    >>> from wenqu.network.model import City, Network, assets
    >>> pipes = assets("conduit", ["P1"], {"from_id": ["A"], "to_id": ["B"], "length": [30.0]})
    >>> city = Network(City("x"), {"conduit": pipes, "manhole": assets("manhole", ["A", "B"], {})})
    >>> match(pipe_index(city), Sought("", "B", "A"))
    Match(asset='P1', by='manholes', direction='upstream', trouble='', proposals=())
    """
    if sought.type != "conduit":
        return _node(index, sought)
    named = index.pipe_names.sure(sought.name)
    ends = _by_ends(index, sought)
    both = named & ends
    if named and ends and not both:
        maybe = dict.fromkeys(named, "code") | dict.fromkeys(ends, "manholes")
        return _unsure(index, CONTRADICTION, maybe)
    fitting, by = (both or named or ends), "code" if named else "manholes"
    if len(fitting) > 1:
        near = _by_length(index, fitting, sought.length)
        if len(near) != 1:
            return _unsure(index, SEVERAL, dict.fromkeys(fitting, by))
        fitting, by = near, "length"
    if not fitting:
        return _unsure(index, UNKNOWN, _possible(index, sought))
    (asset,) = fitting
    return Match(asset, by, direction_of(index, asset, sought.start, sought.end))


def _node(index: PipeIndex, sought: Sought) -> Match:
    found = index.nodes.sure(sought.name) or index.nodes.sure(sought.start)
    if len(found) == 1:
        return Match(next(iter(found)), "code")
    name = sought.name or sought.start
    maybe = dict.fromkeys(found or index.nodes.similar(name), "similar")
    maybe = maybe or dict.fromkeys(sorted(index.nodes.mistyped(name)), "mistyped")
    return _unsure(index, SEVERAL if found else UNKNOWN, maybe)


def _by_ends(index: PipeIndex, sought: Sought) -> set[str]:
    pairs = [(one, other) for one in index.nodes.sure(sought.start) for other in index.nodes.sure(sought.end)]
    pairs = pairs or two_ends(sought.name, index.nodes)
    return {id_ for pair in pairs for id_ in index.between.get(frozenset(pair), ())}


def _by_length(index: PipeIndex, ids: set[str], length: float) -> set[str]:
    def near(id_: str) -> bool:
        own = index.pipes[id_].length
        return abs(own - length) <= max(SAME * own, LEAST)  # NaN is never near

    return {id_ for id_ in ids if near(id_)}


def _possible(index: PipeIndex, sought: Sought) -> dict[str, str]:
    """Return what is similar, and what else begins or ends at a manhole that is named."""
    found = dict.fromkeys(sorted(index.pipe_names.similar(sought.name)), "similar")
    starts = index.nodes.sure(sought.start) or index.nodes.similar(sought.start)
    ends = index.nodes.sure(sought.end) or index.nodes.similar(sought.end)
    for one in sorted(starts):
        for other in sorted(ends):
            found |= dict.fromkeys(index.between.get(frozenset((one, other)), ()), "similar")
    beside = {id_ for node in starts | ends for id_ in index.at.get(node, ())}
    near = _by_length(index, beside, sought.length)
    beside_it = dict.fromkeys(sorted(near), "one-manhole") | dict.fromkeys(sorted(beside), "one-manhole")
    return (beside_it | found) or dict.fromkeys(_mistyped(index, sought), "mistyped")


def _mistyped(index: PipeIndex, sought: Sought) -> list[str]:
    """Return what a code with one slip may be: of the road that is named, then of the length, first.

    Where some lie on that road, those of other roads are not named.
    """
    found = index.pipe_names.mistyped(sought.name)
    road = plain_name(sought.road)
    there = {id_ for id_ in found if road and plain_name(index.roads.get(id_, "")) == road}
    near = _by_length(index, there or found, sought.length)
    return sorted(there or found, key=lambda id_: (id_ not in near, id_))


def _unsure(index: PipeIndex, trouble: str, maybe: Mapping[str, str]) -> Match:
    order = {"code": 0, "manholes": 1, "similar": 2, "one-manhole": 3, "mistyped": 4}
    ranked = sorted(maybe, key=lambda id_: order[maybe[id_]])[:MOST]
    nan = float("nan")
    lengths = {id_: index.pipes[id_].length if id_ in index.pipes else nan for id_ in ranked}
    return Match("", "", "", trouble, tuple(Proposal(id_, maybe[id_], lengths[id_]) for id_ in ranked))


def direction_of(index: PipeIndex, asset: str, start: str, end: str) -> str:
    """Return whether a camera that went in at ``start`` went with the flow of a pipe; "" when unknown."""
    pipe = index.pipes[asset]
    begins, ends = index.nodes.sure(start), index.nodes.sure(end)
    if pipe.start == pipe.end:
        return ""
    if pipe.start in begins or pipe.end in ends:
        return "downstream"
    if pipe.end in begins or pipe.start in ends:
        return "upstream"
    return ""
