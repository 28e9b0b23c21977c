"""In which encoding is the table of a Shapefile written, whatever it says of itself?"""

from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("UTF-8", "GB18030")  # GBK and GB 2312 are parts of GB 18030
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
    sample = names + b" " + records
    if sample.isascii():
        return Encoding(declared or "UTF-8", declared, plain=True)
    order = [declared] if declared else []
    order += [name for name in CANDIDATES if name.casefold() != declared.casefold()]
    losses = {name: _loss(sample, name) for name in order}
    if (
        declared
        and losses[declared] < 0.02
        and declared.upper().replace("-", "") not in {"CP1252", "ISO88591"}
    ):
        return Encoding(declared, declared, plain=False)
    # A single-byte code page fits any bytes; Chinese in it would be noise, so the structured ones go first.
    best = next((name for name in CANDIDATES if losses[name] < 0.02), min(losses, key=losses.__getitem__))
    return Encoding(best, declared, plain=False)


def _parts(path: Path) -> tuple[bytes, bytes, bytes]:
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
    names = b" ".join(columns[at : at + 11].split(b"\x00")[0] for at in range(0, len(columns) - 31, 32))
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
