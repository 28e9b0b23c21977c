"""A document from its first draft to the proof of a tampered file, by the command line alone."""

import shutil

import pytest

TABLE = "提出单位,意见内容,采纳情况,理由\n西区,分期,采纳,\n市建设局,早些,不采纳,工期\n市财政局,多些,再议,\n"


@pytest.fixture
def town(little, tmp_path, wenqu):
    folder = shutil.copytree(little, tmp_path / "store")
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7 plan")

    def call(*words, **more):
        return wenqu(*words, store=folder, **more)

    call.folder = folder
    return call


def begun(town):
    seat = ("--seat", "role:bureau")
    told = town(
        "documents", "begin", "--city", "little", "--kind", "implementation", "--title", "plan", *seat
    )
    assert told.code == 0, told.err
    return told.out.split()[1]


def test_a_document_is_issued_and_a_tampered_file_is_named(town, tmp_path):
    id_ = begun(town)
    assert town("documents", "file", id_, "plan.pdf", "--city", "little", "--reason", "first").code == 0
    early = town("documents", "step", id_, "issue", "--city", "little", "--number", "1")
    assert (early.code, "cannot take the step 'issue'" in early.err) == (2, True)
    for step, *more in (
        ("check",), ("countersign",), ("approve",), ("issue", "--number", "2026-1"),
        ("archive", "--shelf", "A1", "--retention", "y30"),
    ):  # fmt: skip
        told = town("documents", "step", id_, step, "--city", "little", *more)
        assert told.code == 0, told.err
    assert "archived" in told.out
    assert "2026-1" in town("documents", "list", "--city", "little").out
    assert town("documents", "list", "--city", "little", "--out", "register.docx").code == 0
    assert "countersign" in town("documents", "show", id_, "--city", "little").out
    assert "All 1 versions hold" in town("documents", "verify", "--city", "little").out
    assert town("documents", "sheet", id_, "sheet.json", "--city", "little").code == 0
    told = town("documents", "verify", "--sheet", "sheet.json", "--file", "plan.pdf")
    assert "The file is version 1 (archived)" in told.out
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7 plot")
    told = town("documents", "verify", "--sheet", "sheet.json", "--file", "other.pdf")
    assert (told.code, "no version of document" in told.err) == (2, True)
    sha256 = town("documents", "show", id_, "--city", "little", "--json").json["versions"][0]["sha256"]
    (town.folder / "files" / sha256[:2] / sha256).write_bytes(b"%PDF-1.7 plot")
    told = town("documents", "verify", "--city", "little")
    assert (told.code, f"{id_} v1 (content)" in told.err) == (2, True)


def test_a_round_is_asked_taken_in_decided_and_written(town, tmp_path):
    id_ = begun(town)
    town("documents", "file", id_, "plan.pdf", "--city", "little", "--reason", "first")
    told = town("opinions", "ask", id_, "--city", "little", "--until", "2099-01-01", "--seat", "role:bureau")
    round_ = told.out.split()[1]
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    told = town("opinions", "take-in", round_, "table.csv", "--city", "little")
    assert "2 opinions were filed, 2 of them decided" in told.out
    assert "row 4: the decision is not understood" in told.out
    told = town("opinions", "give", round_, "--city", "little", "--body", "市财政局", "--text", "多些")
    opinion = told.out.split()[1]
    told = town("opinions", "decide", round_, opinion, "not", "--city", "little")
    assert (told.code, "needs: a reason" in told.err) == (2, True)
    assert town("opinions", "decide", round_, opinion, "not", "--city", "little", "--why", "x").code == 0
    told = town("opinions", "close", round_, "--city", "little")
    assert (told.code, "1 opinions or rows that wait" in told.err) == (2, True)
    assert "2099-02-01" in town("opinions", "close", round_, "--city", "little", "--until", "2099-02-01").out
    assert town("opinions", "table", round_, "table.xlsx", "--city", "little").code == 0
    listed = town("opinions", "rounds", "--city", "little", "--json").json["rows"][0]
    assert (listed["totals"]["opinions"], listed["totals"]["adopted"], listed["waiting"]) == (3, 1, 1)
