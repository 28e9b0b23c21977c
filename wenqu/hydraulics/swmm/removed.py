"""Which rows of a file speak of assets that are gone?"""

from dataclasses import dataclass, field

from wenqu.hydraulics.swmm.assets import ASCII_UPPER, ROLE_OF_TAG
from wenqu.hydraulics.swmm.layouts import OBJECTS
from wenqu.hydraulics.swmm.sections import Row, Section, spans
from wenqu.issues import Issue, Place, Weight

# Section → which token names an asset of which role; the row makes no sense without it.
NAMING = {
    "INFLOWS": ((0, "node"),),
    "DWF": ((0, "node"),),
    "RDII": ((0, "node"),),
    "TREATMENT": ((0, "node"),),
    "COVERAGES": ((0, "area"),),
    "LOADINGS": ((0, "area"),),
    "GROUNDWATER": ((0, "area"), (2, "node")),
    "GWF": ((0, "area"),),
    "LID_USAGE": ((0, "area"),),
    "INLET_USAGE": ((0, "link"), (2, "node")),
    "SUBAREAS": ((0, "area"),),
    "INFILTRATION": ((0, "area"),),
    "XSECTIONS": ((0, "link"),),
    "LOSSES": ((0, "link"),),
}
LISTING = {"NODES": "node", "LINKS": "link", "SUBCATCHMENTS": "area"}  # in [REPORT]
RULE_WORDS = {"NODE": "node", "OUTFALL": "node", "LINK": "link", "CONDUIT": "link", "PUMP": "link",
              "ORIFICE": "link", "WEIR": "link", "OUTLET": "link", "GAGE": "place"}  # fmt: skip


@dataclass
class Removed:
    """The names that are gone, in capitals, by role."""

    names: dict[str, set[str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def gone(self, role: str | None, name: str) -> bool:
        """Tell whether the asset a row means is gone."""
        return name.translate(ASCII_UPPER) in self.names.get(role or "", ())

    def any(self) -> bool:
        """Tell whether anything is gone at all."""
        return any(self.names.values())


def row_without(section: str, row: Row, removed: Removed) -> str | None:
    """Return a row as it stands without the removed assets; None when nothing of it is left."""
    tokens = row.tokens
    if section == "TAGS" and len(tokens) > 1:
        return None if removed.gone(ROLE_OF_TAG.get(tokens[0].upper()), tokens[1]) else row.text
    if section == "REPORT" and tokens[0].upper() in LISTING:
        role = LISTING[tokens[0].upper()]
        return _without_tokens(row, {n for n in range(1, len(tokens)) if removed.gone(role, tokens[n])}, 1)
    if section == "PROFILES":
        return _without_tokens(row, {n for n in range(1, len(tokens)) if removed.gone("link", tokens[n])}, 1)
    for place, role in NAMING.get(section, ()):
        if place < len(tokens) and removed.gone(role, tokens[place]):
            return None
    return row.text


def _without_tokens(row: Row, places: set[int], fewest: int) -> str | None:
    if not places:
        return row.text
    kept = [row.text[first:last] for place, (first, last) in enumerate(spans(row)) if place not in places]
    return " ".join(kept) if len(kept) > fewest else None


def rules_without(section: Section, removed: Removed, file: str) -> tuple[str, ...]:
    """Return the lines of [CONTROLS] without the rules that name a removed asset.

    The engine refuses a file whose rules name what is not there; each rule left out is an Issue.
    """
    rules: list[list[Row]] = [[]]
    for row in section.rows:
        if row.tokens and row.tokens[0].upper() in {"RULE", "VARIABLE", "EXPRESSION"}:
            rules.append([])
        rules[-1].append(row)
    lines: list[str] = []
    for rule in rules:
        missing = [token for row in rule for token in _named_and_gone(row, removed)]
        if missing:
            name = " ".join(rule[0].tokens[1:2])
            place = Place(file, section.name, rule[0].line)
            facts: dict[str, object] = {"rule": name, "missing": ", ".join(sorted(set(missing)))}
            removed.issues.append(Issue("inp.rule-dropped", Weight.FAULT, place=place, facts=facts))
        else:
            lines += [row.text for row in rule]
    return tuple(lines)


def _named_and_gone(row: Row, removed: Removed) -> list[str]:
    pairs = zip(row.tokens[:-1], row.tokens[1:], strict=True)
    return [name for word, name in pairs if removed.gone(RULE_WORDS.get(word.upper()), name)]


def removed_names(names: dict[str, dict[str, tuple[str, str]]], present: dict[str, set[str]]) -> Removed:
    """Return the names of a file's assets that are no longer there, by role.

    Parameters
    ----------
    names
        Role → name in capitals → type and id, as the file has them.
    present
        Role → names in capitals that will be written.
    """
    roles = {role for _, role in OBJECTS.values()}
    return Removed({role: names.get(role, {}).keys() - present.get(role, set()) for role in roles})
