"""What did a crash leave behind among the files, and under which name is it found again?"""

from wenqu.services.rights import Person, demand
from wenqu.store.database import Store
from wenqu.store.unnamed import YOUNG, Unnamed

HOME = "unnamed"  # documents: unnamed/<day>/<first letters of the SHA-256>
LETTERS = 16


def name_unnamed(store: Store, city: str, *, person: Person, age: float = YOUNG) -> list[tuple[Unnamed, str]]:
    """Give every content that nobody named a name among the documents of a city; drop what was never whole.

    Raises
    ------
    Refused
        The person does not administer the city.
    """
    demand(person, "administer", city)
    told: list[tuple[Unnamed, str]] = []
    with store.change(city, who=person.account, why="files that a crash left without a name") as change:
        for one in store.unnamed(age):
            if one.draft:
                store.drop_draft(one)
                told.append((one, ""))
                continue
            name = f"{HOME}/{one.written[:10]}/{one.kept.sha256[:LETTERS]}"
            change.write_kept(name, one.kept)
            told.append((one, name))
    return told
