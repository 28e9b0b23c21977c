"""A sewer of one pipe whose rain EPA SWMM turns into flow by a known R, T and K: truth of another engine."""

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.rain_response import Record, parts_of
from wenqu.hydraulics.swmm.run import run_swmm

Floats = npt.NDArray[np.float64]
GROUND = 40.0  # [ha] whose rain counts
TRUTH = ((0.04, 1.0, 2.0), (0.03, 4.0, 2.0), (0.05, 12.0, 3.0))  # R, T [h], K
DRY = 0.012  # [m³/s]


def rain_of(days: int, seed: int) -> Floats:
    """Return hourly rain. (24·days,) [mm/h]"""
    generator = np.random.default_rng(seed)
    found = np.zeros(24 * days)
    for day in range(0, days, 4):
        start, hours = day * 24 + int(generator.integers(0, 48)), int(generator.integers(2, 9))
        found[start : start + hours] += generator.gamma(2.0, 8.0) / hours
    return np.round(found, 2)


def rdii_inp(rain: Floats) -> str:
    """Return the SWMM model of one pipe with this hourly rain [mm/h]."""
    days = len(rain) // 24
    end = np.datetime64("2024-05-01") + np.timedelta64(days, "D")
    rows = "\n".join(
        f"R {np.datetime64('2024-05-01') + np.timedelta64(hour // 24, 'D'):}".replace("-", "/")
        + f" {hour % 24:02d}:00 {value:.2f}"
        for hour, value in enumerate(rain)
    )
    year, month, day = str(end).split("-")
    triangles = "\n".join(
        f"UH ALL {name} {r} {t} {k} 0 0 0"
        for name, (r, t, k) in zip(("SHORT", "MEDIUM", "LONG"), TRUTH, strict=True)
    )
    return f"""[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 05/01/2024
START_TIME 00:00:00
REPORT_START_DATE 05/01/2024
REPORT_START_TIME 00:00:00
END_DATE {month}/{day}/{year}
END_TIME 00:00:00
WET_STEP 00:15:00
DRY_STEP 00:15:00
ROUTING_STEP 60
REPORT_STEP 00:15:00
[RAINGAGES]
G INTENSITY 1:00 1.0 TIMESERIES R
[JUNCTIONS]
J 1.0 4 0 0 0
[OUTFALLS]
O 0.0 FREE NO
[CONDUITS]
C J O 120 0.013 0 0 0
[XSECTIONS]
C CIRCULAR 1.2 0 0 0
[DWF]
J FLOW {DRY}
[HYDROGRAPHS]
UH G
{triangles}
[RDII]
J UH {GROUND}
[TIMESERIES]
{_american(rows)}
[REPORT]
NODES ALL
LINKS ALL
"""


def _american(rows: str) -> str:
    """Return rows with their dates as month/day/year."""
    made = []
    for row in rows.splitlines():
        name, day, hour, value = row.split()
        year, month, date = day.split("/")
        made.append(f"{name} {month}/{date}/{year} {hour} {value}")
    return "\n".join(made)


def rdii_record(days: int, seed: int) -> Record:
    """Return the flow that SWMM makes of known R, T and K at the end of the pipe, by quarters of an hour."""
    rain = rain_of(days, seed)
    results = run_swmm(rdii_inp(rain)).results
    flow = results.link("flow")[:, 0]
    # SWMM tells a moment, at the end of its step; a grid of ours tells the step that begins.
    times = results.times - np.timedelta64(900, "s")
    fine = np.repeat(rain, 4)[: len(flow)] * 1e-3 / 3600
    return Record(times.astype("datetime64[s]"), 900.0, flow, fine, parts_of(times))
