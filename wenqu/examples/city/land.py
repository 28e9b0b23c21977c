"""Where do the rivers, hills and quarters of the example city lie?

The land is invented and lies in open sea (about 123.5° E, 29.2° N): nobody can take it for a real place.
Everything is a formula of x and y, so that a city of a million conduits costs no more than its arrays.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CRS = "EPSG:4550"  # CGCS2000, three-degree zone of 123° E
CENTRE = (548_600.0, 3_231_500.0)  # [m] in that system: 123.5° E, 29.2° N
MAIN_HALF_WIDTH = 32.0  # [m]
CANAL_HALF_WIDTH = 11.0  # [m]
DISTRICTS = ("FT", "TG", "YY")


@dataclass(frozen=True, slots=True)
class Land:
    """The frame of one city: its size, its rivers. Local coordinates start at its south-west corner."""

    width: float  # [m] west to east
    height: float  # [m] south to north
    mains: int  # rivers from west to east
    canals: int  # canals between two rivers
    phases: Floats  # (8,) [rad] turns of the curves
    stretch: float  # [m] wavelength of the rivers

    @property
    def origin(self) -> tuple[float, float]:
        """Where the south-west corner lies in the city's coordinate system. [m]"""
        return CENTRE[0] - self.width / 2, CENTRE[1] - self.height / 2

    def main(self, river: int, x: Floats) -> Floats:
        """Return where a main river runs: y at x. [m]"""
        gap = self.height / (self.mains + 1)
        middle = (river + 0.92) * gap
        waves = np.sin(2 * np.pi * x / self.stretch + self.phases[0] + 1.9 * river)
        small = np.sin(2 * np.pi * x / (self.stretch * 0.41) + self.phases[1] + river)
        course: Floats = middle + 0.075 * gap * waves + 0.025 * gap * small
        return course

    def canal(self, gap: int, canal: int, y: Floats) -> Floats:
        """Return where a canal runs: x at y. [m]"""
        step = self.width / (self.canals + 1)
        middle = (canal + 1 + (0.09 if gap % 2 == 0 else -0.08)) * step
        waves = np.sin(2 * np.pi * y / (0.8 * self.stretch) + self.phases[2] + 2.3 * gap + canal)
        course: Floats = middle + 0.05 * step * waves
        return course

    def gap(self, x: Floats, y: Floats) -> Ints:
        """Return between which main rivers points lie: 0 is the southernmost strip."""
        above = np.zeros(len(x), np.int64)
        for river in range(self.mains):
            above += y > self.main(river, x)
        return above

    def compartment(self, x: Floats, y: Floats) -> Ints:
        """Return the piece of land between rivers and canals that points lie on."""
        gaps = self.gap(x, y)
        column = np.zeros(len(x), np.int64)
        for gap in range(self.mains + 1):
            inside = gaps == gap
            for canal in range(self.canals):
                column[inside] += x[inside] > self.canal(gap, canal, y[inside])
        return gaps * (self.canals + 1) + column

    def river_distance(self, x: Floats, y: Floats) -> Floats:
        """Return the distance to the nearest bank, negative in the water. [m]"""
        nearest = np.full(len(x), np.inf)
        for river in range(self.mains):
            bend = (self.main(river, x + 5) - self.main(river, x - 5)) / 10
            away = np.abs(y - self.main(river, x)) / np.hypot(1, bend) - MAIN_HALF_WIDTH
            nearest = np.minimum(nearest, away)
        gaps = self.gap(x, y)
        for gap in range(self.mains + 1):
            inside = np.flatnonzero(gaps == gap)
            for canal in range(self.canals):
                away = np.abs(x[inside] - self.canal(gap, canal, y[inside])) - CANAL_HALF_WIDTH
                nearest[inside] = np.minimum(nearest[inside], away)
        return nearest

    def toward_river(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return the unit direction that leads to the nearest bank."""
        east = self.river_distance(x + 4, y) - self.river_distance(x - 4, y)
        north = self.river_distance(x, y + 4) - self.river_distance(x, y - 4)
        size = np.maximum(np.hypot(east, north), 1e-9)
        return -east / size, -north / size

    def water_level(self, x: Floats) -> Floats:
        """Return the normal level of the nearest water: it falls to the sea in the east. [m]"""
        return 1.6 + 0.00011 * (self.width - x)

    def ground_level(self, x: Floats, y: Floats) -> Floats:
        """Return the ground: gentle, falling to the river. [m]"""
        away = np.maximum(self.river_distance(x, y), 0.0)
        roll = 0.25 * np.sin(x / 310 + self.phases[3]) + 0.25 * np.sin(y / 270 + self.phases[4])
        level: Floats = self.water_level(x) + 2.4 + 0.0019 * np.minimum(away, 2500.0) + roll
        return level

    def water_table(self, x: Floats, y: Floats) -> Floats:
        """Return the mean groundwater level: the river's near the bank, 1.1 to 2.3 m deep inland. [m]"""
        away = np.maximum(self.river_distance(x, y), 0.0)
        inland = self.ground_level(x, y) - 1.7 + 0.6 * np.sin(x / 530 + self.phases[5]) * np.cos(y / 610)
        near = np.exp(-away / 120)
        level: Floats = near * (self.water_level(x) + 0.2) + (1 - near) * inland
        return level

    def district(self, compartment: Ints) -> Ints:
        """Return the district (index of DISTRICTS) of compartments: north-west, south, north-east."""
        gap, column = np.divmod(compartment, self.canals + 1)
        south = gap <= self.mains // 2 if self.mains > 1 else gap == 0
        west = column <= self.canals // 2 if self.canals > 1 else column == 0
        return np.where(south, 1, np.where(west, 0, 2)).astype(np.int64)

    def old_towns(self) -> Floats:
        """Return centre and radius of each old town, (k, 3). [m]"""
        count = max(1, round(self.width * self.height / 6e7))
        radius = 0.21 * min(self.height, 4200.0)
        at = (np.arange(count) + 0.5) / count
        x = self.width * (0.08 + 0.56 * at)
        river = min(self.mains - 1, self.mains // 2)
        y = self.main(river, x) + 0.72 * radius
        return np.column_stack([x, y, np.full(count, radius)])

    def old_town(self, x: Floats, y: Floats) -> Flags:
        """Return which points lie in an old town, where one sewer takes all."""
        inside = np.zeros(len(x), np.bool_)
        for centre_x, centre_y, radius in self.old_towns():
            inside |= np.hypot(x - centre_x, y - centre_y) < radius
        return inside

    def centre_distance(self, x: Floats, y: Floats) -> Floats:
        """Return the distance to the nearest old town's centre. [m]"""
        nearest = np.full(len(x), np.inf)
        for centre_x, centre_y, _ in self.old_towns():
            nearest = np.minimum(nearest, np.hypot(x - centre_x, y - centre_y))
        return nearest

    def parks(self) -> Floats:
        """Return the box of each industrial park, (k, 4): west, south, east, north. [m]"""
        count = max(1, round(self.width * self.height / 1.2e8))
        side = min(1100.0, 0.27 * self.width)
        west = self.width * (0.70 + 0.0 * np.arange(count))
        south = self.height * (0.05 + 0.30 * np.arange(count) / count)
        return np.column_stack([west, south, west + side, south + 0.8 * side])

    def park(self, x: Floats, y: Floats) -> Ints:
        """Return the industrial park that points lie in, -1 for none."""
        inside = np.full(len(x), -1, np.int64)
        for number, (west, south, east, north) in enumerate(self.parks()):
            inside[(x > west) & (x < east) & (y > south) & (y < north)] = number
        return inside

    def outline(self, x: Floats, y: Floats) -> Flags:
        """Return which points lie in the built-up area."""
        east, north = np.abs(2 * x / self.width - 1), np.abs(2 * y / self.height - 1)
        angle = np.arctan2(2 * y / self.height - 1, 2 * x / self.width - 1)
        ragged = 1 + 0.05 * np.sin(5 * angle + self.phases[6]) + 0.04 * np.sin(9 * angle + self.phases[7])
        inside: Flags = east**3.2 + north**3.2 < ragged
        return inside


def land(area: float, generator: np.random.Generator) -> Land:
    """Return the frame of a city with a built-up area of about ``area``. [m²]"""
    height = float(np.sqrt(area / 1.25 / 0.9))
    width = 1.25 * height
    mains = max(1, round(height / 8000))
    canals = max(1, round(width / 7000))
    phases = generator.uniform(0, 2 * np.pi, 8)
    return Land(width, height, mains, canals, phases, min(4200.0, 0.9 * width))
