"""Which coordinate system does the material beside a model name? Read, never guessed from numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wenqu.errors import BadInput
from wenqu.network.formats.raw import named_crs

CODE = re.compile(r"(?<![A-Za-z0-9])EPSG\s*[:：]{1,2}\s*(\d{4,6})\b", re.IGNORECASE)
# "CRS EPSG:25832", "coordinate system: EPSG:4549", "坐标系为 EPSG:4549": a code that says what it is.
NAMED = re.compile(
    r"(?:\bCRS\b|\bSRS\b|coordinate\s+(?:reference\s+)?system|坐标系统?)[^A-Za-z0-9\n]{0,6}(?:is\s+|为\s*)?"
    + CODE.pattern,
    re.IGNORECASE,
)
NOTES = {".txt", ".md", ".rst"}
LONGEST_NOTE = 1 << 20  # bytes; longer texts are data
SPEAKING = {"TITLE", "MAP", "BACKDROP"}  # sections of an INP in which people write such things


@dataclass(frozen=True, slots=True)
class CrsEvidence:
    """A coordinate system and where it was found."""

    crs: str  # "EPSG:25832"; "" when nothing names one, or several are named
    file: str = ""  # the file that names it
    several: tuple[str, ...] = ()  # the codes that contradict one another


def find_crs(path: Path, text: str) -> CrsEvidence:
    """Return the coordinate system that a .prj, the model's own title or a note beside it names.

    Each source is asked in turn; the first that names exactly one system is believed. A note with one
    code labelled as the coordinate system is believed even if it mentions other codes.

    Parameters
    ----------
    path
        The model's file.
    text
        Its content.
    """
    prj = path.with_suffix(".prj")
    if prj.is_file():
        try:
            return CrsEvidence(named_crs(prj.read_text(encoding="utf-8", errors="replace").strip()), prj.name)
        except BadInput:
            return CrsEvidence("")
    own = _one([_spoken(text)], path.name)
    return own if own.crs or own.several else _one_of_notes(path)


def _one_of_notes(path: Path) -> CrsEvidence:
    notes = [
        note
        for note in sorted(path.parent.iterdir())
        if note != path and note.suffix.lower() in NOTES and note.stat().st_size < LONGEST_NOTE
    ]
    texts = [note.read_text(encoding="utf-8", errors="replace") for note in notes if note.is_file()]
    names = [note.name for note, text in zip(notes, texts, strict=True) if CODE.search(text)]
    return _one(texts, ", ".join(names))


def _one(texts: Iterable[str], file: str) -> CrsEvidence:
    """Return the one system that texts name, by labelled codes if there are any."""
    whole = "\n".join(texts)
    codes = list(dict.fromkeys(NAMED.findall(whole) or CODE.findall(whole)))
    if len(codes) > 1:
        return CrsEvidence("", file, tuple(f"EPSG:{code}" for code in codes))
    try:
        return CrsEvidence(named_crs(f"EPSG:{codes[0]}"), file) if codes else CrsEvidence("")
    except BadInput:
        return CrsEvidence("", file, (f"EPSG:{codes[0]}",))


def _spoken(text: str) -> str:
    """Return title, map section and comments of an INP."""
    lines, section = [], ""
    for line in text.splitlines():
        heading = line.strip()
        if heading.startswith("["):
            section = heading.strip("[]").upper()
        elif section in SPEAKING or heading.startswith(";"):
            lines.append(line)
    return "\n".join(lines)
