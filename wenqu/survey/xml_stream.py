"""What are the elements of a large XML file, one after the other, whoever sent it?

The file is read in pieces and never held whole. Entities are not expanded: a file that defines any is
refused (a few lines of them can grow to gigabytes). A file that breaks off gives what stood before the
break, the element that was open included. Namespaces differ between editions, so names have none here.
"""

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from wenqu.errors import FileUnreadable

PIECE = 1 << 16  # [bytes]
DEEPEST = 100  # elements within elements
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(slots=True)
class Element:
    """One element with its children; names without a namespace."""

    name: str
    line: int
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def at(self, way: str) -> Iterator["Element"]:
        """Yield the elements at a way of names, ``A/B/C``."""
        first, _, rest = way.partition("/")
        for child in self.children:
            if child.name == first:
                if rest:
                    yield from child.at(rest)
                else:
                    yield child

    def say(self, way: str) -> str:
        """Return the text of the first element at a way, "" where there is none."""
        found = next(self.at(way), None)
        return found.text.strip() if found else ""

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Yield name and text of every child that has text and no children."""
        for child in self.children:
            if not child.children and child.text.strip():
                yield child.name, child.text.strip()


class XmlStream:
    """The elements of some names in one file, in the order in which they end."""

    def __init__(self, path: Path, wanted: Collection[str]) -> None:
        """Name the file and the elements; nothing is read before the first is asked for."""
        self.path, self.encoding = path, "UTF-8"
        self.break_line, self.break_said = 0, ""  # where the file breaks off, if it does
        self.unread = False  # whether bytes were no text
        self._wanted = frozenset(wanted)
        self._open: list[Element] = []
        self._ready: list[Element] = []
        self._depth = 0

    def __iter__(self) -> Iterator[Element]:
        """Yield each wanted element; one within another wanted one is only part of it.

        Raises
        ------
        FileUnreadable
            The file defines entities.
        """
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, _: self._start(name, parser.CurrentLineNumber)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._letters
        parser.EntityDeclHandler = self._refuse
        try:
            for piece in self._pieces():
                parser.Parse(piece, False)
                yield from self._taken()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            self.break_line, self.break_said = error.lineno, expat.ErrorString(error.code)
            yield from self._taken()
            yield from self._open[:1]

    def _taken(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def _pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            head = file.read(PIECE)
            self.encoding = encoding_of(head)
            decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
            piece = head
            while piece:
                text = decoder.decode(piece)
                self.unread |= "\ufffd" in text
                yield text.encode()
                piece = file.read(PIECE)
            yield decoder.decode(b"", final=True).encode()

    def _start(self, name: str, line: int) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FileUnreadable("xml-deep", path=self.path.name, deepest=DEEPEST)
        name = name.rpartition(":")[2]
        if not self._open and name not in self._wanted:
            return
        made = Element(name, line)
        if self._open:
            self._open[-1].children.append(made)
        self._open.append(made)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._open:
            done = self._open.pop()
            if not self._open:
                self._ready.append(done)

    def _letters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _refuse(self, *_: object) -> None:
        raise FileUnreadable("xml-entities", path=self.path.name)


def encoding_of(head: bytes) -> str:
    """Return the codec of an XML file from its mark or its first line; UTF-8 when neither says."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    declared = DECLARED.match(head)
    name = declared[1].decode() if declared else "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def root_name(head: bytes) -> tuple[str, str]:
    """Return the name of the root element, and of its namespace, from the first bytes; "" if none."""
    text = head.decode(encoding_of(head), errors="ignore")
    text = re.sub(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "", text, flags=re.DOTALL)
    found = re.match(r"\s*<(?:[\w.-]+:)?([\w.-]+)([^>]*)", text)
    if not found:
        return "", ""
    space = re.search(r"""xmlns(?::[\w.-]+)?\s*=\s*["']([^"']+)["']""", found[2])
    return found[1], space[1] if space else ""
