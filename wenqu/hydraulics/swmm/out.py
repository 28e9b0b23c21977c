"""What did the engine compute, at every node and link, at every reporting step?

The binary file of EPA SWMM 5.1 and 5.2 (``output.c``): a head with names and constants, one record a
reporting step, a tail that says where each begins. One array serves the whole file.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.errors import FileMissing, FileUnreadable, UnknownType
from wenqu.hydraulics.swmm.quantities import FACTORS, METRIC_FLOWS, US_FLOWS
from wenqu.units import factor

MAGIC = 516114522
FLOWS = (*US_FLOWS, *METRIC_FLOWS)  # in the order of the file's code
# Variable → kind of quantity; the order is the file's.
CATCHMENT = {"rain": "rate", "snow_depth": "height", "evaporation": "rate_per_day", "infiltration": "rate",
             "runoff": "flow", "groundwater_flow": "flow", "groundwater_level": "length",
             "soil_moisture": "number"}  # fmt: skip
NODE = {"depth": "length", "head": "length", "volume": "volume", "lateral_inflow": "flow",
        "total_inflow": "flow", "flooding": "flow"}  # fmt: skip
LINK = {"flow": "flow", "depth": "length", "velocity": "length", "volume": "volume", "capacity": "number"}
SYSTEM = {"temperature": "number", "rain": "rate", "snow_depth": "height", "infiltration": "rate",
          "runoff": "flow", "dry_weather_inflow": "flow", "groundwater_inflow": "flow",
          "rdii_inflow": "flow", "direct_inflow": "flow", "total_inflow": "flow", "flooding": "flow",
          "outflow": "flow", "storage": "volume", "evaporation": "rate_per_day",
          "potential_evaporation": "rate_per_day"}  # fmt: skip
EPOCH = np.datetime64("1899-12-30T00:00:00")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SwmmResults:
    """The results of one run; the methods give SI."""

    flow_unit: str
    times: npt.NDArray[np.datetime64]  # (T,) end of each reporting step, local time
    catchments: npt.NDArray[np.object_]  # (C,) ids
    nodes: npt.NDArray[np.object_]  # (N,)
    links: npt.NDArray[np.object_]  # (L,)
    values: dict[str, npt.NDArray[np.float32]]  # catchment, node, link: (T, n, variables); system (T, 15)

    def catchment(self, variable: str) -> Floats:
        """Return one variable of all catchments, (T, C): rain [m/s], runoff [m³/s] and others."""
        return self._of("catchment", CATCHMENT, variable)

    def node(self, variable: str) -> Floats:
        """Return one variable of all nodes, (T, N).

        depth [m], head [m], volume [m³], lateral_inflow, total_inflow, flooding [m³/s].
        """
        return self._of("node", NODE, variable)

    def link(self, variable: str) -> Floats:
        """Return one variable of all links, (T, L).

        flow [m³/s], depth [m], velocity [m/s], volume [m³], capacity [-] (share of the section that is
        full; of pumps and regulators the setting).
        """
        return self._of("link", LINK, variable)

    def system(self, variable: str) -> Floats:
        """Return one variable of the whole system, (T,)."""
        return self._of("system", SYSTEM, variable)

    def _of(self, group: str, variables: dict[str, str], variable: str) -> Floats:
        if variable not in variables:
            raise UnknownType("variable", type=group, variable=variable, known=", ".join(variables))
        column = self.values[group][..., list(variables).index(variable)].astype(np.float64)
        return column * _factor(variables[variable], self.flow_unit)


def _factor(kind: str, flow_unit: str) -> float:
    metric = flow_unit in METRIC_FLOWS
    if kind == "flow":
        return factor(flow_unit)
    if kind == "volume":
        return 1.0 if metric else factor("ft") ** 3
    if kind == "rate_per_day":
        return FACTORS["height"][metric] / 86400
    return FACTORS[kind][metric]


def read_out(path: str | Path) -> SwmmResults:
    """Return the results in a binary output file.

    Raises
    ------
    FileMissing
        There is no such file.
    FileUnreadable
        It is no complete SWMM output file: the run was cut short or failed.
    """
    if not Path(path).is_file():
        raise FileMissing(path=str(path))
    content = np.fromfile(path, dtype=np.uint8)
    if len(content) < 52:
        raise FileUnreadable("out", path=str(path))
    # Names are not padded, so what lies behind them need not be aligned to words.
    magic, _, flow_code, *counts = struct.unpack("<7i", content[:28].tobytes())
    names_at, properties_at, results_at, periods, error, last = struct.unpack("<6i", content[-24:].tobytes())
    if magic != MAGIC or last != MAGIC or error:
        raise FileUnreadable("out", path=str(path))
    names = _names(content[names_at:properties_at].tobytes(), counts)
    tail = content[properties_at:results_at].tobytes()
    sizes = _variable_counts(tail, counts)
    step = 8 + 4 * (sum(n * size for n, size in zip(counts[:3], sizes[:3], strict=True)) + sizes[3])
    records = content[results_at : results_at + periods * step].reshape(periods, step)
    days = np.ascontiguousarray(records[:, :8]).view("<f8")[:, 0]
    numbers = np.ascontiguousarray(records[:, 8:]).view("<f4")
    values, first = {}, 0
    for group, n, size in zip(("catchment", "node", "link"), counts[:3], sizes[:3], strict=True):
        values[group] = numbers[:, first : first + n * size].reshape(periods, n, size)
        first += n * size
    values["system"] = numbers[:, first:]
    times = EPOCH + np.round(days * 86400).astype("timedelta64[s]")
    return SwmmResults(FLOWS[flow_code], times, names[0], names[1], names[2], values)


def _names(content: bytes, counts: list[int]) -> list[npt.NDArray[np.object_]]:
    at, groups = 0, []
    for count in counts:
        group = np.empty(count, dtype=object)
        for row in range(count):
            (length,) = struct.unpack_from("<i", content, at)
            group[row] = content[at + 4 : at + 4 + length].decode("utf-8", "replace")
            at += 4 + length
        groups.append(group)
    return groups


def _variable_counts(content: bytes, counts: list[int]) -> list[int]:
    """Return how many variables catchments, nodes, links and the system have.

    Pollutant units are followed by the constants of each group, then by the codes of each group's variables.
    """
    at = 0
    for count in counts[:3]:
        (constants,) = struct.unpack_from("<i", content, at)
        at += 4 + 4 * constants + 4 * constants * count
    sizes = []
    for _ in range(4):
        (size,) = struct.unpack_from("<i", content, at)
        sizes.append(size)
        at += 4 + 4 * size
    return sizes
