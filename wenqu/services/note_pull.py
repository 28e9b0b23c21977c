"""Write down who takes what out of the house: the catalogue's "last pulled"."""

from dataclasses import dataclass

from wenqu.services.city_state import Cities
from wenqu.services.rights import Person
from wenqu.store.moments import now, text_of
from wenqu.store.pulls import Pull


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken."""

    collection: str  # asset type
    form: str  # features, csv, geojson, gpkg, tiles
    rows: int


def note(known: Cities, who: Person, city: str, taken: Taken) -> None:
    """Note that a person takes something from a city."""
    pull = Pull(text_of(now()), who.account, who.token, taken.collection, taken.form, taken.rows)
    known.store.note_pull(city, pull)
