"""What does a code of a survey mean, and which code of another standard comes close to it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from wenqu.standards.condition import condition_rules
from wenqu.standards.tables import rows

EN, CJJ = "EN 13508-2", "CJJ 181"
SEEN = ("structure", "operation")  # groups of codes that are defects; the others describe


@dataclass(frozen=True, slots=True)
class ObservationCode:
    """One main code of EN 13508-2: a row of ``observation_codes.csv``."""

    standard: str
    edition: str
    asset_type: str  # conduit or manhole
    group: str  # structure, operation, inventory, other, change
    code: str
    zh: str
    en: str
    de: str
    clause: str
    status: str

    @property
    def is_defect(self) -> bool:
        """Whether the code names a defect; others name a node, a connection, a remark."""
        return self.group in SEEN


@dataclass(frozen=True, slots=True)
class CodeProposal:
    """Wenqu's own proposal which code of the other standard to look at: in no standard, never applied."""

    standard: str
    edition: str
    cjj: str
    en: str
    characters: str  # characterisation 1 that it holds for, "" for any
    note_zh: str
    note_en: str
    clause: str
    status: str


@cache
def observation_codes() -> Mapping[str, ObservationCode]:
    """Return the main codes of EN 13508-2 by code; characterisations are not among them."""
    found = (ObservationCode(**row) for row in rows("observation_codes.csv"))
    return MappingProxyType({entry.code: entry for entry in found})


@dataclass(frozen=True, slots=True)
class SpecialCode:
    """A code of CJJ 181 that names no defect: a row of ``special_codes.csv``; it never counts in a grade."""

    standard: str
    edition: str
    region: str
    group: str  # structure: a special structure or accessory; running: what happened to the camera
    code: str
    zh: str
    en: str
    clause: str
    status: str


@cache
def special_codes() -> Mapping[str, SpecialCode]:
    """Return the codes of CJJ 181 that describe and do not grade, by code."""
    found = (SpecialCode(**row) for row in rows("special_codes.csv"))
    return MappingProxyType({entry.code: entry for entry in found})


@cache
def proposals() -> tuple[CodeProposal, ...]:
    """Return the proposed correspondence of CJJ 181 and EN 13508-2."""
    return tuple(CodeProposal(**row) for row in rows("observation_proposals.csv"))


def proposed(standard: str, code: str, character: str = "") -> tuple[CodeProposal, ...]:
    """Return the proposals for one code, from either side; none where nobody proposed anything.

    Examples
    --------
    >>> [entry.en for entry in proposed("CJJ 181", "PL")]
    ['BAB', 'BAC']
    >>> [entry.cjj for entry in proposed("EN 13508-2", "BAJ", "B")]
    ['CK']
    """
    if standard == EN:
        mine = [entry for entry in proposals() if entry.en == code]
        return tuple(entry for entry in mine if not character or entry.characters in ("", character))
    return tuple(entry for entry in proposals() if standard == CJJ and entry.cjj == code)


@cache
def _names(standard: str) -> Mapping[str, tuple[str, str]]:
    if standard == EN:
        return {entry.code: (entry.zh, entry.en) for entry in observation_codes().values()}
    if standard == CJJ:
        special = {entry.code: (entry.zh, entry.en) for entry in special_codes().values()}
        return special | {kind.code: (kind.zh, kind.en) for kind in condition_rules().kinds.values()}
    return {}


def code_name(standard: str, code: str, language: str) -> str:
    """Return what a code is called; "" where no table has it (PACP codes are not public)."""
    names = _names(standard).get(code, ("", ""))
    return names[0] if language == "zh" else names[1]


def knows_codes(standard: str) -> bool:
    """Tell whether there is a table of codes by which an unknown one can be told."""
    return bool(_names(standard))
