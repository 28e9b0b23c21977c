"""CJJ 181 grades of a city's defects, against Polars and pandas giving the same answers.

The peers are written as well as we can: one integer key for family and chainage, one sort, running
maxima instead of window functions. They leave out what ours adds (K, E, T, faults, unconfirmed rules).
"""

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import polars as pl

from wenqu.diagnosis.grading_arrays import DefectColumns, Grades, Segments, grade_conduits
from wenqu.standards.condition import TIE, condition_rules

RULES = condition_rules()
KINDS = list(RULES.kinds.values())
LEVELS = max(len(kind.scores) for kind in KINDS)
# Lookups by code × level and by code, as a peer would prepare them.
SCORES = np.array([[*kind.scores, *[np.nan] * (LEVELS - len(kind.scores))] for kind in KINDS]).ravel()
FAMILY = np.array([2 if not kind.counts else kind.family == "functional" for kind in KINDS], np.int64)
LOCAL = np.array([kind.extent == "local" for kind in KINDS])
K_VALUES = np.array([entry.value for entry in RULES.factors["K"].values()])
T_VALUES = np.array([entry.value for entry in RULES.factors["T"].values()])
CLUSTER, NEAR = 1_000, 1_500  # [mm]
STRIDE = 10_000_000  # [mm] farther than any conduit is long
COMPARED = ("S", "F", "S_M", "RI", "Y", "G", "Y_M", "MI", "n1", "n2", "m1", "m2", "structural_grade",
            "repair_grade", "structural_density", "functional_grade", "upkeep_grade",
            "functional_density")  # fmt: skip
Frame = dict[str, np.ndarray]


def city(defects: int, conduits: int, seed: int = 181) -> tuple[Segments, DefectColumns]:
    """Return conduits and shuffled defects, chainages to the centimetre, one row in a hundred impossible."""
    rng = np.random.default_rng(seed)
    length = rng.uniform(10, 60, conduits).round(2)
    segments = Segments(
        length, rng.choice([0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.6], conduits),
        rng.integers(0, len(K_VALUES), conduits, dtype=np.int8),
        rng.integers(0, len(T_VALUES), conduits, dtype=np.int8),
    )  # fmt: skip
    conduit = rng.integers(0, conduits, defects, dtype=np.int32)
    code = rng.integers(0, len(KINDS), defects, dtype=np.int8)
    most = np.array([len(kind.scores) for kind in KINDS], np.int8)[code]
    level = (1 + rng.random(defects) * most).astype(np.int8)
    level[rng.random(defects) < 0.01] = LEVELS + 1
    long = (rng.random(defects) < 0.4) & ~LOCAL[code]
    start = np.floor(rng.random(defects) * length[conduit] * 100) / 100
    extent = np.where(long, rng.uniform(0.2, 8, defects), 0).round(2)
    return segments, DefectColumns(conduit, code, level, start, extent)


def in_order(defects: DefectColumns) -> DefectColumns:
    """Return the same defects in conduit order."""
    order = np.argsort(defects.conduit, kind="stable")
    return DefectColumns(
        defects.conduit[order], defects.code[order], defects.level[order], defects.start[order],
        defects.length[order],
    )  # fmt: skip


def indices(segments: Segments, sums: list[Frame]) -> Frame:
    """Return the indices and grades of both families; arrays, so alike for both peers."""
    one, two = sums
    D = segments.diameter
    size = np.select([D > 1.5 + TIE, D > 1.0 + TIE, D >= 0.6 - TIE], [10.0, 6.0, 3.0], 0.0)
    area, soil = K_VALUES[segments.importance], T_VALUES[segments.soil]
    F, G = np.maximum(one["mean"], one["largest"]), np.maximum(two["mean"], two["largest"])
    high_F, high_G = F >= 4 - TIE, G >= 4 - TIE
    RI = 0.7 * F + 0.1 * area * high_F + 0.05 * size * high_F + 0.15 * np.where(F > TIE, soil, 0)
    MI = 0.8 * G + 0.15 * area * high_G + 0.05 * size * high_G
    found = {"S": one["mean"], "F": F, "RI": RI, "Y": two["mean"], "G": G, "MI": MI,
             "n1": one["far"], "n2": one["near"], "m1": two["far"], "m2": two["near"]}  # fmt: skip
    for name, key, mean in (("S_M", one, one["mean"]), ("Y_M", two, two["mean"])):
        with np.errstate(invalid="ignore"):
            found[name] = key["reached"] / (mean * segments.length)
    graded = (("structural_grade", F, (1, 3, 6)), ("repair_grade", RI, (1, 4, 7)),
              ("functional_grade", G, (1, 3, 6)), ("upkeep_grade", MI, (1, 4, 7)))  # fmt: skip
    for name, value, cuts in graded:
        found[name] = 1 + sum((value > cut + TIE).astype(np.int8) for cut in cuts)
    for name, value in (("structural_density", found["S_M"]), ("functional_density", found["Y_M"])):
        rank = 1 + (value >= 0.1 - TIE).astype(np.int8) + (value > 0.5 + TIE).astype(np.int8)
        found[name] = np.where(np.isnan(value), 0, rank)
    return found


def with_polars(segments: Segments, defects: DefectColumns) -> Frame:
    """Grade with Polars, all its threads."""
    n = len(segments.length)
    frame = pl.DataFrame({
        "conduit": defects.conduit, "code": defects.code, "level": defects.level, "start": defects.start,
        "length": defects.length,
    })  # fmt: skip
    code, level = pl.col("code").cast(pl.Int64), pl.col("level").cast(pl.Int64)
    rows = (
        frame.lazy()
        .filter((level >= 1) & (level <= LEVELS))
        .with_columns(
            score=pl.lit(pl.Series(SCORES)).gather(code * LEVELS + level - 1),
            family=pl.lit(pl.Series(FAMILY)).gather(code),
            local=pl.lit(pl.Series(LOCAL)).gather(code),
            end_of=pl.lit(pl.Series(segments.length)).gather(pl.col("conduit")),
        )
        .filter(pl.col("score").is_not_nan() & (pl.col("family") < 2))
        .filter(pl.col("start") <= pl.col("end_of"))
        .with_columns(group=pl.col("conduit").cast(pl.Int64) * 2 + pl.col("family"))
        .select(
            "group", "score",
            begin=pl.col("group") * STRIDE + (pl.col("start") * 1000).round().cast(pl.Int64),
            end=pl.col("group") * STRIDE + (pl.min_horizontal(
                pl.col("start")
                + pl.when(pl.col("local")).then(pl.min_horizontal("length", 1.0)).otherwise("length"),
                "end_of",
            ) * 1000).round().cast(pl.Int64),
        )
        .sort("begin")
        .with_columns(new=(pl.col("begin") - pl.col("end").cum_max().shift(1)).fill_null(STRIDE) > CLUSTER)
        .with_columns(cluster=pl.col("new").cum_sum())
        .group_by("cluster", maintain_order=True)
        .agg(pl.col("group").first(), pl.col("begin").first(), pl.col("end").max(),
             pl.col("score").sum(), members=pl.len())
        .with_columns(
            score=pl.when(pl.col("members") > 1).then(pl.min_horizontal("score", 10.0)).otherwise("score"),
            gap=(pl.col("begin").shift(-1) - pl.col("end")).fill_null(STRIDE),
        )
        .with_columns(near=(pl.col("gap") <= NEAR) | (pl.col("gap").shift(1).fill_null(STRIDE) <= NEAR))
        .with_columns(weighted=pl.col("score") * pl.when("near").then(1.1).otherwise(1.0))
        .group_by("group")
        .agg(
            total=pl.col("weighted").sum(), largest=pl.col("score").max(), near=pl.col("near").sum(),
            count=pl.len(),
            reached=(pl.col("weighted") * pl.max_horizontal(
                (pl.col("end") - pl.col("begin")) / 1000, 1.0)).sum(),
        )
        .collect()
    )  # fmt: skip
    return indices(segments, spread({name: rows[name].to_numpy() for name in rows.columns}, n))


def with_pandas(segments: Segments, defects: DefectColumns) -> Frame:
    """Grade with pandas and NumPy, one thread."""
    n = len(segments.length)
    frame = pd.DataFrame({"conduit": defects.conduit, "code": defects.code, "level": defects.level,
                          "start": defects.start, "length": defects.length})  # fmt: skip
    frame = frame[frame["level"].between(1, LEVELS)]
    code = frame["code"].to_numpy(np.int64)
    frame = frame.assign(
        score=SCORES[code * LEVELS + frame["level"].to_numpy(np.int64) - 1], family=FAMILY[code],
        local=LOCAL[code], end_of=segments.length[frame["conduit"].to_numpy()],
    )  # fmt: skip
    sound = frame["score"].notna() & (frame["family"] < 2) & (frame["start"] <= frame["end_of"])
    frame = frame[sound]
    group = frame["conduit"].to_numpy(np.int64) * 2 + frame["family"].to_numpy()
    extent = np.where(frame["local"], np.minimum(frame["length"], 1.0), frame["length"])
    end = np.minimum(frame["start"] + extent, frame["end_of"])
    rows = pd.DataFrame({
        "group": group, "score": frame["score"].to_numpy(),
        "begin": group * STRIDE + np.rint(frame["start"].to_numpy() * 1000).astype(np.int64),
        "end": group * STRIDE + np.rint(end.to_numpy() * 1000).astype(np.int64),
    }).sort_values("begin")  # fmt: skip
    rows["cluster"] = ((rows["begin"] - rows["end"].cummax().shift(1, fill_value=-STRIDE)) > CLUSTER).cumsum()
    joined = rows.groupby("cluster", sort=False).agg(
        group=("group", "first"), begin=("begin", "first"), end=("end", "max"), score=("score", "sum"),
        members=("score", "size"),
    )  # fmt: skip
    joined["score"] = np.where(joined["members"] > 1, np.minimum(joined["score"], 10.0), joined["score"])
    gap = joined["begin"].shift(-1, fill_value=2 * STRIDE * n + STRIDE) - joined["end"]
    joined["near"] = (gap <= NEAR) | (gap.shift(1, fill_value=STRIDE) <= NEAR)
    joined["weighted"] = joined["score"] * np.where(joined["near"], 1.1, 1.0)
    joined["reached"] = joined["weighted"] * np.maximum((joined["end"] - joined["begin"]) / 1000, 1.0)
    sums = joined.groupby("group").agg(
        total=("weighted", "sum"), largest=("score", "max"), near=("near", "sum"), count=("near", "size"),
        reached=("reached", "sum"),
    )  # fmt: skip
    columns = {name: column.to_numpy() for name, column in sums.reset_index().items()}
    return indices(segments, spread(columns, n))


def spread(sums: Frame, n: int) -> list[Frame]:
    """Return the sums of both families, one place for each conduit."""
    families = []
    for family in range(2):
        mine = sums["group"] % 2 == family
        place = sums["group"][mine] // 2
        out = {name: np.zeros(n) for name in ("mean", "largest", "near", "far", "reached")}
        count = sums["count"][mine]
        out["mean"][place] = sums["total"][mine] / count
        out["largest"][place], out["reached"][place] = sums["largest"][mine], sums["reached"][mine]
        out["near"][place], out["far"][place] = sums["near"][mine], count - sums["near"][mine]
        families.append(out)
    return families


def assert_equal(ours: Grades, theirs: Frame, who: str) -> None:
    """Stop when a peer answers otherwise."""
    for name in COMPARED:
        np.testing.assert_allclose(
            getattr(ours, name), theirs[name], rtol=1e-9, atol=1e-12, err_msg=f"{name}, {who}"
        )


def paired(ours: Callable[[], object], peer: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median seconds of both, run in turn. [s]"""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for task, kept in zip((ours, peer), times, strict=True):
            start = time.perf_counter()
            task()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield one row for each order of the defects and each peer."""
    size, conduits, runs = (500_000, 100_000, 3) if quick else (5_000_000, 1_000_000, 5)
    segments, shuffled = city(size, conduits)
    for order, defects in (("any order", shuffled), ("conduit order", in_order(shuffled))):
        grades = grade_conduits(segments, defects)
        for who, peer in (("Polars", with_polars), ("pandas", with_pandas)):
            assert_equal(grades, peer(segments, defects), who)
            mine, theirs = paired(
                lambda rows=defects: grade_conduits(segments, rows),  # type: ignore[misc]
                lambda rows=defects, task=peer: task(segments, rows),  # type: ignore[misc]
                runs,
            )
            name = f"grade {size / 1e6:g} M defects, {order}, {who}"
            ratio = theirs / mine
            yield {"name": name, "ours": mine, "peer": theirs, "ratio": ratio, "unit": "s", "runs": runs}
