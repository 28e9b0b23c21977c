"""Does a signed figure or a frozen list still say what was signed? Proved without a store."""

from typing import Any

import orjson

from wenqu.errors import BadInput
from wenqu.services.figure_workbook import ZIP, signed_part, strange_cells
from wenqu.services.programme_accounts import listed
from wenqu.supervision.figure_rows import CHECKS, broken, changed_rows
from wenqu.supervision.signed import read_signed

NAMED = 5  # rows or cells that a refusal names


def verify_figures(content: bytes, signer: str = "") -> dict[str, object]:
    """Prove a signed file or workbook and return what it says of itself.

    Raises
    ------
    BadInput
        It is no signed file, was changed (the rows, cells or parts that no longer fit are named), is
        signed by another key, or its sums do not hold.
    """
    is_book = content[:4] == ZIP
    part, language = signed_part(content) if is_book else (content, "")
    try:
        found = read_signed(part, signer)
    except BadInput as error:
        if error.reason == "signed-changed":
            raise BadInput("signed-changed-at", signer=error.facts["signer"], where=_where(part)) from None
        raise
    said = found.payload
    checks = {"signature": True}
    if said.get("kind") == "denominator":
        checks |= _list_holds(said)
    if said.get("kind") == "figure":
        failed = _figure_fails(said)
        checks |= {name: name not in failed for name in CHECKS}
    if is_book:
        strange = strange_cells(content, said, language)
        if strange:
            raise BadInput("signed-cells", where="; ".join(strange[:NAMED]), count=len(strange))
        checks["cells"] = True
    if not all(checks.values()):
        raise BadInput("signed-sums", failed=", ".join(name for name, held in checks.items() if not held))
    left_out = {"pipes", "rows", "bridge", "districts", "versions"}
    facts = {name: value for name, value in said.items() if name not in left_out}
    return {"facts": facts, "checks": sorted(checks), "signer": found.signer, "sha256": found.sha256}


def _figure_fails(said: dict[str, Any]) -> list[str]:
    """Return the checks that fail; a figure that lacks a part fails them all."""
    try:
        return broken(said)
    except (KeyError, TypeError, BadInput):
        return list(CHECKS)


def _list_holds(said: dict[str, Any]) -> dict[str, bool]:
    pipes = listed(said)
    checks = {
        "digest": pipes.digest == said["digest"],
        "total": pipes.total_mm == said["length_mm"] and len(pipes) == said["count"],
    }
    steps = said.get("bridge")
    if steps:
        gap = steps["after_mm"] - steps["before_mm"]
        checks["bridge"] = sum(row["difference_mm"] for row in steps["rows"]) == gap
    return checks


def _where(part: bytes) -> str:
    """Return what of a changed file no longer fits, as far as the file itself can tell."""
    said = orjson.loads(part)["payload"]
    try:
        if said.get("kind") == "figure":
            rows = changed_rows(said["rows"])
            failed = [name for name in broken(said) if name != "rows"]
            found = [*rows[:NAMED], *(["…"] if len(rows) > NAMED else []), *failed]
        else:
            found = [name for name, held in _list_holds(said).items() if not held]
    except (KeyError, TypeError, ValueError, AttributeError, BadInput):
        found = []
    return ", ".join(found) or "?"
