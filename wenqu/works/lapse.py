"""What came after an acceptance and speaks against it?"""

from collections.abc import Iterable
from dataclasses import dataclass

from wenqu.records.acceptance import Acceptance, ClosedWaterTest, Proof
from wenqu.works.gate import Look
from wenqu.works.requirements import limit
from wenqu.works.tightness import Lack, Tightness

LEAKS = "closed-water-leaks"


@dataclass(frozen=True, slots=True)
class Lapse:
    """From which day an acceptance counts no more, by what, and why."""

    day: str  # ISO date
    proof: Proof
    lack: Lack


def failed_test(one: Acceptance, test: ClosedWaterTest, found: Tightness) -> Lapse | None:
    """Return what a later closed-water test says against an acceptance: only that it leaks.

    A test that was made badly proves nothing, neither for nor against.
    """
    leaks = next((lack for lack in found.lacks if lack.code == LEAKS), None)
    if leaks is None:
        return None
    return Lapse(_day(one, test.date), Proof("closed_water", test.id), leaks)


def bad_look(one: Acceptance, look: Look) -> Lapse | None:
    """Return what a later look of a camera says against an acceptance: only a grade that is too bad."""
    worst = int(limit("cctv_grade"))
    if look.grade <= worst:
        return None
    facts = {"inspection": look.inspection, "grade": look.grade, "worst": worst}
    return Lapse(_day(one, look.date), Proof("cctv", look.inspection), Lack("cctv-grade", facts))


def lost_look(one: Acceptance, inspection: str, at: str, why: str) -> Lapse:
    """Return that the look which an acceptance rests on was withdrawn."""
    facts: dict[str, object] = {"inspection": inspection, "why": why}
    return Lapse(_day(one, at), Proof("cctv", inspection), Lack("cctv-withdrawn", facts))


def first(found: Iterable[Lapse | None]) -> Lapse | None:
    """Return the earliest of some."""
    return min((one for one in found if one), key=lambda one: one.day, default=None)


def _day(one: Acceptance, at: str) -> str:
    return max(one.date[:10], at[:10])
