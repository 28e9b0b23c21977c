"""What does a file of condition data in ISYBAU XML (2006 to 2024) say about conduits and manholes?

Its structure is public: Identifikation / Datenkollektive / Zustandsdatenkollektiv /
InspizierteAbwassertechnischeAnlage / OptischeInspektion / Rohrleitung (RZustand) or Knoten (KZustand).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from wenqu.issues import Issue, Place, Weight
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.observations import EN
from wenqu.survey.check_seen import check_seen, closed, issue_at, media_of, with_own_ids
from wenqu.survey.delivery import Peek, SeenAsset, SurveyDelivery
from wenqu.survey.values import NAN, day, film_second, number, quantities, ring, time_of_day, trimmed
from wenqu.survey.xml_stream import Element, XmlStream, root_name
from wenqu.survey.xml_told import broken_off, nothing_in

NAME = "ISYBAU XML"
SEEN, ASSET, ORDER, FILM = (
    "InspizierteAbwassertechnischeAnlage",
    "AbwassertechnischeAnlage",
    "Auftrag",
    "Film",
)
DIRECTIONS = {"O": "downstream", "U": "upstream"}
NEWER = {"9", "10"}  # Kodiersystem: EN 13508-2 in the edition of 2011, by DWA-M 149-2 or BFR
# Elements that have a field of ours; the other leaves are kept as facts under their own names.
FIELDS = {
    "Objektbezeichnung", "Inspektionsdatum", "Uhrzeit", "NameUntersucher", "Wetter", "Inspektionsrichtung",
    "KnotenZulauf", "KnotenAblauf",
}  # fmt: skip
CLASSES = ("Dichtheit", "Standsicherheit", "Betriebssicherheit")


@dataclass(slots=True)
class Told:
    """What the file says beside the inspections."""

    lengths: dict[str, float] = field(default_factory=dict)  # [m] of conduits
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    orders: dict[str, Element] = field(default_factory=dict)  # by their Auftragskennung
    films: dict[str, str] = field(default_factory=dict)  # name of the asset → name of the film


def recognises(peek: Peek) -> bool:
    """Tell whether a file is ISYBAU XML with condition data or with the assets that they belong to."""
    name, _ = root_name(peek.head)
    return name == "Identifikation" and b"Datenkollektive" in peek.head.replace(b"\x00", b"")


def read(path: Path) -> SurveyDelivery:
    """Return the inspections of the file.

    Raises
    ------
    FileUnreadable
        It defines entities, or holds no inspection.
    """
    stream = XmlStream(path, {SEEN, ASSET, ORDER, FILM, "Version"})
    told, version, issues = Told(), "", list[Issue]()
    seen: list[SeenAsset] = []
    for element in stream:
        if element.name == SEEN:
            seen += _assets(element, told, path.name, issues)
        elif element.name == "Version":
            version = version or element.text.strip()
        else:
            _note(element, told)
    if not seen:
        raise nothing_in(stream)
    own, again = with_own_ids((_with_film(asset, told) for asset in seen), path.name)
    standard = f"{EN} {own[0].inspection.edition}"
    told_of_file = (*broken_off(stream), *issues, *again)
    return SurveyDelivery(f"{NAME} {version}".strip(), standard, stream.encoding, own, told_of_file)


def _with_film(asset: SeenAsset, told: Told) -> SeenAsset:
    """Return an inspection with the film that the list of films, further down, gives it."""
    film = told.films.get(asset.inspection.asset, "")
    if not film:
        return asset
    return replace(
        asset, inspection=replace(asset.inspection, file=film), media=media_of(film, [("", *asset.media)])
    )


def _note(element: Element, told: Told) -> None:
    if element.name == ORDER:
        told.orders[element.say("Auftragskennung")] = element
    elif element.name == FILM:
        for item in element.at("FilmObjekte/FilmObjekt"):
            told.films.setdefault(item.say("Objektbezeichnung"), element.say("Filmname"))
    else:
        name = element.say("Objektbezeichnung")
        told.lengths[name] = number(element.say("Kante/Laenge"))
        told.ends[name] = (element.say("Kante/KnotenZulauf"), element.say("Kante/KnotenAblauf"))


def _assets(element: Element, told: Told, file: str, issues: list[Issue]) -> Iterator[SeenAsset]:
    looks = list(element.at("OptischeInspektion"))
    if not looks:
        facts = {"asset": element.say("Objektbezeichnung")}
        issues.append(issue_at("survey.nothing-seen", Weight.NOTE, Place(file, row=element.line), **facts))
    for look in looks:
        part = next(look.at("Rohrleitung"), None) or next(look.at("Knoten"), None) or Element("", look.line)
        where = Place(file, SEEN, look.line)
        asset, open_issues = closed(_asset(element, look, part, told, file), where)
        length = told.lengths.get(asset.inspection.asset, NAN)
        issues += [*open_issues, *check_seen(asset, where, _reach(asset, length))]
        yield asset


def _reach(asset: SeenAsset, length: float) -> float:
    """Return how far an observation may lie: the drawn length, else what the file says was inspected."""
    if asset.inspection.asset_type == "manhole":
        return NAN
    return (
        length if math.isfinite(length) and length > 0 else number(asset.facts.get("Inspektionslaenge", ""))
    )


def _asset(element: Element, look: Element, part: Element, told: Told, file: str) -> SeenAsset:
    name, manhole = element.say("Objektbezeichnung"), part.name == "Knoten"
    date, time = day(look.say("Inspektionsdatum")), time_of_day(look.say("Uhrzeit"))
    direction = DIRECTIONS.get(part.say("Inspektionsrichtung"), "")
    start, end = ("", "") if manhole else _ends(part, told.ends.get(name, ("", "")), direction)
    key = " ".join(text for text in (name or f"{start}-{end}", date, time) if text)
    order = told.orders.get(look.say("Auftragskennung"), Element("", 0))
    rows = tuple(
        _row(row, (name, date, key), manhole=manhole)
        for row in part.at(f"Inspektionsdaten/{'KZustand' if manhole else 'RZustand'}")
    )
    edition = "2003+A1:2011" if order.say("Kodiersystem") in NEWER else "2003"
    inspection = Inspection(
        key, name, "manhole" if manhole else "cctv", date, _length(part, rows), direction,
        look.say("NameUntersucher"), "", EN, edition, rows, asset_type="manhole" if manhole else "conduit",
        start=start, end=end, time=time, reason=order.say("Inspektionszweck"), weather=look.say("Wetter"),
    )  # fmt: skip
    media = media_of("", [(row.film, row.picture) for row in rows])
    facts = _facts(element, look, part, order)
    return SeenAsset(inspection, start, end, _stated(part), facts, f"{file}:{look.line}", media)


def _ends(part: Element, drawn: tuple[str, str], direction: str) -> tuple[str, str]:
    upper = part.say("RGrunddaten/KnotenZulauf") or drawn[0]
    lower = part.say("RGrunddaten/KnotenAblauf") or drawn[1]
    return (lower, upper) if direction == "upstream" else (upper, lower)


def _length(part: Element, rows: tuple[Defect, ...]) -> float:
    """Return the length really seen: as the file says, else up to the finish node or the last row. [m]"""
    said = number(part.say("Inspektionslaenge"))
    if math.isfinite(said) and said > 0:
        return said
    ends = [row.start for row in rows if row.code in ("BCE", "BDC")] or [row.start for row in rows]
    return max((place for place in ends if math.isfinite(place)), default=NAN)


def _facts(*parts: Element) -> dict[str, str]:
    """Return every leaf that has no field of ours, under its own name; the first of a name wins."""
    element, look, part, order = parts
    facts: dict[str, str] = {}
    for owner in (
        part,
        *part.at("RGrunddaten"),
        *part.at("KGrunddaten"),
        look,
        element,
        *element.at("Lage"),
        order,
    ):
        for name, text in owner.leaves():
            if name not in FIELDS:
                facts.setdefault(name, text)
    return facts


def _stated(part: Element) -> dict[str, float | str]:
    """Return what the contractor claims: the object's class, and the classes of each observation."""
    stated: dict[str, float | str] = {}
    for owner in part.at("Bewertung"):
        stated |= dict(owner.leaves())
    rows = [*part.at("Inspektionsdaten/RZustand"), *part.at("Inspektionsdaten/KZustand")]
    for place, row in enumerate(rows, 1):
        for kind in (*CLASSES, ""):
            for owner in row.at(f"Klassifizierung/{kind}" if kind else "Klassifizierung"):
                stated |= {f"{place}.{name}": text for name, text in owner.leaves()}
    return {name: _figure(text) for name, text in stated.items()}


def _figure(text: float | str) -> float | str:
    value = number(str(text))
    return text if math.isnan(value) else value


def _row(row: Element, of: tuple[str, str, str], *, manhole: bool) -> Defect:
    say = row.say
    asset, date, key = of
    place = say("VertikaleLage") if manhole else say("Station")
    counter = say("Timecode") or say("Videozaehler")
    second = film_second(_with_colons(counter))
    remark = [say("Kommentar"), f"Videozaehler={counter}" if counter and second is None else ""]
    mark = say("Streckenschaden")
    return Defect(
        asset, say("InspektionsKode"), 0, number(place) if place else NAN, 0.0, date, key,
        ring(say("PositionVon"), say("PositionBis")), " ".join(part for part in remark if part),
        say("Fotodatei") or say("Fotonummer"),
        characters=trimmed(say("Charakterisierung1"), say("Charakterisierung2")),
        quantities=quantities(_amount(row, 1), _amount(row, 2)),
        joint=say("Verbindung") in ("1", "true"),
        continuous=f"{mark}{say('StreckenschadenLfdNr')}" if mark in ("A", "B", "C") else "",
        film_at=second, part=say("Schachtbereich"),
    )  # fmt: skip


def _amount(row: Element, which: int) -> str:
    return row.say(f"Quantifizierung{which}Numerisch") or row.say(f"Quantifizierung{which}Text")


def _with_colons(counter: str) -> str:
    """Return a counter HHMMSS or HHMMSSFF with colons; others as they stand."""
    if counter.isdecimal() and len(counter) in (6, 8):
        return f"{counter[:2]}:{counter[2:4]}:{counter[4:6]}"
    return counter
