"""How do tiles become one PMTiles file (specification 3) in a single pass?

The directory of the tiles is known only when all are written, and a reader looks for it in the first 16 KiB:
so much is left free, the tiles follow, and what is found through the header comes last.
"""

import gzip
from typing import Any, BinaryIO

import orjson
from pmtiles.tile import Compression, Entry, serialize_header
from pmtiles.writer import optimize_directories

SMALL = 1024  # bytes up to which a tile may be kept once for many
HEAD, ROOM = 127, 16_384  # bytes of the header, and of header and root directory together


class Archive:
    """A PMTiles file that is being written: ``put`` tiles by ascending number, then ``finish``."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin an empty file."""
        self._file = file
        self._entries: list[Entry] = []
        self._known: dict[bytes, int] = {}  # small tiles that come again and again
        self._size = 0
        self._tiles = 0
        file.write(bytes(ROOM))

    def put(self, number: int, body: bytes) -> None:
        """Add a tile; one that says what another said is kept once."""
        self._tiles += 1
        at = self._known.get(body)
        last = self._entries[-1] if self._entries else None
        if at is None:
            at = self._size
            self._file.write(body)
            self._size += len(body)
            if len(body) < SMALL:
                self._known[body] = at
        elif last and last.offset == at and number == last.tile_id + last.run_length:
            last.run_length += 1
            return
        self._entries.append(Entry(number, at, len(body), 1))

    def finish(self, header: dict[str, object], about: dict[str, object]) -> None:
        """Write what describes the tiles.

        Parameters
        ----------
        header
            What kind of tiles they are and where they lie, as the ``pmtiles`` package names it.
        about
            The description (TileJSON).
        """
        root, leaves, _ = optimize_directories(self._entries, ROOM - HEAD)  # type: ignore[no-untyped-call]
        told = gzip.compress(orjson.dumps(about), mtime=0)
        self._file.write(told + leaves)
        whole: Any = {
            **header,
            "addressed_tiles_count": self._tiles,
            "tile_entries_count": len(self._entries),
            "tile_contents_count": len({entry.offset for entry in self._entries}),
            "clustered": True,
            "internal_compression": Compression.GZIP,
            "root_offset": HEAD,
            "root_length": len(root),
            "tile_data_offset": ROOM,
            "tile_data_length": self._size,
            "metadata_offset": ROOM + self._size,
            "metadata_length": len(told),
            "leaf_directory_offset": ROOM + self._size + len(told),
            "leaf_directory_length": len(leaves),
        }
        self._file.seek(0)
        self._file.write(serialize_header(whole) + root)
