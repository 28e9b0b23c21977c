"""Ten people who edit at once lose no edit: each is in the history, or was told as a conflict."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from wenqu.network.edits import Edit
from wenqu.services.edit_assets import edit_assets
from wenqu.services.rights import LOCAL
from wenqu.store.database import open_store

FIELDS = ("road", "owner", "keeper", "note", "surveyor")
WRITERS, ROUNDS = 10, 6


def _write(address, number):
    """Edit the same two manholes again and again, always from the version that was seen at the start."""
    store = open_store(*address)
    name = FIELDS[number % len(FIELDS)]  # two writers want each field
    told = []
    for turn in range(ROUNDS):
        value = f"{number}-{turn}"
        edit = Edit("manhole", f"M{turn % 2 + 1}", {name: value}, based_on=2)
        report = edit_assets(store, "S", [edit], person=LOCAL, who=f"writer {number}", why=value)
        told.append((edit.id, name, value, report.written, len(report.conflicts)))
    store.close()
    return told


def test_ten_people_editing_at_once_lose_no_edit(city, address, manholes):
    with city.change("S", who="surveyor", why="survey") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
    with ThreadPoolExecutor(WRITERS) as pool:
        told = [one for some in pool.map(_write, [address] * WRITERS, range(WRITERS)) for one in some]
    versions = {id_: city.history("S", "manhole", id_) for id_ in ("M1", "M2")}
    made = {(id_, entry.why) for id_ in versions for entry in versions[id_]}
    for id_, name, value, written, conflicts in told:
        assert written != bool(conflicts)
        assert ((id_, value) in made) == written
        if written:
            assert any(entry.fields.get(name) == value for entry in versions[id_])
    assert sum(written for *_, written, _ in told) == city.version("S") - 2
    for id_, some in versions.items():  # of the two who want a field, one got it; nobody wrote over another
        assert all(entry.fields["ground_level"] for entry in some)
        assert {name for name in FIELDS if some[-1].fields.get(name)} == set(FIELDS), id_
    assert np.isfinite(city.network("S").table("manhole").column("ground_level")).all()
