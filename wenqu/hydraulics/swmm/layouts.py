"""Which token of which row is which field of which asset?"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.hydraulics.swmm.sections import InpModel


@dataclass(frozen=True, slots=True)
class Slot:
    """One token of a row that Wenqu knows: a row of ``layouts.csv``."""

    place: int  # number of the token, the name being 0
    field: str  # of the asset, "" for a word that only the engine needs
    kind: str  # kind of number or word, see quantities.py
    default: str  # what stands there when nothing is known
    zero_is_missing: bool  # the engine takes 0 for "none given"


Layout = tuple[Slot, ...]

# Section → asset type and role. The first row of a name opens the asset.
OBJECTS = {
    "JUNCTIONS": ("manhole", "node"),
    "DIVIDERS": ("manhole", "node"),
    "OUTFALLS": ("outfall", "node"),
    "STORAGE": ("storage", "node"),
    "CONDUITS": ("conduit", "link"),
    "PUMPS": ("pump", "link"),
    "WEIRS": ("weir", "link"),
    "ORIFICES": ("gate", "link"),
    "OUTLETS": ("gate", "link"),
    "SUBCATCHMENTS": ("catchment", "area"),
    "RAINGAGES": ("gauge", "place"),
}
# Section → role of the asset that its rows add to.
ATTACHED = {
    "XSECTIONS": "link",
    "LOSSES": "link",
    "DWF": "node",
    "SUBAREAS": "area",
    "INFILTRATION": "area",
}
DRAWN = {"COORDINATES": "node", "VERTICES": "link", "POLYGONS": "area", "SYMBOLS": "place"}
# The token that decides how the rest of the row is read.
CHOICE = {"OUTFALLS": 2, "DIVIDERS": 3, "STORAGE": 4, "OUTLETS": 4, "XSECTIONS": 1}
# Fewest tokens the engine accepts, most that it reads.
TOKENS = {
    "JUNCTIONS": (2, 6),
    "DIVIDERS": (4, 12),
    "OUTFALLS": (3, 6),
    "STORAGE": (6, 14),
    "CONDUITS": (7, 9),
    "PUMPS": (4, 7),
    "WEIRS": (6, 13),
    "ORIFICES": (6, 8),
    "OUTLETS": (6, 8),
    "SUBCATCHMENTS": (8, 9),
    "RAINGAGES": (5, 9),
    "XSECTIONS": (3, 8),
    "LOSSES": (4, 6),
    "SUBAREAS": (7, 8),
    "INFILTRATION": (4, 7),
    "DWF": (3, 7),
}
LEVEL_OF = {"from_offset": "from_invert", "to_offset": "to_invert", "crest_height": "crest_level"}
END_OF = {"from_offset": "from_id", "to_offset": "to_id", "crest_height": "from_id"}
KIND_OF_SECTION = {
    "DIVIDERS": ("kind", "divider"),
    "ORIFICES": ("kind", "orifice"),
    "OUTLETS": ("kind", "rating"),
}


@cache
def layouts() -> dict[tuple[str, str], Layout]:
    """Return every layout by section and variant."""
    text = (files("wenqu.hydraulics.swmm") / "layouts.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], list[Slot]] = {}
    for row in csv.DictReader(text.splitlines()):
        slot = Slot(int(row["place"]), row["field"], row["kind"], row["default"], row["zero"] == "missing")
        found.setdefault((row["section"], row["variant"]), []).append(slot)
    return {key: tuple(slots) for key, slots in found.items()}


def layout_name(section: str, type_: str) -> str:
    """Return the section's name in the table; a weir's and a gate's cross-section have their own rows."""
    return f"{section}/{type_}" if section == "XSECTIONS" and type_ in {"weir", "gate"} else section


@cache
def variants(name: str) -> tuple[str, ...]:
    """Return the variants of a section that the table knows."""
    return tuple(variant for section, variant in layouts() if section == name)


def variant_of(section: str, type_: str, tokens: tuple[str, ...], model: InpModel) -> str | None:
    """Return which variant of its section a row is, None when the table has no such variant."""
    if section == "INFILTRATION":
        named = tokens[-1].upper() if tokens[-1][:1].isalpha() else model.option("INFILTRATION", "HORTON")
        return "HORTON" if named in {"HORTON", "MODIFIED_HORTON"} else None
    if section not in CHOICE:
        return ""
    if len(tokens) <= CHOICE[section]:
        return None
    word = tokens[CHOICE[section]].upper()
    if section == "STORAGE":
        return _storage_variant(word, tokens)
    if section == "OUTLETS":
        word = word.partition("/")[0]
    return word if word in variants(layout_name(section, type_)) else None


def _storage_variant(word: str, tokens: tuple[str, ...]) -> str | None:
    """Return the variant of a storage: with a constant area its area is a number of its own."""
    if word in {"CYLINDRICAL", "CONICAL", "PARABOLOID", "PARABOLIC", "PYRAMIDAL"}:
        return "SHAPED"
    if word == "FUNCTIONAL" and len(tokens) > 7:
        return "CONSTANT" if tokens[5].strip("0.") == "" else "FUNCTIONAL"
    return word if word in {"TABULAR", "FUNCTIONAL"} else None


def layout(section: str, type_: str, variant: str | None) -> Layout:
    """Return the slots of a row; of an unknown variant those before the deciding token."""
    name = layout_name(section, type_)
    if variant is not None:
        return layouts().get((name, variant), ())
    if section not in CHOICE or not variants(name):
        return ()
    first = layouts()[name, variants(name)[0]]
    return tuple(slot for slot in first if slot.place < CHOICE[section])
