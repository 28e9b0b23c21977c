"""Official documents by route: from the draft to the archive, by who may and by who may not."""

import io
import shutil

import pytest
import python_calamine
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.network.model import City, assets
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.services.verify_documents import verify_sheet
from wenqu.store.database import open_store
from wenqu.survey.formats.grids import Grid
from wenqu.survey.formats.word_tables import document_of

HOME = "http://127.0.0.1"
PDF = b"%PDF-1.7 plan"
GRANTS = {
    "office": Grant("city_office", "c"),
    "chief": Grant("city_office", "c"),
    "head": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "west": Grant("district", "c", "W"),
    "bureau": Grant("bureau", "c"),
    "crowd": Grant("public_reader", "c"),
    "elsewhere": Grant("city_office", "d"),
}
BEGUN = {
    "kind": "implementation",
    "title": "东区实施方案",
    "district": "E",
    "countersigners": ["role:bureau"],
}


STORED = {"name": "c-report.zh.pdf", "reason": "x"}


def asking(seat="district:W", due="2099-01-01"):
    return {"version": 1, "due": due, "asked": [seat] if seat else []}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("official") / "store"
    store = open_store(made)
    with store.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", "城", "Town", "EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district", "district"], "name": ["东区", "西区"]}))
        change.put(assets("manhole", ["m", "n"], {"district": ["E", "W"]}))
        change.put(assets("plant", ["P"], {"name": ["东厂"], "district": ["E"], "capacity": [1.0]}))
        change.write_document("c-report.zh.pdf", PDF, "application/pdf")
    for name, grant in GRANTS.items():
        store.accounts.add(name, "", "", "tester")
        give_grant(store.accounts, LOCAL, name, grant)
    store.close()
    return made


@pytest.fixture
def face(folder, tmp_path):
    store = open_store(str(shutil.copytree(folder, tmp_path / "store")))
    app = make_api(Cities(store), Entrance(store.accounts))

    def as_(name):
        client = TestClient(app, base_url=HOME, headers={"Origin": HOME, "Accept-Language": "zh"})
        client.cookies.set(COOKIE, app.state.entrance.begin(name))
        client.store = store
        return client

    yield as_
    store.close()


def post(client, path, body=None, **more):
    return client.post(f"/api/v1/cities/c/{path}", **({"json": body} if body is not None else {}), **more)


def get(client, path):
    return client.get(f"/api/v1/cities/c/{path}")


def begun(face, content=PDF):
    office = face("office")
    id_ = post(office, "official", BEGUN).json()["id"]
    path = f"official/{id_}/versions?name=plan.pdf&reason=first"
    assert post(office, path, content=content).json() == {"version": 1}
    return id_


def walked(face, id_):
    for name, step, more in (
        ("chief", "check", {}), ("bureau", "countersign", {}), ("head", "approve", {}),
        ("chief", "issue", {"number": "东府发〔2026〕1号"}),
        ("chief", "archive", {"shelf": "2026-1", "retention": "permanent"}),
    ):  # fmt: skip
        answer = post(face(name), f"official/{id_}/steps", {"step": step, "version": 1, **more})
        assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_document_walks_to_the_archive_and_is_proved(face):
    id_ = begun(face)
    told = walked(face, id_)
    assert (told["state"], told["versions"][0]["retention"], told["steps"]) == (
        "archived",
        "permanent",
        ["revoke"],
    )
    office = face("office")
    assert get(office, f"official/{id_}/versions/1/file").content == PDF
    proved = get(office, "official/check").json()
    assert (proved["count"], proved["broken"]) == (1, 0)
    sheet = get(office, f"official/{id_}/sheet")
    assert len(verify_sheet(sheet.content, PDF)["signed"]) == 6
    rows = get(office, "official?stands=archived&text=东府发").json()
    assert [row["id"] for row in rows["rows"]] == [id_]
    assert rows["tables"]["states"]["issued"]["zh"] == "已印发"
    book = get(office, "official/list.xlsx").content
    sheet = python_calamine.load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[0][0] == "城公文登记簿"
    assert sheet[3][1:7] == ["东区实施方案", "实施方案", "东区", "v1", "已归档", "东府发〔2026〕1号"]


def test_a_document_of_the_store_becomes_a_version_with_its_data_state(face):
    office = face("office")
    id_ = post(office, "official", BEGUN | {"kind": "report", "district": ""}).json()["id"]
    assert post(office, f"official/{id_}/stored", STORED).status_code == 201
    (one,) = get(office, f"official/{id_}").json()["versions"]
    assert (one["made_from"]["how"], one["made_from"]["change"], one["size"]) == ("stored", 1, len(PDF))
    assert get(face("crowd"), f"official/{id_}").status_code == 404
    name = f"official/{id_}/{one['sha256'][:32]}/c-report.zh.pdf"
    for reader in ("office", "crowd"):
        assert get(face(reader), f"documents/{name}").status_code == 404
        assert name not in get(face(reader), "documents").text


def test_a_paper_of_the_data_becomes_a_version_with_its_figures(face):
    office = face("office")
    begun_ = BEGUN | {"kind": "plant_policy", "district": "", "subject": "P"}
    id_ = post(office, "official", begun_).json()["id"]
    paper = {"kind": "plant", "subject": "P", "form": "docx", "reason": "first"}
    answer = post(office, f"official/{id_}/papers", paper)
    assert answer.status_code == 201, answer.text
    (one,) = get(office, f"official/{id_}").json()["versions"]
    assert (one["made_from"]["how"], one["made_from"]["name"]) == ("paper", "plant/P")
    assert one["made_from"]["change"] == office.store.version("c") - 1  # as the city was then
    assert one["made_from"]["said"]
    assert one["facts"]["F1"]
    content = get(office, f"official/{id_}/versions/1/file").content
    assert len(content) == one["size"]
    other = post(office, "official", BEGUN | {"district": "W"}).json()["id"]
    refused = post(office, f"official/{other}/papers", paper)
    assert (refused.status_code, refused.json()["code"]) == (403, "error.refused.document-place")
    assert post(face("bureau"), f"official/{id_}/papers", paper).status_code == 403
    assert post(face("west"), f"official/{id_}/papers", paper).status_code == 404
    assert post(office, f"official/{id_}/papers", paper | {"kind": "poem"}).status_code == 422
    assert post(office, f"official/{id_}/papers", paper | {"subject": "Q"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "path", "body", "status"),
    [
        ("west", "official", BEGUN, 403),
        ("bureau", "official", BEGUN, 403),
        ("crowd", "official", BEGUN, 403),
        ("elsewhere", "official", BEGUN, 403),
        ("east", "official", BEGUN | {"district": ""}, 403),
        ("office", "official", BEGUN | {"kind": "poem"}, 422),
        ("office", "official", BEGUN | {"title": " "}, 422),
        ("office", "official", BEGUN | {"countersigners": ["everybody"]}, 422),
        ("west", "official/{id}/steps", {"step": "check", "version": 1}, 404),
        ("crowd", "official/{id}/steps", {"step": "check", "version": 1}, 404),
        ("bureau", "official/{id}/steps", {"step": "check", "version": 1}, 403),
        ("office", "official/{id}/steps", {"step": "check", "version": 1}, 403),  # its author
        ("chief", "official/{id}/steps", {"step": "approve", "version": 1}, 409),
        ("chief", "official/{id}/steps", {"step": "check", "version": 2}, 404),
        ("chief", "official/{id}/steps", {"step": "check", "version": 1, "seen": 0}, 409),
        ("chief", "official/{id}/steps", {"step": "note", "version": 1}, 422),
        ("bureau", "official/{id}/stored", STORED, 403),
        ("east", "official/{id}/stored", STORED, 404),
        ("office", "official/{id}/stored", STORED, 409),  # the same content
        ("west", "official/{id}/consultations", asking(), 404),
        ("bureau", "official/{id}/consultations", asking("role:bureau"), 403),
        ("office", "official/{id}/consultations", asking(due="2001-01-01"), 422),
        ("office", "official/{id}/consultations", asking(""), 422),
    ],
)  # fmt: skip
def test_who_may_not_is_refused(face, name, path, body, status):
    id_ = begun(face)
    before = face("office").store.version("c")
    answer = post(face(name), path.format(id=id_), body)
    assert answer.status_code == status, answer.text
    assert face("office").store.version("c") == before
    assert "[" not in answer.json().get("detail", "")


def test_others_see_nothing_of_a_draft_and_its_files(face):
    id_ = begun(face)
    for name in ("west", "crowd"):
        client = face(name)
        assert get(client, "official").json()["rows"] == []
        assert get(client, "official/check").json()["rows"] == []
        for path in ("", "/versions/1/file", "/sheet"):
            assert get(client, f"official/{id_}{path}").status_code == 404, path
        listed = get(client, "official/list.xlsx")
        if name == "crowd":  # reads, and takes no tables away: exports go by the right to export
            assert listed.status_code == 403
            continue
        sheet = python_calamine.load_workbook(io.BytesIO(listed.content)).get_sheet_by_index(0)
        assert "东区" not in repr(sheet.to_python()[3:])
    walked(face, id_)
    assert [row["id"] for row in get(face("crowd"), "official").json()["rows"]] == [id_]
    assert get(face("west"), "official").json()["rows"] == []


def test_a_round_from_the_question_to_the_official_table(face, tmp_path):
    id_ = begun(face)
    asked = {"version": 1, "due": "2099-01-01", "asked": ["district:W", "role:contractor"]}
    round_ = post(face("office"), f"official/{id_}/consultations", asked).json()["id"]
    west = face("west")
    assert get(west, f"official/{id_}/versions/1/file").content == PDF
    said = {"body": "西区", "text": "分期安排", "clause": "三"}
    first = post(west, f"consultations/{round_}/opinions", said).json()["id"]
    for path, body in (
        ("answers", {"opinion": first, "verdict": "adopted"}), ("steps", {"step": "close"}),
        ("dropped", {"row": "R-1", "why": "x"}),
    ):  # fmt: skip
        assert post(west, f"consultations/{round_}/{path}", body).status_code == 403, path
    assert post(west, f"consultations/{round_}/table?name=a.csv", content=b"x").status_code in {403, 422}
    assert post(face("bureau"), f"consultations/{round_}/opinions", said).status_code == 403
    table = "提出单位,意见内容,采纳情况,理由\n市建设局,早些,不采纳,工期\n市财政局,多些,再议,\n".encode()
    told = post(face("office"), f"consultations/{round_}/table?name=a.csv", content=table).json()
    assert (told["filed"], told["waiting"]) == (1, [{"row": 3, "fault": "verdict"}])
    office = face("office")
    assert (
        post(office, f"consultations/{round_}/answers", {"opinion": first, "verdict": "partly"}).status_code
        == 422
    )
    good = {"opinion": first, "verdict": "partly", "why": "资金", "change": "三期"}
    assert post(office, f"consultations/{round_}/answers", good).status_code == 201
    assert post(office, f"consultations/{round_}/steps", {"step": "close"}).status_code == 409
    (row,) = get(office, f"consultations/{round_}").json()["rows"]
    assert (
        post(office, f"consultations/{round_}/dropped", {"row": row["id"], "why": "撤回"}).status_code == 201
    )
    assert post(office, f"consultations/{round_}/steps", {"step": "close"}).status_code == 201
    totals = get(office, "consultations").json()["rows"][0]["totals"]
    assert (totals["opinions"], totals["adopted"], totals["partly"], totals["refused"]) == (2, 0, 1, 1)
    path = tmp_path / "table.docx"
    path.write_bytes(get(office, f"consultations/{round_}/table.docx").content)
    blocks = document_of(path).blocks
    (grid,) = [block for block in blocks if isinstance(block, Grid)]
    cells = [[cell.text for cell in line] for line in grid.rows]
    assert cells[0] == ["序号", "提出单位", "日期", "对应条款", "意见内容", "采纳情况", "理由", "修改情况"]
    assert [(line[1], line[4], line[5], line[6]) for line in cells[1:]] == [
        ("西区", "分期安排", "部分采纳", "资金"), ("市建设局", "早些", "未采纳", "工期"),
    ]  # fmt: skip
    assert any("共收到反馈意见2条，采纳0条" in line.text for line in blocks if not isinstance(line, Grid))
    assert get(face("crowd"), f"consultations/{round_}").status_code == 404
    assert get(face("bureau"), f"consultations/{round_}/table.pdf").content[:4] == b"%PDF"
    assert (
        get(face("crowd"), f"consultations/{round_}/table.xlsx").status_code == 403
    )  # reads, takes nothing away
    assert post(west, f"consultations/{round_}/opinions", said).status_code == 409


def test_a_file_that_was_changed_on_disk_is_refused_and_named(face, tmp_path):
    id_ = begun(face)
    (one,) = get(face("office"), f"official/{id_}").json()["versions"]
    path = tmp_path / "store" / "files" / one["sha256"][:2] / one["sha256"]
    path.write_bytes(b"%PDF-1.7 other")
    assert get(face("office"), f"official/{id_}/versions/1/file").status_code == 503
    (row,) = get(face("office"), f"official/check?document={id_}").json()["rows"]
    assert row["faults"] == ["content"]
