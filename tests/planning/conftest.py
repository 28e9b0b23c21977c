"""Small cases that the planning tests share."""

from dataclasses import replace

import numpy as np
import pytest

from wenqu.planning.doubts import Doubts
from wenqu.planning.options import Options, Sites
from wenqu.planning.plants import Plants


def make_options(rows, packages=None):
    """Return options from rows (package, cost, clean [m³/s], sewage [m³/s], length, plant, must).

    Clean water has 5 mg/L, sewage 200 mg/L.
    """
    names = sorted({row[0] for row in rows} | set(packages or {}))
    place = {name: n for n, name in enumerate(names)}
    first = {row[0]: row for row in reversed(rows)}
    clean = np.array([row[2] for row in rows], float)
    sewage = np.array([row[3] for row in rows], float)
    size = len(rows)
    extra = packages or {}
    return Options(
        np.array(names, object),
        np.array([first[name][5] if name in first else "" for name in names], object),
        np.array(["east" if place[name] % 2 else "west" for name in names], object),
        np.array([first[name][4] if name in first else extra[name] for name in names], float),
        np.array([bool(first[name][6]) if name in first else False for name in names]),
        np.array([f"{row[0]}:{n}" for n, row in enumerate(rows)], object),
        np.array([place[row[0]] for row in rows], np.int64),
        np.array([row[1] for row in rows], float),
        sewage - clean,
        0.2 * sewage - 0.005 * clean,
        0.2 * sewage,
        np.ones(size),
        np.arange(size + 1),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.array([row[1] for row in rows], float),
        clean,
        sewage,
    )


def make_plants(*rows):
    """Return plants from rows (id, flow [m³/s], concentration [kg/m³], capacity)."""
    flow = np.array([row[1] for row in rows], float)
    return Plants(
        np.array([row[0] for row in rows], object),
        flow,
        flow * np.array([row[2] for row in rows], float),
        np.array([row[3] for row in rows], float),
        np.full(len(rows), 0.1),
        np.ones(len(rows), bool),
    )


def make_sites(n=1, **columns):
    """Return n conduits of DN400, 50 m long, grade 3, with two defects and 1 L/s of clean water."""
    base = {
        "asset_type": np.full(n, "conduit", object),
        "ids": np.array([f"c{k}" for k in range(n)], object),
        "kind": np.full(n, "conduit", object),
        "package": np.array([f"c{k}" for k in range(n)], object),
        "plant": np.full(n, "p", object),
        "district": np.full(n, "d", object),
        "length": np.full(n, 50.0),
        "diameter": np.full(n, 0.4),
        "depth": np.full(n, 3.0),
        "grade": np.full(n, 3),
        "spots": np.full(n, 2.0),
        "units": np.ones(n),
        "clean": np.full(n, 0.001),
        "missing": np.zeros(n),
        "clean_bod": np.full(n, 0.005),
        "sewage_bod": np.full(n, 0.2),
        "problem": np.ones(n, bool),
        "must": np.zeros(n, bool),
        "traits": {"gravity": np.ones(n, bool), "dry": np.ones(n, bool), "spots": np.ones(n, bool)},
        "reasons": ((),) * n,
    }
    return Sites(**{**base, **columns})


@pytest.fixture(name="some_options")
def _some_options():
    return make_options


@pytest.fixture(name="some_plants")
def _some_plants():
    return make_plants


@pytest.fixture(name="some_sites")
def _some_sites():
    return make_sites


def make_doubts(made, plants, covariance, own=0.0, beta=(1e9, 1e9), plant_sd=0.0):
    """Return options whose packages are sites of their own, and doubts: package k lies in area k."""
    size = len(made.package_ids)
    covariance = np.asarray(covariance, float)
    count = len(covariance)
    doubts = Doubts(
        tuple((f"A{k}", "groundwater") for k in range(count)),
        covariance,
        np.array([k if k < count else -1 for k in range(size)], np.int64),
        np.broadcast_to(np.asarray(own, float), size).copy(),
        np.full(size, 0.005),
        np.full(size, 0.2),
        np.array([beta], float),
        np.broadcast_to(np.asarray(plant_sd, float), len(plants.ids)).copy(),
    )
    return replace(made, part_site=made.package), doubts


@pytest.fixture(name="some_doubts")
def _some_doubts():
    return make_doubts
