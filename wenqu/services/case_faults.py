"""What of a case contradicts the rest, and what of it is no more believed?"""

from collections.abc import Sequence

import numpy as np

from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.wrong_inputs import ODD, Fault
from wenqu.issues import Issue, Place, Weight
from wenqu.services.case_model import CaseModel

CODES = {
    "meter": ("case.meter-not-believed", "meters.csv"),
    "bills": ("case.bills-err-more", "sources.csv"),
    "clock": ("case.clock-off", "flow.csv"),
    "day": ("case.day-not-believed", "pattern.csv"),
}


def odd_meters(model: CaseModel, found: Inversion) -> list[Issue]:
    """Return the meters that the others contradict."""
    told, misfit = [], found.misfit * found.loose
    for place, entry in enumerate(model.meters):
        bias, allowed = float(found.bias[place]), max(entry.meter.bias_error, 1e-4)
        if abs(bias) > ODD * allowed or misfit[place] > ODD:
            facts: dict[str, object] = {
                "meter": entry.meter.id, "bias": 100 * bias, "allowed": 100 * allowed,
                "misfit": float(np.nan_to_num(misfit[place])),
            }  # fmt: skip
            told.append(Issue("case.meter-contradicts", Weight.DOUBT, "meter", entry.meter.id, facts=facts))
    return told


def fault_issues(
    meters: Sequence[tuple[str, str]], found: Inversion, faults: Sequence[Fault], *, files: bool = True
) -> list[Issue]:
    """Return what was told and is not believed.

    Parameters
    ----------
    meters
        Type and id of each. (M,)
    files
        Whether it was told in the files of a case.
    """
    told = []
    last = {(fault.kind, fault.meter): fault for fault in faults}  # one may be less and less believed
    for fault in last.values():
        code, file = CODES[fault.kind]
        place = Place(file) if files else Place()
        if fault.kind == "meter":
            type_, meter = meters[fault.meter]
            facts: dict[str, object] = {"meter": meter, "bias": 100 * float(found.bias[fault.meter])}
            told.append(Issue(code, Weight.DOUBT, type_, meter, place, facts))
        else:
            facts = {"times": fault.amount, "hours": fault.amount}
            told.append(Issue(code, Weight.DOUBT, place=place, facts=facts))
    return told
