"""Good rows enter, certain slips are mended, bad rows wait, and nobody waits for a neighbour in vain."""

from dataclasses import replace

import numpy as np

from wenqu.examples.broken_cities import BROKEN, altered, moved, redrawn
from wenqu.examples.little_city import CORNER, little_city
from wenqu.issues import Issue, Weight
from wenqu.network.checks.registry import check_all
from wenqu.network.edits import edit_of
from wenqu.network.formats.assembling import BadRow
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, City, Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.staging import stage, with_edits

EMPTY = Network(City("little", crs="EPSG:4549"), {})


def staged(city, before=EMPTY):
    return stage(before, city.tables)


def test_a_sound_delivery_enters_whole():
    made = staged(little_city())
    assert (made.mended, made.queued, made.flagged) == ((), (), ())
    for type_, table in little_city().tables.items():
        assert list(made.tables[type_].ids) == list(table.ids)


def test_a_certain_slip_is_mended_and_listed_with_what_was_and_is():
    made = staged(BROKEN["attribute.impossible-length"]())
    (entry,) = made.mended
    assert (entry.issue.code, entry.was, entry.now) == (
        "attribute.impossible-length",
        {"length": 0.0},
        {"length": 50.0},
    )
    assert made.tables["conduit"].column("length")[0] == 50.0
    assert (made.queued, made.flagged) == ((), ())


def test_a_pipe_with_an_end_that_nobody_knows_waits_and_the_others_enter():
    made = staged(BROKEN["connectivity.unknown-end"]())
    (entry,) = made.queued
    assert (entry.issue.asset, entry.edit.fields["to_id"]) == ("C9", "NOWHERE")
    assert "C9" not in made.tables["conduit"].ids
    assert len(made.tables["conduit"]) == len(little_city().table("conduit"))


def test_a_pipe_waits_with_its_manhole_and_follows_when_it_is_repaired():
    city = altered(little_city(), "manhole", "M1", invert_level=7.0, depth=None)
    made = staged(city)
    manhole, pipe = made.queued
    assert (manhole.issue.code, manhole.issue.asset) == ("elevation.invert-above-ground", "M1")
    assert (pipe.issue.code, pipe.issue.asset, pipe.waits_for) == ("stage.waits", "C1", (("manhole", "M1"),))
    assert len(made.tables["conduit"]) == 6
    entered = Network(EMPTY.city, made.tables)
    edits = [manhole.edit, *manhole.proposals[0].edits, pipe.edit]
    after = with_edits(entered, edits)
    assert [issue.code for issue in check_all(after)] == []
    assert set(after.table("conduit").ids) == set(city.table("conduit").ids)


def test_a_row_that_repeats_a_manhole_holds_no_pipe_back():
    city = little_city()
    again = edit_of(city.table("manhole"), 0)
    twice = Issue("format.duplicate-id", Weight.BLOCK, "manhole", again.id, facts={"first": 1})
    made = stage(EMPTY, city.tables, [BadRow(twice, {}, again)])
    assert [entry.issue.code for entry in made.queued] == ["format.duplicate-id"]
    assert len(made.tables["conduit"]) == len(city.table("conduit"))


def test_a_pipe_of_a_waiting_manhole_enters_where_the_city_has_the_manhole_already():
    city = altered(little_city(), "manhole", "M1", invert_level=7.0, depth=None)
    made = staged(city, before=Network(EMPTY.city, little_city().tables))
    assert [entry.issue.asset for entry in made.queued] == ["M1"]
    assert "C1" in made.tables["conduit"].ids


def test_a_manhole_with_swapped_coordinates_is_moved_back():
    city = moved("gully", "G1", ((3171060 - 499000, 499000 - 3171000),))
    made = staged(city)
    assert [entry.repair.key for entry in made.mended] == ["swap-axes"]
    assert np.allclose(made.tables["gully"].shapes.of(0), [[499000, 3171060]])
    assert (made.queued, made.flagged) == ((), ())


def test_doubtful_rows_enter_flagged_with_proposals():
    made = staged(BROKEN["elevation.adverse-slope"]())
    (entry,) = made.flagged
    assert entry.issue.code == "elevation.adverse-slope"
    assert not entry.proposals[0].confirms
    assert entry.proposals[-1].confirms


def test_what_was_confirmed_is_not_flagged_again():
    city = BROKEN["elevation.adverse-slope"]()
    again = stage(EMPTY, city.tables, confirmed=[("elevation.adverse-slope", "conduit", "C1")])
    assert again.flagged == ()


def test_thousands_of_near_misses_are_drawn_to_their_manholes_as_each_alone_would_be():
    city = little_city()
    conduits = city.table("conduit")
    off = np.random.default_rng(5).uniform(-0.06, 0.06, conduits.shapes.coords.shape)
    moved = replace(conduits, shapes=conduits.shapes.with_coords(conduits.shapes.coords + off))
    city = replace(city, tables={**city.tables, "conduit": moved})
    proposer = Proposer(city)
    alone = {
        issue.asset: proposer.proposals(issue)[0].edits[0]
        for issue in check_all(city)
        if issue.code == "geometry.near-miss"
    }
    assert len(alone) > 3
    made = staged(city)
    assert {entry.repair.id for entry in made.mended} == set(alone)
    expected = with_edits(city, list(alone.values())).table("conduit").shapes.coords
    np.testing.assert_array_equal(made.tables["conduit"].shapes.coords, expected)
    edits = [edit for entry in made.mended for edit in entry.repair.edits]
    np.testing.assert_array_equal(with_edits(city, edits).table("conduit").shapes.coords, expected)


def test_however_many_rows_have_to_wait_none_enters_for_being_one_too_many():
    city = little_city()
    conduits = city.table("conduit")
    lost = conduits.replace(to_id=np.full(len(conduits), "NOWHERE", dtype=object))
    bare = replace(lost, shapes=Shapes.empty(len(lost)))
    made = stage(EMPTY, {**city.tables, "conduit": bare}, most=2)
    assert len(made.tables["conduit"]) == 0
    assert {entry.issue.asset for entry in made.queued} == set(conduits.ids.tolist())


def test_what_a_delivery_does_not_speak_of_stays_as_it_is():
    city = little_city()
    known = city.table("conduit")
    rows = np.array([0, 1])
    partly = Assets(
        "conduit",
        known.ids[rows],
        {"material": np.array(["steel", None], dtype=object)},
        Shapes.empty(2),
    )
    made = stage(city, {"conduit": partly}).tables["conduit"]
    assert made.column("material").tolist() == ["steel", None]  # an empty cell of a column says something
    for name in ("from_id", "to_id", "height"):
        assert made.column(name).tolist() == known.column(name)[rows].tolist()
    np.testing.assert_array_equal(made.shapes.coords, known.shapes.take(rows).coords)


def test_a_line_is_drawn_to_where_its_manhole_lies_once_that_is_right():
    city = little_city()
    conduits = city.table("conduit")
    place = city.table("manhole").shapes.of(city.row("manhole", "M1"))[0] - CORNER
    off = redrawn(city, "manhole", "M1", [(place[0] + 40_000_000.0, place[1])])
    bare = replace(conduits, shapes=Shapes.empty(len(conduits)))
    made = staged(replace(off, tables={**off.tables, "conduit": bare}))
    assert {entry.repair.key for entry in made.mended} == {"drop-prefix", "draw-straight"}
    assert made.tables["conduit"].shapes.coords[:, 0].max() < 1e6
