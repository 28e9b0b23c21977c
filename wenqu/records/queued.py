"""A delivered row that could not enter, waiting to be mended."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Queued:
    """One row as it was delivered, with the rule that kept it out; the sentence is the issue's."""

    code: str  # code of the issue: issue.<code>.says and .remedy
    asset_type: str
    asset: str  # "" when the row names none
    file: str
    sheet: str  # layer, sheet or section
    row: int | None  # counted from 1
    raw: dict[str, str | float | None] = field(default_factory=dict)  # column → what stood there
