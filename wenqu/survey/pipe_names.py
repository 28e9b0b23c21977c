"""Which asset does a name in a crew's file mean? As it is written, without its dress, and loosely."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

DASHES = re.compile(r"[\u2010-\u2015\u2212~\u301c_→>]+|至|到")
DRESS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
NUMBER = re.compile(r"0*(\d+)")
DRESSED = re.compile(r"^(?:检查井|雨水井|污水井|窨井|井)|#?号?(?:检查|雨水|污水|合流|窨)?井$|#$")
SHORTEST = 4  # letters of a name of which one may be wrong: P1 is one letter from every P2


def plain_name(name: str) -> str:
    """Return a name without what two hands write differently: width, case, blanks, kind of dash.

    Examples
    --------
    >>> plain_name("ｗ01 ～ W02"), plain_name("YS3→YS4")
    ('w01-w02', 'ys3-ys4')
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = DASHES.sub("-", "".join(text.split()))
    return re.sub(r"-+", "-", text).strip("-")


def loose_name(name: str) -> str:
    """Return a name by which two are similar but need not be the same: no signs, no leading zeros.

    Examples
    --------
    >>> loose_name("W-007#"), loose_name("w7")
    ('w7', 'w7')
    """
    return NUMBER.sub(r"\1", DRESS.sub("", plain_name(name)))


def slips(name: str, letters: Iterable[str]) -> set[str]:
    """Return what a name may be that has one slip of the hand: a letter swapped, wrong, missing or too many.

    Examples
    --------
    >>> sorted(slips("ab", "a"))
    ['a', 'aa', 'aab', 'aba', 'b', 'ba']
    """
    cuts = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    known = sorted(set(letters))
    made = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    made |= {head + tail[1:] for head, tail in cuts if tail}
    made |= {head + letter + tail[1:] for head, tail in cuts if tail for letter in known}
    made |= {head + letter + tail for head, tail in cuts for letter in known}
    return made - {name}


class Names:
    """Names of assets with the ids that they may mean."""

    def __init__(self, ids: Iterable[str], aliases: Iterable[tuple[str, str]] = ()) -> None:
        """Learn ids, and (alias, id) pairs."""
        self._ids = {str(id_) for id_ in ids}
        self._plain: dict[str, set[str]] = {}
        self._loose: dict[str, set[str]] = {}
        self._aliases: dict[str, set[str]] = {}
        self._letters = frozenset[str]()  # of all names, read when the first mistyped one is met
        for id_ in self._ids:
            self._plain.setdefault(plain_name(id_), set()).add(id_)
            self._loose.setdefault(loose_name(id_), set()).add(id_)
        for alias, id_ in aliases:
            if name := plain_name(alias):
                self._aliases.setdefault(name, set()).add(id_)
                self._loose.setdefault(loose_name(alias), set()).add(id_)

    def __contains__(self, id_: str) -> bool:
        """Tell whether this is an id."""
        return id_ in self._ids

    def sure(self, name: str) -> set[str]:
        """Return the ids that a name means: the id, else one written otherwise, else by an alias."""
        if name in self._ids:
            return {name}
        plain = plain_name(name)
        return set(self._plain.get(plain) or self._aliases.get(plain) or ()) if plain else set()

    def similar(self, name: str) -> set[str]:
        """Return the ids of which a name reminds."""
        loose = loose_name(name)
        return set(self._loose.get(loose, ())) if loose else set()

    def mistyped(self, name: str) -> set[str]:
        """Return the ids that a name with one slip of the hand may mean; a name of few letters means none."""
        loose = loose_name(name)
        if len(loose) < SHORTEST:
            return set()
        self._letters = self._letters or frozenset(letter for known in self._loose for letter in known)
        return {id_ for one in slips(loose, self._letters) for id_ in self._loose.get(one, ())}


class ManholeNames(Names):
    """Names of manholes: the word for what they are may stand beside the code, W1023井 or 检查井W1023#."""

    def __init__(self, ids: Iterable[str], aliases: Iterable[tuple[str, str]] = ()) -> None:
        """Learn ids, and (alias, id) pairs."""
        ids = [str(id_) for id_ in ids]
        super().__init__(ids, [*aliases, *((bare(id_), id_) for id_ in ids if bare(id_) != plain_name(id_))])

    def sure(self, name: str) -> set[str]:
        """Return the ids that a name means, else that it means without the word beside it."""
        return super().sure(name) or super().sure(bare(name))

    def similar(self, name: str) -> set[str]:
        """Return the ids of which a name reminds."""
        return super().similar(name) or super().similar(bare(name))

    def mistyped(self, name: str) -> set[str]:
        """Return the ids that a name with one slip of the hand may mean."""
        return super().mistyped(bare(name))


def bare(name: str) -> str:
    """Return the name of a manhole without the word for what it is.

    Examples
    --------
    >>> bare("W1023井"), bare("检查井W1023#"), bare("12号井")
    ('w1023', 'w1023', '12')
    """
    plain = plain_name(name)
    return DRESSED.sub("", plain) or plain


def two_ends(name: str, nodes: Names) -> list[tuple[str, str]]:
    """Return the pairs of manholes that the name of a pipe is made of.

    Examples
    --------
    >>> two_ends("YS-1~YS-2", Names(["YS-1", "YS-2"]))
    [('YS-1', 'YS-2')]
    """
    plain = plain_name(name)
    found = []
    for cut in (place for place, letter in enumerate(plain) if letter == "-"):
        one, other = nodes.sure(plain[:cut]), nodes.sure(plain[cut + 1 :])
        found += [(a, b) for a in sorted(one) for b in sorted(other) if a != b]
    return found


def aliases_of(columns: Mapping[str, Iterable[object]], ids: Iterable[str]) -> list[tuple[str, str]]:
    """Return (alias, id) of columns of text that name one asset a row; one that repeats names nothing."""
    names = [str(id_) for id_ in ids]
    made: list[tuple[str, str]] = []
    for column in columns.values():
        values = list(column)
        texts = [value for value in values if isinstance(value, str) and value]
        if texts and len(set(texts)) > 0.98 * len(texts):  # a few doubles are mistakes, not a class
            made += [
                (value, id_)
                for value, id_ in zip(values, names, strict=True)
                if isinstance(value, str) and value
            ]
    return made
