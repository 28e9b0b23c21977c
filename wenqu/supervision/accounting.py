"""How much of a list of pipes has come how far, by length and by count, by district, as of a day?"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import orjson

from wenqu.errors import BadInput

# surveyed and evaluated are shares of the sewage network, repaired and accepted of the problem network;
# what was found to be a problem is told as a length and a share of what was evaluated.
STAGES = ("surveyed", "evaluated", "problem", "repaired", "accepted")


@dataclass(frozen=True, slots=True, eq=False)
class PipeList:
    """The pipes that a percentage is a share of. Lengths are whole millimetres: sums are exact."""

    ids: tuple[str, ...]
    length_mm: npt.NDArray[np.int64]
    districts: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of pipes."""
        return len(self.ids)

    @property
    def total_mm(self) -> int:
        """Return the sum of the lengths."""
        return int(self.length_mm.sum())

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the list, whatever order it was made in."""
        rows = sorted(zip(self.ids, self.length_mm.tolist(), self.districts, strict=True))
        return sha256(orjson.dumps(rows)).hexdigest()


def pipe_list(ids: Sequence[str], lengths: npt.ArrayLike, districts: Sequence[str]) -> PipeList:
    """Return a list of pipes from lengths in metres; an unknown length counts nothing.

    Raises
    ------
    BadInput
        A pipe is listed twice: it would count twice.
    """
    if len(set(ids)) != len(ids):
        raise BadInput("pipe-twice", pipe=Counter(ids).most_common(1)[0][0])
    metres = np.nan_to_num(np.asarray(lengths, dtype=np.float64))
    if len(metres) and (metres.min() < 0 or not np.isfinite(metres).all()):
        raise BadInput("pipe-length", pipe=str(ids[int(np.argmin(metres))]))
    return PipeList(tuple(ids), np.rint(metres * 1000).astype(np.int64), tuple(districts))


@dataclass(frozen=True, slots=True)
class Share:
    """One figure: so much of so much."""

    length_mm: int
    count: int
    of_mm: int
    of_count: int

    @property
    def by_length(self) -> float:
        """Return the share by length, NaN of nothing. [-]"""
        return self.length_mm / self.of_mm if self.of_mm else math.nan

    @property
    def by_count(self) -> float:
        """Return the share by count, NaN of nothing. [-]"""
        return self.count / self.of_count if self.of_count else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One stage of one list of pipes."""

    pipes: PipeList
    since: tuple[str, ...]  # ISO date from which each pipe counts, "" when it does not
    day: str

    @property
    def reached(self) -> npt.NDArray[np.bool_]:
        """Return which pipes count on the day."""
        return np.array([bool(since) and since <= self.day for since in self.since], dtype=np.bool_)

    def whole(self) -> Share:
        """Return the figure of the whole list."""
        return _share(self.pipes.length_mm, self.reached)

    def by_district(self) -> dict[str, Share]:
        """Return the figure of each district, "" of the pipes of which none is known; sums are the whole."""
        names, place = np.unique(
            np.array(self.pipes.districts, dtype=object).astype(str), return_inverse=True
        )
        reached = self.reached
        return {
            str(name): _share(self.pipes.length_mm[place == row], reached[place == row])
            for row, name in enumerate(names)
        }


def account(pipes: PipeList, since: Mapping[str, str], day: str) -> Account:
    """Return how much of a list had been reached on a day.

    Parameters
    ----------
    since
        ISO date from which a pipe counts, by id; what is not listed is passed over: nothing that is done
        outside the denominator raises the share.
    day
        ISO date.
    """
    return Account(pipes, tuple(since.get(id_, "")[:10] for id_ in pipes.ids), day[:10])


def _share(length_mm: npt.NDArray[np.int64], reached: npt.NDArray[np.bool_]) -> Share:
    return Share(int(length_mm[reached].sum()), int(reached.sum()), int(length_mm.sum()), len(length_mm))
