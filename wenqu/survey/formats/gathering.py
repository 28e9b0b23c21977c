"""Which rows of a report speak of one inspection? All that is said about a pipe, brought together.

A sheet of one pipe makes an inspection; rows of the summaries join the inspection of their pipe, and make one
where there is no sheet. What disagrees is kept and told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.proposing import plain
from wenqu.survey.formats.cell_values import (
    clock_in,
    code_of,
    date_of,
    ends_of,
    level_of,
    stretch,
    there,
    tidy,
    word_in,
)
from wenqu.survey.formats.headings import FIGURES, IDENTITY, OF_DEFECT
from wenqu.survey.formats.sentences import in_sentences
from wenqu.survey.formats.table_rows import Event, Said
from wenqu.survey.named_places import named_manholes

DIFFERS = ("date", "film", "direction", "method", "report_id")  # two values are two inspections
OF_ROW = {*OF_DEFECT, "no", "finding", "silt"}
OPENS = ("成果表", "记录表")  # titles over the sheet of a pipe
HOUR = re.compile(r"\d\s*[:：时点]|上午|下午")
TITLE = 60  # letters up to which a line may be a title that names the method


@dataclass(slots=True)
class Row:
    """One row of a list of defects, or of findings."""

    event: Event
    tables: set[str]  # in which it stands


@dataclass(slots=True, eq=False)
class Gathered:
    """All that a file says about one inspection."""

    event: Event  # the first that speaks of it
    method: str  # of the part of the report it stands in
    said: dict[str, Said] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)  # by heading
    rows: list[Row] = field(default_factory=list)
    silt: list[Event] = field(default_factory=list)
    shots: list[Event] = field(default_factory=list)
    sheet: bool = False

    def text(self, name: str) -> str:
        """Return what is said of one field."""
        return self.said[name].text if name in self.said else ""

    def names(self) -> set[str]:
        """Return the names under which rows may speak of it."""
        return names_of(self.text("asset"), self.text("start"), self.text("end")) | {
            plain(self.text(name)) for name in ("manhole", "point") if self.text(name)
        }

    def fits(self, event: Event) -> bool:
        """Tell whether a row can be of this inspection: nothing it says contradicts."""
        return not self.from_other_end(event) and all(
            _alike(name, self.text(name), event.of(name)) for name in DIFFERS
        )

    def from_other_end(self, event: Event) -> bool:
        """Tell whether a row says that the camera went in at another manhole."""
        start = self.text("start") or ends_of(self.text("asset"))[0]
        return bool(start and event.of("start")) and plain(start) != plain(event.of("start"))

    def made_of_ends(self, asset: str) -> bool:
        """Tell whether a name is no more than the two manholes that the sheet of the pipe names."""
        ends = {plain(self.text("start")), plain(self.text("end"))}
        return self.sheet and "" not in ends and ends == {plain(one) for one in ends_of(asset)}

    def take(self, said: Iterable[Said]) -> None:
        """Note what is said; what stands already stays."""
        for one in said:
            if not there(one.text) or one.field in OF_ROW or one.field.startswith("item:"):
                continue
            if one.field:
                text = re.sub(r"\s*\n\s*", "", one.text) if one.field in IDENTITY else one.text
                self.said.setdefault(one.field, Said(one.field, one.heading, tidy(text), one.unit))
            else:
                self.other.setdefault(one.heading, tidy(one.text))


def _alike(name: str, one: str, two: str) -> bool:
    """Tell whether two texts of a field may mean the same: 2025年3月5日 and 2025-3-5, CCTV and 电视检测."""
    if not one or not two or plain(one) == plain(two):
        return True
    if name == "date":
        timed = HOUR.search(one) and HOUR.search(two)  # two hours of one day are two looks
        return not timed and bool(date_of(one)) and date_of(one) == date_of(two)
    return name in {"method", "direction"} and "" != word_in(name, one) == word_in(name, two)


def names_of(asset: str, start: str, end: str) -> set[str]:
    """Return the names of a pipe: its own, and its two ends in either order."""
    ends = (start, end) if start and end else ends_of(asset)
    both = {"|".join(sorted(plain(one) for one in ends))} if all(ends) else set()
    return both | ({plain(asset)} if asset else set())


@dataclass(slots=True)
class Gathering:
    """Inspections as they come together."""

    file: str
    method: str = ""  # named by the titles of the report, so far
    found: list[Gathered] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    index: dict[str, list[Gathered]] = field(default_factory=dict)
    current: Gathered | None = None  # the pipe whose sheet is being read
    pending: tuple[str, tuple[Said, ...]] = ("", ())  # of a table, before it names its pipe
    shown: set[str] = field(default_factory=set)  # names of the pictures that the file holds
    loose: list[tuple[Event, str]] = field(default_factory=list)  # rows that join when all sheets are known

    def place(self, event: Event) -> Place:
        """Return where an event stands."""
        return Place(self.file, event.table, event.row or None)

    def tell(self, rule: str, weight: Weight, event: Event, asset: str = "", **facts: object) -> None:
        """Note an Issue."""
        table = event.table.removeprefix("#")
        whole = {"table": table, "row": event.row, **facts}
        self.issues.append(Issue(rule, weight, "", asset, self.place(event), whole))

    def kept_back(self, event: Event) -> tuple[Said, ...]:
        """Return what the table of an event said before it named a pipe."""
        return self.pending[1] if self.pending[0] == event.table else ()

    def with_pending(self, event: Event) -> Event:
        """Return a row of a list with what stands above the list for all of its rows."""
        known = {one.field for one in event.said if one.field and one.text}
        more = tuple(one for one in self.kept_back(event) if one.field not in known)
        return replace(event, said=(*event.said, *more))

    def open(self, event: Event, *, sheet: bool) -> Gathered:
        """Return the inspection that an event names: one that stands already if nothing contradicts."""
        keys = names_of(event.of("asset"), event.of("start"), event.of("end"))
        keys |= {plain(event.of(name)) for name in ("manhole", "point") if event.of(name)}
        found = [one for key in sorted(keys) for one in self.index.get(key, [])]
        known = list(dict.fromkeys(found))
        of_row = event.kind == "row" and there(event.of("defect"))  # its remark is of the defect
        said = [one for one in event.said if one.field != "remark"] if of_row else event.said
        if (
            event.kind == "row" and len(known) > 1
        ):  # of several surveys of one pipe, the one that saw the same
            known.sort(key=lambda one: not any(_same(row.event, event) for row in one.rows))
        for one in known:
            if one.fits(event):
                idle = event.kind == "row" and one.made_of_ends(event.of("asset"))
                one.take([part for part in said if not (idle and part.field == "asset")])
                one.sheet |= sheet
                self.listed(one)
                return one
        made = Gathered(event, self.method, sheet=sheet)
        made.take(said)
        self.found.append(made)
        self.listed(made)
        if known and not any(one.from_other_end(event) for one in known):
            ends = "-".join(filter(None, (event.of("start"), event.of("end"))))
            name = event.of("asset") or ends or event.of("manhole") or event.of("point")
            first = known[0].event
            other = {"other_table": first.table.removeprefix("#"), "other_row": first.row}
            self.tell("crew.same-number", Weight.DOUBT, event, name, name=name, **other)
        return made

    def listed(self, one: Gathered) -> None:
        """Note the names under which rows may speak of an inspection."""
        for key in one.names():
            there_already = self.index.setdefault(key, [])
            if one not in there_already:
                there_already.append(one)


def gathered(file: str, events: Iterator[Event]) -> Gathering:
    """Return the inspections that the rows of a file speak of."""
    made = Gathering(file)
    for event in events:
        made.shown.update(event.pictures)
        if event.kind == "title" and len(event.text) <= TITLE:
            made.method = word_in("method", event.text) or made.method
            if any(word in event.text for word in OPENS) and "续" not in event.text:
                made.current = None
        elif event.kind == "unread":
            made.tell("crew.unread-table", Weight.NOTE, event, begins=event.text)
        elif event.kind == "about":
            _about(made, event)
        elif event.kind == "shot" and made.current is not None:
            made.current.shots.append(event)
        elif event.kind == "row":
            for row in _spelled(event):
                _listed(made, _with_place(made.with_pending(row)))
    for event, method in made.loose:
        made.method = method
        _row(made, made.open(event, sheet=False), event)
    return made


def _spelled(event: Event) -> list[Event]:
    """Return a row for each defect that a row without a distance tells in sentences; else the row itself."""
    if there(event.of("distance")) or there(event.of("silt")):
        return [event]
    told = [
        one
        for one in event.said
        if there(one.text)
        and (one.field in {"defect", "description"} or (not one.field and "缺陷" in one.heading))
    ]
    rows = [row for one in told for row in in_sentences(event, one.text)]
    kept = tuple(one for one in event.said if one not in told)
    return [replace(row, said=(*kept, *row.said), pictures=event.pictures) for row in rows] or [event]


def _listed(made: Gathering, event: Event) -> None:
    """Give a row of a list to its pipe, or keep it until all sheets are known."""
    goes_on = bool(made.loose) and made.loose[-1][0].table == event.table
    if _named(event):
        made.loose.append((event, made.method))
    elif goes_on and _defective(event):
        made.loose.append((_filled_down(event, made.loose[-1][0]), made.method))  # merged, or cut by a page
    elif made.current is not None and not goes_on:
        _row(made, made.current, event)
    elif _defective(event):
        made.tell("crew.no-pipe", Weight.BLOCK, event)


def _named(event: Event) -> bool:
    finding = event.of("finding")
    placed = bool(finding) and bool(event.of("place") or named_manholes(finding))
    return placed or any(event.of(name) for name in IDENTITY)


def _with_place(event: Event) -> Event:
    """Return a finding whose 位置 tells where in the street it was, not where on the ring of a pipe."""
    if not event.of("finding") or event.of("defect") or clock_in(event.of("clock"), bare=True):
        return event
    name = "" if event.of("place") else "place"
    said = [replace(one, field=name) if one.field == "clock" else one for one in event.said]
    return replace(event, said=tuple(said))


def _defective(event: Event) -> bool:
    return any(there(event.of(name)) for name in ("defect", "distance", "finding", "level"))


def _filled_down(event: Event, above: Event) -> Event:
    of_pipe = [
        one for one in above.said if one.text and one.field not in {*OF_DEFECT, "finding", "no", "remark"}
    ]
    known = {one.field for one in event.said if one.text}
    said = (*event.said, *(one for one in of_pipe if one.field not in known))
    return Event(event.kind, event.table, event.row, said, event.pictures)


def _about(made: Gathering, event: Event) -> None:
    """Note labels with values: of a new pipe when they name one, else of the one at hand."""
    if event.of("method"):
        made.method = word_in("method", event.of("method")) or made.method
    current = made.current
    here = current is not None and current.event.table == event.table and bool(event.table)
    named = [name for name in IDENTITY if event.of(name)]
    if named and not (
        here and current is not None and not current.rows and not any(current.text(name) for name in named)
    ):
        said = (*made.kept_back(event), *event.said)
        current = made.current = made.open(replace(event, said=said), sheet=True)
        made.pending = ("", ())
    elif current is not None and (here or named):
        current.take(event.said)
        made.listed(current)
    elif current is not None and not event.table:
        current.take(event.said)
        return
    else:
        made.pending = (event.table, (*made.kept_back(event), *event.said))
        return
    for one in event.said:
        if one.field in {"defect", "description"} and there(one.text):
            rows = list(in_sentences(event, one.text))
            current.rows += [Row(row, {event.table}) for row in rows]
            if not rows:
                current.other.setdefault(one.heading, tidy(one.text))
    if any(one.field.startswith("item:") or one.field == "finding" for one in event.said):
        current.rows.append(Row(event, {event.table}))


def _row(made: Gathering, one: Gathered, event: Event) -> None:
    """Add a row of a list to its inspection, unless a row of another table said the same."""
    if event.of("silt"):
        one.silt.append(event)
        return
    one.take(tuple(said for said in event.said if said.field in FIGURES))
    if not _defective(event) and not any(said.field.startswith("item:") for said in event.said):
        return
    for row in one.rows:
        if event.table not in row.tables and _same(row.event, event):
            levels = [_level(row.event), _level(event)]
            if all(levels) and levels[0] != levels[1]:
                made.tell(
                    "crew.tables-disagree", Weight.DOUBT, event, one.text("asset"), code=event.of("defect"),
                    level=levels[1], kept=levels[0], other_table=row.event.table.removeprefix("#"),
                    other_row=row.event.row,
                )  # fmt: skip
            row.tables.add(event.table)
            row.event = _merged(row.event, event)
            return
    elsewhere = set[str]().union(*(row.tables for row in one.rows)) - {event.table}
    if one.sheet and elsewhere and event.of("defect"):
        made.tell(
            "crew.only-in-one-table", Weight.DOUBT, event, one.text("asset"), name=one.text("asset"),
            code=event.of("defect"), distance=event.of("distance"),
        )  # fmt: skip
    one.rows.append(Row(event, {event.table}))


def _level(event: Event) -> int:
    return level_of(event.of("level")) or code_of(event.of("defect"))[2]


def _same(one: Event, two: Event) -> bool:
    if not (one.of("defect") and two.of("defect")):
        return False
    codes = [code_of(event.of("defect"))[:2] for event in (one, two)]
    places = [stretch(event.of("distance"), event.unit("distance"))[0] for event in (one, two)]
    if codes[0] != codes[1] or None in places:
        return codes[0] == codes[1] and places[0] == places[1]
    return abs((places[0] or 0.0) - (places[1] or 0.0)) <= 0.05


def _merged(one: Event, two: Event) -> Event:
    known = {said.field for said in one.said if said.text and said.field}
    more = tuple(said for said in two.said if said.text and said.field and said.field not in known)
    clock = clock_in(two.of("defect"), bare=True)
    more += (Said("clock", "", clock),) if clock and "clock" not in known else ()
    return replace(one, said=(*one.said, *more), pictures=(*one.pictures, *two.pictures))
