"""The street on either kind of store: pieces, entries from two threads, a conflict and its decision."""

import threading
from uuid import uuid4

import numpy as np
import pytest

from tests.services.test_field_entries import (
    CREW,
    OFFICE,
    WHEN,
    an_order,
    conflict,
    edit,
    fill,
    put,
    state_for,
)
from tests.services.test_field_parts import DIGEST, PHOTO, piece
from wenqu.errors import BadInput
from wenqu.records.field_entry import FieldFile
from wenqu.services.attachments import LARGEST
from wenqu.services.field_conflicts import decide_conflict
from wenqu.services.field_entries import Sent
from wenqu.services.field_files import field_file, keep_field_file
from wenqu.services.upkeep_orders import orders


@pytest.fixture
def street(store):
    fill(store)
    return store


def test_a_report_with_a_photo_in_pieces_comes_from_two_threads_and_counts_once(street):
    body, id_ = an_order(street), str(uuid4())
    files = tuple(
        FieldFile(DIGEST, name, "image/jpeg", role)
        for name, role in (("1.jpg", "before"), ("2.jpg", "after"))
    )
    sent = Sent("report", WHEN, "O-1", "", 0, body, files)
    assert put(street, sent, id_=id_).missing == (DIGEST,)  # nothing is kept before its files
    piece(street, 0, 5000)
    piece(street, 5000, len(PHOTO))
    told = []
    crowd = [threading.Thread(target=lambda: told.append(put(street, sent, id_=id_).state)) for _ in range(2)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)
    assert sorted(told) in (["already", "entered"], ["entered", "entered"])
    run = orders(street, "c")["O-1"]
    assert (run.state, [event.id for event in run.events].count(id_)) == ("done", 1)
    assert field_file(street, state_for(street, OFFICE), DIGEST, OFFICE)[0] == PHOTO


def test_a_conflict_keeps_both_values_and_is_decided(street):
    id_ = conflict(street)
    assert street.network("c").table("conduit").column("height")[0] == 0.5
    decide_conflict(street, state_for(street, OFFICE), id_, {"height": "yours"}, "measured", person=OFFICE)
    assert np.isclose(street.network("c").table("conduit").column("height")[0], 0.6)
    assert put(street, edit(street, material="steel")).state == "entered"


def test_a_file_beyond_the_limit_is_refused_and_not_kept(street):
    with pytest.raises(BadInput, match="attachment-size"):
        keep_field_file(street, "c", "0" * 64, bytes(LARGEST + 1), person=CREW)
    assert street.documents("c", "field/" + "0" * 64) == []
