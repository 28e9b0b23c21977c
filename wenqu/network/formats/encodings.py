"""In which encoding is a table written, whatever it says of itself? Where two fit, both are told."""

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from wenqu.errors import BadInput
from wenqu.network.formats.script_forms import simplified

CANDIDATES = ("UTF-8", "GB18030")  # GBK and GB 2312 are parts of GB 18030
BIG5 = "Big5"
OFFERED = ("UTF-8", "GB18030", BIG5)  # from which a person may choose
FITS = 0.02  # share of characters that may be unreadable in an encoding that fits
CLEARLY = 0.2  # by so much more of its characters are usual ones: GB 18030 is taken without asking
# Lead bytes of the characters that are used every day, in the order of their tables, and of signs.
USUAL = {
    "GB18030": ("gb2312", range(0xB0, 0xD8), {0xA1, 0xA3}),
    BIG5: ("big5", range(0xA4, 0xC7), {0xA1, 0xA2}),
}
LONG = 10  # bytes of a column's name; a longer one was cut
SINGLE_BYTE = {"CP1252", "ISO88591"}
PIECE = 1 << 14  # bytes that tell how likely an encoding is
SHOWN, LONGEST = 4, 40  # words and letters that are shown of a table
CHUNK = 1 << 16  # bytes of records read at once
SAMPLE = 4 << 20  # bytes with anything but ASCII in them that are looked at
# Language driver byte 29 of the dBASE header.
DRIVERS = {0x4D: "GBK", 0x4E: "CP949", 0x4F: "Big5", 0x13: "CP932", 0x57: "CP1252", 0x03: "CP1252"}


def demand_encoding(name: str) -> None:
    """Refuse an encoding that nobody offers.

    Raises
    ------
    BadInput
        It is none of ``OFFERED``.
    """
    if name and name.casefold() not in {one.casefold() for one in OFFERED}:
        raise BadInput("encoding", name=name, known=", ".join(OFFERED))


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a table is to be read."""

    name: str  # what it is read as
    declared: str  # what the .cpg file or the header says, "" when nothing
    plain: bool  # nothing but ASCII is in it
    other: str = ""  # another one that fits its bytes too, and says something else
    shown: tuple[str, str] = ("", "")  # a text of it, read in this encoding and in the other
    said: bool = False  # a person chose it


def encoding_of_dbf(path: Path, said: str = "") -> Encoding:
    """Return the encoding of a dBASE table: the declared one if it fits the bytes, else one that does.

    ``said`` is what a person chose, or what an earlier delivery was: it is taken if it fits.

    Names of columns and the text of the records are tried against the declared encoding, UTF-8 and
    GB 18030; a field cut in the middle of a character (common) does not condemn an encoding.
    """
    head, names, records = _parts(path)
    declared = _declared(path.with_suffix(".cpg"), head)
    if b" ".join([*names, records]).isascii():
        return Encoding(declared or "UTF-8", declared, plain=True)
    losses: dict[str, float] = {}

    def fits(name: str) -> bool:
        some = records[:PIECE] if name == BIG5 else records  # each letter that it cannot read takes its time
        losses[name] = _loss(_whole(names, name) + b" " + some, name)
        return losses[name] < FITS

    if said and fits(said):
        return Encoding(said, declared, plain=False, said=True)
    if declared and fits(declared) and not _single_byte(declared):
        return Encoding(declared, declared, plain=False)
    # A single-byte code page fits any bytes; Chinese in it would be noise, so the structured ones go first.
    fitting = [name for name in (*CANDIDATES, BIG5) if fits(name)]
    if not fitting:
        return Encoding(min(losses, key=losses.__getitem__), declared, plain=False)
    return _likelier(fitting, b" ".join([*_texts(names), records[:PIECE]]), declared)


def _single_byte(name: str) -> bool:
    return name.upper().replace("-", "") in SINGLE_BYTE


def _texts(names: list[bytes]) -> list[bytes]:
    """Return names that cannot have been cut in the middle of a character."""
    return [name for name in names if len(name) < LONG]


def _likelier(fitting: list[str], sample: bytes, declared: str) -> Encoding:
    """Return the likelier of the encodings that fit, and the other one where a person should say."""
    if fitting[0] == "UTF-8" or len(fitting) == 1:  # other Chinese text is not UTF-8 by chance
        return Encoding(fitting[0], declared, plain=False)
    like = {name: _usual(sample, name) for name in fitting}
    first, second = sorted(fitting, key=lambda name: -like[name])[:2]
    made = Encoding(first, declared, plain=False)
    if first == "GB18030" and like[first] - like[second] >= CLEARLY:
        return made
    shown = (_shown(sample, first), _shown(sample, second))
    return made if shown[0] == shown[1] else replace(made, other=second, shown=shown)


def _usual(sample: bytes, encoding: str) -> float:
    """Return how much a text is like Chinese of surveys: characters of every day, and of known headings."""
    codec, words, signs = USUAL[encoding]
    letters = [letter for letter in sample.decode(encoding, errors="replace") if not letter.isascii()]
    written = [letter.encode(codec, "ignore") for letter in letters]
    good = sum(len(code) == 2 and (code[0] in words or code[0] in signs) for code in written)
    known = sum(simplified(letter) in _letters() for letter in letters)
    return (good + known) / 2 / max(len(letters), 1)


@cache
def _letters() -> frozenset[str]:
    """Return the characters of the headings and code words that are known."""
    tables = ("formats/aliases.csv", "formats/layers.csv", "assets/code_maps.csv", "assets/codes.csv")
    texts = [(files("wenqu.network") / name).read_text(encoding="utf-8") for name in tables]
    return frozenset(letter for text in texts for letter in text if not letter.isascii())


def _shown(sample: bytes, encoding: str) -> str:
    """Return the first few words beyond ASCII of a text."""
    words = [word for word in sample.decode(encoding, errors="replace").split() if not word.isascii()]
    return " ".join(words[:SHOWN])[:LONGEST]


def _whole(names: list[bytes], encoding: str) -> bytes:
    """Return the names without the half character with which a name of full length may end."""
    try:
        return b" ".join(_uncut(name, encoding) if len(name) >= LONG else name for name in names)
    except LookupError:
        return b" ".join(names)


def _uncut(name: bytes, encoding: str) -> bytes:
    for cut in range(4):  # no character is longer
        try:
            name[: len(name) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return name[: len(name) - cut]
    return name


def _parts(path: Path) -> tuple[bytes, list[bytes], bytes]:
    """Return the first 32 bytes, the column names and the records that hold more than ASCII."""
    with path.open("rb") as file:
        head = file.read(32)
        columns = file.read(max(int.from_bytes(head[8:10], "little") - 32, 0))
        width = max(int.from_bytes(head[10:12], "little"), 1)
        step = max(CHUNK // width, 1) * width  # whole records, so that no character is cut
        records = bytearray()
        while len(records) < SAMPLE and (chunk := file.read(step)):
            if not chunk.isascii():
                records += chunk
    names = [columns[at : at + 11].split(b"\x00")[0] for at in range(0, len(columns) - 31, 32)]
    return head, names, bytes(records)


def _declared(cpg: Path, head: bytes) -> str:
    if cpg.is_file():
        text = cpg.read_bytes()[:64].decode("ascii", errors="ignore").strip()
        return f"CP{text}" if text.isdecimal() else text
    return DRIVERS.get(head[29] if len(head) > 29 else 0, "")


def _loss(sample: bytes, encoding: str) -> float:
    """Return the share of characters beyond ASCII that cannot be read."""
    try:
        text = sample.decode(encoding, errors="replace")
    except LookupError:
        return 1.0
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") / max(beyond, 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A text file, decoded."""

    text: str
    encoding: Encoding
    foreign: tuple[int, ...] = ()  # lines in another encoding than the rest, counted from 1
    broken: tuple[int, ...] = ()  # lines with bytes that no encoding explains


MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16-LE"), (b"\xfe\xff", "UTF-16-BE"))


def text_of_bytes(data: bytes, said: str = "") -> Text:
    """Return the text of a file whose encoding nobody names: told from its mark or its bytes.

    Whole UTF-8 is UTF-8 (other Chinese text is not by chance); else whole GB 18030 (GBK where that
    suffices) or Big5; else each line by itself, and those that differ or are broken are named. ``said`` is
    what a person chose, or what an earlier delivery was: it is taken if it fits.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            try:
                return Text(body.decode(name), Encoding(name, name, plain=False))
            except UnicodeDecodeError:
                return _by_line(body, name, name) if name == "UTF-8" else _torn(body, name)
    if data.isascii():
        return Text(data.decode("ascii"), Encoding("UTF-8", "", plain=True))
    if said and _loss(data, said) < FITS:
        text = _torn(data, said)
        return replace(text, encoding=replace(text.encoding, declared="", said=True))
    whole = [name for name in (*CANDIDATES, BIG5) if _reads(data, name)]
    if whole:
        found = _likelier(whole, data[:PIECE], "")
        named = "GBK" if found.name == "GB18030" and _reads(data, "GBK") else found.name
        return Text(data.decode(found.name), replace(found, name=named))
    lines = data.split(b"\n")
    return _by_line(data, min(CANDIDATES, key=lambda name: sum(_loss(line, name) > 0 for line in lines)), "")


def _reads(data: bytes, encoding: str) -> bool:
    """Tell whether every byte has a meaning in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _torn(data: bytes, name: str) -> Text:
    text = data.decode(name, errors="replace")
    broken = tuple(line for line, part in enumerate(text.split("\n"), 1) if "\ufffd" in part)
    return Text(text, Encoding(name, name, plain=False), (), broken)


def _by_line(data: bytes, main: str, declared: str) -> Text:
    lines, foreign, broken = [], [], []
    other = next(name for name in CANDIDATES if name != main)
    for number, line in enumerate(data.split(b"\n"), 1):
        for name in (main, other):
            try:
                lines.append(line.decode(name))
            except UnicodeDecodeError:
                continue
            if name == other:
                foreign.append(number)
            break
        else:
            lines.append(line.decode(main, errors="replace"))
            broken.append(number)
    return Text("\n".join(lines), Encoding(main, declared, plain=False), tuple(foreign), tuple(broken))
