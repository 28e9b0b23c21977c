"""What is handed in is kept whole, whatever its names."""

import zipfile

import pytest

from wenqu.errors import BadInput, FileMissing
from wenqu.services.unpacked_files import laid_out, unpack

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
    unpack(archive(tmp_path / "交付.zip", members), folder, MOST)
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
    unpack(archive(tmp_path / "b.zip", [("a.csv", "second")]), folder, MOST)
    assert (folder / "a.csv").read_text() == "first"
    assert (folder / "b-a.csv").read_text() == "second"


def test_no_member_leaves_the_folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    unpack(archive(tmp_path / "b.zip", [("../../x.csv", "1"), ("/etc/x.csv", "2")]), folder, MOST)
    assert sorted(path.parent for path in tmp_path.rglob("*.csv")) == [folder, folder]


def test_a_damaged_member_is_one_sentence(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    path = archive(tmp_path / "b.zip", [("a.csv", "abcdefgh" * 4000)])
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(bytes(content))
    with pytest.raises(BadInput):
        unpack(path, folder, MOST)


def test_what_macos_adds_to_an_archive_is_no_delivery(tmp_path):
    members = [("管段.csv", "a,b"), ("__MACOSX/._管段.csv", "x"), (".DS_Store", "x")]
    with laid_out([archive(tmp_path / "b.zip", members)], MOST) as found:
        assert [path.name for path in found] == ["管段.csv"]


def test_archives_folders_and_files_are_laid_out_side_by_side_and_taken_away_again(tmp_path):
    folder = tmp_path / "东区"
    folder.mkdir()
    for name in ("管段.shp", "管段.dbf", "说明.docx"):
        (folder / name).write_text("x")
    alone = tmp_path / "点.mdb"
    alone.write_text("x")
    packed = archive(tmp_path / "a.zip", [("线/图.dxf", "x"), ("点.mdb", "y"), ("说明.docx", "x")])
    with laid_out([packed, folder, alone], MOST) as found:
        assert [path.name for path in found] == ["图.dxf", "点.mdb", "管段.shp", "点.mdb"]
        assert [path.read_text() for path in found] == ["x", "y", "x", "x"]
    assert [path.exists() for path in found] == [False, False, True, True]


def test_an_archive_that_unpacks_to_more_than_it_may_is_refused_with_the_limit(tmp_path):
    bomb = archive(tmp_path / "a.zip", [("a.csv", "0" * (3 << 20))])
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(BadInput, match="delivery-large") as caught, laid_out([bomb], 2 << 20):
        pass
    assert caught.value.facts["most"] == 2


@pytest.mark.parametrize(
    ("content", "reason"), [(b"PK no archive", "delivery-archive"), (None, "format"), ("gone", "")]
)
def test_an_archive_that_is_none_or_holds_nothing_known_is_one_sentence(tmp_path, content, reason):
    path = tmp_path / "a.zip"
    if content is None:
        archive(path, [("说明.docx", "x")])
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(BadInput if reason else FileMissing) as caught, laid_out([path], MOST):
        pass
    assert caught.value.reason == reason
