"""What is a programme chosen from: options in packages, rows that bind them, plants that may comply?

Everything a rule can weigh is a sum over the chosen options of a quantity (money, crew-days, length, a
plant's margin, load) within a cell (a district's year, a plant's window ...). So an option is described by a
few channels, each a quantity and the cell it counts in; a rule is a row over cells. With prices on the rows
the cheapest option of every package is found in one pass over the options, however many there are.

A share of plants must comply, perhaps several shares by several dates: a plant stands once for each share it
counts in, and may comply in one and not in another. Which of them are the same plant is told by ``site``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

SLACK = 1e-9  # [-] a row is kept when it is missed by less than this part of its size


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as it is read: over the cells it asks Σ sign·quantity ≥ amount."""

    rule: str  # budget, crew, length, margin, guard ...
    scope: str  # district, plant, method; "" for the city
    window: str
    amount: float  # right side, in the unit of its quantity; a limit stands as the negative of a sum
    size: float  # what its misses are measured by, > 0
    plant: int = -1  # of the k: the row holds only where this plant is to comply; -1: it always holds


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Options, and the rows that bind them.

    p packages, n options, c channels, r rows, m shares, k plants, each once for every share it counts in.
    """

    cost: Floats  # (n,) [yuan] options of one package stand together
    start: Ints  # (p + 1,) where the options of each package begin
    quantity: Floats  # (c, n)
    cell: Places  # (c, n) cell that each quantity counts in, numbered through all channels
    matrix: sparse.csr_array  # (r, cells) how a row weighs what a cell sums, mostly ±1
    rows: tuple[Row, ...]
    plant: Places  # (p,) site of the plant below each package; -1 for none, or one that cannot comply
    weight: Floats  # (k,) what each plant counts for in its share (its capacity)
    demand: Floats  # (m,) Σ weight of a share's plants that comply must reach this
    able: npt.NDArray[np.bool_]  # (k,) the plant can comply at all
    site: Ints  # (k,) which plants are one and the same
    share: Ints  # (k,) share that each plant counts in

    @property
    def amount(self) -> Floats:
        """Right sides of the rows. (r,)"""
        return np.array([row.amount for row in self.rows])

    @property
    def size(self) -> Floats:
        """What misses of the rows are measured by. (r,)"""
        return np.array([row.size for row in self.rows])

    @property
    def of_plant(self) -> Ints:
        """Plant of each row, -1 where it always holds. (r,)"""
        return np.array([row.plant for row in self.rows], dtype=np.int64)

    def packages_of(self, options: Ints) -> Ints:
        """Return the package of some options. (len(options),)"""
        return np.searchsorted(self.start, options, side="right") - 1

    def coefficients(self, options: Ints | None = None) -> sparse.csc_array:
        """Return what some options (or all) add to every row. (r, len(options))"""
        rows = np.arange(len(self.cost)) if options is None else options
        by_cell = self.matrix.tocsc()
        total: sparse.csc_array = sparse.csc_array((len(self.rows), len(rows)))
        for quantity, cell in zip(self.quantity, self.cell, strict=True):
            total = total + by_cell[:, cell[rows]] @ sparse.diags_array(quantity[rows], format="csc")
        return total.tocsc()

    def sums(self, chosen: Ints) -> Floats:
        """Return the left side of every row for a choice of options. (r,)"""
        used = np.zeros(self.matrix.shape[1])
        for quantity, cell in zip(self.quantity, self.cell, strict=True):
            used += np.bincount(cell[chosen], quantity[chosen], len(used))
        return np.asarray(self.matrix @ used)

    def missed(self, chosen: Ints) -> Floats:
        """Return by how much a choice misses every row, as a part of the row's size; 0 where it holds. (r,)

        Rows of plants count as if every plant were to comply.
        """
        lack = (self.amount - self.sums(chosen)) / self.size
        return np.where(lack > SLACK, lack, 0.0)

    def complying(self, chosen: Ints) -> npt.NDArray[np.bool_]:
        """Return which plants comply. (k,)"""
        kept = self.able.copy()
        of_plant, missed = self.of_plant, self.missed(chosen)
        kept[of_plant[(missed > 0) & (of_plant >= 0)]] = False
        return kept

    def reached(self, on: npt.NDArray[np.bool_]) -> Floats:
        """Return the weight of every share when some plants comply. (m,)"""
        return np.bincount(self.share[on], self.weight[on], len(self.demand)).astype(np.float64)

    def suffices(self, on: npt.NDArray[np.bool_]) -> bool:
        """Tell whether every share is reached when some plants comply."""
        return bool((self.reached(on) >= self.demand * (1 - SLACK)).all())

    def holds(self, chosen: Ints) -> bool:
        """Tell whether a choice keeps every rule."""
        packages = self.packages_of(chosen)
        once = len(np.unique(packages)) == len(packages)
        always = not (self.missed(chosen)[self.of_plant < 0] > 0).any()
        return once and always and self.suffices(self.complying(chosen))


def check_portfolio(given: Portfolio) -> None:
    """Refuse a portfolio whose numbers cannot be used.

    Raises
    ------
    BadInput
        A cost is negative or no number, a quantity is no number, or arrays do not fit.
    """
    n = len(given.cost)
    fits = given.quantity.shape == given.cell.shape == (len(given.quantity), n) and given.start[-1] == n
    if not fits:
        raise BadInput("portfolio-shape", options=n, found=given.quantity.shape[-1])
    if not (np.isfinite(given.cost).all() and (given.cost >= 0).all() and np.isfinite(given.quantity).all()):
        raise BadInput("portfolio-number", options=n)
