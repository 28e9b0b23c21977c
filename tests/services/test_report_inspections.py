"""A crew's report enters the city and leaves it as the official annexes, with everything that was in it."""

import zipfile
from dataclasses import replace

import pytest

from wenqu.errors import NotEnoughData, Refused, Unknown
from wenqu.examples.crew_papers import Box, Picture, defect, png, report, row, sheet
from wenqu.services import report_inspections
from wenqu.services.city_state import Cities
from wenqu.services.inspection_grades import drawing_of
from wenqu.services.report_inspections import inspections_file
from wenqu.services.rights import LOCAL
from wenqu.services.seen_inspections import filed_inspections, pipe_of
from wenqu.services.take_in_inspections import from_disk, let_in
from wenqu.store.database import open_store
from wenqu.survey.both_ends import joined
from wenqu.survey.formats import crew_lists, crew_report

CITY = "demo"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def state(store, crew, tmp_path):
    crew.put_city(store)
    photo = row(Box("照片1", span=8, pictures=(Picture("P1.png", png(3)),)))
    rows = [defect("2.0", "PL", "5", "3", "位置0903，破碎", "1"), defect("8-12.3", "CJ", "2", "2")]
    home, work = tmp_path / "in", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    papers = report("检测成果表", sheet(start="A", end="B", rows=rows, photos=[photo]))
    (home / "a.docx").write_bytes(papers)
    made = from_disk(store, [home], work, CITY, LOCAL, 1 << 24)
    let_in(store, made, work, LOCAL, "survey", "d1", 1 << 24, lambda _: None)
    return Cities(store).state(CITY)


def test_what_came_as_a_report_goes_out_as_the_annexes(store, state, tmp_path):
    path = tmp_path / "out.docx"
    path.write_bytes(inspections_file(store, state, "docx", "zh", as_stated=True))
    [one] = crew_report.read(path).seen
    assert [(d.code, d.level, d.start, d.length, d.clock) for d in one.inspection.defects] == [
        ("PL", 3, 2.0, 0.0, "0903"), ("CJ", 2, 8.0, 4.3, ""),
    ]  # fmt: skip
    assert one.stated == {"RI": 4.25, "MI": 0.0}
    with zipfile.ZipFile(path) as packed:
        media = [packed.read(name) for name in packed.namelist() if name.startswith("word/media/")]
    assert png(3) in media
    assert len(media) == 2  # the crew's picture and our drawing
    assert all(data.startswith(b"\x89PNG") for data in media)


def test_the_evaluation_is_ours_unless_that_of_the_contractor_is_asked_for(store, state, tmp_path):
    path = tmp_path / "out.xlsx"
    path.write_bytes(inspections_file(store, state, "xlsx", "en"))
    made = crew_lists.read(path)
    [one] = made.seen
    assert dict(made.pictures) == {"P1.png": png(3)}  # the crew's; our drawing is none of theirs
    assert one.inspection.defects[0].picture == "P1.png"
    assert (one.stated["S"], one.stated["F"], one.stated["structural_grade"]) == (5.0, 5.0, 3.0)


def test_what_is_not_there_and_what_is_not_written_is_said(store, state):
    with pytest.raises(Unknown, match="inspection"):
        inspections_file(store, state, "docx", "zh", ids=["nope"])
    with pytest.raises(NotEnoughData, match="none-listed"):
        inspections_file(store, state, "docx", "zh", text="nope")
    with pytest.raises(Unknown, match="report-ending"):
        inspections_file(store, state, "pdf", "zh")


def test_too_many_for_one_file_are_refused(store, state, monkeypatch):
    monkeypatch.setattr(report_inspections, "MOST", 0)
    with pytest.raises(Refused, match="many-inspections"):
        inspections_file(store, state, "docx", "zh")


def test_the_drawing_names_the_far_manhole_by_the_network_where_the_crew_did_not(state, store):
    one = filed_inspections(store, state)[0]
    svg = drawing_of(store, state, joined(pipe_of(state, one), [replace(one, end="")]), "en")
    assert ">A<" in svg
    assert ">B<" in svg
