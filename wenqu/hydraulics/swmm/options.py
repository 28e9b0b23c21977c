"""How are the options of an INP text changed?"""

from collections.abc import Iterator, Mapping

from wenqu.hydraulics.swmm.sections import Section, cut_sections


def with_options(text: str, options: Mapping[str, str]) -> str:
    """Return the text of a file with other values in [OPTIONS]; those it lacks are added."""
    wanted = {name.upper(): value for name, value in options.items()}
    left = dict(wanted)
    lines: list[str] = []
    for section in cut_sections(text):
        lines += [section.header.text] if section.header is not None else []
        if section.name == "OPTIONS":
            lines += _changed(section, wanted, left)
        else:
            lines += [row.text for row in section.rows]
    if left:
        lines += ["[OPTIONS]", *(f"{name} {value}" for name, value in left.items())]
    return "\n".join(lines)


def _changed(section: Section, wanted: Mapping[str, str], left: dict[str, str]) -> Iterator[str]:
    """Yield the rows of one section with the wanted values, and strike off what was found."""
    for row in section.rows:
        name = row.tokens[0].upper() if row.tokens else ""
        left.pop(name, None)
        yield f"{row.tokens[0]:<20} {wanted[name]}" if name in wanted else row.text
