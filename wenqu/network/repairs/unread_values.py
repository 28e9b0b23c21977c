"""What may a value have meant that the reader could not read?"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from wenqu.issues import Issue
from wenqu.network.edits import Edit
from wenqu.network.repairs.figures import nearest_codes, years_meant
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import repair
from wenqu.network.schema import Field, asset_type
from wenqu.units import factor

UNREAD = {
    "format.unknown-code", "format.bad-integer", "format.bad-number", "format.bad-boolean", "format.bad-date",
}  # fmt: skip
FIGURE = re.compile(r"(?:(?<=^)-)?(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
YEAR = "year"


def unread(issue: Issue) -> tuple[Repair, ...]:
    """Return what is proposed for a value that could not be read; its field is empty so far."""
    field = asset_type(issue.type).field(str(issue.facts["field"]))
    empty = repair(
        issue, "clear", [Edit(issue.type, issue.asset, {field.name: None})], Sure.POSSIBLE, field=field.name
    )
    return (*_meant(issue, field), empty)


def _meant(issue: Issue, field: Field) -> Iterator[Repair]:
    said = unicodedata.normalize("NFKC", str(issue.facts["value"]))
    if field.kind == "code":
        for found, sure in nearest_codes(field.of[0], said):
            yield _set(issue, "set-code", field, found, sure)
        return
    figures = [float(found) for found in FIGURE.findall(said)]
    if len(figures) != 1:
        return
    (figure,) = figures
    if field.name == YEAR and figure.is_integer():
        for year in years_meant(int(figure), datetime.now().astimezone().year)[:2]:
            yield _set(issue, "year-meant", field, year, Sure.LIKELY)
    elif field.kind == "integer" and figure.is_integer():
        yield _set(issue, "figure-meant", field, int(figure), Sure.LIKELY)
    elif field.kind == "number":
        unit = str(issue.facts.get("unit") or "")
        value = figure * factor(unit) if unit else figure
        yield _set(issue, "figure-meant", field, value, Sure.LIKELY)


def _set(issue: Issue, key: str, field: Field, value: object, sure: Sure) -> Repair:
    edits = [Edit(issue.type, issue.asset, {field.name: value})]
    return repair(issue, key, edits, sure, field=field.name, value=value)
