"""An inspection file is recognised by what is in it."""

import zipfile

import pytest

from wenqu.errors import FileMissing, FileUnreadable
from wenqu.survey.formats import peek, read


def test_what_is_no_inspection_is_refused_by_name(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing of interest", encoding="utf-8")
    with pytest.raises(FileUnreadable, match=r"notes\.txt"):
        read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileMissing, match=r"gone\.xml"):
        read(tmp_path / "gone.xml")


def test_a_look_into_an_archive_gives_the_names_within(tmp_path):
    path = tmp_path / "any.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert peek(path).members == ("word/document.xml",)
