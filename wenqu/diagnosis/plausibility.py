"""Does a result look like what others have found?"""

import csv
from functools import cache
from importlib.resources import files

DAY = 86400.0
# border unit of reference_values.csv → SI
TO_SI = {"-": 1.0, "m³/(km·d)": 1 / (1000 * DAY), "L/(cap·d)": 1e-3 / DAY}


@cache
def reference_values() -> dict[str, float]:
    """Return reference values by name. [-, m³/s per m, m³/s per person]"""
    text = (files("wenqu.diagnosis") / "reference_values.csv").read_text(encoding="utf-8")
    return {
        row["name"]: float(row["value"]) * TO_SI[row["unit"]] for row in csv.DictReader(text.splitlines())
    }


def plausibility(extraneous: float, dry_flow: float, length: float, people: float = 0.0) -> tuple[str, ...]:
    """Return message keys of what is remarkable about an extraneous flow.

    Parameters
    ----------
    extraneous, dry_flow
        Flows above a meter. [m³/s]
    length
        Sewer length above it, 0 when unknown. [m]
    people
        People above it, 0 when unknown.
    """
    known = reference_values()
    notes = []
    share = extraneous / dry_flow if dry_flow > 0 else 0.0
    if share >= known["share_very_high"]:
        notes.append("diagnosis.note.share-very-high")
    elif share >= known["share_high"]:
        notes.append("diagnosis.note.share-high")
    if length > 0 and extraneous / length > 10 * known["groundwater_per_length"]:
        notes.append("diagnosis.note.more-than-pipes-leak")
    if people > 0 and dry_flow / people > known["person_flow"]:
        notes.append("diagnosis.note.more-than-people-use")
    if extraneous < 0:
        notes.append("diagnosis.note.negative")
    return tuple(notes)
