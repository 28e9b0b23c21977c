"""Which rules speak of a package by name or place: must, must not, closed, only after another?"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from wenqu.planning.options import Options
from wenqu.planning.rules import Rules
from wenqu.planning.weighing import packages_at, packages_named


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule that speaks of one package."""

    kind: str  # must-do, must-not, closed, after or before
    when: str = ""  # window by which, or the span that is closed; "" for always
    other: str = ""  # what it waits for, or what waits for it
    methods: tuple[str, ...] = ()  # closed to these alone; () to all
    reason: str = ""
    who: str = ""


def named_rules(options: Options, rules: Rules) -> dict[int, list[NamedRule]]:
    """Return the rules that name each package, or an asset in it, or close where it lies."""
    found: defaultdict[int, list[NamedRule]] = defaultdict(list)
    for wanted in rules.must_do:
        for package in packages_named(options, wanted.name).tolist():
            found[package].append(NamedRule("must-do", wanted.by, reason=wanted.reason, who=wanted.who))
    for left in rules.must_not:
        for package in packages_named(options, left.name).tolist():
            found[package].append(NamedRule("must-not", reason=left.reason, who=left.who))
    for closed in rules.moratoria:
        span = f"{closed.since or rules.windows[0]}–{closed.until or rules.windows[-1]}"
        one = NamedRule("closed", span, methods=closed.methods, reason=closed.reason)
        for package in np.flatnonzero(packages_at(options, closed)).tolist():
            found[package].append(one)
    for order in rules.orders:
        for package in packages_named(options, order.then).tolist():
            found[package].append(NamedRule("after", other=order.first, reason=order.reason))
        for package in packages_named(options, order.first).tolist():
            found[package].append(NamedRule("before", other=order.then, reason=order.reason))
    return dict(found)
