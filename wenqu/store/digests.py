"""What is the digest (BLAKE2b, 16 bytes) of each of many rows?"""

from hashlib import blake2b
from itertools import pairwise

import numpy as np

from wenqu.store.ragged import Bytes, Ints, Ragged, compiled

SIZE = 16


@compiled
def _contents(
    one: Bytes, ones: Ints, two: Bytes, twos: Ints, three: Bytes, threes: Ints
) -> tuple[Bytes, Ints]:
    """Return ``one ⏎ two ⏎ three`` of every row, one after another."""
    rows = len(ones) - 1
    made = np.empty(
        ones[rows] - ones[0] + twos[rows] - twos[0] + threes[rows] - threes[0] + 2 * rows, np.uint8
    )
    starts = np.zeros(rows + 1, np.int64)
    to = 0
    for row in range(rows):
        for place in range(ones[row], ones[row + 1]):
            made[to] = one[place]
            to += 1
        made[to] = 10
        to += 1
        for place in range(twos[row], twos[row + 1]):
            made[to] = two[place]
            to += 1
        made[to] = 10
        to += 1
        for place in range(threes[row], threes[row + 1]):
            made[to] = three[place]
            to += 1
        starts[row + 1] = to
    return made, starts


def digests_of(fields: Ragged, extra: Ragged, shapes: Ragged) -> list[bytes]:
    """Return the digest of ``fields ⏎ extra ⏎ shape`` of each row, as ``rows.py`` makes it."""
    made, starts = _contents(fields.data, fields.starts, extra.data, extra.starts, shapes.data, shapes.starts)
    content, places = memoryview(made), starts.tolist()  # type: ignore[arg-type]
    return [blake2b(content[first:last], digest_size=SIZE).digest() for first, last in pairwise(places)]
