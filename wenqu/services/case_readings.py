"""What was read over time in a case: flows, tracers, levels, rain?"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.series.model import Series, series
from wenqu.services.case_tables import CaseTable, read_table
from wenqu.services.case_times import moments

WIRED = 0.9  # [-] of the readings that run backwards, from which the meter is wired the wrong way


def optional_table(folder: Path, name: str, needed: list[str], issues: list[Issue]) -> CaseTable | None:
    """Return a table, None (and an Issue) when it cannot be used."""
    try:
        return read_table(folder / name, needed)
    except FileUnreadable as error:
        facts = {"file": name, **error.facts}
        reason = error.key.rpartition(".")[2]
        weight = Weight.NOTE if reason == "absent" else Weight.FAULT
        issues.append(Issue(f"case.file-{reason}", weight, place=Place(name), facts=facts))
        return None


def readings(
    folder: Path, name: str, column: str, meters: set[str], issues: list[Issue]
) -> dict[tuple[str, str], Series]:
    """Return the readings of a file by meter and tracer, sorted; of double times the first is kept."""
    table = optional_table(folder, name, ["time", "meter_id", column], issues)
    if table is None:
        return {}
    times, values = moments(table), table.numbers(column)
    whose = table.texts("meter_id").astype(str)
    tracer = table.texts("tracer").astype(str)
    names, place = np.unique(whose, return_inverse=True)
    strange = ~np.isin(names, list(meters))
    for index in np.flatnonzero(strange):
        rows = place == index
        facts: dict[str, object] = {"file": name, "meter": str(names[index]), "rows": int(rows.sum())}
        line = table.line(int(np.flatnonzero(rows)[0]))
        issues.append(Issue("case.unknown-meter", Weight.FAULT, place=Place(name, "", line), facts=facts))
    usable = ~np.isnat(times) & ~strange[place]
    found: dict[tuple[str, str], Series] = {}
    kinds, kind = np.unique(tracer, return_inverse=True)
    key = place * len(kinds) + kind
    order = np.argsort(key, kind="stable")
    order = order[usable[order]]
    cuts = np.flatnonzero(np.diff(key[order])) + 1
    for rows in np.split(order, cuts) if len(order) else []:
        meter, what = str(names[place[rows[0]]]), str(kinds[kind[rows[0]]])
        made = series(meter, what or "flow", times[rows], values[rows])
        lost = len(rows) - len(made)
        unsorted = bool((np.diff(times[rows].astype(np.int64)) < 0).any())
        for code, wrong, count in (
            ("case.double-times", lost, lost),
            ("case.unsorted-times", unsorted, len(rows)),
        ):
            if wrong:
                facts = {"file": name, "meter": meter, "rows": count}
                issues.append(Issue(code, Weight.NOTE, "meter", meter, Place(name), facts))
        found[meter, what] = made
    issues += table.issues
    return found


def forward(flow: dict[str, Series], issues: list[Issue]) -> dict[str, Series]:
    """Return the flows of all meters, of one that is wired the wrong way turned round and told."""
    found = dict(flow)
    for meter, one in flow.items():
        moving = one.values[np.abs(one.values) > 0]  # NaN is not
        if len(moving) and (moving < 0).mean() >= WIRED:
            found[meter] = replace(one, values=-one.values)
            facts: dict[str, object] = {"meter": meter, "share": 100 * float((moving < 0).mean())}
            place = Place("flow.csv")
            issues.append(Issue("case.meter-wired-backwards", Weight.DOUBT, "meter", meter, place, facts))
    return found


def level_of(table: CaseTable | None, column: str, quantity: str, factor: float = 1.0) -> Series | None:
    """Return one column of a table over time in SI units, None where it holds nothing."""
    if table is None or column not in table.columns:
        return None
    times, values = moments(table), table.numbers(column)
    good = ~np.isnat(times)
    if not (good & ~np.isnan(values)).any():
        return None
    return series(column, quantity, times[good], values[good] * factor)
