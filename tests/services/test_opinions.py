"""A draft that is sent round: who may speak until when, what becomes of each opinion, and its table."""

import io

import pytest
import python_calamine

from tests.services.test_documents_register import (
    BUREAU,
    CHIEF,
    CREW,
    EAST,
    FIRST,
    OFFICE,
    READER,
    WEST,
    dated,
    state,
)
from tests.services.test_documents_register import store as _store
from wenqu.errors import BadInput, FileUnreadable, Refused, Unknown, WenquError
from wenqu.records.official import OfficialDocument
from wenqu.records.opinion import Consultation, Opinion, OpinionAnswer
from wenqu.services import consult
from wenqu.services.consult import (
    Said,
    answer_opinion,
    drop_row,
    give_opinion,
    open_consultation,
    step_consultation,
)
from wenqu.services.deliver_documents import opinions_file, version_file
from wenqu.services.file_document import Draft, begin_document, file_version
from wenqu.services.step_document import Asked, step_document
from wenqu.services.take_in_opinions import take_in_opinions
from wenqu.services.view_consultations import totals_told, view_consultation, view_consultations
from wenqu.services.wording import sentence
from wenqu.store.moments import now

store = _store
DUE = "2099-01-01"
SEATS = ("district:W", "role:contractor")


@pytest.fixture
def round_(store):
    given = OfficialDocument("", "implementation", "工作方案（征求意见稿）", "E")
    id_ = begin_document(store, "c", given, person=OFFICE).id
    file_version(store, "c", id_, Draft("plan.pdf", FIRST, "初稿"), person=OFFICE)
    return open_consultation(store, "c", Consultation("", id_, 1, DUE, SEATS), person=OFFICE)


def give(store, round_, person, text="改", **more):
    return give_opinion(store, "c", round_.id, Said("西区", text, **more), person=person)


def decide(store, round_, opinion, verdict, person=OFFICE, **more):
    return answer_opinion(
        store, "c", round_.id, OpinionAnswer("", opinion.id, verdict, **more), person=person
    )


def shown(store, round_, person):
    return view_consultation(store, state(store), round_.id, person)


def test_who_was_asked_reads_the_draft_and_says_what_only_they_and_the_office_read(store, round_):
    assert version_file(store, state(store), round_.document, 1, WEST)[0] == FIRST
    mine = give(store, round_, WEST)
    other = give(store, round_, CREW, text="再改")
    assert [one["id"] for one in shown(store, round_, WEST)["opinions"]] == [mine.id]
    assert [one["id"] for one in shown(store, round_, CREW)["opinions"]] == [other.id]
    for person in (OFFICE, EAST, BUREAU):
        assert len(shown(store, round_, person)["opinions"]) == 2
    assert shown(store, round_, WEST)["totals"] is None  # what others said is not theirs to count
    assert shown(store, round_, OFFICE)["totals"]["opinions"] == 2
    assert (mine.seat, other.seat) == SEATS
    for person in (READER, consult.Person("x")):
        with pytest.raises(Unknown):
            shown(store, round_, person)
        assert view_consultations(store, state(store), person)["rows"] == []


def test_decisions_are_the_offices_and_say_why(store, round_):
    opinion = give(store, round_, WEST)
    with pytest.raises(Refused, match="consultation-rights"):
        decide(store, round_, opinion, "adopted", person=WEST)
    with pytest.raises(BadInput, match="opinion-needs") as refused:
        decide(store, round_, opinion, "not")
    assert sentence(refused.value, "zh") == "“未采纳”还须写明：理由。"
    with pytest.raises(BadInput, match="opinion-verdict"):
        decide(store, round_, opinion, "perhaps")
    with pytest.raises(Unknown):
        answer_opinion(store, "c", round_.id, OpinionAnswer("", "Y-0", "adopted"), person=OFFICE)
    decide(store, round_, opinion, "not", why="无依据")
    decide(store, round_, opinion, "adopted", person=CHIEF, change="第三条")
    (told,) = shown(store, round_, WEST)["opinions"]
    assert (told["verdict"], told["change"], told["decided_by"]) == ("adopted", "第三条", "chief")


@pytest.mark.parametrize(
    ("person", "more", "reason"),
    [
        (EAST, {}, ""),  # works on the documents of the district: decides there
        (BUREAU, {}, "consultation-asked"),
        (READER, {}, "consultation"),
        (WEST, {"seat": "role:contractor"}, "consultation-asked"),  # somebody else's seat
        (WEST, {"text": " "}, "opinion-form"),
        (OFFICE, {"seat": "district:E"}, "document-seat"),  # nobody asked them
        (OFFICE, {"date": "yesterday"}, "works-day"),
        (OFFICE, {"mends": "R-0"}, "opinion-row"),
    ],
)
def test_who_was_not_asked_or_says_nothing_is_refused(store, round_, person, more, reason):
    if not reason:
        assert give(store, round_, person, **more).seat == ""
        return
    with pytest.raises(WenquError) as refused:
        give(store, round_, person, **more)
    assert refused.value.reason == reason


def test_after_the_last_day_only_the_office_files_and_says_late(store, round_, monkeypatch):
    from datetime import datetime

    there = datetime.fromisoformat("2099-01-02T08:00:00+00:00")
    monkeypatch.setattr(consult, "now", lambda: there)
    with pytest.raises(Refused, match="consultation-late"):
        give(store, round_, WEST)
    assert give(store, round_, OFFICE).late
    assert not give(store, round_, OFFICE, date="2098-12-31").late  # the paper is dated in time
    step_consultation(store, "c", round_.id, "extend", person=OFFICE, due="2099-02-01")
    assert not give(store, round_, WEST).late
    with pytest.raises(BadInput, match="consultation-due"):
        step_consultation(store, "c", round_.id, "extend", person=OFFICE, due="2099-01-01")


def test_a_round_is_closed_when_everything_is_decided(store, round_):
    opinion = give(store, round_, WEST)
    nothing = Said("施工单位", none=True)  # no comment waits for nobody
    give_opinion(store, "c", round_.id, nothing, person=CREW)
    with pytest.raises(Refused, match="consultation-waits"):
        step_consultation(store, "c", round_.id, "close", person=OFFICE)
    decide(store, round_, opinion, "partly", why="资金", change="第三条")
    with pytest.raises(Refused, match="consultation-rights"):
        step_consultation(store, "c", round_.id, "close", person=WEST)
    made = step_consultation(store, "c", round_.id, "close", person=OFFICE)
    assert totals_told(made, "zh") == "共收到反馈意见1条，采纳0条，部分采纳1条，未采纳0条；1个单位无意见"
    for act in (lambda: give(store, round_, WEST), lambda: decide(store, round_, opinion, "adopted")):
        with pytest.raises(Refused, match="consultation-closed"):
            act()


def test_nobody_is_asked_about_what_is_issued_or_until_yesterday(store, round_):
    id_ = round_.document
    yesterday = now().date().replace(year=2020).isoformat()
    for given, error in (
        (Consultation("", id_, 1, yesterday, SEATS), BadInput),
        (Consultation("", id_, 1, "soon", SEATS), BadInput),
        (Consultation("", id_, 1, DUE, ()), BadInput),
        (Consultation("", id_, 1, DUE, ("district:Z",)), BadInput),
        (Consultation("", id_, 2, DUE, SEATS), Unknown),
        (Consultation("", "D-0", 1, DUE, SEATS), Unknown),
    ):
        with pytest.raises(error):
            open_consultation(store, "c", given, person=OFFICE)
    with pytest.raises(Refused, match="consultation-rights"):
        open_consultation(store, "c", Consultation("", id_, 1, DUE, SEATS), person=WEST)
    step_document(store, "c", id_, Asked("check", 1), person=CHIEF)
    step_document(store, "c", id_, Asked("approve", 1), person=EAST)
    step_document(store, "c", id_, Asked("issue", 1, number="1号"), person=CHIEF)
    with pytest.raises(Refused, match="consultation-over"):
        open_consultation(store, "c", Consultation("", id_, 1, DUE, SEATS), person=OFFICE)


TABLE = """序号,提出单位,日期,对应条款,意见内容,采纳情况,理由,修改情况
1,西区,2023-10-08,三（一）,分期安排,采纳,,改为三期
2,西区,2023-10-08,三（二）,明确牵头单位,不采纳,已明确,
3,市建设局,2023-10-09,,=1+1,不采纳,,
4,市综合执法局,2023-10-09,,无意见,,,
5,,十月,,没有日期,再议,,
6,,2023-10-10,,没有单位,,,
""".encode()


def test_a_table_is_taken_in_and_what_is_wrong_waits_to_be_mended(store, round_):
    told = take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=OFFICE)
    assert (told["filed"], told["decided"], told["undecided"], told["known"]) == (4, 2, 1, 0)
    assert told["waiting"] == [{"row": 6, "fault": "body"}, {"row": 7, "fault": "body"}]
    again = take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=OFFICE)
    assert (again["filed"], again["known"], again["waiting"]) == (0, 4, [])
    view = shown(store, round_, OFFICE)
    assert [one["verdict"] for one in view["opinions"]] == ["adopted", "not", "open", "open"]
    assert [one["seat"] for one in view["opinions"]] == ["district:W", "district:W", "", ""]
    assert (view["totals"]["opinions"], view["totals"]["adopted"], view["totals"]["none"]) == (3, 1, 1)
    row, other = view["rows"]
    assert (row["fault"], row["cells"]["text"], row["cells"]["verdict"]) == ("body", "没有日期", "再议")
    assert shown(store, round_, WEST)["rows"] == []
    with pytest.raises(Refused, match="consultation-rights"):
        drop_row(store, "c", round_.id, row["id"], "x", person=WEST)
    with pytest.raises(BadInput):
        drop_row(store, "c", round_.id, row["id"], " ", person=OFFICE)
    give(store, round_, OFFICE, text="没有日期", mends=row["id"])
    assert shown(store, round_, OFFICE)["rows"] == [other]
    with pytest.raises(Refused, match="consultation-rights"):
        take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=WEST)


def test_a_row_that_nobody_mends_is_dropped_with_the_reason(store, round_):
    take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=OFFICE)
    row, other = shown(store, round_, OFFICE)["rows"]
    drop_row(store, "c", round_.id, row["id"], "重复", person=OFFICE)
    assert shown(store, round_, OFFICE)["rows"] == [other]
    with pytest.raises(Unknown):
        drop_row(store, "c", round_.id, row["id"], "重复", person=OFFICE)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", "甲,乙\n1,2\n".encode(), BadInput),
        ("a.xlsx", b"PK\x03\x04 broken", FileUnreadable),
        ("a.docx", b"PK\x03\x04 broken", FileUnreadable),
        ("a.csv", b"", FileUnreadable),
    ],
)
def test_a_file_that_is_no_table_of_opinions_is_refused_in_a_sentence(store, round_, name, content, error):
    with pytest.raises(error) as refused:
        take_in_opinions(store, "c", round_.id, name, content, person=OFFICE)
    assert "[" not in sentence(refused.value, "zh")


@pytest.mark.parametrize("form", ["xlsx", "docx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_official_table_comes_back_as_it_was_written(store, round_, form, language):
    take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=OFFICE)
    content, headers = opinions_file(store, state(store), round_.id, OFFICE, form, language)
    assert f".{form}" in headers["Content-Disposition"]
    second = open_consultation(store, "c", Consultation("", round_.document, 1, DUE, SEATS), person=OFFICE)
    told = take_in_opinions(store, "c", second.id, f"back.{form}", content, person=OFFICE)
    assert (told["filed"], told["decided"], told["waiting"]) == (4, 2, [])
    for name in ("body", "date", "clause", "text", "none", "verdict", "why", "change"):
        first, back = ([one[name] for one in shown(store, r, OFFICE)["opinions"]] for r in (round_, second))
        assert first == back, name


def test_the_table_on_paper_says_the_sum_and_a_formula_stays_text(store, round_):
    take_in_opinions(store, "c", round_.id, "意见.csv", TABLE, person=OFFICE)
    content, _ = opinions_file(store, state(store), round_.id, OFFICE, "xlsx", "zh")
    book = python_calamine.load_workbook(io.BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0] == "《工作方案（征求意见稿）》意见采纳情况表"
    assert rows[2] == ["序号", "提出单位", "日期", "对应条款", "意见内容", "采纳情况", "理由", "修改情况"]
    assert rows[5][4] == "=1+1"
    assert "共收到反馈意见3条，采纳1条，部分采纳0条，未采纳1条；1个单位无意见；1条未定" in {
        row[0] for row in rows
    }
    own, _ = opinions_file(store, state(store), round_.id, WEST, "xlsx", "zh")
    rows = python_calamine.load_workbook(io.BytesIO(own)).get_sheet_by_index(0).to_python()
    assert {row[1] for row in rows[3:5]} == {"西区"}
    assert "市建设局" not in str(rows)
    assert "本表只列本单位提出的意见。" in {row[0] for row in rows}


def test_merged_cells_speak_for_every_row_that_they_cover(store, round_):
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["提出单位", "意见内容", "采纳情况", "理由"])
    sheet.merge_range(1, 0, 2, 0, "西区")
    sheet.write_row(1, 1, ["早些", "采纳", ""])
    sheet.write_row(2, 1, ["晚些", "不采纳", "工期"])
    book.close()
    told = take_in_opinions(store, "c", round_.id, "a.xlsx", out.getvalue(), person=OFFICE)
    assert (told["filed"], told["waiting"]) == (2, [])
    assert [one["body"] for one in shown(store, round_, OFFICE)["opinions"]] == ["西区", "西区"]


def test_a_round_of_a_past_day_has_the_opinions_that_were_dated_by_then(store):
    dated(store)
    asked = Consultation("C-1", "D-1", 1, "2026-04-01", SEATS, by="office", at="2026-03-10")
    opinions = [
        Opinion(f"Y-{day}", "C-1", "西区", f"2026-03-{day}", "改", by="office", at="2026-11-01")
        for day in ("12", "20")
    ]
    answer = OpinionAnswer("a", "Y-12", "adopted", by="office", at="2026-04-02")
    with store.change("c", who="tester", why="an old round") as change:
        change.add_records("consultation", [asked])
        change.add_records("opinion", opinions)
        change.add_records("opinion_answer", [answer])

    def totals(day):
        [row] = view_consultations(store, state(store), OFFICE, day)["rows"]
        return row["totals"]["opinions"], row["totals"]["adopted"], row["days_left"]

    assert view_consultations(store, state(store), OFFICE, "2026-03-09")["rows"] == []
    assert totals("2026-03-12") == (1, 0, 20)
    assert totals("2026-03-20") == (2, 0, 12)
    assert totals("2026-04-02")[:2] == (2, 1)
    then = view_consultation(store, state(store), "C-1", OFFICE, "2026-03-12")
    assert (then["may"], len(then["opinions"])) == (False, 1)
