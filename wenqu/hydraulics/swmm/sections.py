"""Which sections and rows does an INP text have?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wenqu.errors import FileUnreadable
from wenqu.hydraulics.swmm.encoding import Decoded, decode, is_binary
from wenqu.issues import Issue, Place, Weight

# The engine compares only the beginning of a header, without regard to case. Name → that beginning.
HEADERS = {
    "TITLE": "TITLE", "OPTIONS": "OPTION", "FILES": "FILE", "RAINGAGES": "RAINGAGE",
    "TEMPERATURE": "TEMPERATURE", "EVAPORATION": "EVAP", "SUBCATCHMENTS": "SUBCATCHMENT",
    "SUBAREAS": "SUBAREA", "INFILTRATION": "INFIL", "AQUIFERS": "AQUIFER", "GROUNDWATER": "GROUNDWATER",
    "SNOWPACKS": "SNOWPACK", "JUNCTIONS": "JUNC", "OUTFALLS": "OUTFALL", "STORAGE": "STORAGE",
    "DIVIDERS": "DIVIDER", "CONDUITS": "CONDUIT", "PUMPS": "PUMP", "ORIFICES": "ORIFICE",
    "WEIRS": "WEIR", "OUTLETS": "OUTLET", "XSECTIONS": "XSECT", "TRANSECTS": "TRANSECT",
    "LOSSES": "LOSS", "CONTROLS": "CONTROL", "POLLUTANTS": "POLLUT", "LANDUSES": "LANDUSE",
    "BUILDUP": "BUILDUP", "WASHOFF": "WASHOFF", "COVERAGES": "COVERAGE", "INFLOWS": "INFLOW",
    "DWF": "DWF", "PATTERNS": "PATTERN", "RDII": "RDII", "HYDROGRAPHS": "HYDROGRAPH",
    "LOADINGS": "LOADING", "TREATMENT": "TREATMENT", "CURVES": "CURVE", "TIMESERIES": "TIMESERIES",
    "REPORT": "REPORT", "COORDINATES": "COORDINATE", "VERTICES": "VERTICES", "POLYGONS": "POLYGON",
    "LABELS": "LABEL", "SYMBOLS": "SYMBOL", "BACKDROP": "BACKDROP", "TAGS": "TAG",
    "PROFILES": "PROFILE", "MAP": "MAP", "LID_CONTROLS": "LID_CONTROL", "LID_USAGE": "LID_USAGE",
    "GWF": "GWF", "ADJUSTMENTS": "ADJUSTMENT", "EVENTS": "EVENT", "STREETS": "STREET",
    "INLETS": "INLET", "INLET_USAGE": "INLET_USAGE",
}  # fmt: skip
EPANET_ONLY = {"PIPES", "RESERVOIRS", "TANKS", "VALVES", "DEMANDS", "EMITTERS"}
LINE_LIMIT = 1024  # bytes of one line that the engine reads, comment not counted
# The engine's separators are these and no others; a quote opens only at the start of a token.
TOKEN = re.compile(r'"([^"\r\n]*)"?|[^ \t\r\n]+')


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file."""

    line: int  # counted from 1
    text: str  # as it stands, without its line feed
    tokens: tuple[str, ...]  # without quotes and comment; () for a blank or a comment


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it stands; a file may have several of one name."""

    name: str  # the engine's name in capitals; the header's own text when nobody knows it
    header: Row | None  # None for what stands before the first header
    known: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class InpModel:
    """An INP file, row by row, as it was delivered."""

    content: bytes
    encoding: str
    sections: tuple[Section, ...]
    name: str = ""  # of the file
    options: dict[str, Row] = field(default_factory=dict)  # option in capitals → its (last) row

    def rows(self, *names: str) -> Iterator[Row]:
        """Yield the rows with tokens of all sections of these names, in the order of the file."""
        for section in self.sections:
            if section.name in names:
                yield from (row for row in section.rows if row.tokens)

    def option(self, name: str, default: str = "") -> str:
        """Return the value of an option in capitals."""
        row = self.options.get(name)
        return row.tokens[1].upper() if row is not None and len(row.tokens) > 1 else default

    def place(self, section: str, row: Row) -> Place:
        """Return where a row stands, for an Issue."""
        return Place(self.name, section, row.line)


def row_of(line: int, text: str) -> Row:
    """Return one line cut into tokens, the way the engine cuts it."""
    # The engine cuts a comment off before it looks at quotes.
    code = text.split(";", 1)[0]
    tokens = tuple(match[0] if match[1] is None else match[1] for match in TOKEN.finditer(code))
    return Row(line, text, tokens)


def spans(row: Row) -> list[tuple[int, int]]:
    """Return where each token stands in its line, quotes included."""
    return [match.span() for match in TOKEN.finditer(row.text.split(";", 1)[0])]


def quoted(token: str) -> str:
    """Return a token as it may stand in a line: what would end it or the line becomes an underscore."""
    token = re.sub(r'[";\r\n]', "_", token)
    return f'"{token}"' if token == "" or re.search(r"[ \t]", token) else token


def with_tokens(row: Row, changes: dict[int, str]) -> str:
    """Return the line with some tokens changed; the others, spacing and comment stay."""
    text = row.text
    places = spans(row)
    for place in sorted(changes, reverse=True):
        first, last = places[place]
        new = quoted(changes[place])
        # Take up the blanks behind a shorter token and give back those behind a longer one: columns stay.
        behind = len(text[last:]) - len(text[last:].lstrip(" "))
        spare = behind - 1 if last + behind < len(text) else behind
        grown = len(new) - (last - first)
        tail = text[last:]
        tail = tail[min(grown, max(spare, 0)) :] if grown > 0 else " " * -grown * (behind > 0) + tail
        text = text[:first] + new + tail
    return text


def header_name(token: str) -> tuple[str, bool]:
    """Return a section's name and whether the engine itself would know this header."""
    word = token.lstrip("[").strip().rstrip("])} \t").upper()
    found = [name for name, start in HEADERS.items() if token[1:].upper().startswith(start)]
    if found:
        return max(found, key=lambda name: len(HEADERS[name])), True
    near = [name for name, start in HEADERS.items() if len(word) >= 4 and start.startswith(word)]
    return (near[0], False) if len(near) == 1 else (token.strip("[]").upper(), False)


def parse_inp(content: bytes, name: str = "") -> tuple[InpModel, list[Issue]]:
    """Return the sections and rows of an INP file, and what is odd about them.

    Raises
    ------
    FileUnreadable
        The bytes are empty, are no text, have no section, or are an EPANET model.
    """
    if not content.strip():
        raise FileUnreadable("empty", path=name)
    if is_binary(content):
        raise FileUnreadable("binary", path=name, size=len(content))
    decoded = decode(content)
    sections = cut_sections(decoded.text.removeprefix("\ufeff"))
    names = {section.name for section in sections}
    if EPANET_ONLY & names and not names & {"CONDUITS", "OUTFALLS", "SUBCATCHMENTS"}:
        found = ", ".join(sorted(EPANET_ONLY & names))
        raise FileUnreadable("epanet", path=name, sections=found)
    if not names & HEADERS.keys():
        raise FileUnreadable("no-sections", path=name)
    model = InpModel(content, decoded.encoding, tuple(sections), name)
    model.options.update({row.tokens[0].upper(): row for row in model.rows("OPTIONS")})
    return model, [*_encoding_issues(decoded, name), *check_text(model)]


def cut_sections(text: str) -> list[Section]:
    """Return the sections of a text; the first is what stands before any header."""
    sections = [Section("", None, True, ())]
    rows: list[Row] = []
    for line, content in enumerate(text.split("\n"), 1):
        row = row_of(line, content)
        if row.tokens and row.tokens[0].startswith("["):
            sections[-1] = replace(sections[-1], rows=tuple(rows))
            rows = []
            name, known = header_name(row.tokens[0])
            sections.append(Section(name, row, known, ()))
        else:
            rows.append(row)
    sections[-1] = replace(sections[-1], rows=tuple(rows))
    return sections


def _encoding_issues(decoded: Decoded, name: str) -> list[Issue]:
    if decoded.why == "plain":
        return []
    # That much Chinese comes out of UTF-8 by chance in no text of another encoding.
    sure = decoded.encoding == "utf-8" and decoded.han >= 10
    weight = Weight.DOUBT if decoded.why in {"several-fit", "none-fits"} and not sure else Weight.NOTE
    facts = {
        "encoding": decoded.encoding,
        "fits": ", ".join(decoded.fits),
        "wide": decoded.wide,
        "han": decoded.han,
    }
    return [Issue(f"inp.encoding-{decoded.why}", weight, place=Place(name), facts=facts)]


def check_text(model: InpModel) -> Iterator[Issue]:
    """Yield what is odd about headers and lines."""
    for section in model.sections:
        if section.header is not None and not section.known:
            place = model.place(section.name, section.header)
            mended = section.name in HEADERS
            code = "inp.section-mended" if mended else "inp.section-unknown"
            weight = Weight.NOTE if mended else Weight.DOUBT
            facts = {"header": section.header.tokens[0], "name": section.name, "rows": len(section.rows)}
            yield Issue(code, weight, place=place, facts=facts)
        for row in section.rows:
            code = _odd_row(section, row)
            if code:
                weight = Weight.FAULT if code == "inp.line-long" else Weight.DOUBT
                facts = {"row": row.text.strip()[:80], "limit": LINE_LIMIT}
                yield Issue(code, weight, place=model.place(section.name, row), facts=facts)


def _odd_row(section: Section, row: Row) -> str:
    if section.header is None and row.tokens:
        return "inp.before-sections"
    if len(row.text) > LINE_LIMIT // 4 and len(row.text.split(";")[0].encode()) >= LINE_LIMIT:
        return "inp.line-long"
    if not row.text.isascii() and any({"\u3000", "\xa0"} & set(token) for token in row.tokens):
        return "inp.wide-space"
    return ""
