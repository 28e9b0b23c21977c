"""What of a case contradicts the rest, and what of it is no more believed?"""

from collections.abc import Sequence

import numpy as np

from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.wrong_inputs import ODD, Fault
from wenqu.issues import Issue, Place, Weight
from wenqu.services.case_model import CaseModel


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


def fault_issues(model: CaseModel, found: Inversion, faults: Sequence[Fault]) -> list[Issue]:
    """Return what was told and is not believed."""
    told = []
    last = {(fault.kind, fault.meter): fault for fault in faults}  # one may be less and less believed
    for fault in last.values():
        if fault.kind == "meter":
            meter = model.meters[fault.meter].meter.id
            facts: dict[str, object] = {"meter": meter, "bias": 100 * float(found.bias[fault.meter])}
            place = Place("meters.csv")
            told.append(Issue("case.meter-not-believed", Weight.DOUBT, "meter", meter, place, facts))
        elif fault.kind == "bills":
            facts = {"times": fault.amount}
            told.append(Issue("case.bills-err-more", Weight.DOUBT, place=Place("sources.csv"), facts=facts))
        elif fault.kind == "clock":
            facts = {"hours": fault.amount}
            told.append(Issue("case.clock-off", Weight.DOUBT, place=Place("flow.csv"), facts=facts))
        else:
            told.append(Issue("case.day-not-believed", Weight.DOUBT, place=Place("pattern.csv")))
    return told
