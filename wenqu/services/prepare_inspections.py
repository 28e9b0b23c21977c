"""What would a delivery of inspections bring? Which pipe is each of, and what is known already?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wenqu.errors import BadInput, FileUnreadable, WenquError
from wenqu.issues import Issue, Place, Weight
from wenqu.network.model import Network
from wenqu.progress import Progress, silent
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection, of_asset
from wenqu.services.inspection_files import (
    chosen_media,
    is_media,
    media_by_name,
    reports_of,
    safe_path,
    swollen,
)
from wenqu.services.part_import import brings_all
from wenqu.services.rights import Person, reach
from wenqu.services.said_once import said_once
from wenqu.services.sight import ids_within
from wenqu.services.standing_inspections import withdrawn
from wenqu.store.database import Store
from wenqu.survey.delivery import SeenAsset, SurveyDelivery
from wenqu.survey.doubts import check_against_pipe
from wenqu.survey.formats import format_of
from wenqu.survey.formats.by_name import read_by_name
from wenqu.survey.matching import Match, PipeIndex, Sought, match, pipe_index
from wenqu.survey.named_places import at_named_place, manholes_of
from wenqu.survey.sameness import digest_of
from wenqu.survey.sounded_silt import check_deposits, with_deposits

NEW, MORE, SAME, WAITING, ELSEWHERE = "new", "more", "same", "waiting", "elsewhere"
FILED = (NEW, MORE)
EMBEDDED = ".embedded"  # folder for the pictures that lie within a report
NEEDED = ("import", "edit_attributes")


@dataclass(frozen=True, slots=True)
class Entry:
    """One inspection of a delivery, and what becomes of it."""

    seen: SeenAsset
    inspection: Inspection  # under the asset and the id that it gets
    match: Match
    state: str  # new, more, same, waiting, elsewhere
    digest: str
    number: str  # as written
    file: str
    media: Mapping[str, str] = field(default_factory=dict)  # name as written → path within the delivery
    missing: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One file of a delivery that was read as a report, or could not be."""

    file: str
    format: str = ""
    standard: str = ""
    encoding: str = ""
    inspections: int = 0
    error: str = ""  # key of a sentence
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a delivery brings."""

    city: str
    based_on: int  # change of the city that it was compared with
    reports: tuple[Report, ...]
    entries: tuple[Entry, ...]
    issues: tuple[Issue, ...]  # rows of the files that could not be read
    strays: tuple[str, ...]  # pictures and films that no report names


@dataclass(frozen=True)
class Known:
    """What the city has of inspections already."""

    digests: Mapping[str, str]  # digest → id
    ids: frozenset[str]
    told: Mapping[str, frozenset[str]]  # id → pictures, films and claims that came with it


def known_inspections(store: Store, city: str) -> Known:
    """Return the inspections that a city has, by what makes two the same."""
    gone = withdrawn(store, city)  # what was withdrawn may come again, under a name of its own
    handed = [one for one in store.records(city, "handed", Handed) if one.inspection not in gone]
    every = store.records(city, "inspection", Inspection)
    filed = [one for one in every if one.id not in gone]
    digests = {digest_of(one, one.asset): one.id for one in filed} | {
        one.digest: one.inspection for one in handed if one.digest
    }
    told: dict[str, set[str]] = {}
    for one in handed:
        told.setdefault(one.inspection, set()).update(one.media, one.stated)
    return Known(
        digests, frozenset(one.id for one in every), {id_: frozenset(some) for id_, some in told.items()}
    )


def prepare(
    store: Store, folder: Path, city: str, person: Person, most: int, progress: Progress = silent
) -> Prepared:
    """Read and match every report of a delivery; nothing is written.

    Parameters
    ----------
    store
        The whole store: what is another's is recognised, and waits for whoever may let it in.
    most
        Bytes that a report may swell to when it is an archive itself.

    Raises
    ------
    BadInput
        No file of the delivery is a report that is known.
    """
    network = store.network(city)
    paths = reports_of(folder)
    reports: list[Report] = []
    read: list[tuple[str, SurveyDelivery]] = []
    for number, path in enumerate(paths):
        name = str(path.relative_to(folder))
        found = _read(path, name, most)
        if isinstance(found, Report):
            reports.append(found)
        else:
            reports.append(_report(name, found))
            read.append((name, found))
            _lay_embedded(folder, path, found)
        progress(0.7 * (number + 1) / len(paths))
    if not read:
        _demand_report(folder, reports)
    judge = _Judge(store, network, person, folder)
    entries = [judge.entry(name, seen) for name, found in read for seen in found.seen]
    progress(0.95)
    named = {path for one in entries for path in one.media.values()}
    strays = [
        name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and is_media(path) and (name := str(path.relative_to(folder))) not in named
    ]
    told = [_in_file(issue, name) for name, found in read for issue in found.issues]
    issues, own = said_once(told, [(one.file, one.seen.inspection.asset, one.issues) for one in entries])
    entries = [replace(one, issues=some) for one, some in zip(entries, own, strict=True)]
    progress(1.0)
    return Prepared(city, network.version, tuple(reports), tuple(entries), tuple(issues), tuple(strays))


def _read(path: Path, name: str, most: int) -> SurveyDelivery | Report:
    """Return what a report says, or why it cannot be read; the other files of the delivery go on."""
    try:
        if swollen(path, most):
            raise FileUnreadable("inspections-swollen", path=name, most=most >> 20)
        known = format_of(path)
        found = read_by_name(path) if known is None else known.read(path)
        return Report(name) if found is None else found
    except WenquError as error:
        return Report(name, error=error.key, facts={**error.facts, "path": name})


def _report(name: str, found: SurveyDelivery) -> Report:
    return Report(name, found.format, found.standard, found.encoding, len(found.seen))


def _demand_report(folder: Path, reports: Sequence[Report]) -> None:
    broken = [one for one in reports if one.error]
    names = [one.file for one in reports] or [path.name for path in sorted(folder.iterdir())]
    if not broken:
        raise BadInput("inspections-none", names=", ".join(names[:5]) or "-")


def _lay_embedded(folder: Path, path: Path, found: SurveyDelivery) -> None:
    for name, content in found.pictures.items():
        place = folder / EMBEDDED / path.relative_to(folder).with_suffix("") / safe_path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _in_file(issue: Issue, name: str) -> Issue:
    """Name the file of a finding as the delivery does: with its folder."""
    own = issue.place.file in {"", Path(name).name}
    return replace(issue, place=replace(issue.place, file=name)) if own else issue


class _Judge:
    """What becomes of each inspection, one after another: an earlier one may make a later one the same."""

    def __init__(self, store: Store, network: Network, person: Person, folder: Path) -> None:
        city = network.city.code
        self.index: PipeIndex = pipe_index(network)
        self.manholes = manholes_of(network)
        self.simulated = network.city.simulated
        known = known_inspections(store, city)
        self.digests, self.ids = dict(known.digests), set(known.ids)
        self.told = {id_: set(some) for id_, some in known.told.items()}
        self.mine = (
            None
            if brings_all(person, city)
            else set.intersection(*(ids_within(network, reach(person, one, city)) for one in NEEDED))
        )
        self.folder, self.media = folder, media_by_name(folder)

    def entry(self, file: str, seen: SeenAsset) -> Entry:
        """Return what becomes of one inspection."""
        seen = at_named_place(seen, self.index, self.manholes)
        one = seen.inspection
        start, end = seen.start or one.start, seen.end or one.end
        road = seen.facts.get("place", "")
        found = match(self.index, Sought(one.asset, start, end, one.length, one.asset_type, road))
        digest = digest_of(one, found.asset or one.asset or f"{start}-{end}")
        state, number = self._state(found, digest), one.id
        id_ = self.digests.get(digest) or self._free(number or digest[:12])
        media, missing = self._found_media(seen, start, end)
        state = MORE if state == SAME and self._brings_more(id_, seen, media) else state
        filed = replace(
            of_asset(replace(one, id=id_), found.asset or one.asset, one.asset_type),
            direction=found.direction or one.direction, simulated=self.simulated, start=start, end=end,
        )  # fmt: skip
        if found.asset and one.asset_type == "conduit":
            filed = with_deposits(filed, seen.facts, self.index.pipes[found.asset].bore)
        issues = tuple(self._issues(filed, found, seen, Place(file), number) if state == NEW else ())
        if state in FILED:
            self.digests[digest] = id_
            self.ids.add(id_)
            self.told.setdefault(id_, set()).update(media, seen.stated)
        return Entry(seen, filed, found, state, digest, number, file, media, missing, issues)

    def _state(self, found: Match, digest: str) -> str:
        if not found.asset:
            return WAITING
        if self.mine is not None and found.asset not in self.mine:
            return ELSEWHERE
        return SAME if digest in self.digests else NEW

    def _free(self, number: str) -> str:
        """Return an id that no inspection has: two that bear the same number are both kept."""
        if number not in self.ids:
            return number
        return next(name for n in range(2, len(self.ids) + 3) if (name := f"{number}~{n}") not in self.ids)

    def _brings_more(self, id_: str, seen: SeenAsset, media: Mapping[str, str]) -> bool:
        return bool((set(media) | set(seen.stated)) - self.told.get(id_, set()))

    def _issues(
        self, filed: Inspection, found: Match, seen: SeenAsset, place: Place, number: str
    ) -> Iterator[Issue]:
        if number and filed.id != number:
            both: dict[str, object] = {"number": number, "inspection": filed.id}
            yield Issue("match.same-number", Weight.DOUBT, filed.asset_type, filed.asset, place, both)
        if filed.asset_type == "conduit" and found.asset:
            pipe = self.index.pipes[found.asset]
            yield from check_against_pipe(pipe, filed, place, seen.inspection.direction)
            yield from check_deposits(filed, seen.facts, pipe.bore, place)

    def _found_media(self, seen: SeenAsset, start: str, end: str) -> tuple[dict[str, str], tuple[str, ...]]:
        beside = tuple(name for name in (seen.inspection.asset, f"{start}-{end}") if name)
        found, missing = dict[str, str](), list[str]()
        for told in named_media(seen):
            path = chosen_media(self.media, told, beside)
            if path is None:
                missing.append(told)
            else:
                found[told] = str(path.relative_to(self.folder))
        return found, tuple(missing)


def named_media(seen: SeenAsset) -> list[str]:
    """Return the pictures and films that an inspection names."""
    one = seen.inspection
    names: Iterable[str] = (
        *seen.media,
        *(name for row in one.defects for name in (row.picture, row.film)),
        *((one.file,) if one.file and is_media(Path(one.file)) else ()),
    )
    return list(dict.fromkeys(name for name in names if name))


def counts_of(made: Prepared) -> dict[str, int]:
    """Return how many inspections a delivery has of each state."""
    found = Counter(one.state for one in made.entries)
    return {state: found[state] for state in (NEW, MORE, SAME, WAITING, ELSEWHERE)}
