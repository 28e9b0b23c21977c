"""Everything that the census promises about speed, beside what a user would pick instead.

Each part is a file of its own, ``census_<part>.py``, that yields its rows from ``measurements(quick=…)``;
the parts run one after another. Every row is a ratio of both sides in the same run with equal answers.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    for part in sorted(file.stem for file in HERE.glob("census_*.py")):
        yield from importlib.import_module(part).measurements(quick=quick)
