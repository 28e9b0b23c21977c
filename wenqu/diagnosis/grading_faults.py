"""Which rows of an inspection cannot be graded as they stand, and what is missing for an index?"""

from collections.abc import Iterator, Mapping

from wenqu.issues import Issue, Weight
from wenqu.standards.condition import ConditionRules

# What is wrong with a defect row. Rows below KEPT are left out of the grade; the others take part.
OK, UNKNOWN_CODE, IMPOSSIBLE_LEVEL, BAD_LENGTH, OUTSIDE, OTHER_CONDUIT = range(6)
KEPT = 16
CLIPPED, LONG_LOCAL = 16, 17
FAULTS: Mapping[int, tuple[str, Weight]] = {
    UNKNOWN_CODE: ("inspection.unknown-code", Weight.BLOCK),
    IMPOSSIBLE_LEVEL: ("inspection.impossible-level", Weight.BLOCK),
    BAD_LENGTH: ("inspection.bad-length", Weight.BLOCK),
    OUTSIDE: ("inspection.beyond-end", Weight.BLOCK),
    OTHER_CONDUIT: ("inspection.other-conduit", Weight.BLOCK),
    CLIPPED: ("inspection.runs-past-end", Weight.DOUBT),
    LONG_LOCAL: ("inspection.long-local", Weight.DOUBT),
}

# What a conduit lacks for its grade; only named when it would have taken part.
NO_LENGTH, NO_DIAMETER, NO_IMPORTANCE, NO_SOIL = 1, 2, 4, 8
LACKS: Mapping[int, str] = {
    NO_LENGTH: "inspection.missing-length",
    NO_DIAMETER: "inspection.missing-diameter",
    NO_IMPORTANCE: "inspection.missing-importance",
    NO_SOIL: "inspection.missing-soil",
}

# Rules that may be unconfirmed, by bit: whether one took part is told with every grade.
CLUSTERED, SHORTEST, EXTENT, DENSITY, THRESHOLD, SOIL = 1, 2, 4, 8, 16, 32
UNCONFIRMED: Mapping[int, str] = {
    CLUSTERED: "cluster_distance",
    SHORTEST: "shortest_length",
    EXTENT: "extent",
    DENSITY: "density",
    THRESHOLD: "functional_threshold_on_g",
    SOIL: "soil",
}


def defect_issue(fault: int, asset: str, facts: dict[str, object]) -> Issue:
    """Return the Issue of one faulty defect row."""
    code, weight = FAULTS[fault]
    return Issue(code, weight, "conduit", asset, facts=facts)


def check_lacks(lacks: int, asset: str, facts: dict[str, object]) -> Iterator[Issue]:
    """Yield one Issue for each thing that a conduit lacks for its indices."""
    for bit, code in LACKS.items():
        if lacks & bit:
            yield Issue(code, Weight.FAULT, "conduit", asset, facts=facts)


def unconfirmed_rules(bits: int) -> tuple[str, ...]:
    """Return the names of the unconfirmed rules that took part."""
    return tuple(name for bit, name in UNCONFIRMED.items() if bits & bit)


def unverified_bits(rules: ConditionRules) -> int:
    """Return which of the rules that may be unconfirmed are not verified in these tables."""
    statuses = {
        CLUSTERED: {rules.rules["cluster_distance"].status, rules.rules["cluster_cap"].status},
        SHORTEST: {rules.rules["shortest_length"].status},
        EXTENT: {kind.extent_status for kind in rules.kinds.values() if kind.extent != "none"},
        DENSITY: {band.status for bands in rules.densities.values() for band in bands},
        THRESHOLD: {rules.rules["functional_threshold_on_g"].status},
        SOIL: {entry.band.status for entry in rules.factors["T"].values()},
    }
    return sum(bit for bit, found in statuses.items() if found != {"verified"})


def unverified_soils(rules: ConditionRules) -> frozenset[str]:
    """Return the soils whose T is not verified."""
    return frozenset(code for code, entry in rules.factors["T"].items() if entry.band.status != "verified")
