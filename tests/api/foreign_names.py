"""Which names of other districts stand in what the interface answers to a district?

Each route is asked with names that the city really has, theirs and others': from the lists that an
administrator gets.
"""

import gzip
import io
import re
import shutil
import subprocess
import zipfile
from itertools import product

import numpy as np
from pmtiles.reader import MemorySource, all_tiles
from pyproj import Transformer

from wenqu.services.papers import KINDS
from wenqu.services.sight import districts_of

WORDS = re.compile(r"[\w.\-]+")
ZOOMS = (0, 8, 11, 13, 15)  # from where pipes are thinned to where each stands alone
TYPED = {"type_", "register", "asset", "id", "id_"}  # parameters that are asked for each type of asset
# Where the values of a parameter are told, and under which key.
LISTS = {
    "problem": ("problems", "id"),
    "project": ("projects", "id"),
    "contract": ("money", "contracts/id"),
    "order": ("orders", "id"),
    "search": ("searches", "id"),
    "document": ("official", "id"),
    "consultation": ("consultations", "id"),
    "verification": ("verifications", "id"),
    "inspection": ("registers/inspection?columns=id", "ids"),
    "lot": ("schedule", "lots/id"),
    "choice": ("plan/choices", "id"),
}
ASKED = {"id", "asset", "columns", "subject", "zone"}  # also where they may be left out
GIVEN = {
    "name": ["report.txt", "photo.jpg"],
    "columns": ["*"], "kind": ["csv", "xlsx", "geojson"],
    "form": ["pdf", "docx", "xlsx", "svg", "geojson"], "since": ["2024-07-01"], "until": ["2025-06-30"],
    "year": ["2026"], "days": [30], "step": ["works"], "month": ["2025-06"],
}  # fmt: skip
# A parameter that is called otherwise in its route, by the end of the route.
CALLED = {
    "/verifications/{id_}": {"id_": "verification"},
    "/plan/choices/{id_}": {"id_": "choice"},
    "/diagnosis/meters/{id_}": {"id_": "meter"},
    "/diagnosis/plants/{id_}": {"id_": "plant"},
    "/diagnosis/plant-stories/{id_}": {"id_": "plant"},
    "/rainfall/meters/{id_}": {"id_": "meter"},
    "/months/{asset}": {"asset": "typed meter"},
    "/papers/{kind}": {"kind": "paper"},
    "/papers/{kind}/file.{form}": {"kind": "paper"},
    "/inspections/one": {"id": "inspection"},
    "/inspections/report.{form}": {"id": "inspection"},
    "/inspections/source": {"id": "inspection"},
    "/inspections/media": {"id": "inspection"},
    "/inspections/drawing": {"id": "inspection"},
}


class Names:
    """The names of a city, and which of them are a district's."""

    def __init__(self, network, district):
        self.network, self.district = network, district
        self.mine, self.others = {}, {}
        for type_, zones in districts_of(network).items():
            for id_, zone in zip(network.table(type_).ids.tolist(), zones.tolist(), strict=True):
                side = self.mine if zone == district else self.others
                side.setdefault(type_, []).append(id_)
        own = {id_ for ids in self.mine.values() for id_ in ids}
        districts = zones_of(network)
        # Who hands a problem over has to be able to say to which district.
        self.foreign = {id_ for ids in self.others.values() for id_ in ids} - own - districts

    @property
    def ends(self):
        """Return the two ends of a pipe that lies whole in the district."""
        pipes, mine = self.network.table("conduit"), set(self.mine["manhole"])
        ends = zip(pipes.column("from_id").tolist(), pipes.column("to_id").tolist(), strict=True)
        return next(pair for pair in ends if mine.issuperset(pair))

    def of(self, type_):
        """Return a name of theirs and one of another district."""
        return [*self.mine.get(type_, [])[:1], *self.others.get(type_, [])[:1]]

    def found_in(self, answer):
        """Return the foreign names in an answer; of a bundle of files in each."""
        return set(WORDS.findall(text_of(answer.content))) & self.foreign


def zones_of(network):
    """Return the ids of the districts."""
    table = network.table("zone")
    return {
        id_ for id_, kind in zip(table.ids.tolist(), table.column("kind").tolist(), strict=True)
        if kind == "district"
    }  # fmt: skip


def text_of(content):
    """Return the text of an answer: of bundles each file, of tiles the values, of a PDF the words."""
    if content[:2] == b"PK":
        bundle = zipfile.ZipFile(io.BytesIO(content))
        return " ".join(bundle.read(name).decode("utf-8", "ignore") for name in bundle.namelist())
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content[:7] == b"PMTiles":
        tiles = all_tiles(MemorySource(content))
        return " ".join(gzip.decompress(body).decode("utf-8", "ignore") for _, body in tiles)
    if content[:4] == b"%PDF":
        return words_of_pdf(content)
    return content.decode("utf-8", "ignore")


def words_of_pdf(content):
    """Return the words on the sheets of a PDF."""
    reader = shutil.which("pdftotext")
    assert reader, "pdftotext (poppler-utils) is not on this machine"
    return subprocess.run([reader, "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def tiles_over(network):
    """Return zoom, column and row of every tile that holds a part of the city, at several zooms."""
    coords = np.concatenate([table.shapes.coords for table in network.tables.values()])
    turn = Transformer.from_crs(network.city.crs, "EPSG:4326", always_xy=True)
    east, north = turn.transform(*coords[np.isfinite(coords).all(axis=1)].T)
    for zoom in ZOOMS:
        x = (east + 180) / 360 * 2**zoom
        y = (1 - np.arcsinh(np.tan(np.radians(north))) / np.pi) / 2 * 2**zoom
        for column, row in np.unique(np.column_stack([x, y]).astype(int), axis=0).tolist():
            yield {"z": zoom, "x": column, "y": row}


def harvest(root, theirs, city):
    """Return by name of a parameter what a person and an administrator are told of it: a few of each."""
    found = {"paper": list(KINDS)}
    for name, (path, key) in LISTS.items():
        every, mine = (_listed(client.get(f"/api/v1/cities/{city}/{path}"), key) for client in (root, theirs))
        found[name] = list(dict.fromkeys([*mine[:1], *every[:1], *every[-1:]]))
    return found


def _listed(answer, key):
    if answer.status_code != 200:
        return []
    under, _, key = key.rpartition("/")
    told = answer.json()
    return list(_told(told[under] if under else told, key))


def _told(value, key):
    if isinstance(value, dict):
        for name, one in value.items():
            if name == key:
                yield from one if isinstance(one, list) else [one]
            else:
                yield from _told(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _told(one, key)


def questions(spec, city, names, told):
    """Yield path, address and query of every question of the interface that is asked by reading."""
    asked = set()
    tiles = list(tiles_over(names.network))
    for path, of in spec["paths"].items():
        if "get" not in of or "{city}" not in path:
            continue
        entries = {one["name"]: one for one in of["get"].get("parameters", []) if one["in"] != "header"}
        wanted = {
            name: entry for name, entry in entries.items()
            if entry["in"] == "path" or entry.get("required") or name in ASKED
        }  # fmt: skip
        if {"z", "x", "y"} <= set(wanted):
            for tile in tiles:
                yield path, re.sub(r"\{(\w+)\}", lambda part: str({"city": city, **tile}[part[1]]), path), {}  # noqa: B023
            continue
        for type_ in names.network.tables if TYPED & set(wanted) else ("conduit",):
            choices = [
                _values((name, entry, path), type_, city, names, told) for name, entry in wanted.items()
            ]
            for values in product(*choices):
                given = dict(zip(wanted, values, strict=True))
                address = re.sub(r"\{(\w+)(?::path)?\}", lambda part: str(given[part[1]]), path)  # noqa: B023
                query = {name: value for name, value in given.items() if entries[name]["in"] == "query"}
                if (address, str(query)) not in asked:
                    asked.add((address, str(query)))
                    yield path, address, query


def _values(parameter, type_, city, names, told):
    name, entry, path = parameter
    schema = entry["schema"]
    if name == "city":
        return [city]
    called = next((more[name] for end, more in CALLED.items() if path.endswith(end) and name in more), name)
    if called in told:
        return told[called] or ["none"]
    if called == "subject":
        return [names.district, *names.of("plant")]
    if called == "zone":
        return [f"zone/{names.district}", names.district]
    if called == "typed meter":
        return [f"meter/{one}" for one in names.of("meter")]
    if called in {"start", "end"}:  # a pipe of theirs leads from the one to the other
        return [names.ends[called == "end"], *names.of("manhole")[-1:]]
    if called in {"meter", "plant"}:
        return names.of(called)
    if called == "asset" and entry["in"] == "query":  # bare, with its type, and not asked for at all
        return [*names.of(type_), *(f"{type_}/{one}" for one in names.of(type_)), ""]
    if called in {"id", "id_", "asset"}:
        return names.of(type_) or ["none"]
    if called in {"type_", "register"} or (name == "name" and "/ogc/" in path):
        return [type_]
    if "enum" in schema:
        return schema["enum"]
    return GIVEN.get(name, ["1"])
