"""What does usual practice say of a case? Night flow, night flow less sewage, an NH4 balance.

In a process of its own; reads the files of the case and nothing of Wenqu;
writes one JSON object, area → method → quantity [m³/d].
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

DAY = 86400.0
NIGHT = (2, 3, 4, 5)  # hours


def area_of_meters(folder: Path) -> tuple[list[str], np.ndarray, dict[str, float]]:
    """Return the areas of the meters, which meters lie above which, the bills by area."""
    rows = list(csv.DictReader((folder / "conduits.csv").open(encoding="utf-8")))
    below = {row["from_id"]: (row["to_id"], row["id"], row["area_id"]) for row in rows}
    meters = {
        row["conduit_id"]: row["id"] for row in csv.DictReader((folder / "meters.csv").open(encoding="utf-8"))
    }
    order = list(meters.values())
    area, ways = {}, {}
    for row in rows:
        if row["id"] in meters:
            area[meters[row["id"]]] = row["area_id"]
            passed, node = [], row["from_id"]
            while node in below:
                node, pipe, _ = below[node]
                if pipe in meters:
                    passed.append(meters[pipe])
            ways[meters[row["id"]]] = passed
    above = np.array([[lower in ways[upper] for upper in order] for lower in order], dtype=float)
    bills: dict[str, float] = {}
    for row in csv.DictReader((folder / "sources.csv").open(encoding="utf-8")):
        name = below[row["node_id"]][2]
        bills[name] = bills.get(name, 0.0) + float(row["sewage_m3_per_d"])
    return [area[meter] for meter in order], above, bills


def main() -> int:
    """Answer the case in the folder of the first argument, into the file of the second."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    areas, above, bills = area_of_meters(folder)
    inverse = np.linalg.inv(above)
    flow = pd.read_csv(folder / "flow.csv", parse_dates=["time"]).pivot_table(
        index="time", columns="meter_id", values="flow_m3_per_s"
    )
    order = [row["id"] for row in csv.DictReader((folder / "meters.csv").open(encoding="utf-8"))]
    flow = flow[order]
    dry = pd.Series(True, index=flow.index)
    if (folder / "rain.csv").exists():
        rain = pd.read_csv(folder / "rain.csv", parse_dates=["time"]).set_index("time")["rain_mm_per_h"]
        fallen = rain.resample("D").sum().rolling(3, min_periods=1).sum()
        dry = pd.Series(fallen.reindex(flow.index.normalize()).to_numpy() < 1.0, index=flow.index)
    flow = flow[dry]
    night = flow[flow.index.hour.isin(NIGHT)]
    least = night.groupby(night.index.normalize()).min().mean().to_numpy() * DAY
    mean = flow.mean().to_numpy() * DAY
    factor = pd.read_csv(folder / "pattern.csv")["factor"].to_numpy()
    expected = np.array([bills.get(name, 0.0) for name in areas])
    net = least - factor.min() / factor.mean() * (above @ expected)
    said = {"night": np.maximum(inverse @ least, 0), "net_night": np.maximum(inverse @ net, 0)}
    lost = {"net_night": np.maximum(expected - inverse @ (mean - net), 0)}
    if (folder / "quality.csv").exists():
        quality = pd.read_csv(folder / "quality.csv", parse_dates=["time"])
        members = pd.read_csv(folder / "endmembers.csv").set_index(["kind", "tracer"])["mean"]
        name = "nh3n_mg_per_l"
        seen = (
            quality[quality["tracer"] == name].groupby("meter_id")["value"].mean().reindex(order).to_numpy()
        )
        foul, clean = members["sewage", name], members["groundwater", name]
        said["nh4"] = np.maximum(inverse @ (mean * np.clip((foul - seen) / (foul - clean), 0, 1)), 0)
    rows = {
        area: {
            "extraneous": {method: float(values[place]) for method, values in said.items()},
            "missing": {method: float(values[place]) for method, values in lost.items()},
        }
        for place, area in enumerate(areas)
    }
    out.write_text(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
