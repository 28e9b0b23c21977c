"""What does each place add up to?"""

import numpy as np
import numpy.typing as npt

from wenqu.examples.city.land import Floats, Ints


def sums(place: Ints, amount: npt.ArrayLike, places: int) -> Floats:
    """Return the sum of the amounts at each place. (places,)"""
    weights = np.asarray(amount, dtype=np.float64)
    return np.bincount(place, weights, minlength=places).astype(np.float64)
