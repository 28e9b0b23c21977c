"""How are the options of an INP text changed?"""

from collections.abc import Mapping

from wenqu.hydraulics.swmm.sections import Section, cut_sections


def with_options(text: str, options: Mapping[str, str], *, keep_lines: bool = False) -> str:
    """Return the text of a file with other values in [OPTIONS]; those it lacks are added.

    With ``keep_lines`` they are added at the very end, so that every line keeps its number.
    """
    wanted = {name.upper(): value for name, value in options.items()}
    sections = cut_sections(text)
    named = {row.tokens[0].upper() for s in sections if s.name == "OPTIONS" for row in s.rows if row.tokens}
    added = [f"{name:<20} {value}" for name, value in wanted.items() if name not in named]
    lines: list[str] = []
    for section in sections:
        lines += [section.header.text] if section.header is not None else []
        lines += (
            _changed(section, wanted) if section.name == "OPTIONS" else [row.text for row in section.rows]
        )
        if section.name == "OPTIONS" and added and not keep_lines:
            while lines and not lines[-1].strip():
                lines.pop()
            lines += [*added, ""]
            added = []
    return "\n".join([*lines, "[OPTIONS]", *added, ""] if added else lines)


def _changed(section: Section, wanted: Mapping[str, str]) -> list[str]:
    """Return the rows of one section with the wanted values."""
    names = [row.tokens[0].upper() if row.tokens else "" for row in section.rows]
    pairs = zip(section.rows, names, strict=True)
    return [f"{row.tokens[0]:<20} {wanted[name]}" if name in wanted else row.text for row, name in pairs]
