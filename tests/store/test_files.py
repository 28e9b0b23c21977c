"""Documents come back byte for byte, in every version, and a changed file is noticed."""

from pathlib import Path

import pytest

from wenqu.errors import BadInput, Refused, StoreFailed


def write(store, content, name="report.zh.pdf", media="application/pdf"):
    with store.change("S", who="王工", why="report") as change:
        change.write_document(name, content, media=media)


def files_of(address):
    return [path for path in Path(address[1] or address[0], "files").rglob("*") if path.is_file()]


def test_a_document_comes_back_byte_for_byte(city):
    content = bytes(range(256)) * 100
    write(city, content)
    assert city.document("S", "report.zh.pdf") == content
    (info,) = city.documents("S")
    assert (info.name, info.media, info.size, info.who) == ("report.zh.pdf", "application/pdf", 25600, "王工")
    assert info.at == city.changes("S")[0].at


def test_a_document_that_is_not_there_is_none(city):
    assert city.document("S", "nothing.txt") is None


def test_every_version_of_a_document_stays(city):
    write(city, b"first")
    first = city.changes("S")[0].at
    write(city, b"second")
    assert city.document("S", "report.zh.pdf") == b"second"
    assert city.document("S", "report.zh.pdf", as_of=first) == b"first"
    assert city.document("S", "report.zh.pdf", as_of="2001-01-01") is None
    assert [info.number for info in city.documents("S", "report.zh.pdf")] == [3, 2]
    assert [info.number for info in city.documents("S")] == [3]


def test_the_same_content_again_makes_no_version(city, address):
    write(city, b"same")
    write(city, b"same")
    assert city.version("S") == 2
    write(city, b"same", name="copy.pdf")
    assert len(files_of(address)) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "附件/一.txt", "C:\\x", "a" * 300])
def test_a_name_is_only_a_name(city, address, name):
    write(city, b"x", name=name)
    assert city.document("S", name) == b"x"
    (path,) = files_of(address)
    assert len(path.name) == 64


def test_an_empty_name_is_bad_input(city):
    with pytest.raises(BadInput):
        write(city, b"x", name=" ")


def test_two_contents_of_one_document_in_one_change_are_refused(city):
    def write_twice():
        with city.change("S", who="a", why="b") as change:
            change.write_document("a.txt", b"1")
            change.write_document("a.txt", b"2")

    with pytest.raises(Refused) as caught:
        write_twice()
    assert caught.value.reason == "document-twice"
    assert city.documents("S") == []


def test_a_file_that_was_changed_or_deleted_is_noticed(city, address):
    write(city, b"the evidence")
    (path,) = files_of(address)
    path.write_bytes(b"the Evidence")
    with pytest.raises(StoreFailed) as caught:
        city.document("S", "report.zh.pdf")
    assert caught.value.reason == "file-changed"
    path.unlink()
    with pytest.raises(StoreFailed) as caught:
        city.document("S", "report.zh.pdf")
    assert caught.value.reason == "file-missing"


def test_a_file_that_cannot_be_written_fails_with_its_place(city, address):
    Path(address[1] or address[0], "files").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreFailed) as caught:
        write(city, b"x")
    assert caught.value.reason == "file"
    assert city.version("S") == 1
