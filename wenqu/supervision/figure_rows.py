"""What does one row of a figure say, and does it still say so? Each row carries its own digest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from wenqu.supervision.accounting import PipeList, pipe_list
from wenqu.supervision.signed import canonical

DIGITS = 16  # of a row's digest: enough to find a row, the signature is what proves it
MM = 1000  # [mm/m]
Row = Mapping[str, Any]


def row_digest(row: Row) -> str:
    """Return the digest of everything that a row says."""
    said = {name: value for name, value in row.items() if name != "digest"}
    return sha256(canonical(said)).hexdigest()[:DIGITS]


def with_digest(row: Row) -> dict[str, Any]:
    """Return a row that carries its digest."""
    return {**row, "digest": row_digest(row)}


def chained(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return rows of which each carries its digest and that of the row before it: a gap shows where it is."""
    made: list[dict[str, Any]] = []
    for row in rows:
        made.append(with_digest({**row, "after": made[-1]["digest"] if made else ""}))
    return made


def gaps(rows: Iterable[Any]) -> list[str]:
    """Return between which rows one was taken out, put in, or changed and given a digest that fits again.

    Figures signed before rows were chained have none.

    Examples
    --------
    >>> rows = chained([{"pipe": "p1"}, {"pipe": "p2"}, {"pipe": "p3"}])
    >>> gaps(rows), gaps([rows[0], rows[2]])
    ([], ['p1→p3'])
    """
    found, before = [], {"pipe": "", "digest": ""}
    for row in rows:
        if not isinstance(row, dict):
            break
        if row.get("after", before.get("digest")) != before.get("digest"):
            found.append(f"{before.get('pipe', '')}→{row.get('pipe', '')}")
        before = row
    return found


def twice(rows: Iterable[Any]) -> list[str]:
    """Return the pipes that stand more than once."""
    counts = Counter(str(row.get("pipe")) for row in rows if isinstance(row, dict))
    return [pipe for pipe, count in counts.items() if count > 1]


def changed_districts(figure: Row) -> list[str]:
    """Return the districts of which the rows do not add up to what is said of them."""
    said, found = figure["districts"], sums_by_district(figure["rows"])
    return [zone for zone in sorted({*said, *found}) if said.get(zone) != found.get(zone)]


def changed_rows(rows: Iterable[Any]) -> list[str]:
    """Return the pipes of the rows that do not fit their own digest."""
    return [
        str(row.get("pipe", number)) if isinstance(row, dict) else str(number)
        for number, row in enumerate(rows, 1)
        if not isinstance(row, dict) or row.get("digest") != row_digest(row)
    ]


def pipe_digests(pipes: PipeList) -> dict[str, str]:
    """Return the digest of each pipe of a list, by its id: it shows which pipe was touched."""
    rows = zip(pipes.ids, pipes.length_mm.tolist(), pipes.districts, strict=True)
    return {pipe: _pipe_digest(pipe, length, zone) for pipe, length, zone in rows}


def _pipe_digest(pipe: str, length_mm: object, district: object) -> str:
    return row_digest({"pipe": pipe, "length_mm": length_mm, "district": district})


def changed_pipes(frozen: Row) -> list[str]:
    """Return the pipes of a frozen list that do not fit its digests: as it is, ``+`` put in, ``-`` taken out.

    Lists frozen before pipes had digests tell none.

    Examples
    --------
    >>> digests = {"p1": row_digest({"pipe": "p1", "length_mm": 5, "district": "E"}), "p2": "0"}
    >>> pipes = {"id": ["p1", "p3"], "length_mm": [6, 7], "district": ["E", "W"]}
    >>> changed_pipes({"pipes": pipes, "digests": digests})
    ['p1', '+p3', '-p2']
    """
    digests, pipes = frozen.get("digests") or {}, frozen["pipes"]
    if not digests:
        return []
    ids = [str(pipe) for pipe in pipes["id"]]
    rows = zip(ids, pipes["length_mm"], pipes["district"], strict=False)
    found = [pipe for pipe, *said in rows if pipe in digests and digests[pipe] != _pipe_digest(pipe, *said)]
    again = [pipe for pipe, count in Counter(ids).items() if count > 1 or pipe not in digests]
    gone = [f"-{pipe}" for pipe in sorted(digests.keys() - {*ids})]
    return [*found, *(f"+{pipe}" for pipe in again), *gone]


def sums(rows: Iterable[Row]) -> dict[str, int]:
    """Return numerator and denominator of some rows, by length and by count."""
    made = {"length_mm": 0, "count": 0, "of_mm": 0, "of_count": 0}
    for row in rows:
        made["of_mm"] += row["length_mm"]
        made["of_count"] += 1
        if row["counts"]:
            made["length_mm"] += row["length_mm"]
            made["count"] += 1
    return made


def sums_by_district(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return the sums of each district, "" of the pipes of which none is known."""
    zones = sorted({row["district"] for row in rows})
    return {zone: sums(row for row in rows if row["district"] == zone) for zone in zones}


def list_of(rows: Sequence[Row]) -> PipeList:
    """Return the list of pipes that the rows are a share of."""
    lengths = [row["length_mm"] / MM for row in rows]
    return pipe_list([row["pipe"] for row in rows], lengths, [row["district"] for row in rows])


def broken(figure: Row) -> list[str]:
    """Return what of a figure does not hold: names of the checks that fail."""
    rows = figure["rows"]
    held = {
        "rows": not changed_rows(rows) and not gaps(rows),
        "numerator": sums(rows)["length_mm"] == figure["numerator_mm"],
        "denominator": sums(rows)["of_mm"] == figure["denominator_mm"],
        "counts": (sums(rows)["count"], sums(rows)["of_count"])
        == (figure["numerator_count"], figure["denominator_count"]),
        "districts": sums_by_district(rows) == figure["districts"],
        "digest": list_of(rows).digest == figure["list"]["digest"],
        "days": all(row["counts"] == (bool(row["since"]) and row["since"] <= figure["day"]) for row in rows),
        "proofs": all(row["proofs"] for row in rows if row["counts"]),
    }
    return [name for name, fits in held.items() if not fits]


CHECKS = ("rows", "numerator", "denominator", "counts", "districts", "digest", "days", "proofs")
