"""How are inspections written in the text format of EN 13508-2?"""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from wenqu.errors import BadInput
from wenqu.records.inspection import Defect
from wenqu.standards.observations import EN
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.values import counter, ring_parts

COLUMNS = "IJABCDEFGHKLMN"
METHODS = {"visual": "A", "cctv": "B", "qv": "C"}
DIRECTIONS = {"downstream": "A", "upstream": "B"}
HEAD = ("#A1=UTF-8", "#A2=en", "#A3=;", "#A4=.", '#A5="', "#A6=2010")


def write_en_text(seen: Sequence[SeenAsset], path: Path) -> None:
    """Write inspections by EN 13508-2 as its text format, in UTF-8.

    Raises
    ------
    BadInput
        One was made by another standard: codes are never converted.
    """
    lines = list(HEAD)
    for asset in seen:
        if asset.inspection.standard != EN:
            raise BadInput("other-standard", standard=asset.inspection.standard, wanted=EN)
        lines += _block(asset)
    path.write_bytes("\r\n".join([*lines, ""]).encode())


def _block(asset: SeenAsset) -> list[str]:
    header = {key: value for key, value in _header(asset).items() if value}
    rows = [_line([_cells(row)[letter] for letter in COLUMNS]) for row in asset.inspection.defects]
    return [
        f"#B01={_line(list(header))}",
        _line(list(header.values())),
        f"#C={_line(list(COLUMNS))}",
        *rows,
        "#Z",
    ]


def _header(asset: SeenAsset) -> dict[str, str]:
    seen = asset.inspection
    manhole = seen.asset_type == "manhole"
    of = "C" if manhole else "A"
    found = {
        "CAA" if manhole else "AAA": seen.asset,
        f"{of}BA": f"{seen.standard}:{seen.edition}",
        f"{of}BF": seen.date,
        f"{of}BG": seen.time,
        f"{of}BH": seen.inspector,
        f"{of}BP": seen.reason,
        f"{of}BS": seen.file,
        "ADA": seen.weather,
    }
    if not manhole:
        found |= {"AAB": asset.start, "AAK": DIRECTIONS.get(seen.direction, ""), **_nodes(asset)}
        found["ABE"] = METHODS.get(seen.method, "")
    return found | dict(asset.facts)


def _nodes(asset: SeenAsset) -> dict[str, str]:
    ends = (asset.start, asset.end)
    one, two = ends if asset.inspection.direction != "upstream" else ends[::-1]
    return {"AAD": one, "AAF": two}


def _cells(row: Defect) -> dict[str, str]:
    characters = (*row.characters, "", "")
    amounts = (*row.quantities, None, None)
    start, end = ring_parts(row.clock)
    return {
        "I": _number(row.start), "J": row.continuous, "A": row.code, "B": characters[0], "C": characters[1],
        "D": _number(amounts[0]), "E": _number(amounts[1]), "F": row.remark, "G": start, "H": end,
        "K": "A" if row.joint else "", "L": row.part, "M": row.picture,
        "N": row.film if row.film_at is None else counter(row.film_at),
    }  # fmt: skip


def _number(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "" if math.isnan(value) else f"{value:.10g}"


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quotechar='"', lineterminator="").writerow(
        [" ".join(cell.split("\n")) for cell in cells]
    )
    return out.getvalue()
