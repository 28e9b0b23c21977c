"""What is handed in is kept whole, whatever its names."""

import zipfile

import pytest

from wenqu.errors import BadInput
from wenqu.services.deliveries import _unpacked

MOST = 10_000_000


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def test_files_of_the_same_name_in_two_folders_are_both_kept_beside_their_sidecars(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    members = [("东区/管段.shp", "1"), ("东区/管段.dbf", "2"), ("西区/管段.shp", "3"), ("西区/管段.dbf", "4")]
    _unpacked(archive(tmp_path / "交付.zip", members), folder, MOST)
    found = {path.name: path.read_text() for path in folder.iterdir()}
    assert found == {
        "交付-东区-管段.shp": "1",
        "交付-东区-管段.dbf": "2",
        "交付-西区-管段.shp": "3",
        "交付-西区-管段.dbf": "4",
    }


def test_a_file_never_replaces_one_that_is_there(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("first")
    _unpacked(archive(tmp_path / "b.zip", [("a.csv", "second")]), folder, MOST)
    assert (folder / "a.csv").read_text() == "first"
    assert (folder / "b-a.csv").read_text() == "second"


def test_no_member_leaves_the_folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    _unpacked(archive(tmp_path / "b.zip", [("../../x.csv", "1"), ("/etc/x.csv", "2")]), folder, MOST)
    assert sorted(path.parent for path in tmp_path.rglob("*.csv")) == [folder, folder]


def test_a_damaged_member_is_one_sentence(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    path = archive(tmp_path / "b.zip", [("a.csv", "abcdefgh" * 4000)])
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(bytes(content))
    with pytest.raises(BadInput):
        _unpacked(path, folder, MOST)
