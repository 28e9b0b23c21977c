"""What is odd about inspections as their file tells them? Nothing is dropped; each oddity is said."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from wenqu.issues import Issue, Place, Weight
from wenqu.records.inspection import of_asset
from wenqu.standards.observations import code_name, knows_codes
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.stretches import with_stretches
from wenqu.survey.values import is_day

SLACK = 0.5  # [m] by which a counter may run past the end


def issue_at(
    code: str, weight: Weight, where: Place, asset: SeenAsset | None = None, /, **facts: object
) -> Issue:
    """Return an Issue about one inspection of a file."""
    if asset is None:
        return Issue(code, weight, place=where, facts=facts)
    seen = asset.inspection
    return Issue(code, weight, seen.asset_type, seen.asset, where, {"inspection": seen.id, **facts})


def check_seen(asset: SeenAsset, where: Place, length: float = math.nan) -> Iterator[Issue]:
    """Yield an Issue for each thing that is odd about one inspection.

    Parameters
    ----------
    asset
        The inspection.
    where
        Its place in the file.
    length
        Length of the asset as the file gives it, NaN when it gives none. [m]
    """
    seen = asset.inspection
    if not seen.asset and not (asset.start and asset.end):
        yield issue_at("survey.no-name", Weight.FAULT, where, asset)
    if not is_day(seen.date):
        yield issue_at("survey.no-day", Weight.FAULT, where, asset, date=seen.date)
    reach = length if math.isfinite(length) else math.inf
    known = knows_codes(seen.standard)
    for number, row in enumerate(seen.defects, 1):
        facts = {"row": number, "code": row.code, "start": row.start}
        if known and not code_name(seen.standard, row.code, "en"):
            standard = f"{seen.standard} {seen.edition}".strip()
            yield issue_at("survey.unknown-code", Weight.FAULT, where, asset, standard=standard, **facts)
        if not math.isfinite(row.start) or row.start < 0:
            yield issue_at("survey.no-distance", Weight.FAULT, where, asset, **facts)
        elif row.end > reach + SLACK:
            yield issue_at(
                "survey.beyond-end", Weight.FAULT, where, asset, end=row.end, length=length, **facts
            )


def closed(asset: SeenAsset, where: Place) -> tuple[SeenAsset, list[Issue]]:
    """Return an inspection with the lengths of its continuous defects, and what does not close."""
    found = with_stretches(asset.inspection.defects)
    made = replace(asset, inspection=replace(asset.inspection, defects=found.rows))
    issues = []
    for code, places in (("survey.open-stretch", found.open), ("survey.loose-end", found.loose)):
        for place in places:
            row = found.rows[place]
            facts = {"row": place + 1, "code": row.code, "mark": row.continuous, "start": row.start}
            issues.append(issue_at(code, Weight.FAULT, where, made, **facts))
    return made, issues


def with_own_ids(seen: Iterable[SeenAsset], file: str) -> tuple[tuple[SeenAsset, ...], list[Issue]]:
    """Return inspections whose ids differ: two with the same number are both kept, and said."""
    times: Counter[str] = Counter()
    made: list[SeenAsset] = []
    issues = []
    for asset in seen:
        own = asset.inspection.id
        times[own] += 1
        if times[own] > 1:
            renamed = replace(asset.inspection, id=f"{own} #{times[own]}")
            asset = replace(asset, inspection=of_asset(renamed, renamed.asset, renamed.asset_type))  # noqa: PLW2901
            issues.append(
                issue_at("survey.same-number", Weight.DOUBT, Place(file, asset.where), asset, number=own)
            )
        made.append(asset)
    return tuple(made), issues


def media_of(film: str, names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the names of films and pictures, each once, in the order in which they come."""
    every = [film, *(name for some in names for name in some)]
    return tuple(dict.fromkeys(name for name in every if name))
