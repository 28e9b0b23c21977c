"""Is an inspection one that is known already? The same look, whatever file tells of it."""

import json
import math
from hashlib import sha256

from wenqu.records.inspection import Inspection
from wenqu.survey.pipe_names import plain_name


def digest_of(inspection: Inspection, asset: str) -> str:
    """Return what is equal for two tellings of one inspection: where, when, how, and what was seen.

    Pictures, remarks and the file's own number do not count: a list and a report of one survey are the same.
    """
    rows = sorted(
        [row.code, row.level, _rounded(row.start), _rounded(row.length)]
        for row in inspection.defects
        if not row.closes
    )
    told = [
        inspection.asset_type, plain_name(asset), inspection.method, inspection.date[:10],
        inspection.direction, _rounded(inspection.length), inspection.standard, rows,
    ]  # fmt: skip
    return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
