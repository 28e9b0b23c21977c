"""What does the folder of a planning case hold: options, plants, rules?

The contract stands in docs/guide (plan_case). A row that cannot be used is an Issue with its file and line;
the rest is used.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Weight
from wenqu.planning.portfolio import Floats, Ints
from wenqu.planning.stated_case import StatedOptions, StatedPlants, StatedRules
from wenqu.services.case_tables import CaseTable, read_table
from wenqu.services.plan_case_rules import FILE as RULES
from wenqu.services.plan_case_rules import check_rules_meet, read_case_rules

OPTIONS, PLANTS = "options.csv", "plants.csv"
COLUMNS = (
    "option_id", "package_id", "window", "cost", "length_m", "district", "crew_days", "plant_id",
    "flow_removed_m3_per_d", "load_gained_kg_per_d",
)  # fmt: skip
PLANT_COLUMNS = ("plant_id", "capacity_m3_per_d", "flow_m3_per_d", "load_kg_per_d", "threshold_mg_per_l")
DEAREST = 1e12  # [yuan] no single option costs that


@dataclass
class PlanCase:
    """A case as read. n options in use."""

    folder: Path
    options: StatedOptions
    plants: StatedPlants
    rules: StatedRules
    ids: pa.Array  # (n,) of the options
    packages: npt.NDArray[np.object_]  # (p,)
    set_aside: dict[str, list[int]]  # by file: numbers of the records that are not used, the heading being 1
    encodings: dict[str, str]
    hashes: dict[str, str]  # SHA-256 of each file
    issues: list[Issue] = field(default_factory=list)


def read_plan_case(folder: Path) -> PlanCase:
    """Return the case of a folder.

    Raises
    ------
    FileUnreadable
        A file is absent, empty, binary, or lacks a column.
    BadInput
        The rules make no sense.
    """
    issues: list[Issue] = []
    for name in (OPTIONS, PLANTS):
        if not (folder / name).is_file():
            raise FileUnreadable("plan-absent", path=name)
    rules, written = read_case_rules(folder, issues)
    plant_table = read_table(folder / PLANTS, PLANT_COLUMNS)
    plants = _plants(plant_table)
    table = read_table(folder / OPTIONS, COLUMNS, only=True)
    options, ids, packages = _options(table, plants, rules)
    issues += [*plant_table.issues, *table.issues]
    check_rules_meet(rules, options, plants, issues)
    tables = {OPTIONS: table, PLANTS: plant_table}
    hashes = {}
    for name in (OPTIONS, PLANTS, RULES):
        with (folder / name).open("rb") as content:
            hashes[name] = hashlib.file_digest(content, "sha256").hexdigest()
    return PlanCase(
        folder, options, plants, rules, ids, packages,
        {name: _others(one) for name, one in tables.items()},
        {RULES: _codec(written), **{name: _codec(one.encoding) for name, one in tables.items()}},
        hashes, issues,
    )  # fmt: skip


def _codec(encoding: str) -> str:
    """Return the codec that reads a file in an encoding without the mark before it."""
    if encoding.upper().startswith("UTF-16"):
        return "utf-16"
    return "utf-8-sig" if encoding == "UTF-8" else encoding


def _others(table: CaseTable) -> list[int]:
    """Return the numbers of the records that are not in use."""
    every = np.arange(2, table.records + 2)
    return [int(row) for row in np.setdiff1d(every, table.lines, assume_unique=True)]


def _plants(table: CaseTable) -> StatedPlants:
    names = table.texts("plant_id")
    table.tell("case.no-id", names == "")
    _, first = np.unique(names.astype(str), return_index=True)
    again = np.ones(len(table), dtype=np.bool_)
    again[first] = False
    table.tell("case.same-id", again & (names != ""))
    table.keep((names != "") & ~again)
    numbers = {name: table.numbers(name) for name in PLANT_COLUMNS[1:]}
    bad = np.zeros(len(table), dtype=np.bool_)
    for name in ("capacity_m3_per_d", "flow_m3_per_d", "threshold_mg_per_l"):
        wrong = ~((numbers[name] >= 0) & (numbers[name] <= DEAREST))
        table.tell("plan-case.no-value", wrong, column=name)
        bad |= wrong
    negative = numbers["load_kg_per_d"] < 0
    table.tell("plan-case.no-value", negative, column="load_kg_per_d")
    table.keep(~(bad | negative))
    used = ~(bad | negative)
    kept = {name: column[used] for name, column in numbers.items()}
    table.tell("plan-case.plant-without-load", np.isnan(kept["load_kg_per_d"]), Weight.DOUBT)
    table.tell("plan-case.threshold-zero", kept["threshold_mg_per_l"] == 0, Weight.DOUBT)
    ids = table.texts("plant_id")
    return StatedPlants(
        ids,
        kept["capacity_m3_per_d"],
        kept["flow_m3_per_d"],
        kept["load_kg_per_d"],
        kept["threshold_mg_per_l"],
    )


def _options(
    table: CaseTable, plants: StatedPlants, rules: StatedRules
) -> tuple[StatedOptions, pa.Array, npt.NDArray[np.object_]]:
    """Return the options in use, by package; whatever cannot be used is told and left out."""
    numbers, good = _numbers(table)
    window = pc.index_in(table.columns["window"], value_set=pa.array(rules.windows)).fill_null(-1).to_numpy()
    table.tell("plan-case.window-unknown", window < 0, windows=", ".join(rules.windows))
    blank = pc.or_(
        pc.equal(table.columns["option_id"], ""), pc.equal(table.columns["package_id"], "")
    ).to_numpy(zero_copy_only=False)
    table.tell("case.no-id", blank)
    again = _again(table.columns["option_id"])
    table.tell("case.same-id", again & ~blank)
    good &= (window >= 0) & ~blank & ~again
    good &= _alike(table, numbers["length_m"], good)
    idle = _idle(table, numbers["length_m"], good)
    table.keep(good)
    numbers = {name: column[good] for name, column in numbers.items()}
    known = pa.array(["", *plants.ids.astype(str)])
    stranger = pc.invert(pc.is_in(table.columns["plant_id"], value_set=known)).to_numpy(zero_copy_only=False)
    table.tell("plan-case.plant-unknown", stranger, Weight.DOUBT)
    table.tell("plan-case.free", numbers["cost"] == 0, Weight.DOUBT)
    place = pc.index_in(table.columns["plant_id"], value_set=known).fill_null(0).to_numpy()
    most = np.array([np.inf, *plants.flow])[place]
    table.tell("plan-case.removes-more", numbers["flow_removed_m3_per_d"] > most, Weight.DOUBT)
    code = table.columns["package_id"].dictionary_encode()
    package = code.indices.to_numpy().astype(np.int64)
    order = np.argsort(package, kind="stable")
    start = np.searchsorted(package[order], np.arange(len(code.dictionary) + 1)).astype(np.int64)
    head = order[start[:-1]]
    options = StatedOptions(
        start, window[good][order].astype(np.int64), numbers["cost"][order], numbers["crew_days"][order],
        numbers["flow_removed_m3_per_d"][order], numbers["load_gained_kg_per_d"][order],
        numbers["length_m"][head], _texts(table.columns["district"], head),
        _texts(table.columns["plant_id"], head), idle,
    )  # fmt: skip
    packages = np.asarray(code.dictionary.to_numpy(zero_copy_only=False), dtype=object)
    return options, table.columns["option_id"].take(pa.array(order)), packages


def _idle(table: CaseTable, length: Floats, good: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Return the length by district of the packages of which no row is used: milestones count it. [m]"""
    package = table.columns["package_id"].dictionary_encode()
    used = np.zeros(len(package.dictionary), dtype=np.bool_)
    used[package.indices.to_numpy()[good]] = True
    lone = ~used[package.indices.to_numpy()] & (length >= 0) & (length <= DEAREST)
    lone &= pc.not_equal(table.columns["package_id"], "").to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(lone)
    _, first = np.unique(package.indices.to_numpy()[rows], return_index=True)
    heads = np.sort(rows[first])
    mark = np.zeros(len(table), dtype=np.bool_)
    mark[heads] = True
    table.tell("plan-case.idle-package", mark, Weight.DOUBT)
    found: dict[str, float] = {}
    for row, name in zip(heads.tolist(), _texts(table.columns["district"], heads), strict=True):
        found[str(name)] = found.get(str(name), 0.0) + float(length[row])
    return found


def _numbers(table: CaseTable) -> tuple[dict[str, Floats], npt.NDArray[np.bool_]]:
    """Return the columns of numbers, and which rows can be used."""
    found: dict[str, Floats] = {}
    good = np.ones(len(table), dtype=np.bool_)
    for name in ("cost", "length_m", "crew_days", "flow_removed_m3_per_d", "load_gained_kg_per_d"):
        column = table.numbers(name)
        least = 0.0 if name in {"cost", "length_m", "crew_days"} else -DEAREST
        wrong = ~((column >= least) & (column <= DEAREST))
        table.tell("plan-case.no-value", wrong, column=name)
        found[name] = column
        good &= ~wrong
    return found, good


def _texts(column: pa.Array, rows: Ints) -> npt.NDArray[np.object_]:
    return np.asarray(column.take(pa.array(rows)).to_numpy(zero_copy_only=False), dtype=object)


def _again(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which texts stood in an earlier row already."""
    code = column.dictionary_encode().indices.to_numpy()  # numbered in the order in which they first stand
    again: npt.NDArray[np.bool_] = np.diff(np.maximum.accumulate(code), prepend=-1) == 0
    return again


def _alike(table: CaseTable, length: Floats, good: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which rows say of their package's length, district and plant what its first good row says."""
    package = table.columns["package_id"].dictionary_encode().indices.to_numpy()
    rows = np.flatnonzero(good)
    first = np.full(int(package.max(initial=-1)) + 1, -1)
    first[package[rows[::-1]]] = rows[::-1]
    head: Ints = first[package]
    same: npt.NDArray[np.bool_] = length == length[head]
    for name in ("district", "plant_id"):
        code = table.columns[name].dictionary_encode().indices.to_numpy()
        same &= code == code[head]
    table.tell("plan-case.package-differs", good & ~same)
    return same
