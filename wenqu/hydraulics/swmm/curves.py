"""What do the curves of a file say about its pumps and storages?"""

from dataclasses import dataclass, field

import numpy as np

from wenqu.hydraulics.swmm.assets import ASCII_UPPER, Record, number
from wenqu.hydraulics.swmm.quantities import BadTokenError, FileUnits, number_of
from wenqu.hydraulics.swmm.sections import InpModel

PUMP_KINDS = {
    "PUMP1": "by_volume",
    "PUMP2": "by_depth",
    "PUMP3": "by_head",
    "PUMP4": "variable_speed",
    "PUMP5": "by_head",
}


@dataclass
class Curve:
    """One curve, in the file's own units."""

    kind: str = ""
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)


def curves_of(model: InpModel) -> dict[str, Curve]:
    """Return the curves by name in capitals; points that are no numbers are passed over."""
    curves: dict[str, Curve] = {}
    for row in model.rows("CURVES"):
        curve = curves.setdefault(row.tokens[0].translate(ASCII_UPPER), Curve())
        numbers = list(row.tokens[1:])
        if numbers and numbers[0][:1].isalpha():
            curve.kind = numbers.pop(0).upper()
        for x, y in zip(numbers[::2], numbers[1::2], strict=False):
            try:
                point = (number_of(x), number_of(y))
            except BadTokenError:
                continue
            curve.x.append(point[0])
            curve.y.append(point[1])
    return curves


def derived_values(type_: str, record: Record, curves: dict[str, Curve], units: FileUnits) -> Record:
    """Return what a curve says of its asset: a pump's kind and greatest flow, a storage's volume."""
    curve = curves.get(str(record.get("curve", "")).translate(ASCII_UPPER))
    if type_ == "pump":
        if curve is None or not curve.y:
            return {} if "curve" in record else {"kind": "ideal"}
        flow = max(curve.y) * units.factor("flow")
        return {"design_flow": flow, **({"kind": PUMP_KINDS[curve.kind]} if curve.kind in PUMP_KINDS else {})}
    if type_ == "storage" and "depth" in record:
        depth = number(record["depth"])
        if "area" in record:
            return {"volume": number(record["area"]) * depth}
        if curve is not None and curve.kind == "STORAGE" and len(curve.x) > 1:
            return {"volume": _volume(curve, depth, units)}
    return {}


def _volume(curve: Curve, depth: float, units: FileUnits) -> float:
    """Return the volume under a curve of area over depth, up to a depth. [m³]"""
    x = np.array(curve.x) * units.factor("length")
    y = np.array(curve.y) * units.factor("surface")
    at = np.unique(np.concatenate([[0.0, depth], x[(x > 0) & (x < depth)]]))
    return float(np.trapezoid(np.interp(at, x, y), at))
