"""Which conduits did somebody put into one package, and how do joining, splitting and naming change that?"""

import json
from collections.abc import Mapping, Sequence

from wenqu.errors import BadInput

Hands = Mapping[str, tuple[str, ...]]  # package → its conduits
BARRED = ":|/,"  # signs that other names are made with
LONGEST = 60  # characters


def read_hands(text: str) -> dict[str, tuple[str, ...]]:
    """Return the packages of a filed version; an empty text holds none."""
    return {name: tuple(ids) for name, ids in json.loads(text or "{}").items()}


def write_hands(hands: Hands) -> str:
    """Return the packages as they are filed, the same text for the same packages."""
    return json.dumps({name: sorted(hands[name]) for name in sorted(hands)}, ensure_ascii=False)


def package_of(hands: Hands) -> dict[str, str]:
    """Return the package of each conduit."""
    return {id_: name for name, ids in hands.items() for id_ in ids}


def put(hands: Hands, ids: Sequence[str], name: str) -> dict[str, tuple[str, ...]]:
    """Return the packages with some conduits in the package of that name, and in no other.

    What was in that package stays. A package that loses its last conduit is gone; what is left of one that is
    split stays together.

    Raises
    ------
    BadInput
        No conduit is named, or the name cannot be one.
    """
    _check_name(name)
    if not ids:
        raise BadInput("package-empty", name=name)
    moved = set(ids)
    left = {key: tuple(one for one in has if one not in moved) for key, has in hands.items()}
    made = {key: has for key, has in left.items() if has}
    return {**made, name: tuple(sorted({*left.get(name, ()), *moved}))}


def rename(hands: Hands, name: str, new: str) -> dict[str, tuple[str, ...]]:
    """Return the packages with one called otherwise.

    Raises
    ------
    BadInput
        There is none of that name, the new name cannot be one, or another package has it.
    """
    _check_name(new)
    if name not in hands:
        raise BadInput("package-hand", name=name)
    if new in hands and new != name:
        raise BadInput("package-taken", name=new)
    return {new if key == name else key: has for key, has in hands.items()}


def release(hands: Hands, name: str) -> dict[str, tuple[str, ...]]:
    """Return the packages without one: its conduits are bundled by street again.

    Raises
    ------
    BadInput
        There is none of that name.
    """
    if name not in hands:
        raise BadInput("package-hand", name=name)
    return {key: has for key, has in hands.items() if key != name}


def changed(before: Hands, after: Hands) -> set[str]:
    """Return the conduits whose package is another."""
    old, new = package_of(before), package_of(after)
    return {id_ for id_ in {*old, *new} if old.get(id_) != new.get(id_)}


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST or set(name) & set(BARRED):
        raise BadInput("package-name", name=name, barred=" ".join(BARRED), most=LONGEST)
