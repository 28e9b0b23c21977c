"""In which encoding is the table of a Shapefile written, whatever it says of itself?"""

from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("UTF-8", "GB18030")  # GBK and GB 2312 are parts of GB 18030
LONG = 10  # bytes of a column's name; a longer one was cut
SINGLE_BYTE = {"CP1252", "ISO88591"}
CHUNK = 1 << 16  # bytes of records read at once
SAMPLE = 4 << 20  # bytes with anything but ASCII in them that are looked at
# Language driver byte 29 of the dBASE header.
DRIVERS = {0x4D: "GBK", 0x4E: "CP949", 0x4F: "Big5", 0x13: "CP932", 0x57: "CP1252", 0x03: "CP1252"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a table is to be read."""

    name: str  # what it is read as
    declared: str  # what the .cpg file or the header says, "" when nothing
    plain: bool  # nothing but ASCII is in it


def encoding_of_dbf(path: Path) -> Encoding:
    """Return the encoding of a dBASE table: the declared one if it fits the bytes, else one that does.

    Names of columns and the text of the records are tried against the declared encoding, UTF-8 and
    GB 18030; a field cut in the middle of a character (common) does not condemn an encoding.
    """
    head, names, records = _parts(path)
    declared = _declared(path.with_suffix(".cpg"), head)
    if b" ".join([*names, records]).isascii():
        return Encoding(declared or "UTF-8", declared, plain=True)
    order = [declared] if declared else []
    order += [name for name in CANDIDATES if name.casefold() != declared.casefold()]
    losses = {name: _loss(_whole(names, name) + b" " + records, name) for name in order}
    if (
        declared
        and losses[declared] < 0.02
        and declared.upper().replace("-", "") not in {"CP1252", "ISO88591"}
    ):
        return Encoding(declared, declared, plain=False)
    # A single-byte code page fits any bytes; Chinese in it would be noise, so the structured ones go first.
    best = next((name for name in CANDIDATES if losses[name] < 0.02), min(losses, key=losses.__getitem__))
    return Encoding(best, declared, plain=False)


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


def text_of_bytes(data: bytes) -> Text:
    """Return the text of a file whose encoding nobody names: told from its mark or its bytes.

    Whole UTF-8 is UTF-8 (other Chinese text is not by chance); else whole GB 18030 (GBK where that
    suffices); else each line by itself, and those that differ or are broken are named.
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
    for name in ("UTF-8", "GBK", "GB18030"):
        try:
            return Text(data.decode(name), Encoding(name, "", plain=False))
        except UnicodeDecodeError:
            continue
    lines = data.split(b"\n")
    return _by_line(data, min(CANDIDATES, key=lambda name: sum(_loss(line, name) > 0 for line in lines)), "")


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
