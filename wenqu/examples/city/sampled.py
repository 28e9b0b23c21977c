"""What did the example city's laboratory find in sewage, groundwater, river and rain?"""

import io
from csv import writer

import numpy as np

from wenqu.examples.city.land import Floats
from wenqu.examples.city.lists import rows
from wenqu.examples.city.mixing import TRACERS, WATERS
from wenqu.units import factor, to_si

BOTTLES = {"sewage": 30, "groundwater": 12, "river": 15, "rain": 6}
LOCAL = 0.10  # [-] how much one place's water differs from the city's, beside the laboratory's error


def samples(seed: int) -> dict[tuple[str, str], Floats]:
    """Return the bottles by water and tracer, SI: scattered round the truth, which nobody knows."""
    generator = np.random.default_rng([seed, 141])
    table = {(row["kind"], row["tracer"]): row for row in rows("mixture")}
    found = {}
    for kind in WATERS:
        place = generator.normal(0, LOCAL, BOTTLES[kind])  # a strong sample is strong in every tracer
        for tracer in TRACERS:
            row = table[kind, tracer]
            drawn = float(row["mean"]) * (1 + place) + generator.normal(0, float(row["sd"]), BOTTLES[kind])
            bottles: Floats = np.round(np.maximum(drawn, 0.05 * float(row["mean"])), 2).astype(np.float64)
            found[kind, tracer] = to_si(bottles, row["unit"])
    return found


def end_members(seed: int) -> str:
    """Return the document ``endmembers.csv``: mean and scatter of the samples, in border units."""
    text = io.StringIO()
    lines = writer(text, lineterminator="\n")
    lines.writerow(("kind", "tracer", "mean", "sd", "unit", "status"))
    units = {(row["kind"], row["tracer"]): row["unit"] for row in rows("mixture")}
    drawn = samples(seed)
    for (kind, tracer), bottles in drawn.items():
        unit = units[kind, tracer]
        mean, sd = bottles.mean() / factor(unit), bottles.std(ddof=1) / factor(unit)
        lines.writerow((kind, tracer, round(float(mean), 2), round(float(sd), 2), unit, "sampled"))
    generator = np.random.default_rng([seed, 143])
    table = {(row["kind"], row["tracer"]): row for row in rows("mixture")}
    true = {kind: to_si(float(table[kind, "nh3n"]["mean"]), "mg/L") for kind in WATERS}
    for row in rows("mixture"):
        if row["tracer"] == "tp":
            mean, sd = float(row["mean"]), float(row["sd"])
            strong = drawn[row["kind"], "nh3n"].mean() / true[row["kind"]]  # the same bottles
            found = mean * strong * (1 + generator.normal(0, sd / mean / np.sqrt(BOTTLES[row["kind"]])))
            lines.writerow(
                (
                    row["kind"],
                    "tp",
                    round(found, 4),
                    round(float(np.hypot(sd, LOCAL * mean)), 3),
                    row["unit"],
                    "sampled",
                )
            )
    return text.getvalue()
