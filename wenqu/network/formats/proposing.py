"""What do the columns of a strange file probably mean? A field map proposed from known names."""

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from wenqu.errors import UnknownUnit
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap, LayerMap
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.script_forms import simplified
from wenqu.network.schema import asset_type, asset_types, foreign_schemas, schema_family
from wenqu.units import FACTORS

SPOKEN_UNITS = {
    "毫米": "mm",
    "厘米": "cm",
    "米": "m",
    "公里": "km",
    "平方米": "m²",
    "公顷": "ha",
    "立方米": "m³",
}
SPOKEN_UNITS |= {"英寸": "in", "英尺": "ft"}
SPOKEN_UNITS |= {
    "m2": "m²",
    "m3": "m³",
    "m3/s": "m³/s",
    "m3/d": "m³/d",
    "m3/h": "m³/h",
    "立方米/天": "m³/d",
    "吨/天": "m³/d",
    "l/s": "L/s",
    "lps": "L/s",
    "年": "a",
}
BEHIND = re.compile(r"^(.*[\u4e00-\u9fff])(mm|cm|km|m)$")  # 管径mm
OF_ANY = 3  # rank of a heading that any schema may have, behind those of the layer's own
AT_POINTS = frozenset({"weir", "gate"})  # links that surveys deliver as points
DBASE = 10  # bytes of a column's name in a shapefile
# Behind a layer's name in a delivery of several parts: 管段1, 点表_2, pipes (3), 管线三.
NUMBERED = re.compile(r"(表|层|图层|table|layer)?[(第]?([0-9]+|[一二三四五六七八九十]+)?[)部分]*$")
# What stands in the last brackets, which may hold brackets themselves: s/m^(1/3).
IN_BRACKETS = re.compile(r"^(.*?)\s*[(（\[【]((?:[^()（）\[\]【】]|\([^()]*\))*)[)）\]】]\s*$")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name under which a field is delivered."""

    schema: str
    field: str
    unit: str


def plain(name: str) -> str:
    """Return a name so that names can be compared: no case, width, blanks, hyphens, script."""
    return simplified(re.sub(r"[\s_\-.·]+", "", unicodedata.normalize("NFKC", name)).casefold())


def _table(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.network.formats") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def aliases(type_: str) -> dict[str, list[Alias]]:
    """Return the known names of a type's fields; the first of a list is the most trusted."""
    names: dict[str, list[Alias]] = {}

    def add(label: str, alias: Alias, *, first: bool = False) -> None:
        known = names.setdefault(plain(label), [])
        known.insert(0 if first else len(known), alias)

    fields, rows = asset_type(type_).fields, _table("aliases.csv")
    for entry in fields:
        add(entry.name, Alias("wenqu", entry.name, ""))
    for label in ("id", "编号 id"):  # the second heads our own templates
        add(label, Alias("wenqu", "id", ""), first=True)
    for row in (row for row in rows if row["type"] == type_):
        add(row["alias"], Alias(row["schema"], row["field"], row["unit"]))
    for entry in fields:
        for label in (entry.zh, entry.en, f"{entry.zh} {entry.en}"):  # the last heads our own templates
            add(label, Alias("", entry.name, ""))
    for row in (row for row in rows if row["type"] == "*"):
        add(row["alias"], Alias("", row["field"], row["unit"]))
    for label in _numbers_of(type_):
        if plain(label) not in names:
            add(label, Alias("", "id", ""))
    return names | _cut_names(type_, names)


def _numbers_of(type_: str) -> list[str]:
    """Return how a column of numbers is headed by the name of what it numbers: 堰编号, gate_no."""
    called = {plain(row["alias"]): row["alias"] for row in _table("layers.csv") if row["type"] == type_}
    entry = asset_types()[type_]
    words = [entry.zh, entry.en, *called.values()]
    ends = {False: ("编号", "编码", "标识码", "号"), True: ("_id", "_no", "_code")}
    return [f"{word}{end}" for word in words for end in ends[word.isascii()]]


def _cut_names(type_: str, names: dict[str, list[Alias]]) -> dict[str, list[Alias]]:
    """Return the names of standards as a Shapefile cuts them, where they are no other name."""
    cuts: dict[str, list[Alias]] = {}
    for row in _table("aliases.csv"):
        cut = plain(row["alias"][:DBASE])
        if row["type"] == type_ and row["schema"] and row["alias"].isascii() and cut not in names:
            cuts.setdefault(cut, []).append(Alias(row["schema"], row["field"], row["unit"]))
    return _cut_words(names) | cuts


def _cut_words(names: dict[str, list[Alias]]) -> dict[str, list[Alias]]:
    """Return Chinese names as a Shapefile cuts them in UTF-8 or GBK, where they can mean one field only."""
    cuts: dict[str, list[Alias]] = {}
    for name, known in names.items():
        for encoding in () if name.isascii() else ("utf-8", "gb18030"):
            whole = name.encode(encoding)
            cut = whole[:DBASE].decode(encoding, errors="ignore")
            if len(whole) > DBASE and cut not in names:
                cuts.setdefault(cut, []).extend(known)
    return {cut: known for cut, known in cuts.items() if len({alias.field for alias in known}) == 1}


@cache
def _layer_types() -> dict[str, str]:
    names = {plain(row["alias"]): row["type"] for row in _table("layers.csv")}
    for name, entry in asset_types().items():
        for label in (name, f"{name}s", entry.zh, entry.en):
            names[plain(label)] = name
    return names


@cache
def known_names() -> frozenset[str]:
    """Return every name under which any field of any type, or a place, is delivered."""
    fields = {name for type_ in asset_types() for name in aliases(type_)}
    return frozenset(fields | place_names().keys())


@cache
def place_names() -> dict[str, str]:
    """Return the names of columns that say where or what a row is: name → role."""
    return {plain(row["alias"]): row["role"] for row in _table("places.csv")}


def propose(layers: list[RawLayer]) -> FieldMap:
    """Return a field map for the layers of a delivery, from the names of layers and columns.

    A layer whose asset type cannot be told (name unknown, and no type knows three of its columns and
    draws its kind of shape) is left out.

    Raises
    ------
    UnknownUnit
        A column that fills a number names a unit in brackets that is not in the registry or measures
        something else.
    """
    made = [(layer, likely_type(layer)) for layer in layers]
    return FieldMap(tuple(proposal(layer, type_) for layer, type_ in made if type_))


def completed(fieldmap: FieldMap, layers: list[RawLayer]) -> FieldMap:
    """Return an open field map with proposals for what has come since it was made.

    A layer that it does not name takes the map of a layer of another file that has the same columns.
    """
    there = {layer.name: layer for layer in layers}
    kept = []
    for map_ in (*fieldmap.layers, *_alike(fieldmap, layers)):
        filled = {entry.field for entry in map_.columns}
        known = map_.known() | set(map_.extra) | set(map_.headings)
        likely = proposal(there[map_.layer], map_.type).columns if map_.layer in there else ()
        new = [entry for entry in likely if entry.field not in filled and entry.column not in known]
        kept.append(replace(map_, columns=(*map_.columns, *new)))
    named = {map_.layer for map_ in kept}
    others = propose([layer for layer in layers if layer.name not in named])
    return FieldMap((*kept, *others.layers))


def _alike(fieldmap: FieldMap, layers: list[RawLayer]) -> list[LayerMap]:
    """Return the maps of other files that are used for layers with the same columns and kind of shape."""
    found = []
    for layer in layers:
        drawn = layer.drawn() - {""}
        fitting = (
            one
            for one in fieldmap.alike
            if set(one.headings) == set(layer.columns)
            and (not drawn or asset_type(one.type).geometry in drawn or one.type in AT_POINTS)
        )
        first = next(fitting, None) if fieldmap.of(layer.name) is None and layer.columns else None
        found += [replace(first, layer=layer.name)] if first else []
    return found


def likely_type(layer: RawLayer) -> str:
    """Return the asset type that a layer probably holds, "" when it cannot be told."""
    name = plain(re.sub(r"^(.*[\\/])?", "", layer.name))
    known = _layer_types()
    named, drawn = known.get(name) or known.get(_unnumbered(name), ""), layer.drawn() - {""}
    if named and (not drawn or asset_type(named).geometry in drawn | {"none"}):
        return named
    inside = [type_ for alias, type_ in known.items() if len(alias) > 2 and alias in name]
    most = Counter(layer.kinds.tolist() if len(drawn) > 1 else drawn)
    shape = max(sorted(drawn), key=most.__getitem__) if drawn else _meant_shape(layer)
    fitting = [type_ for type_ in dict.fromkeys(inside) if asset_type(type_).geometry == shape]
    fitting = fitting or [type_ for type_ in dict.fromkeys(inside) if type_ in AT_POINTS and shape == "point"]
    if fitting:
        return fitting[-1]
    if not drawn and shape != "none" and _located(layer):
        return {"point": "manhole", "line": "conduit"}[shape]
    candidates = [entry.name for entry in asset_types().values() if entry.geometry == shape]
    scores = {type_: _known_columns(layer, type_) for type_ in candidates}
    best = max(scores, key=scores.__getitem__, default="")
    return best if best and scores[best] >= 3 else named


def _unnumbered(name: str) -> str:
    """Return a plain name without the number of the part and the word for a table behind it.

    Examples
    --------
    >>> _unnumbered("管段表(2)"), _unnumbered("pipes3"), _unnumbered("点表")
    ('管段', 'pipes', '点')
    """
    return NUMBERED.sub("", name)


def _meant_shape(layer: RawLayer) -> str:
    """Return what the rows of a bare table are: lines if they name two ends, points if they have a place."""
    ends = {"from_id", "to_id"}
    names = aliases("conduit")
    found = {
        names[bare][0].field for column in layer.columns if (bare := plain(without_unit(column)[0])) in names
    }
    if ends <= found:
        return "line"
    return "point" if {"x", "y"} <= _places(layer).keys() else "none"


def _located(layer: RawLayer) -> bool:
    """Tell whether a bare table speaks of sewers: it names its points, or both ends and something else."""
    type_ = "conduit" if _meant_shape(layer) == "line" else "manhole"
    return _known_columns(layer, type_) >= (1 if type_ == "manhole" else 2)


def _places(layer: RawLayer) -> dict[str, str]:
    """Return which columns say where the rows of a bare table are, and what they are."""
    roles: dict[str, str] = {}
    for column in layer.columns:
        role = place_names().get(plain(column)) or place_names().get(plain(without_unit(column)[0]))
        if role:
            roles.setdefault(role, column)
    if {"east", "north"} <= roles.keys():
        roles |= {"x": roles["east"], "y": roles["north"]}
    bare = not any(layer.kinds)
    kept: tuple[str, ...] = ("x", "y", "from_x", "from_y", "to_x", "to_y", "wkt") if bare else ()
    if "wkt" in roles and bare:
        kept = ("wkt",)
    return {role: column for role, column in roles.items() if role in {*kept, "attachment", "feature"}}


def _axes(places: dict[str, str]) -> str:
    """Return which way x and y run when the headings say it themselves."""
    named = {
        place_names().get(plain(without_unit(places[role])[0]), "") for role in ("x", "y") if role in places
    }
    return "east-north" if named == {"east", "north"} else ""


def _known_columns(layer: RawLayer, type_: str) -> int:
    names = aliases(type_)
    return sum(plain(without_unit(column)[0]) in names for column in layer.columns)


def without_unit(column: str) -> tuple[str, str]:
    """Return a column's name and the unit it gives in brackets, after an underscore or behind."""
    bracketed = IN_BRACKETS.match(column)
    if bracketed:
        spoken = bracketed[2].strip()
        remark = spoken not in SPOKEN_UNITS and not spoken.isascii() and spoken not in FACTORS
        return (column, "") if remark else (bracketed[1], spoken)
    behind = BEHIND.match(column)
    if behind:
        return behind[1], behind[2]
    name, _, last = column.rpartition("_")
    if name and last in {"mm", "cm", "m", "km", "m2", "m3"}:
        return name, last
    return column, ""


def _schema(layer: RawLayer, type_: str) -> str:
    votes: Counter[str] = Counter()
    names = aliases(type_)
    for column in layer.columns:
        bare = without_unit(column)[0]
        told = {alias.schema for alias in names.get(plain(bare), []) if alias.schema}
        votes.update(told)
        if len(told) == 1 and not bare.isascii():  # a heading that stands in one standard alone says much
            votes.update(told)
    found = {name: sum(votes[one] for one in schema_family(name)) for name in foreign_schemas()}
    best = max(found, key=found.__getitem__)  # of equals the first, so none that is only like another
    return best if found[best] > 2 and found[best] >= votes["wenqu"] else ""


def proposal(layer: RawLayer, type_: str) -> LayerMap:
    """Return what the columns of a layer of one type probably mean."""
    names, schema = aliases(type_), _schema(layer, type_)
    family = schema_family(schema) if schema else ()
    rank = {"wenqu": 1 if family else 0, "": 2} | dict.fromkeys(family, 0)
    found: dict[str, tuple[int, ColumnMap]] = {}
    for column in layer.columns:
        bare, spoken = without_unit(column)
        whole, apart = names.get(plain(column), []), names.get(plain(bare), [])
        known = whole or apart
        choices = [alias for alias in known if alias.schema in rank] or _plain_word(known, bare)
        if not choices:
            continue
        alias = min(choices, key=lambda one: rank.get(one.schema, OF_ANY))
        entry = _column(layer, type_, column, alias, "" if whole else spoken)
        place = 10 * rank.get(alias.schema, OF_ANY) + _order(type_, alias.field, column)
        if alias.field not in found or place < found[alias.field][0]:
            found[alias.field] = (place, entry)
    named = found["name"][1].column if "name" in found else ""
    id_ = found.pop("id", (0, ColumnMap("id", named)))[1].column
    places = _places(layer)
    if type_ != "manhole":  # only points of a survey are of many kinds in one table
        places = {role: column for role, column in places.items() if role not in {"attachment", "feature"}}
    meant = set(places.values())
    taken = tuple(
        entry
        for _, entry in found.values()
        if (entry.column != id_ or entry.field == "name") and entry.column not in meant
    )
    return LayerMap(layer.name, type_, id_, taken, schema, places=places, axes=_axes(places))


def _plain_word(known: list[Alias], column: str) -> list[Alias]:
    """Return what a Chinese heading means that means the same in every schema that has it."""
    one = len({(alias.field, alias.unit) for alias in known}) == 1
    return known[:1] if one and not column.isascii() else []


def _order(type_: str, field: str, column: str) -> int:
    """Return how early a name stands among those of its field: id before code before name."""
    if column == field:
        return -1
    same = _names_of(type_).get(field, ())
    bare = plain(without_unit(column)[0])
    return min(same.index(bare) if bare in same else 9, 9)


@cache
def _names_of(type_: str) -> dict[str, list[str]]:
    """Return the names of each field of a type, in order."""
    found: dict[str, list[str]] = {}
    for name, known in aliases(type_).items():
        for field in dict.fromkeys(alias.field for alias in known):
            found.setdefault(field, []).append(name)
    return found


def _column(layer: RawLayer, type_: str, column: str, alias: Alias, spoken: str) -> ColumnMap:
    if alias.field == "id":
        return ColumnMap("id", column)
    entry = asset_type(type_).field(alias.field)
    if entry.kind != "number" or not entry.unit:
        return ColumnMap(alias.field, column)
    unit = SPOKEN_UNITS.get(spoken.casefold(), spoken) or alias.unit
    if unit and FACTORS.get(unit, ("", 0))[0] != entry.unit:
        raise UnknownUnit(
            "column",
            file=layer.file,
            layer=layer.name,
            column=column,
            unit=spoken,
            known=", ".join(FACTORS),
        )
    return ColumnMap(alias.field, column, unit, assumed=bool(unit and not spoken and unit != entry.unit))
