"""What is each option made of: streets, assets, methods, loads of other pollutants?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the conditions of a programme weigh beside cost and water. p packages, o options, k shares.

    A share is what one option does by one method.
    """

    street: Texts  # (p,) "" where it is not known
    assets: tuple[tuple[str, ...], ...]  # (p) ids of the assets in each package
    start: Ints  # (o + 1,) where the shares of each option begin
    method: Texts  # (k,) key of the catalogue
    cost: Floats  # (k,) [yuan]
    days: Floats  # (k,) [d]
    loads: Mapping[str, Floats] = field(default_factory=dict)  # (o,) [kg/s] change at the plant, by pollutant
