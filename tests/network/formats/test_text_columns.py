"""Texts that are read block by block and run by run come out as they stood, coded or one after another."""

import numpy as np
import pytest

from wenqu.network.formats.text_columns import ABSENT, TextColumn, joined, texts

FEW = ["", "污水", "a", "12345678", "123456789", "sixteen bytes ok", "more than sixteen bytes", None]


def cells_of(values):
    held = [None if value is None else value.encode() for value in values]
    sizes = np.array([ABSENT if value is None else len(value) for value in held], np.int32)
    data = b"x" + b"".join(value or b"" for value in held)
    begins = np.concatenate([[0], np.cumsum(np.maximum(sizes, 0))[:-1]]).astype(np.int64) + 1
    return np.frombuffer(data + b"#" * (32 + -len(data) % 8), np.uint8), begins, sizes


def read(values, runs, block):
    columns = []
    for run in np.array_split(np.array(values, dtype=object), runs):
        column = TextColumn()
        for low in range(0, len(run), block):
            column.add(*cells_of(run[low : low + block].tolist()))
        columns.append(column)
    return texts(joined(columns))


@pytest.mark.parametrize("runs", [1, 3, 7])
@pytest.mark.parametrize("known", [FEW, FEW[1:7], [f"road {number}" for number in range(300)], [None]])
def test_texts_that_come_again_are_kept_once_whatever_the_runs(known, runs):
    draw = np.random.default_rng(runs)
    values = [known[place] for place in draw.integers(0, len(known), 6000)]
    made = read(values, runs, 700)
    assert made.to_pylist() == values
    assert len(made.dictionary) <= len(known)


@pytest.mark.parametrize("runs", [1, 4])
def test_texts_that_all_differ_stand_one_after_another(runs):
    draw = np.random.default_rng(5)
    values = ["路" * size + str(row) for row, size in enumerate(draw.integers(0, 12, 5000).tolist())]
    values[17] = None
    assert read(values, runs, 613).to_pylist() == values


def test_runs_of_which_one_holds_too_many_texts_are_one_column():
    values = ["same"] * 4000 + [f"other {row}" for row in range(4000)]
    assert read(values, 2, 500).to_pylist() == values


def test_no_rows_are_an_empty_column():
    assert joined([TextColumn()]).to_pylist() == []
