"""A figure as an Excel workbook that proves itself: every cell is compared with what was signed.

The signed file lies in the last sheet, packed. Whoever checks the workbook takes it out, proves its
signature, makes all other sheets anew from it, and compares cell by cell.
"""

import base64
import io
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import python_calamine as calamine

from wenqu.errors import BadInput
from wenqu.messages import say
from wenqu.services.export_backward import Page, workbook

ZIP = b"PK\x03\x04"
SIGNED, MARK = "signed", "wenqu-signed-workbook-1"
CELL = 32_000  # characters of a cell; Excel holds 32 767
UNREADABLE = (calamine.CalamineError, OSError, ValueError, KeyError, zlib.error)
FACTS = (
    "city", "stage", "day", "known_at", "network", "numerator_mm", "denominator_mm", "numerator_count",
    "denominator_count",
)  # fmt: skip
VERSION = ("key", "version", "as_of", "at", "by", "reason", "count", "length_mm", "digest", "before",
           "edition", "signer")  # fmt: skip
SHARES = ("length_mm", "of_mm", "count", "of_count")


def figure_workbook(said: Mapping[str, Any], content: bytes, language: str) -> bytes:
    """Return a signed figure as a workbook."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    parts = [packed[at : at + CELL] for at in range(0, len(packed), CELL)]
    signed = Page(SIGNED, (MARK, language), [[part] for part in parts])
    return workbook([*pages(said, language), signed], "")


def pages(said: Mapping[str, Any], language: str) -> list[Page]:
    """Return every sheet that people read."""
    return [build(said, language) for build in (_facts, _districts, _pipes, _proofs, _versions, _bridge)]


def signed_part(content: bytes) -> tuple[bytes, str]:
    """Return the signed file within a workbook, and the language of its sheets.

    Raises
    ------
    BadInput
        The workbook holds none.
    """
    try:
        rows = _book(content).get_sheet_by_name(SIGNED).to_python()
        mark, language = str(rows[0][0]), str(rows[0][1])
        packed = "".join(str(row[0]) for row in rows[1:])
        part = zlib.decompress(base64.b64decode(packed, validate=True))
    except (*UNREADABLE, IndexError):
        raise BadInput("signed-form") from None
    if mark != MARK or language not in {"zh", "en"}:
        raise BadInput("signed-form")
    return part, language


def strange_cells(content: bytes, said: Mapping[str, Any], language: str) -> list[str]:
    """Return where the sheets say other than what was signed: sheet and row, or that rows were reordered."""
    book = _book(content)
    found = []
    for page in pages(said, language):
        if page.name not in book.sheet_names:
            found.append(f"{page.name}: –")
            continue
        there = [_plain(row) for row in book.get_sheet_by_name(page.name).to_python(skip_empty_area=False)]
        asked = [_plain(row) for row in (page.heads, *page.rows)]
        if there == asked:
            continue
        if sorted(map(repr, there)) == sorted(map(repr, asked)):
            found.append(say("figures.reordered", language, sheet=page.name))
            continue
        wrong = [
            number
            for number in range(max(len(there), len(asked)))
            if there[number : number + 1] != asked[number : number + 1]
        ]
        found += [say("figures.row", language, sheet=page.name, row=number + 1) for number in wrong]
    strange = set(book.sheet_names) - {page.name for page in pages(said, language)} - {SIGNED}
    return found + sorted(strange)


def _book(content: bytes) -> Any:
    return calamine.load_workbook(io.BytesIO(content))


def _plain(row: Sequence[object]) -> tuple[object, ...]:
    """Return cells as they compare: empty ends cut, numbers as numbers."""
    cells = ["" if cell is None else cell for cell in row]
    plain = [float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else cell
             for cell in cells]  # fmt: skip
    while plain and plain[-1] == "":
        plain.pop()
    return tuple(plain)


def _page(name: str, language: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Page:
    heads = tuple(say(f"figures.field.{column}", language) for column in columns)
    return Page(say(f"figures.sheet.{name}", language), heads, rows)


def _percent(part: float, whole: float) -> float | str:
    return round(100 * part / whole, 6) if whole else ""


def _facts(said: Mapping[str, Any], language: str) -> Page:
    rows: list[list[object]] = [[say(f"figures.field.{name}", language), said[name]] for name in FACTS]
    rows[1][1] = say(f"figures.stage.{said['stage']}", language)
    rows += [
        [say("figures.field.by_length", language), _percent(said["numerator_mm"], said["denominator_mm"])],
        [say("figures.field.by_count", language),
         _percent(said["numerator_count"], said["denominator_count"])],
        [say("figures.field.formula", language), said["rule"]["formula"][language]],
        [say("figures.field.edition", language), said["rule"]["edition"]],
        [say("figures.field.version", language), said["list"]["version"] or say("figures.living", language)],
        [say("figures.field.digest", language), said["list"]["digest"]],
    ]  # fmt: skip
    if said["simulated"]:
        rows.append([say("profile.simulated", language), ""])
    return Page(say("figures.sheet.figure", language), (say("figures.field.what", language), ""), rows)


def _districts(said: Mapping[str, Any], language: str) -> Page:
    rows = [
        [zone or "–", *(share[name] for name in SHARES), _percent(share["length_mm"], share["of_mm"]),
         _percent(share["count"], share["of_count"])]
        for zone, share in sorted(said["districts"].items())
    ]  # fmt: skip
    columns = ("district", "numerator_mm", "denominator_mm", "numerator_count", "denominator_count",
               "by_length", "by_count")  # fmt: skip
    return _page("districts", language, columns, rows)


def _pipes(said: Mapping[str, Any], language: str) -> Page:
    columns = ("pipe", "district", "length_mm", "counts", "since", "filed", "rules", "row_digest")
    rows = [
        [row["pipe"], row["district"], row["length_mm"], int(row["counts"]), row["since"], row["filed"],
         "; ".join(row["rules"]), row["digest"]]
        for row in said["rows"]
    ]  # fmt: skip
    return _page("pipes", language, columns, rows)


def _proofs(said: Mapping[str, Any], language: str) -> Page:
    rows = [
        [row["pipe"], _kind(proof["kind"], language), proof["id"], proof["date"], proof["filed"]]
        for row in said["rows"]
        for proof in row["proofs"]
    ]
    return _page("proofs", language, ("pipe", "kind", "id", "stated", "filed"), rows)


def _kind(kind: str, language: str) -> str:
    return say(f"page.figures.proof_{kind}", language)


def _versions(said: Mapping[str, Any], language: str) -> Page:
    rows = [[one[name] for name in VERSION] for one in said["versions"]]
    columns = ("key", "version", "as_of", "at", "by", "reason", "denominator_count", "denominator_mm",
               "digest", "before", "edition", "signer")  # fmt: skip
    return _page("versions", language, columns, rows)


def _bridge(said: Mapping[str, Any], language: str) -> Page:
    rows = [
        [say(f"figures.kind.{row['kind']}", language),
         say(f"figures.cause.{row['cause']}", language) if row["cause"] else "", row["count"],
         row["difference_mm"]]
        for row in said["bridge"]
    ]  # fmt: skip
    return _page("bridge", language, ("change", "cause", "denominator_count", "difference_mm"), rows)
