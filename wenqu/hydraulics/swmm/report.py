"""What does the engine's report say about its own accuracy, and about what it refused?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Heading of a balance in the report → our name for it.
BALANCES = {
    "Runoff Quantity Continuity": "runoff",
    "Flow Routing Continuity": "routing",
    "Groundwater Continuity": "groundwater",
    "Runoff Quality Continuity": "runoff_quality",
    "Quality Routing Continuity": "routing_quality",
}
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class RptReading:
    """What stands in a report."""

    version: str  # of the engine
    errors: tuple[str, ...]  # the engine's sentences
    warnings: tuple[str, ...]
    continuity: dict[str, float]  # balance → error [-]; of several pollutants the worst


def read_rpt(text: str) -> RptReading:
    """Return errors, warnings and balances of a report, of EPA SWMM 5.0 to 5.2."""
    version = re.search(r"VERSION\s+v?(\S+(?: \(Build [^)]*\))?)", text)
    lines = text.splitlines()
    return RptReading(
        version[1] if version else "",
        tuple(_sentences(lines, "ERROR")),
        tuple(_sentences(lines, "WARNING")),
        _balances(lines),
    )


def _sentences(lines: list[str], word: str) -> Iterator[str]:
    """Yield the engine's sentences; the offending line of the input follows one that ends in a colon."""
    for number, line in enumerate(lines):
        if re.match(rf"\s*{word} \d+:", line):
            behind = (
                lines[number + 1].strip() if line.rstrip().endswith(":") and number + 1 < len(lines) else ""
            )
            yield " ".join(f"{line.strip()} {behind}".split())


def _balances(lines: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    balance = ""
    for line in lines:
        for heading, name in BALANCES.items():
            if heading in line:
                balance = name
        if balance and line.strip().startswith("Continuity Error (%)"):
            errors = [float(number) / 100 for number in NUMBER.findall(line.partition("%)")[2])]
            if errors:
                found[balance] = max(errors, key=abs)
            balance = ""
    return found
