"""A photo of the street comes in pieces: after a cut it goes on where it stopped, and nobody can spoil it."""

import hashlib
import os
import time

import pytest
from fastapi.testclient import TestClient

from tests.services.test_field_entries import CREW, HOME, OTHERS, fill
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused
from wenqu.services.attachments import LARGEST
from wenqu.services.city_state import Cities
from wenqu.services.field_files import missing_files
from wenqu.services.field_parts import KEPT, PIECE, files_begun, keep_piece
from wenqu.services.rights import Person
from wenqu.store.database import open_store

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
SIZE = len(PHOTO)
DIGEST = hashlib.sha256(PHOTO).hexdigest()


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    fill(made)
    yield made
    made.close()


def piece(store, start, end, *, person=CREW, content=PHOTO, size=SIZE, digest=DIGEST):
    return keep_piece(store, "c", digest, content[start:end], start=start, size=size, person=person)


def begun(store, person=CREW):
    return files_begun(store, "c", [DIGEST], person)


def test_a_file_goes_on_where_it_was_cut(store):
    assert piece(store, 0, 4000) == 4000
    assert begun(store) == {DIGEST: 4000}
    assert piece(store, 3000, 7000) == 7000  # a piece whose answer was lost comes again
    assert missing_files(store, "c", [DIGEST]) == [DIGEST]
    assert piece(store, 7000, len(PHOTO)) == len(PHOTO)
    assert (begun(store), missing_files(store, "c", [DIGEST])) == ({}, [])
    assert store.document("c", f"field/{DIGEST}") == PHOTO
    assert piece(store, 0, 4000) == len(PHOTO)  # all of it is there


def test_a_gap_is_refused_with_what_has_come(store):
    piece(store, 0, 4000)
    with pytest.raises(BadInput, match="field-offset") as caught:
        piece(store, 5000, 7000)
    assert caught.value.facts["there"] == 4000
    with pytest.raises(BadInput, match="field-offset"):
        piece(store, 4000, 9000, size=8000)  # more than was announced


def test_what_is_another_file_in_the_end_is_begun_anew(store):
    piece(store, 0, 4000, content=b"\xff\xd8\xff" + b"x" * 4000)
    with pytest.raises(BadInput, match="field-digest"):
        piece(store, 4000, len(PHOTO))
    assert begun(store) == {}


def test_two_people_who_send_the_same_photo_do_not_mix(store):
    piece(store, 0, 4000, person=OTHERS, content=b"y" * 4000)
    assert begun(store) == {}
    assert piece(store, 0, len(PHOTO)) == len(PHOTO)


def test_a_file_or_a_piece_beyond_the_limit_and_a_stranger_are_refused(store):
    for wrong in ({"size": LARGEST + 1}, {"content": bytes(PIECE + 1), "size": LARGEST}):
        with pytest.raises(BadInput, match=r"attachment-size|field-piece"):
            piece(store, 0, PIECE + 1, **wrong)
    with pytest.raises(Refused):
        piece(store, 0, 4000, person=Person(""))
    assert begun(store) == {}


def test_what_never_got_its_rest_is_forgotten(store, tmp_path):
    piece(store, 0, 4000)
    (old,) = (tmp_path / "store").rglob(DIGEST)
    before = time.time() - KEPT - 1
    os.utime(old, (before, before))
    other = PHOTO + b"!"
    piece(store, 0, 9, content=other, size=len(other), digest=hashlib.sha256(other).hexdigest())
    assert begun(store) == {}


def test_the_routes_take_pieces_and_a_file_beyond_the_limit_is_told(store):
    client = TestClient(make_api(Cities(store)), base_url=HOME)
    home = "/api/v1/cities/c/field/files"
    put = f"{home}/{DIGEST}/pieces"
    answer = client.put(f"{put}/0", params={"size": len(PHOTO)}, content=PHOTO[:5000])
    assert (answer.status_code, answer.json()["there"]) == (202, 5000)
    assert client.get(home, params={"sha256": [DIGEST]}).json() == {
        "missing": [DIGEST],
        "begun": {DIGEST: 5000},
    }
    answer = client.put(f"{put}/5000", params={"size": len(PHOTO)}, content=PHOTO[5000:])
    assert (answer.status_code, answer.json()["there"]) == (201, len(PHOTO))
    large = b"\xff\xd8\xff" + bytes(LARGEST)
    answer = client.put(f"{home}/{hashlib.sha256(large).hexdigest()}", content=large)
    assert answer.status_code == 422
    assert str(LARGEST) in answer.json()["detail"]
    assert client.put(f"{home}/nonsense/pieces/0", params={"size": 9}, content=b"123").status_code == 422
