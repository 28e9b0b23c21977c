"""Does a signed figure or a frozen list still say what was signed? Proved without a store."""

from typing import Any

import orjson

from wenqu.errors import BadInput
from wenqu.services.figure_workbook import ZIP, signed_part, strange_cells
from wenqu.services.programme_accounts import listed
from wenqu.supervision.figure_rows import (
    CHECKS,
    broken,
    changed_districts,
    changed_pipes,
    changed_rows,
    gaps,
    twice,
)
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
    left_out = {"pipes", "digests", "rows", "bridge", "districts", "versions"}
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
    if said.get("digests"):
        checks["pipes"] = not changed_pipes(said)
    steps = said.get("bridge")
    if steps:
        gap = steps["after_mm"] - steps["before_mm"]
        checks["bridge"] = sum(row["difference_mm"] for row in steps["rows"]) == gap
    return checks


def _where(part: bytes) -> str:
    """Return what of a changed file no longer fits, as far as the file itself can tell."""
    said, found = orjson.loads(part)["payload"], list[str]()
    try:
        if said.get("kind") == "figure":
            found = _named_rows(said["rows"])
            found += [_in_full(name, said) for name in broken(said) if name != "rows"]
        else:
            found = _cut(changed_pipes(said))
            found += [name for name, held in _list_holds(said).items() if not held and name != "pipes"]
    except (KeyError, TypeError, ValueError, AttributeError, BadInput):
        pass  # what was found until then
    return ", ".join(found) or "?"


def _in_full(name: str, said: dict[str, Any]) -> str:
    """Return the name of a check, with the districts that do not add up."""
    zones = [zone or "-" for zone in changed_districts(said)] if name == "districts" else []
    return f"{name} ({'; '.join(zones[:NAMED])})" if zones else name


def _named_rows(rows: list[Any]) -> list[str]:
    """Return the pipes whose rows no longer fit, and between which rows one is missing or too many."""
    named = list(dict.fromkeys([*changed_rows(rows), *twice(rows)]))
    links = [link for link in gaps(rows) if not {*link.split("→")} & {*named}]
    return _cut([*named, *links])


def _cut(found: list[str]) -> list[str]:
    return [*found[:NAMED], *(["…"] if len(found) > NAMED else [])]
