"""The same kind of city, but what flows past the meters is reckoned by EPA SWMM: dynamic wave, pollutants.

The judge shares no physics with the methods here: waves flatten and pipes store as Saint-Venant has it.
Groundwater and river water are inflows that follow their levels.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
from _truth_city import DAY, HOURS, Knobs, Truth
from _truth_readings import (
    PATTERN,
    TRACERS,
    Forcing,
    forcing,
    long_rows,
    write_known,
    write_members,
    write_table,
)
from swmm.toolkit import output, shared_enum, solver

STEP = 900  # [s] of the meters
SLOPE, ROUGH = 0.0012, 0.014
SETTLING = 2  # days before anybody reads


def observe_by_swmm(there: Truth, knobs: Knobs, seed: int, folder: Path) -> None:
    """Write the files of a case whose readings are SWMM's, with the errors of meters and laboratories."""
    rng = np.random.default_rng([seed, 3])
    folder.mkdir(parents=True, exist_ok=True)
    moved = forcing(knobs, rng)
    members = {
        name: np.array(means) + np.array(sds) * rng.standard_normal(3)
        for name, (means, sds) in TRACERS.items()
    }
    model = folder.parent / f"{folder.name}.inp"
    model.write_text(inp(there, knobs, moved, members, rng))
    chosen = [f"P{pipe}" for pipe in there.meters]
    run = [sys.executable, __file__, str(model), *chosen]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)  # the engine prints every hour it has done
    read = np.load(model.with_suffix(".npz"))
    flow, tracers = read["flow"], {name: read[f"T{place}"] for place, name in enumerate(members)}
    first = SETTLING * int(DAY / STEP)
    flow, tracers = flow[:, first:], {name: values[:, first:] for name, values in tracers.items()}
    clock = moved.clock[0] + (np.arange(flow.shape[1]) + first) * np.timedelta64(STEP, "s")
    areas = len(there.meters)
    biased = (
        flow
        * (1 + knobs.bias * rng.standard_normal(areas))[:, None]
        * (1 + 0.03 * rng.standard_normal(flow.shape))
    )
    write_known(there, folder)
    write_table(folder / "flow.csv", ["time", "meter_id", "flow_m3_per_s"], long_rows(clock, biased))
    rows = []
    for name, values in tracers.items():
        off = (1 + knobs.tracer * rng.standard_normal(areas))[:, None]
        said = (values * off * (1 + 0.03 * rng.standard_normal(values.shape)))[:, ::24]
        rows += [(time, meter, name, value) for time, meter, value in long_rows(clock[::24], said)]
    write_table(folder / "quality.csv", ["time", "meter_id", "tracer", "value"], rows)
    write_members(folder)
    levels = zip(moved.clock.astype(str).tolist(), moved.groundwater, moved.stage, strict=True)
    write_table(
        folder / "levels.csv", ["time", "groundwater_m", "river_m"],
        [(time, f"{ground:.3f}", f"{river:.3f}") for time, ground, river in levels],
    )  # fmt: skip


def inp(
    there: Truth, knobs: Knobs, moved: Forcing, members: dict[str, np.ndarray], rng: np.random.Generator
) -> str:
    """Return the model of a city in SWMM's own words. River inlets are manholes of their own."""
    areas, pipes = len(there.meters), len(there.parent)
    total = np.array([there.sewage, there.ground, there.river]).sum(axis=0)
    walked = np.concatenate([[0.0], np.cumsum(total)])
    passing = walked[np.arange(pipes) + there.size] - walked[:pipes]
    full = np.maximum(3.0 * passing, 0.004)
    bore = np.maximum((full * ROUGH * 4 ** (5 / 3) / (np.pi * np.sqrt(SLOPE))) ** 0.375, 0.2).round(3)
    days = knobs.days
    end = np.datetime64("2024-01-01") + np.timedelta64(days, "D")
    mdy = f"{str(end)[5:7]}/{str(end)[8:10]}/{str(end)[:4]}"
    pattern = PATTERN * rng.lognormal(0, 0.05, HOURS)
    pattern /= pattern.mean()
    lines = [
        "[OPTIONS]", "FLOW_UNITS CMS", "FLOW_ROUTING DYNWAVE", "START_DATE 01/01/2024", "START_TIME 00:00:00",
        f"END_DATE {mdy}", "END_TIME 00:00:00", "REPORT_START_DATE 01/01/2024", "REPORT_STEP 00:15:00",
        "ROUTING_STEP 30", "VARIABLE_STEP 0.75", "INERTIAL_DAMPING FULL", "THREADS 1", "ALLOW_PONDING NO",
        "[REPORT]", "INPUT NO", "CONTROLS NO", "NODES NONE", "LINKS ALL", "[POLLUTANTS]",
    ]  # fmt: skip
    lines += [
        f"T{number} MG/L 0 0 0 0 NO * 0 {mean[0]:.4f} {mean[0]:.4f}"
        for number, mean in enumerate(members.values())
    ]
    ground = SLOPE * there.down + 10.0
    lines += ["[JUNCTIONS]"] + [f"N{pipe} {ground[pipe]:.4f} 6 0 0 0" for pipe in range(pipes)]
    wet = np.flatnonzero(there.river)
    lines += [f"R{pipe} {ground[pipe] + 0.3:.4f} 6 0 0 0" for pipe in wet]
    lines += ["[OUTFALLS]", "OUT 10 FREE NO", "[CONDUITS]"]
    for pipe, below in enumerate(there.parent):
        end_node = "OUT" if below < 0 else f"N{below}"
        lines.append(f"P{pipe} N{pipe} {end_node} {there.length[pipe]:.2f} {ROUGH} 0 0 0 0")
    lines += [f"C{pipe} R{pipe} N{pipe} 10 {ROUGH} 0 0 0 0" for pipe in wet] + ["[XSECTIONS]"]
    lines += [f"P{pipe} CIRCULAR {bore[pipe]} 0 0 0 1" for pipe in range(pipes)]
    lines += [f"C{pipe} CIRCULAR 1.0 0 0 0 1" for pipe in wet] + ["[DWF]"]
    lines += [f'N{pipe} FLOW {value:.8f} "DAY"' for pipe, value in enumerate(there.sewage) if value > 0]
    rows = (" ".join(f"{factor:.5f}" for factor in pattern[start : start + 6]) for start in range(0, 24, 6))
    lines += [
        "[PATTERNS]",
        *(("DAY HOURLY " if not place else "DAY ") + row for place, row in enumerate(rows)),
    ]
    lines.append("[INFLOWS]")
    for pipe, value in enumerate(there.ground):
        if value > 0:
            lines.append(f"N{pipe} FLOW G{there.area[pipe]} FLOW 1.0 {value:.8f} 0")
            lines += [
                f'N{pipe} T{number} "" CONCEN 1.0 1.0 {mean[1]:.4f}'
                for number, mean in enumerate(members.values())
            ]
    for pipe in wet:
        lines.append(f"R{pipe} FLOW B{pipe} FLOW 1.0 {there.river[pipe]:.8f} 0")
        lines += [
            f'R{pipe} T{number} "" CONCEN 1.0 1.0 {mean[2]:.4f}'
            for number, mean in enumerate(members.values())
        ]
    lines.append("[TIMESERIES]")
    hours = np.arange(0, len(moved.clock), 6)
    up = moved.groundwater - moved.groundwater.mean()
    for area, alpha in enumerate(0.8 * rng.lognormal(0, 0.3, areas)):
        lines += _series(f"G{area}", hours, np.maximum(1 + alpha * up, 0))
    high = moved.stage - moved.stage.mean()
    for pipe in wet:
        lines += _series(f"B{pipe}", hours, np.maximum(1 + 1.2 * rng.lognormal(0, 0.3) * high, 0))
    return "\n".join([*lines, ""])


def _series(name: str, hours: np.ndarray, values: np.ndarray) -> list[str]:
    return [f"{name} {hour} {value:.5f}" for hour, value in zip(hours, values[hours], strict=True)]


def main() -> int:
    """Run the model of the first argument; keep flow [m³/s] and tracers in the links of the others."""
    model, chosen = Path(sys.argv[1]), sys.argv[2:]
    solver.swmm_run(str(model), str(model.with_suffix(".rpt")), str(model.with_suffix(".out")))
    handle = output.init()
    output.open(handle, str(model.with_suffix(".out")))
    steps = output.get_times(handle, shared_enum.Time.NUM_PERIODS)
    count = output.get_proj_size(handle)[2]
    names = {
        output.get_elem_name(handle, shared_enum.ElementType.LINK, place): place for place in range(count)
    }
    table = np.array(  # all results of a link at one time: its flow is the first, its tracers are the last
        [[output.get_link_result(handle, step, names[link]) for step in range(steps)] for link in chosen]
    )
    tracers = {f"T{place}": table[:, :, place - len(TRACERS)] for place in range(len(TRACERS))}
    np.savez(model.with_suffix(".npz"), flow=table[:, :, 0], **tracers)
    output.close(handle)
    return 0


if __name__ == "__main__":
    sys.exit(main())
