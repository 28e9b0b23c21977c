"""Which base map lies below ours, and who may have it?"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from wenqu.services.rights import Person, allows, demand
from wenqu.settings import Settings

SERVERS = range(8)  # what {s} stands for: t0 to t7 of tianditu.gov.cn


@dataclass(frozen=True, slots=True)
class BaseMap:
    """The raster tiles of somebody else. No addresses: plain ground."""

    tiles: tuple[str, ...] = ()  # with {z} {x} {y}
    datum: str = "wgs84"
    credit: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return scheme and host of every server of the tiles."""
        parts = [urlsplit(address) for address in self.tiles]
        return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))


def base_map_of(settings: Settings) -> BaseMap:
    """Return the base map that the settings name, the key filled in."""
    address = settings.basemap.replace("{key}", quote(settings.basemap_key, safe=""))
    servers = SERVERS if "{s}" in address else range(1)
    tiles = tuple(address.replace("{s}", str(server)) for server in servers) if address else ()
    return BaseMap(tiles, settings.basemap_datum, settings.basemap_credit)


def show_base_map(made: BaseMap, person: Person) -> dict[str, object]:
    """Return the base map to somebody who may see the map of any city.

    Raises
    ------
    Refused
        The person may see no map at all: the key is not for everybody.
    """
    if not any(allows(person, "read_geometry", grant.city) for grant in person.grants):
        demand(person, "read_geometry", "")
    return {"tiles": list(made.tiles), "datum": made.datum, "credit": made.credit}
