"""Official documents: who may take them how far, what is signed, who would change one afterwards."""

import sqlite3
from dataclasses import replace

import orjson
import pytest

from wenqu.errors import BadInput, Refused, StoreFailed, Unknown, WenquError
from wenqu.network.model import City, assets
from wenqu.records.official import DocumentEvent, DocumentVersion, OfficialDocument
from wenqu.records.opinion import Consultation, OpinionAnswer
from wenqu.records.programme import Programme
from wenqu.services.city_state import Cities, CityState
from wenqu.services.consult import Said, answer_opinion, give_opinion, open_consultation
from wenqu.services.deliver_documents import register_file, sheet_file, version_file
from wenqu.services.document_register import register
from wenqu.services.document_seats import sits
from wenqu.services.file_document import Draft, begin_document, file_name, file_version, stored_draft
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.step_document import Asked, step_document
from wenqu.services.verify_documents import signed_sheet, verify_documents, verify_sheet
from wenqu.services.view_documents import Sought, register_list, view_document, view_documents
from wenqu.services.wording import sentence
from wenqu.store.database import open_store
from wenqu.store.files import place_of

OFFICE = Person("office", (Grant("city_office", "c"),))
CHIEF = Person("chief", (Grant("city_office", "c"),))
HEAD = Person("head", (Grant("city_office", "c"),))
EAST = Person("east", (Grant("district", "c", "E"),))
EAST_TOO = Person("east too", (Grant("district", "c", "E"),))
EAST_HEAD = Person("east head", (Grant("district", "c", "E"),))
WEST = Person("west", (Grant("district", "c", "W"),))
BUREAU = Person("bureau", (Grant("bureau", "c"),))
CREW = Person("crew", (Grant("contractor", "c"),))
READER = Person("reader", (Grant("public_reader", "c"),))
ELSEWHERE = Person("elsewhere", (Grant("city_office", "d"),))
FIRST, SECOND = b"%PDF-1.7 first", b"%PDF-1.7 second"


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "store")
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", "城", "Town", "EPSG:4549"))
        zones = {"kind": ["district", "district"], "name": ["东区", "西区"]}
        change.put(assets("zone", ["E", "W"], zones))
        change.put(assets("manhole", ["m"], {}))
        change.write_document("c-report.zh.pdf", b"%PDF-1.7 report", "application/pdf")
    yield made
    made.close()


def begun(store, person=OFFICE, **more):
    given = OfficialDocument("", "implementation", "东区实施方案", **{"district": "E", **more})
    return begin_document(store, "c", given, person=person).id


def filed(store, id_, content=FIRST, person=OFFICE, reason="初稿"):
    return file_version(store, "c", id_, Draft("plan.pdf", content, reason), person=person)


def step(store, id_, name, person, version=1, **more):
    return step_document(store, "c", id_, Asked(name, version, **more), person=person)


def issued(store, **more):
    """Return a document that was issued: drafted, checked and approved by three people."""
    id_ = begun(store, **more)
    filed(store, id_)
    step(store, id_, "check", CHIEF)
    step(store, id_, "approve", HEAD)
    step(store, id_, "issue", CHIEF, number="台治水办〔2023〕29号")
    return id_


def state(store):
    return CityState(store.network("c"))


def faults(store, id_=""):
    return {(row["version"], *row["faults"]) for row in verify_documents(store, "c", LOCAL, id_)["rows"]}


def test_a_document_walks_from_draft_to_archive_and_every_step_is_signed(store):
    id_ = issued(store)
    life = step(store, id_, "archive", CHIEF, shelf="2023-WS-001", retention="y30")
    (one,) = life.versions
    assert (one.state, one.number, one.shelf) == ("archived", "台治水办〔2023〕29号", "2023-WS-001")
    assert one.kept_until() == f"{int(one.issued_at[:4]) + 30}-12-31"
    assert [event.step for event in one.events] == ["file", "check", "approve", "issue", "archive"]
    assert all(event.signature for event in one.events)
    signed = [orjson.loads(event.signature)["payload"] for event in one.events]
    assert {row["sha256"] for row in signed} == {one.version.sha256}
    assert [row["account"] for row in signed] == ["office", "chief", "head", "chief", "chief"]
    assert faults(store) == {(1,)}


@pytest.mark.parametrize(
    ("name", "person", "more", "reason"),
    [
        ("approve", HEAD, {}, "document-step"),  # nobody checked it
        ("issue", HEAD, {"number": "1"}, "document-step"),
        ("archive", HEAD, {"shelf": "1", "retention": "y10"}, "document-step"),
        ("check", OFFICE, {}, "document-own"),  # the author
        ("check", EAST, {}, ""),  # the district's own document
        ("check", WEST, {}, "document"),  # may not know of it
        ("check", BUREAU, {}, "document-rights"),
        ("check", replace(CHIEF, token=True), {}, "document-rights"),  # a token signs nothing
        ("check", CREW, {}, "document"),
        ("check", READER, {}, "document"),
        ("check", ELSEWHERE, {}, "document"),
        ("send_back", CHIEF, {"note": "unclear"}, "document-step"),  # a draft is where it would go
        ("note", CHIEF, {}, "document-needs"),
        ("note", CHIEF, {"note": "unclear"}, ""),
        ("dance", CHIEF, {}, "document-step"),
        ("file", CHIEF, {}, "document-step"),
    ],
)
def test_who_may_not_take_a_step_or_takes_it_too_early_is_refused(store, name, person, more, reason):
    id_ = begun(store)
    filed(store, id_)
    if not reason:
        step(store, id_, name, person, **more)
        return
    with pytest.raises(WenquError) as refused:
        step(store, id_, name, person, **more)
    assert refused.value.reason == reason
    for language in ("zh", "en"):
        told = sentence(refused.value, language)
        assert "[" not in told
        assert "document-" not in told


def test_a_district_drafts_for_itself_and_for_nobody_else(store):
    id_ = begun(store, EAST)
    filed(store, id_, person=EAST)
    with pytest.raises(Refused, match="document-rights"):
        begun(store, WEST)
    with pytest.raises(Refused, match="document-rights"):
        begun(store, EAST, district="")  # of the whole city
    with pytest.raises(Refused, match="sign-in"):
        begun(store, Person(""))
    step(store, id_, "check", EAST_TOO)
    with pytest.raises(Refused, match="document-own"):
        step(store, id_, "approve", EAST_TOO)  # who checked does not approve
    step(store, id_, "approve", EAST_HEAD)
    with pytest.raises(BadInput, match="document-district"):
        begun(store, district="X")
    with pytest.raises(BadInput, match="document-form"):
        begin_document(store, "c", OfficialDocument("", "poem", "x"), person=OFFICE)


def test_everybody_who_has_to_countersign_signs_before_it_is_approved(store):
    id_ = begun(store, countersigners=("role:bureau", "district:W", "role:bureau"))
    filed(store, id_)
    step(store, id_, "check", CHIEF)
    with pytest.raises(BadInput, match="countersigned"):
        step(store, id_, "approve", HEAD)
    with pytest.raises(Refused, match="document-rights"):
        step(store, id_, "countersign", EAST, seat="district:W")
    assert step(store, id_, "countersign", BUREAU).last.state == "checked"  # sits on one seat only
    with pytest.raises(Refused, match="document-rights"):
        step(store, id_, "countersign", BUREAU, seat="role:bureau")  # signed already
    assert view_document(store, state(store), id_, WEST)["seats"] == ["district:W"]
    assert step(store, id_, "countersign", WEST).last.state == "countersigned"
    life = step(store, id_, "send_back", HEAD, note="figures of May")
    assert (life.last.state, life.waits_for) == ("draft", ("role:bureau", "district:W"))  # all sign anew
    step(store, id_, "check", CHIEF)
    assert step(store, id_, "object", WEST, note="no money").last.state == "draft"
    assert faults(store) == {(1,)}


def test_a_seat_is_that_of_who_holds_it():
    assert sits(WEST, "c", "district:W")
    assert not sits(WEST, "d", "district:W")
    assert not sits(Person("x", (Grant("surveyor", "c", "W"),)), "c", "district:W")  # works for no district
    assert sits(BUREAU, "c", "role:bureau")
    assert sits(BUREAU, "c", "account:bureau")
    assert not sits(Person("", ()), "c", "account:")
    assert sits(Person("x", (Grant("operator", "c", "", "水务"),)), "c", "body:水务")
    assert not sits(BUREAU, "c", "nonsense")


def test_an_issued_version_stays_and_a_new_one_begins_beside_it(store):
    id_ = issued(store)
    with pytest.raises(Refused, match="document-same"):
        filed(store, id_)
    with pytest.raises(Refused, match="document-step"):
        step(store, id_, "send_back", CHIEF, note="x")
    with pytest.raises(BadInput, match="document-reason"):
        filed(store, id_, SECOND, reason=" ")
    life = filed(store, id_, SECOND, reason="按会签意见修改")
    assert [(one.version.number, one.state) for one in life.versions] == [(1, "issued"), (2, "draft")]
    assert (life.in_force.version.number, life.replaced_by(1)) == (1, 0)  # a draft replaces nothing issued
    assert version_file(store, state(store), id_, 1, OFFICE)[0] == FIRST
    step(store, id_, "check", CHIEF, 2)
    step(store, id_, "approve", HEAD, 2)
    with pytest.raises(Refused, match="document-number"):
        issued(store)  # the number is taken
    life = step(store, id_, "issue", CHIEF, 2, number="台治水办〔2023〕30号")
    assert (life.in_force.version.number, life.replaced_by(1)) == (2, 2)
    assert step(store, id_, "revoke", CHIEF, 2, note="error").in_force.version.number == 1
    assert version_file(store, state(store), id_, 1, OFFICE)[0] == FIRST


def test_a_draft_that_was_replaced_goes_no_further(store):
    id_ = begun(store)
    filed(store, id_)
    life = filed(store, id_, SECOND)
    assert life.replaced_by(1) == 2
    with pytest.raises(Refused, match="document-step"):
        step(store, id_, "check", CHIEF, 1)
    step(store, id_, "note", CHIEF, 1, note="kept")
    with pytest.raises(Unknown, match="document-version"):
        step(store, id_, "check", CHIEF, 3)


def test_two_at_once_are_not_over_each_others_heads_and_the_same_again_counts_once(store):
    id_ = begun(store)
    filed(store, id_)
    step(store, id_, "check", CHIEF, seen=1, id="once")
    assert len(step(store, id_, "check", CHIEF, seen=1, id="once").events) == 2
    with pytest.raises(Refused, match="document-moved"):
        step(store, id_, "send_back", HEAD, note="x", seen=1)


def test_who_may_see_a_draft_and_who_only_what_was_issued(store):
    id_ = issued(store)
    filed(store, id_, SECOND, reason="x")
    for person, count in ((OFFICE, 2), (EAST, 2), (BUREAU, 2), (READER, 1), (CREW, 1)):
        shown = view_document(store, state(store), id_, person)
        assert len(shown["versions"]) == count, person
        told = [event["step"] for event in shown["events"]]
        inside = count == 2  # others are told of the issue, not of the way there
        assert told == (["file", "check", "approve", "issue", "file"] if inside else ["issue"]), person
        assert shown["inside"] == inside
        if not inside:
            with pytest.raises(Refused, match="rights"):
                sheet_file(store, state(store), id_, person)
    for person in (WEST, ELSEWHERE, Person("")):
        with pytest.raises(Unknown):
            view_document(store, state(store), id_, person)
        assert view_documents(store, state(store), person, Sought())["rows"] == []
    with pytest.raises(Unknown):
        version_file(store, state(store), id_, 2, READER)
    assert version_file(store, state(store), id_, 1, READER)[0] == FIRST


def test_who_is_sent_an_issued_document_may_read_it(store):
    id_ = begun(store)
    filed(store, id_)
    step(store, id_, "check", CHIEF)
    step(store, id_, "approve", HEAD)
    with pytest.raises(Unknown):
        version_file(store, state(store), id_, 1, WEST)
    step(store, id_, "issue", CHIEF, number="1号", recipients=("district:W",))
    assert version_file(store, state(store), id_, 1, WEST)[0] == FIRST
    with pytest.raises(BadInput, match="document-seat"):
        step(store, issued_draft(store), "issue", CHIEF, number="2号", recipients=("district:X",))


def issued_draft(store):
    id_ = begun(store)
    filed(store, id_)
    step(store, id_, "check", CHIEF)
    step(store, id_, "approve", HEAD)
    return id_


def test_nobody_opens_a_version_by_its_name_in_the_store(store):
    id_ = begun(store)
    life = filed(store, id_)
    name = file_name(life.last.version)
    for person in (OFFICE, READER, BUREAU):
        seen = SeenCities(Cities(store), person).store
        assert seen.document("c", name) is None
        assert name not in {entry.name for entry in seen.documents("c")}
        assert seen.document("c", "c-report.zh.pdf")  # what else the city has is open as before


def test_a_version_knows_the_state_of_the_data_it_was_made_from(store):
    seen = SeenCities(Cities(store), OFFICE).store
    id_ = begun(store)
    draft = stored_draft(seen, store, "c", "c-report.zh.pdf", "报告")
    assert (draft.made_from.how, draft.made_from.change, draft.made_from.programme) == ("stored", 1, "")
    programme = Programme("p1", "proved", (), (), (), 0.0, 0.0, 0.0, 0.0, "{}", "default")
    with store.change("c", who="tester", why="plan") as change:
        change.add_records("programme", [programme])
        change.write_document("c-report.zh.pdf", b"%PDF-1.7 again", "application/pdf")
    draft = stored_draft(seen, store, "c", "c-report.zh.pdf", "新方案")
    assert (draft.made_from.change, draft.made_from.programme) == (store.version("c"), "p1")
    file_version(store, "c", id_, draft, person=OFFICE)
    assert not view_document(store, state(store), id_, OFFICE)["versions"][0]["made_from"]["stale"]
    with store.change("c", who="tester", why="plan") as change:
        change.add_records("programme", [replace(programme, id="p2")])
    assert view_document(store, state(store), id_, OFFICE)["versions"][0]["made_from"]["stale"]
    part = SeenCities(Cities(store), EAST).store
    with pytest.raises(Unknown, match="document-stored"):
        stored_draft(part, store, "c", "c-report.zh.pdf", "x")  # the report speaks of the whole city
    with pytest.raises(Unknown, match="document-stored"):
        stored_draft(seen, store, "c", "official/x", "x")


def test_what_is_no_document_is_refused(store):
    id_ = begun(store)
    for name, content, reason in (
        ("a.html", b"<html>", "attachment-kind"),
        ("a.pdf", b"", "document-empty"),
        ("", FIRST, "attachment-name"),
    ):
        with pytest.raises(BadInput, match=reason):
            file_version(store, "c", id_, Draft(name, content, "x"), person=OFFICE)
    assert register(store, "c")[id_].versions == ()


def test_a_tampered_file_a_tampered_record_and_a_missing_signature_are_found(store, tmp_path):
    id_ = issued(store)
    filed(store, id_, SECOND, reason="x")
    assert faults(store) == {(1,), (2,)}
    version = register(store, "c")[id_].versions[0].version
    path = place_of(tmp_path / "store" / "files", version.sha256)
    assert path.read_bytes() == FIRST
    path.write_bytes(b"%PDF-1.7 more")
    assert faults(store) == {(1, "content"), (2,)}
    with pytest.raises(StoreFailed, match="file-changed"):
        version_file(store, state(store), id_, 1, OFFICE)
    path.unlink()
    assert faults(store, id_) == {(1, "content"), (2,)}
    path.write_bytes(FIRST)
    assert faults(store) == {(1,), (2,)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("document_event", '"by":"head"', '"by":"office"'), {(1, "signatures:approve"), (2,)}),
        (("document_event", "〔2023〕29号", "〔2023〕92号"), None),
        (("document_version", '"reason":"初稿"', '"reason":"终稿"'), None),
        (("official_document", "东区实施方案", "西区实施方案"), None),
    ],
)
def test_a_word_changed_behind_the_stores_back_breaks_the_signature(store, tmp_path, change, expected):
    id_ = issued(store)
    filed(store, id_, SECOND, reason="x")
    (database,) = (path for path in (tmp_path / "store").iterdir() if path.suffix in {".db", ".sqlite"})
    kind, old, new = change
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute(
            "select name from sqlite_master where type='trigger' and tbl_name='record'"
        ).fetchall():
            connection.execute(f"drop trigger {name}")
        done = connection.execute(
            "update record set body = replace(body, ?, ?) where kind = ?", (old, new, kind)
        )
        assert done.rowcount
    connection.close()
    found = faults(store)
    assert any(row[1:] for row in found)
    if expected:
        assert found == expected


def test_a_signature_that_was_taken_out_breaks_the_chain(store, tmp_path):
    issued(store)
    (database,) = (path for path in (tmp_path / "store").iterdir() if path.suffix in {".db", ".sqlite"})
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute(
            "select name from sqlite_master where type='trigger' and tbl_name='record'"
        ).fetchall():
            connection.execute(f"drop trigger {name}")
        connection.execute(
            "delete from record where kind = 'document_event' and body like '%\"step\":\"check\"%'"
        )
    connection.close()
    assert faults(store) == {(1, "chain:approve")}


def test_a_sheet_proves_a_file_without_the_store_and_a_changed_one_does_not(store):
    id_ = issued(store)
    life = register(store, "c")[id_]
    sheet = signed_sheet(store, "c", life, {1})
    found = verify_sheet(sheet, FIRST)
    assert (found["version"]["version"], found["version"]["state"]) == (1, "issued")
    assert [row["step"] for row in found["signed"]] == ["file", "check", "approve", "issue"]
    with pytest.raises(BadInput, match="document-strange"):
        verify_sheet(sheet, FIRST + b" ")
    with pytest.raises(BadInput, match="signed-changed"):
        verify_sheet(sheet.replace(b"plan.pdf", b"plot.pdf"))
    with pytest.raises(BadInput, match="signed-key"):
        verify_sheet(sheet, FIRST, "another")
    with pytest.raises(BadInput, match="signed-form"):
        verify_sheet(FIRST)


def test_nothing_is_approved_while_an_opinion_waits(store):
    id_ = begun(store)
    filed(store, id_)
    asked = Consultation("", id_, 1, "2099-01-01", ("district:W",))
    round_ = open_consultation(store, "c", asked, person=OFFICE).id
    opinion = give_opinion(store, "c", round_, Said("西区", "改"), person=WEST)
    step(store, id_, "check", CHIEF)
    with pytest.raises(BadInput, match="answered") as refused:
        step(store, id_, "approve", HEAD)
    assert "对每条意见的采纳决定" in sentence(refused.value, "zh")
    answer_opinion(
        store, "c", round_, OpinionAnswer("", opinion.id, "adopted", change="第三条"), person=OFFICE
    )
    assert step(store, id_, "approve", HEAD).last.state == "approved"


def test_the_register_is_listed_filtered_and_written(store):
    first = issued(store)
    second = begun(store, WEST, district="W")
    rows = view_documents(store, state(store), OFFICE, Sought())["rows"]
    assert [row["id"] for row in rows] == [second, first]
    assert [r["id"] for r in view_documents(store, state(store), OFFICE, Sought(state="issued"))["rows"]] == [
        first
    ]
    assert [r["id"] for r in view_documents(store, state(store), OFFICE, Sought(district="W"))["rows"]] == [
        second
    ]
    assert [r["id"] for r in view_documents(store, state(store), OFFICE, Sought(text="29号"))["rows"]] == [
        first
    ]
    filed(store, second, person=WEST)
    mine = view_documents(store, state(store), CHIEF, Sought(mine=True))["rows"]
    assert {row["id"]: row["steps"][0] for row in mine} == {second: "check", first: "archive"}
    filed(store, first, SECOND, reason="x")
    listed = register_list(store, state(store), OFFICE, Sought(district="E"), "zh").rows
    assert [(row[0], row[4], row[5], row[6]) for row in listed] == [
        (1, "v1", "已印发", "台治水办〔2023〕29号"), (2, "v2", "拟稿", ""),
    ]  # fmt: skip
    assert listed[0][-1].replace(" ", "") == register(store, "c")[first].versions[0].version.sha256
    assert len(register_list(store, state(store), READER, Sought(), "zh").rows) == 1
    for form in ("xlsx", "docx", "pdf"):
        content, headers = register_file(store, state(store), OFFICE, Sought(), form, "zh")
        assert content[:2] in {b"PK", b"%P"}
        assert "attachment" in headers["Content-Disposition"]


def test_a_past_day_shows_what_stood_then_and_nothing_to_do(store):
    id_ = begun(store)
    filed(store, id_)
    before = store.changes("c", 1)[0].at
    step(store, id_, "check", CHIEF)
    then = CityState(store.network("c", as_of=before))
    shown = view_document(store, then, id_, HEAD)
    assert (shown["state"], shown["steps"], shown["files"]) == ("draft", [], False)
    assert view_document(store, state(store), id_, HEAD)["state"] == "checked"


def dated(store):
    """File a document of March and its issue of May today, as who brings an old register does."""
    facts = {"reason": "初稿", "by": "office", "at": "2026-03-03"}
    version = DocumentVersion("D-1", 1, "0" * 64, "plan.pdf", "application/pdf", 1, **facts)
    number = {"number": "东府发〔2026〕1号"}
    issue = DocumentEvent("e1", "D-1", 1, "issue", "2026-05-05T09:00:00", "head", **number)
    with store.change("c", who="tester", why="an old register") as change:
        given = OfficialDocument("D-1", "implementation", "方案", "E", by="office", at="2026-03-02T10:00:00")
        change.add_records("official_document", [given])
        change.add_records("document_version", [version])
        change.add_records("document_event", [issue])


def test_a_past_day_shows_the_documents_of_that_day_however_late_they_were_filed(store):
    dated(store)

    def stood(day):
        shown = view_documents(store, state(store), OFFICE, Sought(), day)
        assert (shown["day"], shown["may"]) == (day, False)
        return [(row["state"], row["number"], row["version"], row["steps"]) for row in shown["rows"]]

    assert stood("2026-03-01") == []
    assert stood("2026-03-02") == [("", "", 0, [])]
    assert stood("2026-05-04") == [("draft", "", 1, [])]
    assert stood("2026-05-05") == [("issued", "东府发〔2026〕1号", 1, [])]
    on_paper = register_list(store, state(store), OFFICE, Sought(), "zh", "2026-05-04").rows
    assert [row[6] for row in on_paper] == [""]
    assert view_document(store, state(store), "D-1", OFFICE, "2026-05-04")["state"] == "draft"
    with pytest.raises(Unknown):
        view_document(store, state(store), "D-1", OFFICE, "2026-03-01")
    with pytest.raises(Unknown):  # who only reads what was issued knows nothing of the draft
        view_document(store, state(store), "D-1", READER, "2026-05-04")
    assert view_document(store, state(store), "D-1", READER, "2026-05-05")["number"] == "东府发〔2026〕1号"
    then = CityState(store.network("c", as_of=store.changes("c")[-1].at))
    assert view_documents(store, then, OFFICE, Sought())["rows"] == []  # by what was known then
    for day in ("2999-01-01", "next week"):
        with pytest.raises(BadInput):
            view_documents(store, state(store), OFFICE, Sought(), day)
