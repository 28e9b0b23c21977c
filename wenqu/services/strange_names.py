"""Which names of assets beyond what a person sees stand in a statement about what the person sees?"""

import re
from collections.abc import Collection, Mapping
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

from wenqu.network.model import Network

Statement = TypeVar("Statement")
BEYOND = "*"  # stands for the name of whatever is not seen
NAMING = ("control", "start", "end")  # attributes that name another asset than the one it is about
SERIES = "series:"  # an input "series:<asset>/<quantity>"
WRITTEN = ("reason",)  # attributes in which somebody wrote a sentence
_IN_SENTENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.\-]*[A-Za-z0-9])?")  # between Chinese there is no space
_PARTS = re.compile(r"[^;,|\s]+")  # a fact lists names between these


def every_id(network: Network) -> frozenset[str]:
    """Return the ids of all assets of a city."""
    return frozenset(str(id_) for table in network.tables.values() for id_ in table.ids)


def without_strangers(statement: Statement, mine: Collection[str], every: Collection[str]) -> Statement:
    """Return a statement that names no asset but theirs: ``*`` stands where another was named.

    What a value was made from is told all the same, by its quantity; who measured it elsewhere is not.

    Parameters
    ----------
    mine
        Ids of the assets that the person sees.
    every
        Ids of all assets of the city.
    """
    if not is_dataclass(statement):
        return statement
    changed: dict[str, Any] = {
        name: BEYOND
        for name in NAMING
        if isinstance(said := getattr(statement, name, None), str) and said in every and said not in mine
    }
    for name in WRITTEN:
        said = getattr(statement, name, None)
        if isinstance(said, str) and (cut := _cut(_IN_SENTENCE, said, mine, every)) != said:
            changed[name] = cut
    inputs = getattr(statement, "inputs", ())
    if inputs and (told := tuple(dict.fromkeys(_input(one, mine) for one in inputs))) != tuple(inputs):
        changed["inputs"] = told
    facts = getattr(statement, "facts", None)
    if isinstance(facts, Mapping):
        said = {name: _fact(value, mine, every) for name, value in facts.items()}
        if said != facts:
            changed["facts"] = said
    return replace(statement, **changed) if changed else statement  # type: ignore[type-var]


def _input(said: str, mine: Collection[str]) -> str:
    asset, slash, quantity = said.removeprefix(SERIES).rpartition("/")
    if not said.startswith(SERIES) or not slash or asset in mine:
        return said
    return f"{SERIES}{BEYOND}/{quantity}"


def _fact(value: object, mine: Collection[str], every: Collection[str]) -> object:
    if not isinstance(value, str):
        return value
    return _cut(_PARTS, value, mine, every)


def _cut(names: re.Pattern[str], text: str, mine: Collection[str], every: Collection[str]) -> str:
    return names.sub(lambda found: BEYOND if found[0] in every and found[0] not in mine else found[0], text)
