"""What is a tracer worth whose strength in one of the clean waters was not measured?"""

from collections.abc import Collection, Mapping

from wenqu.issues import Issue, Place, Weight

Members = Mapping[tuple[str, str], tuple[float, float]]  # water, tracer → mean, sd
CLEAN = ("groundwater", "river")
GUESSED = 0.3  # [-] of the span of a tracer: sd of a clean water that is taken for the other
ISOTOPES = ("18o", "d2h", "deuter", "delta", "permil", "‰", "δ")
FILE = Place("endmembers.csv")


def completed(members: Members, read: Collection[str]) -> tuple[Members, list[Issue]]:
    """Return the end members with the other clean water in the place of one that is not given.

    Sewage is never guessed, nor both clean waters. ``read``: tracers that were read.
    """
    found, issues = dict(members), []
    for tracer in sorted(read):
        sewage = members.get(("sewage", tracer))
        given = [water for water in CLEAN if (water, tracer) in members]
        if sewage is None or len(given) != 1:
            continue
        (absent,) = set(CLEAN) - set(given)
        mean, sd = members[given[0], tracer]
        found[absent, tracer] = mean, max(sd, GUESSED * abs(sewage[0] - mean))
        facts: dict[str, object] = {"tracer": tracer, "water": absent, "other": given[0]}
        issues.append(Issue("case.end-member-guessed", Weight.NOTE, place=FILE, facts=facts))
    return found, issues


def is_isotope(members: Members, tracer: str) -> bool:
    """Return whether the zero of a tracer's scale means nothing, so that its values may be negative."""
    named = any(mark in tracer.lower() for mark in ISOTOPES)
    return named or any(mean < 0 for (_, name), (mean, _) in members.items() if name == tracer)


def river_is_told(members: Members, *, level: bool) -> bool:
    """Return whether anything tells of a river. End members of other waters alone say that there is none."""
    return level or not members or any(water == "river" for water, _ in members)
