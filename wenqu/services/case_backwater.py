"""Which meters of a case are held back by the river, and how much less are they trusted?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wenqu.diagnosis.backwater import Backwater
from wenqu.diagnosis.forcing_response import Response
from wenqu.diagnosis.joint_rows import Heard
from wenqu.issues import Issue, Place, Weight

LOOSER = 4.0  # errors of the flow of a meter with backwater are this much wider
AMOUNT = {"reverse": 100.0, "tide": 100.0}  # told in percent; the others as they are


def less_trusted(told: Heard, seen: Sequence[Backwater]) -> Heard:
    """Return the evidence with meters in backwater trusted less; their answer to the river says nothing."""
    bad = np.array([bool(one.signs) for one in seen], dtype=np.bool_)
    answers = [_silent(one) if held else one for one, held in zip(told.responses, bad, strict=True)]
    return replace(told, loose=told.loose * np.where(bad, LOOSER, 1.0), responses=answers)


def _silent(answer: Response | None) -> Response | None:
    return None if answer is None else replace(answer, river=0.0, river_sd=float("inf"))


def backwater_issues(meters: Sequence[str], seen: Sequence[Backwater], file: str = "") -> list[Issue]:
    """Return every sign of backwater at every meter."""
    told = []
    for meter, one in zip(meters, seen, strict=True):
        for sign in one.signs:
            amount = float(getattr(one, sign)) * AMOUNT.get(sign, 1.0)
            facts: dict[str, object] = {"meter": meter, "amount": amount}
            place = Place(file)
            told.append(Issue(f"backwater.{sign}", Weight.DOUBT, "meter", meter, place, facts))
    return told
