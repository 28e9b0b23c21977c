"""How do Chinese names get through an engine that is only safe with ASCII?"""

import re

from wenqu.hydraulics.swmm.assets import ASCII_UPPER
from wenqu.hydraulics.swmm.sections import Row, Section, cut_sections, quoted, spans

# In these sections a token is a formula, in which a name ends at an operator.
FORMULAS = {"TREATMENT", "GWF"}
IN_FORMULA = re.compile(r"[^\x00-\x20;\"()+*/^=<>-]*[^\x00-\x7f][^\x00-\x20;\"()+*/^=<>-]*")
# Text for people: the engine passes it over, or only prints it.
PROSE = {"TITLE", "LABELS", "BACKDROP", "PROFILES"}


class Aliases:
    """New names for old ones, the same everywhere."""

    def __init__(self, text: str) -> None:
        """Keep clear of every word that the text has already."""
        self._taken = {word.upper() for word in re.findall(r"[\x21-\x7e]+", text)}
        self._of: dict[str, str] = {}
        self.names: dict[str, str] = {}  # alias → the name as it first stood

    def alias(self, name: str) -> str:
        """Return the alias of a name; the case of ASCII letters does not matter, as in the engine."""
        key = name.translate(ASCII_UPPER)
        if key not in self._of:
            number = len(self._of) + 1
            while f"N_{number}" in self._taken:
                number += 1
            self._of[key] = f"N_{number}"
            self._taken.add(self._of[key])
            self.names[self._of[key]] = name
        return self._of[key]


def with_ascii_names(text: str) -> tuple[str, dict[str, str]]:
    """Return a text that is all ASCII, and the original of each new name in it.

    The engine compares names and sees no meaning in them; one may stand for another as long as it
    does so everywhere. Comments and prose lose what is not ASCII.
    """
    if text.isascii():
        return text, {}
    aliases = Aliases(text)
    lines = []
    for section in cut_sections(text):
        if section.header is not None:
            lines.append(_ascii(section.header.text))
        lines += [_renamed(section, row, aliases) for row in section.rows]
    return "\n".join(lines), aliases.names


def _renamed(section: Section, row: Row, aliases: Aliases) -> str:
    if row.text.isascii():
        return row.text
    if section.name in PROSE:
        return _ascii(row.text)
    text = row.text
    places = spans(row)
    comment = places[-1][1] if places else 0
    text = text[:comment] + _ascii(text[comment:])
    for (first, last), token in reversed(list(zip(places, row.tokens, strict=True))):
        if token.isascii():
            continue
        if section.name in FORMULAS:
            new = IN_FORMULA.sub(lambda match: aliases.alias(match[0]), token)
        else:
            new = aliases.alias(token)
        text = text[:first] + quoted(new) + text[last:]
    return text


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")
