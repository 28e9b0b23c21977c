"""How do coordinates of a city's own grid become those of a public system, and back?

The parameters of a city's grid are confidential. They are kept with the city, never written into an
export; what leaves the house is in the public system that the parameters lead to.
"""

from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import orjson
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from wenqu.errors import BadInput
from wenqu.network.geometry import Floats

ELLIPSOIDS = {"CGCS2000": "GRS80", "WGS 84": "WGS84", "Xian 1980": "IAU76", "Beijing 1954": "krass"}


@dataclass(frozen=True, slots=True)
class FourParameters:
    """A plane similarity: turn, stretch, shift.

    x' = dx + scale (x cos r − y sin r), y' = dy + scale (x sin r + y cos r), x east, y north.
    """

    dx: float  # [m]
    dy: float  # [m]
    rotation: float  # counter-clockwise [rad]
    scale: float  # [-] 1 leaves lengths as they are

    def forward(self, coords: Floats) -> Floats:
        """Return coordinates after the similarity."""
        cos, sin = self.scale * np.cos(self.rotation), self.scale * np.sin(self.rotation)
        x, y = coords[:, 0], coords[:, 1]
        return np.column_stack([self.dx + cos * x - sin * y, self.dy + sin * x + cos * y])

    def inverse(self, coords: Floats) -> Floats:
        """Return the coordinates that the similarity brings to the given ones."""
        cos, sin = np.cos(self.rotation) / self.scale, np.sin(self.rotation) / self.scale
        x, y = coords[:, 0] - self.dx, coords[:, 1] - self.dy
        return np.column_stack([cos * x + sin * y, -sin * x + cos * y])


@dataclass(frozen=True, slots=True)
class SevenParameters:
    """A Bursa–Wolf change of datum between two ellipsoids.

    Rotations follow the position-vector convention (EPSG 9606); texts that use the coordinate-frame
    convention (EPSG 9607) have the opposite signs.
    """

    dx: float  # [m]
    dy: float  # [m]
    dz: float  # [m]
    rx: float  # [arc second]
    ry: float  # [arc second]
    rz: float  # [arc second]
    ppm: float  # change of scale [1e-6]


@dataclass(frozen=True)
class Grid:
    """A city's own grid: its projection, if it has one, and what leads from it to a public system.

    Either a PROJ string alone, or four parameters in the plane of the public system, or a PROJ string
    with seven parameters.
    """

    public: str  # the system that the parameters lead to: "EPSG:4549"
    proj: str = ""  # of the grid: "+proj=tmerc +lon_0=121.4 …"; "" when four parameters lead to the plane
    four: FourParameters | None = None
    seven: SevenParameters | None = None

    def to_public(self, coords: Floats) -> Floats:
        """Return coordinates of the grid in the public system."""
        if self.four:
            return self.four.forward(coords)
        return np.column_stack(self._turn.transform(*coords.T)) if len(coords) else coords

    def from_public(self, coords: Floats) -> Floats:
        """Return coordinates of the public system in the grid."""
        if self.four:
            return self.four.inverse(coords)
        if not len(coords):
            return coords
        return np.column_stack(self._turn.transform(coords[:, 0], coords[:, 1], direction="INVERSE"))

    @cached_property
    def _turn(self) -> Transformer:
        if self.seven is None:
            return Transformer.from_crs(CRS(self.proj), CRS(self.public), always_xy=True)
        return Transformer.from_pipeline(_pipeline(CRS(self.proj), CRS(self.public), self.proj, self.seven))


def _pipeline(source: CRS, target: CRS, proj: str, seven: SevenParameters) -> str:
    """Return grid → ellipsoid → space → turned space → other ellipsoid → public system as PROJ steps."""
    own, wanted, projection = source.ellipsoid, target.ellipsoid, target.coordinate_operation
    if own is None or wanted is None or projection is None:
        raise BadInput("grid", missing="public")
    about = {entry.name: entry.value for entry in projection.params}
    return (
        f"+proj=pipeline +step +inv {_bare(proj)} "
        f"+step +proj=cart +a={own.semi_major_metre!r} +rf={own.inverse_flattening!r} "
        f"+step +proj=helmert +exact +convention=position_vector +x={seven.dx!r} +y={seven.dy!r} "
        f"+z={seven.dz!r} +rx={seven.rx!r} +ry={seven.ry!r} +rz={seven.rz!r} +s={seven.ppm!r} "
        f"+step +inv +proj=cart +a={wanted.semi_major_metre!r} +rf={wanted.inverse_flattening!r} "
        f"+step +proj=tmerc +a={wanted.semi_major_metre!r} +rf={wanted.inverse_flattening!r} "
        f"+lat_0={about['Latitude of natural origin']!r} +lon_0={about['Longitude of natural origin']!r} "
        f"+k_0={about['Scale factor at natural origin']!r} "
        f"+x_0={about['False easting']!r} +y_0={about['False northing']!r}"
    )


def _bare(proj: str) -> str:
    """Return a PROJ string as a step of a pipeline."""
    return " ".join(part for part in proj.split() if not part.startswith(("+towgs84", "+type", "+no_defs")))


def grid_from(made: object) -> Grid:
    """Return a grid from the plain dictionary of its document.

    Raises
    ------
    BadInput
        It lacks what a grid needs, or names a projection that PROJ does not know.
    """
    if not isinstance(made, dict):
        raise BadInput("grid", missing="public")
    try:
        four = FourParameters(**made["four"]) if made.get("four") else None
        seven = SevenParameters(**made["seven"]) if made.get("seven") else None
        grid = Grid(str(made.get("public", "")), str(made.get("proj", "")), four, seven)
        CRS(grid.public)
        if not four:
            CRS(grid.proj)
            grid.to_public(np.array([[500000.0, 3000000.0]]))
    except KeyError:  # the public system is no transverse Mercator projection
        raise BadInput("grid", missing="public") from None
    except TypeError as error:  # a parameter too many or too few
        raise BadInput("grid", missing=str(error).partition(") ")[2] or str(error)) from None
    except (CRSError, ProjError) as error:
        raise BadInput("grid", missing=str(error)) from None
    return grid


def grid_text(grid: Grid) -> str:
    """Return a grid as JSON, to be kept with the city."""
    about = {
        "public": grid.public,
        "proj": grid.proj,
        "four": asdict(grid.four) if grid.four else None,
        "seven": asdict(grid.seven) if grid.seven else None,
    }
    return orjson.dumps(about, option=orjson.OPT_INDENT_2).decode()
