"""Which nodes lie on loops together? Strongly connected groups, found along the forest of main links.

A loop needs a link beside the forest, or is a ring of main links. So only the ends of the links beside it
("keys") are searched: between two keys there is nothing but the way down, and all of it is on a loop when
both keys are on the same one.
"""

import numba
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.signedinteger]

compiled = numba.njit(cache=True)
NONE, OPEN, WALKED = -1, -2, -3  # no key below; not looked at; on the way that is being walked


def looped(start: Ints, end: Ints, parent: Ints) -> tuple[Ints, int]:
    """Return the strongly connected group of each node, and how many groups there are.

    Rings of main links to which no key drains are not found.

    Parameters
    ----------
    start, end
        Nodes of each link, -1 where unknown. (L,)
    parent
        The node that each node drains to by its main link, -1 for none. (N,)
    """
    key_of, keys, sides = _keys(start, end, parent)
    keys, below = _below(parent, key_of, keys)
    known = below >= 0
    rows = np.concatenate([np.flatnonzero(known), key_of[sides[0]]])
    columns = np.concatenate([below[known], key_of[sides[1]]])
    size = len(keys)
    matrix = csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    _, label = connected_components(matrix, directed=True, connection="strong")
    several = np.bincount(label)[label] > 1
    several[below == np.arange(size)] = True  # a ring with a single key
    if not several.any():
        return np.arange(len(parent), dtype=np.int32), len(parent)
    return numbered_groups(_spread(parent, keys, below, np.where(several, label, -1)))


@compiled  # type: ignore[untyped-decorator]
def _keys(start: Ints, end: Ints, parent: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the key number of each node (-1 for none), the keys, and both ends of the links beside."""
    key_of = np.full(len(parent), -1, np.int32)
    count = 0
    for link in range(len(start)):
        one, other = start[link], end[link]
        count += one >= 0 and other >= 0 and one != other and parent[one] != other
    sides = np.empty((2, count), np.int32)
    keys = np.empty(2 * count, np.int32)
    side = found = 0
    for link in range(len(start)):
        one, other = start[link], end[link]
        if one >= 0 and other >= 0 and one != other and parent[one] != other:
            sides[0, side], sides[1, side] = one, other
            side += 1
            for node in (one, other):
                if key_of[node] < 0:
                    key_of[node] = found
                    keys[found] = node
                    found += 1
    return key_of, keys[:found], sides


@compiled  # type: ignore[untyped-decorator]
def _below(parent: Ints, key_of: Ints, keys: Ints) -> tuple[Ints, Ints]:
    """Return the keys, with one more for each ring that had none, and the next key below each."""
    all_keys = list(keys)
    below = list(np.full(len(keys), -1, np.int32))
    next_ = np.full(len(parent), OPEN, np.int32)
    for key in range(len(keys)):
        first = parent[keys[key]]
        node, found = first, NONE
        while node >= 0:
            if key_of[node] >= 0:
                found = key_of[node]
                break
            if next_[node] == WALKED:  # a ring without a key: here is one
                found = len(all_keys)
                key_of[node] = found
                all_keys.append(node)
                below.append(np.int32(found))
                break
            if next_[node] != OPEN:
                found = next_[node]
                break
            next_[node] = WALKED
            node = parent[node]
        below[key] = np.int32(found)
        node = first
        while node >= 0 and next_[node] == WALKED:
            next_[node] = found
            node = parent[node]
    return np.array(all_keys), np.array(below)


@compiled  # type: ignore[untyped-decorator]
def _spread(parent: Ints, keys: Ints, below: Ints, label: Ints) -> Ints:
    """Return the label of every node on a loop, -1 for the others."""
    labels = np.full(len(parent), -1, np.int32)
    for key in range(len(keys)):
        if label[key] < 0:
            continue
        labels[keys[key]] = label[key]
        under = below[key]
        if under >= 0 and label[under] == label[key]:
            node = parent[keys[key]]
            while node != keys[under]:
                labels[node] = label[key]
                node = parent[node]
    return labels


@compiled  # type: ignore[untyped-decorator]
def rings(parent: Ints) -> Ints:
    """Return a label for the nodes of each ring of main links, -1 for all that are on none."""
    entering = np.zeros(len(parent), np.int32)
    for node in range(len(parent)):
        if parent[node] >= 0:
            entering[parent[node]] += 1
    left = np.ones(len(parent), np.bool_)
    for leaf in range(len(parent)):
        node = leaf
        while node >= 0 and left[node] and entering[node] == 0:
            left[node] = False
            node = parent[node]
            if node >= 0:
                entering[node] -= 1
    labels = np.full(len(parent), -1, np.int32)
    for one in range(len(parent)):
        node = one
        while left[node] and labels[node] < 0:
            labels[node] = one
            node = parent[node]
    return labels


@compiled  # type: ignore[untyped-decorator]
def numbered_groups(labels: Ints) -> tuple[Ints, int]:
    """Return dense numbers of groups: one for each label, one for each node without."""
    most = 0
    for node in range(len(labels)):
        most = max(most, labels[node] + 1)
    number = np.full(most, -1, np.int32)
    group = np.empty(len(labels), np.int32)
    count = 0
    for node in range(len(labels)):
        label = labels[node]
        if label >= 0 and number[label] >= 0:
            group[node] = number[label]
            continue
        if label >= 0:
            number[label] = count
        group[node] = count
        count += 1
    return group, count
