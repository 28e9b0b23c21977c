"""How do inspections stand in the annex tables of CJJ 181? Read back, they are what they were made from."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from wenqu.protocols.word_file import Box, Line, Picture
from wenqu.records.inspection import Defect
from wenqu.standards.condition import condition_rules
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.described import Description, write_description
from wenqu.survey.formats.headings import FIGURES, is_label, manhole_items, parted, table
from wenqu.survey.sounded_silt import PROFILE, profile_of

GRADED = ("structural_grade", "repair_grade", "functional_grade", "upkeep_grade")
ROMAN = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
# The labels of a result sheet, row by row; what else is known of a pipe follows in rows of its own.
SHEET = (
    ("film", "start", "end"), ("laid", "start_depth", "end_depth"), ("system", "material", "diameter"),
    ("direction", "length", "seen"), ("RI", "MI", "method"), ("inspector", "place", "date"),
)  # fmt: skip
LIST = ("distance", "defect", "score", "level", "description", "picture")
IN_LIST = (
    "no", "point", "manhole", "asset", "start", "end", "report_id", "date", "method", "direction", "seen",
    "inspector", "film", "weather", "reason", "distance", "defect", "level", "description", "finding",
    "picture",
)  # fmt: skip
WORDS = {
    "zh": {
        "cctv": "CCTV", "qv": "潜望镜", "sonar": "声纳", "manhole": "检查井检查", "patrol": "巡查",
        "visual": "目视", "other": "其他", "downstream": "顺流", "upstream": "逆流",
    },
    "en": {
        "cctv": "CCTV", "qv": "QV", "sonar": "sonar", "manhole": "manhole check", "patrol": "patrol",
        "visual": "by eye", "other": "other", "downstream": "with the flow", "upstream": "against the flow",
    },
}  # fmt: skip
Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Annex:
    """One table as it is written."""

    kind: str  # of annex_layouts.csv
    title: str
    status: str  # how well its layout is known
    lines: tuple[Line, ...]
    heads: int = 0  # rows that are repeated on each page


@cache
def layouts() -> dict[str, dict[str, str]]:
    """Return the annexes with their titles and how well their layout is known."""
    return {row["annex"]: row for row in table("annex_layouts.csv")}


@cache
def labels(language: str) -> Mapping[str, str]:
    """Return the heading of each field."""
    return {row["field"]: row[language] for row in table("annex_columns.csv")}


def annexes(
    seen: Sequence[SeenAsset],
    language: str = "zh",
    pictures: Mapping[str, bytes] | None = None,
    drawings: Mapping[str, bytes] | None = None,
) -> Iterator[Annex]:
    """Yield the tables of inspections: defects, evaluation, manholes, findings, a sheet for each pipe.

    Parameters
    ----------
    pictures
        Content of the pictures by name; one that is missing is named only.
    drawings
        Drawings of the pipes (PNG) by id of the inspection.
    """
    made = _Writer(language, pictures or {}, drawings or {})
    pipes = [one for one in seen if _on_sheet(one)]
    others = [one for one in seen if not _on_sheet(one)]
    yield from made.defects(pipes)
    yield from made.grades(pipes)
    yield from made.listed("manholes", [one for one in others if _manhole(one)])
    yield from made.listed("patrol", [one for one in others if not _manhole(one)])
    for place, one in enumerate(pipes, 1):
        yield made.sheet(one, place)


def _on_sheet(one: SeenAsset) -> bool:
    items = {row["code"] for row in manhole_items().values()} | {"finding"}
    seen = one.inspection
    named = bool(seen.asset or one.start or one.end)
    return seen.asset_type == "conduit" and named and not any(row.code in items for row in seen.defects)


def _manhole(one: SeenAsset) -> bool:
    return one.inspection.asset_type == "manhole" and "point" not in one.facts


def plain_number(value: float) -> str:
    """Return a number as people write it: 12.3, without an exponent; "" for none."""
    if not math.isfinite(value):
        return ""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


def _distance(defect: Defect) -> str:
    if not math.isfinite(defect.start):
        return ""
    if not defect.length:
        return plain_number(defect.start)
    end = Decimal(repr(float(defect.start))) + Decimal(repr(float(defect.length)))
    return f"{plain_number(defect.start)}-{format(end, 'f')}"


def _name(defect: Defect, language: str) -> str:
    kind = condition_rules().kinds.get(defect.code)
    return defect.code if kind is None else f"{kind.zh if language == 'zh' else kind.en} {defect.code}"


@dataclass(frozen=True, slots=True)
class _Writer:
    language: str
    pictures: Mapping[str, bytes]
    drawings: Mapping[str, bytes]

    def label(self, field: str) -> str:
        return labels(self.language)[field]

    def annex(self, kind: str, lines: Sequence[Line], heads: int, number: int = 0) -> Annex:
        entry = layouts()[kind]
        title = entry[self.language] + (f" ({number})" if number else "")
        return Annex(kind, title, entry["status"], tuple(lines), heads)

    def values(self, one: SeenAsset) -> Values:
        """Return what is said of the asset as a whole, by field; what nobody knows under its own heading."""
        seen, words = one.inspection, WORDS[self.language]
        asset = "manhole" if seen.asset_type == "manhole" else "asset"
        made: Values = {
            asset: seen.asset, "start": one.start, "end": one.end, "date": seen.date, "film": seen.file,
            "method": words.get(seen.method, words["other"]), "direction": words.get(seen.direction, ""),
            "seen": plain_number(seen.length), "inspector": seen.inspector, "weather": seen.weather,
            "reason": seen.reason,
        }  # fmt: skip
        for name in FIGURES:
            value = one.stated.get(name, "")
            if isinstance(value, str):
                made[name] = value
            else:
                made[name] = (
                    ROMAN[int(value)] if name in GRADED and value in range(1, 6) else plain_number(value)
                )
        made |= {name: text for name, text in one.facts.items() if name != PROFILE}
        name = seen.asset or "-".join(part for part in (one.start, one.end) if part)
        name = name or one.facts.get("point", "") or one.facts.get("place", "")
        derived = " ".join(part for part in (name, seen.date or one.facts.get("date", "")) if part)
        if seen.id.partition("#")[0] != derived.partition("#")[0]:
            made["report_id"] = seen.id
        return {name: text for name, text in made.items() if text}

    def defects(self, pipes: Sequence[SeenAsset]) -> Iterator[Annex]:
        """Yield the list of defects of all pipes."""
        fields = (
            "no",
            "asset",
            "diameter",
            "material",
            "seen",
            "listed_distance",
            "listed_defect",
            "listed_level",
        )
        lines = [tuple(Box(self.label(name), bold=True) for name in fields)]
        for one in pipes:
            values = self.values(one)
            name = one.inspection.asset or "～".join(part for part in (one.start, one.end) if part)
            for defect in one.inspection.defects:
                where = f"，位置{defect.clock}" if defect.clock else ""
                cells = (
                    str(len(lines)), name, values.get("diameter", ""), values.get("material", ""),
                    values.get("seen", ""), _distance(defect), _name(defect, self.language) + where,
                    str(defect.level or ""),
                )  # fmt: skip
                lines.append(tuple(Box(text) for text in cells))
        if len(lines) > 1:
            yield self.annex("defects", lines, 1)

    def grades(self, pipes: Sequence[SeenAsset]) -> Iterator[Annex]:
        """Yield the evaluation of all pipes that have one, as the contractor or we state it."""
        tall = ("asset", "diameter", "length", "material", "start_depth", "end_depth")
        subs = (
            ("sub_mean_S", "sub_largest_S", "sub_grade", "sub_density", "sub_RI", "sub_says"),
            ("sub_mean_Y", "sub_largest_Y", "sub_grade", "sub_density", "sub_MI", "sub_says"),
        )
        figures = (
            "S", "S_max", "structural_grade", "S_M", "RI", "structural_says",
            "Y", "Y_max", "functional_grade", "Y_M", "MI", "functional_says",
        )  # fmt: skip
        groups = [Box(self.label(f"group_{one}"), span=6, bold=True) for one in ("structural", "functional")]
        lines: list[Line] = [
            (*(Box(self.label(name), down=2, bold=True) for name in tall), *groups),
            tuple(Box(self.label(name), bold=True) for part in subs for name in part),
        ]
        for one in pipes:
            values = self.values(one)
            values.setdefault("asset", "～".join(part for part in (one.start, one.end) if part))
            if any(name in values for name in figures):
                lines.append(tuple(Box(values.get(name, "")) for name in (*tall, *figures)))
        if len(lines) > 2:
            yield self.annex("grades", lines, 2)

    def sheet(self, one: SeenAsset, place: int) -> Annex:
        """Return the result sheet of one pipe."""
        values = self.values(one)
        official = {name for row in SHEET for name in row}
        lines: list[Line] = [
            tuple(box for name in row for box in self._pair(name, values.get(name, ""))) for row in SHEET
        ]
        known = [name for name in values if name not in official and name in labels(self.language)]
        known = sorted(known, key=list(labels(self.language)).index)
        own = [name for name in values if name not in labels(self.language)]
        lines += [self._pair(name, values[name], span=5) for name in known if name != "remark"]
        for name in own:
            lines.append((Box(self.label("more"), bold=True), Box(name), Box(values[name], span=4)))
        lines.append(tuple(Box(self.label(name), bold=True) for name in LIST))
        lines += [self._row(defect) for defect in one.inspection.defects]
        profile = profile_of(one.facts)
        if profile:
            heads = [Box(self.label(name), span=3, bold=True) for name in ("distance", "silt")]
            lines.append(tuple(heads))
            lines += [tuple(Box(plain_number(figure), span=3) for figure in point) for point in profile]
        if "remark" in values:
            lines.append(self._pair("remark", values["remark"], span=5))
        lines += self._photos(one)
        return self.annex("sheet", lines, 0, place)

    def _pair(self, name: str, value: str, span: int = 1) -> tuple[Box, ...]:
        """Return a label and its value; a value that reads as a label stands in one cell with its own."""
        if is_label(value) or parted(value)[0]:
            return (Box(f"{self.label(name)}：{value}", span=span + 1),)
        return Box(self.label(name), bold=True), Box(value, span=span)

    def _row(self, defect: Defect) -> tuple[Box, ...]:
        kind = condition_rules().kinds.get(defect.code)
        fits = kind is not None and 0 < defect.level <= len(kind.scores)
        score = plain_number(kind.scores[defect.level - 1]) if fits and kind else ""
        words = write_description(Description(defect.clock, defect.variant, defect.film_at, defect.remark))
        cells = (_distance(defect), _name(defect, self.language), score, str(defect.level or ""), words)
        return (*(Box(text) for text in cells), Box(defect.picture))

    def _photos(self, one: SeenAsset) -> Iterator[Line]:
        """Yield the pictures of a pipe two in a row, and its drawing."""
        names = [name for name in one.media if name in self.pictures]
        for first in range(0, len(names), 2):
            yield tuple(
                Box(name, span=3, pictures=(Picture(name, self.pictures[name]),))
                for name in names[first : first + 2]
            )
        if one.inspection.id in self.drawings:
            drawn = Picture(one.inspection.id, self.drawings[one.inspection.id], width=24.0, drawn=True)
            yield (Box("", span=6, pictures=(drawn,)),)

    def listed(self, kind: str, seen: Sequence[SeenAsset]) -> Iterator[Annex]:
        """Yield a list with a row for each finding."""
        rows = [row for one in seen for row in self._findings(one)]
        if not rows:
            return
        used = {name for row in rows for name, text in row.items() if text}
        known = [name for name in labels(self.language) if name in used and name not in {*IN_LIST, "remark"}]
        own = sorted(used - set(labels(self.language)))
        fields = [name for name in IN_LIST if name in used or name == "no"]
        fields = [*fields, *known, *(["remark"] if "remark" in used else [])]
        heads = [Box(self.label(name), bold=True) for name in fields] + [Box(name, bold=True) for name in own]
        lines: list[Line] = [tuple(heads)]
        for place, row in enumerate(rows, 1):
            row["no"] = str(place)
            cells = [(name, row.get(name, "")) for name in (*fields, *own)]
            lines.append(tuple(self._shown(text) if name == "picture" else Box(text) for name, text in cells))
        yield self.annex(kind, lines, 1)

    def _shown(self, name: str) -> Box:
        data = self.pictures.get(name)
        return Box(name, pictures=(Picture(name, data, width=3.0),) if data else ())

    def _findings(self, one: SeenAsset) -> Iterator[Values]:
        values = self.values(one)
        items = {row["code"]: row for row in manhole_items().values()}
        if not one.inspection.defects:
            yield values
        defects = one.inspection.defects
        ticked = len(defects) > 1 and all(row.code in items and not row.remark for row in defects)
        alike = len({(row.level, row.picture, str(row.start)) for row in defects}) == 1
        if ticked and alike:
            words = "、" if self.language == "zh" else ", "
            names = words.join(items[row.code][self.language] for row in defects)
            yield {**values, **self._seen(defects[0]), "finding": names}
            return
        for defect in defects:
            yield {**values, **self._seen(defect), **self._finding(defect)}

    def _finding(self, defect: Defect) -> Values:
        items = {row["code"]: row for row in manhole_items().values()}
        if defect.code == "finding":
            return {"finding": defect.remark}
        if defect.code in items:
            name = items[defect.code][self.language]
            return {"finding": f"{name}：{defect.remark}" if defect.remark else name}
        words = write_description(Description(defect.clock, defect.variant, defect.film_at, defect.remark))
        return {"defect": _name(defect, self.language), "description": words}

    def _seen(self, defect: Defect) -> Values:
        return {"distance": _distance(defect), "level": str(defect.level or ""), "picture": defect.picture}
