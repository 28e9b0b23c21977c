"""What does an XML file by DWA-M 150 say about conduits and manholes?

HG is a conduit, HI an inspection of it, HZ one observation; KG, KI and KZ likewise for manholes.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from wenqu.issues import Issue, Place, Weight
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.observations import EN
from wenqu.survey.check_seen import check_seen, closed, issue_at, media_of, with_own_ids
from wenqu.survey.delivery import Peek, SeenAsset, SurveyDelivery
from wenqu.survey.values import NAN, day, film_second, number, quantities, ring, time_of_day, trimmed
from wenqu.survey.xml_stream import Element, XmlStream, root_name
from wenqu.survey.xml_told import broken_off, nothing_in

NAME = "DWA-M 150"
METHODS = {"KTV": "cctv", "BG": "visual", "SP": "qv"}  # HI103; BG is a walk through
DIRECTIONS = {"I": "downstream", "G": "upstream"}  # HI101
# Fields of ours, by the last three digits; all others are kept as facts.
INSPECTION = {"101", "104", "105", "106", "112", "116", "004"}
ASSET = {"001", "003", "004"}


def recognises(peek: Peek) -> bool:
    """Tell whether a file is XML by DWA-M 150: DATA with HG or KG elements."""
    head = peek.head.replace(b"\x00", b"")
    return root_name(peek.head)[0] == "DATA" and (b"<HG" in head or b"<KG" in head)


def read(path: Path) -> SurveyDelivery:
    """Return the inspections of the file.

    Raises
    ------
    FileUnreadable
        It defines entities, or holds no inspection.
    """
    stream = XmlStream(path, {"HG", "KG", "FD"})
    seen: list[SeenAsset] = []
    issues: list[Issue] = []
    version = ""
    for element in stream:
        if element.name == "FD":
            version = element.say("FD001")
        else:
            seen += _assets(element, path.name, issues)
    issues = [*broken_off(stream), *issues]
    if not seen:
        raise nothing_in(stream)
    own, again = with_own_ids(seen, path.name)
    first = own[0].inspection
    return SurveyDelivery(
        f"{NAME} {version}".strip(), f"{first.standard} {first.edition}".strip(), stream.encoding, own,
        (*issues, *again),
    )  # fmt: skip


def _assets(element: Element, file: str, issues: list[Issue]) -> Iterator[SeenAsset]:
    letter = element.name[0]
    looks = list(element.at(f"{letter}I"))
    if not looks:
        facts = {"asset": element.say(f"{element.name}001")}
        issues.append(issue_at("survey.nothing-seen", Weight.NOTE, Place(file, row=element.line), **facts))
    for look in looks:
        where = Place(file, element.name, look.line)
        asset, open_issues = closed(_asset(element, look, letter, file), where)
        length = NAN if letter == "K" else number(element.say("HG310"))
        issues += [*open_issues, *check_seen(asset, where, length if length > 0 else NAN)]
        yield asset


def _standard(system: str) -> tuple[str, str]:
    """Return standard and edition from HI005; an older coding system keeps its own name."""
    plain = system.upper().replace(" ", "").replace("-", "")
    if not plain or "13508" in plain or "M149" in plain:
        return EN, "2003+A1:2011" if "2011" in plain or "2013" in plain else "2003"
    return system, ""


def _asset(element: Element, look: Element, letter: str, file: str) -> SeenAsset:
    head, own, manhole = element.name, look.name, letter == "K"
    name = element.say(f"{head}001")
    date, time = day(look.say(f"{own}104")), time_of_day(look.say(f"{own}105"))
    direction = "" if manhole else DIRECTIONS.get(look.say("HI101"), "")
    ends = ("", "") if manhole else (element.say("HG003"), element.say("HG004"))
    start, end = ends[::-1] if direction == "upstream" else ends
    key = " ".join(text for text in (name or f"{start}-{end}", date, time) if text)
    rows = tuple(_row(row, letter, (name, date, key)) for row in look.at(f"{letter}Z"))
    film = look.say(f"{own}116")
    method = "manhole" if manhole else METHODS.get(look.say("HI103"), "cctv")
    places = [row.start for row in rows if row.code == "BCE"] or [row.start for row in rows]
    length = max((place for place in places if math.isfinite(place)), default=NAN)
    inspection = Inspection(
        key, name, method, date, length, direction, look.say(f"{own}112") or look.say(f"{own}111"), film,
        *_standard(look.say(f"{own}005")), rows, asset_type="manhole" if manhole else "conduit",
        start=start, end=end, time=time, reason=look.say(f"{own}004"), weather=look.say(f"{own}106"),
    )  # fmt: skip
    facts = {field: text for field, text in element.leaves() if field[-3:] not in ASSET or letter == "K"}
    stated: dict[str, float | str] = {}
    for field, text in look.leaves():
        if field[2:3] == "2":  # 201 to 299: classes and points
            stated[field] = _figure(text)
        elif field[-3:] not in INSPECTION:
            facts[field] = text
    for place, row in enumerate(look.at(f"{letter}Z"), 1):
        stated |= {f"{place}.{field}": _figure(text) for field, text in row.leaves() if field[2:3] == "2"}
    media = media_of(film, [(row.film, row.picture) for row in rows])
    return SeenAsset(inspection, start, end, stated, facts, f"{file}:{look.line}", media)


def _figure(text: str) -> float | str:
    value = number(text)
    return text if math.isnan(value) else value


def _row(row: Element, letter: str, of: tuple[str, str, str]) -> Defect:
    def say(field: str) -> str:
        return row.say(f"{letter}Z{field}")

    asset, date, key = of
    second = film_second(say("008"))
    counter = say("008") if second is None else ""
    remark = [say("010"), say("999"), f"{letter}Z008={counter}" if counter else ""]
    return Defect(
        asset, say("002"), 0, number(say("001")) if say("001") else NAN, 0.0, date, key,
        ring(say("006"), say("007")), "; ".join(part for part in remark if part), say("009"),
        characters=trimmed(say("014"), say("015")), quantities=quantities(say("003"), say("004")),
        joint=bool(say("011")), continuous=say("005").upper(), film_at=second, part=say("013"),
    )  # fmt: skip
