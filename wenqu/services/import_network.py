"""Bring a network in: good rows enter at once, in one change, bad ones are named and queued."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from wenqu.errors import UnknownCity
from wenqu.issues import Issue, Place, Weight
from wenqu.network.checks.registry import check_all
from wenqu.network.formats.fieldmap import FieldMap, read_fieldmap
from wenqu.network.formats.reading import stacked
from wenqu.network.formats.writing import reprojected
from wenqu.network.model import Assets, City, Network
from wenqu.services.delivery import Delivery, kept_map, map_name, read_delivery
from wenqu.services.progress import Progress, silent
from wenqu.store.changes import Counts, OpenChange
from wenqu.store.database import Store


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    city: City
    counts: dict[str, int]  # good rows in the file by asset type
    changed: dict[str, dict[str, int]]  # by asset type: new, changed, same
    issues: tuple[Issue, ...]  # of the file, then of the network as it now is
    queued: int  # rows that could not enter
    encoding: str
    version: int  # number of the change; that of the last one when nothing changed


def import_network(  # noqa: PLR0913 what, into what, how read, by whom; each face gives them by name
    store: Store,
    path: Path,
    city_code: str,
    *,
    crs: str | None = None,
    fieldmap: Path | None = None,
    who: str,
    why: str,
    progress: Progress = silent,
) -> ImportReport:
    """Read a file (INP, GeoPackage, Shapefile, GeoJSON) into a city, which is made if it is new.

    Everything that is written (assets, issues, queued rows, the model or the field map) is one change.
    Coordinates are turned into the city's coordinate system; a new city takes that of the file. The
    field map of an earlier delivery of the same name is used again unless another is given.

    Raises
    ------
    BadInput, FileMissing, FileUnreadable, UnknownUnit
        The file cannot be used; nothing was written.
    """
    path = Path(path)
    before = _before(store, city_code)
    map_ = read_fieldmap(fieldmap) if fieldmap else _kept(store, before, path)
    delivery = read_delivery(path, before.city, crs, map_)
    progress(0.4)
    city, tables, turned = _placed(before.city, delivery)
    network = Network(city, _merged(before.tables, tables))
    issues = (*delivery.issues, *turned, *_checked(network, tables, delivery.places))
    progress(0.7)
    known = city_code in {entry.code for entry in store.cities()}
    with store.change(city_code, who=who, why=why) as change:
        change.put_city(city)
        changed = {type_: change.put(table) for type_, table in tables.items()}
        if not known or city != before.city or any(entry.new or entry.changed for entry in changed.values()):
            _file(change, delivery, issues)
    progress(1.0)
    counts = {type_: len(table) for type_, table in tables.items()}
    told = {type_: _told(entry) for type_, entry in changed.items()}
    return ImportReport(city, counts, told, issues, len(delivery.queued), delivery.encoding, change.number)


def _before(store: Store, code: str) -> Network:
    try:
        return store.network(code)
    except UnknownCity:
        return Network(City(code), {})


def _kept(store: Store, before: Network, path: Path) -> FieldMap | None:
    if not before.version:
        return None
    name = map_name(path)
    return kept_map(store.document(before.city.code, name), name)


def _placed(city: City, delivery: Delivery) -> tuple[City, dict[str, Assets], list[Issue]]:
    """Return the city and the tables in its coordinate system, and a note when they had to be turned."""
    tables = dict(delivery.tables)
    if not city.crs or not delivery.crs or city.crs == delivery.crs:
        return replace(city, crs=city.crs or delivery.crs), tables, []
    turned = {
        type_: Assets(
            type_, table.ids, table.fields, reprojected(table.shapes, delivery.crs, city.crs), table.extra
        )
        for type_, table in tables.items()
    }
    facts: dict[str, object] = {"from": delivery.crs, "to": city.crs}
    return city, turned, [Issue("import.reprojected", Weight.NOTE, facts=facts)]


def _merged(known: Mapping[str, Assets], new: Mapping[str, Assets]) -> dict[str, Assets]:
    """Return the tables as they will be: new rows in the place of known ones with the same id."""
    tables = dict(known)
    for type_, table in new.items():
        if type_ in tables and len(tables[type_]):
            incoming = set(table.ids)
            stays = np.array([id_ not in incoming for id_ in tables[type_].ids], dtype=bool)
            tables[type_] = stacked(tables[type_].take(stays), table)
        else:
            tables[type_] = table
    return tables


def _checked(
    network: Network, new: Mapping[str, Assets], places: Mapping[tuple[str, str], Place]
) -> Iterable[Issue]:
    """Yield what the rules find at what came in, each with its place in the file."""
    incoming = {type_: set(table.ids) for type_, table in new.items()}
    for issue in check_all(network):
        if not issue.asset or issue.asset in incoming.get(issue.type, ()):
            yield replace(issue, place=places.get((issue.type, issue.asset), issue.place))


def _file(change: OpenChange, delivery: Delivery, issues: Iterable[Issue]) -> None:
    change.add_records("issue", issues)
    change.add_records("queued", delivery.queued)
    for name, (content, media) in delivery.documents.items():
        change.write_document(name, content, media)


def _told(counts: Counts) -> dict[str, int]:
    return {"new": counts.new, "changed": counts.changed, "same": counts.same}
