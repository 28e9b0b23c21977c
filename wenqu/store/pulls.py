"""Who took what from a city, and when? Lines at the end of a file: noting a pull never waits for a writer."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import orjson

LAST = 2_000_000  # bytes from the end of the file that are read: some 15,000 pulls


@dataclass(frozen=True, slots=True)
class Pull:
    """One answer that left the house."""

    at: str  # ISO time
    account: str  # "" for a reader without an account
    token: bool  # came by a token, not by the page
    collection: str  # asset type
    form: str  # features, csv, geojson, gpkg, tiles
    rows: int


def _file(folder: Path, code: str) -> Path:
    return folder / "pulls" / f"{quote(code, safe='')}.jsonl"


def note_pull(folder: Path, code: str, pull: Pull) -> None:
    """Write down one pull. One write at the end of the file, so that two at once do not mix."""
    path = _file(folder, code)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(file, orjson.dumps(asdict(pull)) + b"\n")
    finally:
        os.close(file)


def read_pulls(folder: Path, code: str) -> list[Pull]:
    """Return the last pulls of a city, newest first; a line that was cut by a crash is passed over."""
    path = _file(folder, code)
    if not path.is_file():
        return []
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LAST))
        lines = file.read().split(b"\n")
    found = []
    for line in lines[1 if size > LAST else 0 :]:
        try:
            found.append(Pull(**orjson.loads(line)))
        except (orjson.JSONDecodeError, TypeError):
            continue
    return found[::-1]
