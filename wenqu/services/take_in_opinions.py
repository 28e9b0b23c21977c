"""Take in a table of opinions (Excel, Word, CSV): good rows are filed at once, bad ones wait."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from wenqu.errors import BadInput, Refused
from wenqu.records.opinion import Opinion, OpinionAnswer, OpinionRow
from wenqu.services.attachments import LARGEST, media_of
from wenqu.services.consult import Said, answer_of, opinion_of
from wenqu.services.consultation_ledger import ANSWER, OPINION, ROW, round_of, runs
from wenqu.services.document_seats import DISTRICT
from wenqu.services.file_document import HOME
from wenqu.services.named_files import document_of
from wenqu.services.problem_lists import zone_name
from wenqu.services.rights import Person, demand_account
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.opinion_table import Row, headings, read_rows
from wenqu.supervision.opinions import OPEN, Round, lacks
from wenqu.survey.formats.grids import Grid
from wenqu.survey.formats.list_tables import grids_of
from wenqu.survey.formats.word_tables import document_of as word_document

Texts = list[list[str]]


def take_in_opinions(
    store: Store, city: str, id_: str, name: str, content: bytes, *, person: Person
) -> dict[str, Any]:
    """Take in a table and tell how many opinions were filed, known already, decided, and which rows wait.

    The same row again (body, clause and text) counts once, so that a table can be taken in anew.

    Raises
    ------
    BadInput
        The file is too large, or holds no table with a column of opinions.
    FileUnreadable
        It is damaged, locked, or no table.
    Refused
        The person does not run the round, or it is closed.
    """
    demand_account(person)
    if len(content) > LARGEST:
        raise BadInput("attachment-size", name=name, size=len(content), most=LARGEST)
    plain = name.replace("\\", "/").rpartition("/")[2].strip() or "opinions"
    day = now().date().isoformat()
    rows = [row for texts in tables_of(plain, content) for row in read_rows(texts, day)]
    if not rows:
        raise BadInput("opinion-table", name=plain)
    with store.change(city, who=person.account, why=f"opinions {id_}") as change:
        one, life = round_of(store, city, id_, person)
        if not runs(person, city, life):
            raise Refused("consultation-rights", document=life.document.id)
        filed, answers, waiting, known = list[Opinion](), list[OpinionAnswer](), list[OpinionRow](), 0
        held = {key_of(v.opinion.body, v.opinion.clause, v.opinion.text) for v in one.voices}
        bad = {(row.file, tuple(sorted(row.cells.items()))) for row in one.waiting}
        seats = {seat: zone_name(store.network(city, types=["zone"]), seat.partition(":")[2])
                 if seat.startswith(DISTRICT) else seat.partition(":")[2]
                 for seat in one.consultation.asked}  # fmt: skip
        for row in rows:
            if row.fault:
                if (plain, tuple(sorted(row.cells.items()))) not in bad:
                    waiting.append(_waiting(one, row, plain, person, simulated=life.document.simulated))
                continue
            if key_of(row.body, row.clause, row.text) in held:
                known += 1
                continue
            held.add(key_of(row.body, row.clause, row.text))
            seat = next((seat for seat, called in seats.items() if called == row.body.strip()), "")
            said = Said(row.body, row.text, not row.text, row.date, row.clause, seat, plain)
            opinion = opinion_of(one, life, said, city, person)
            filed.append(opinion)
            given = OpinionAnswer("", opinion.id, row.verdict, row.why, row.change)
            if row.verdict != OPEN and not lacks(given):
                answers.append(answer_of(given, life, person))
        if filed or waiting:
            home = f"{HOME}{life.document.id}/{id_}"
            change.write_document(
                document_of(home, uuid4().hex, plain), content, media_of(content) or "text/plain"
            )
        change.add_records(OPINION, filed)
        change.add_records(ANSWER, answers)
        change.add_records(ROW, waiting)
    undecided = sum(row.verdict != OPEN and not row.fault for row in rows) - len(answers)
    return {
        "filed": len(filed), "known": known, "decided": len(answers),
        "undecided": max(0, undecided - known),
        "waiting": [{"row": row.row, "fault": row.fault} for row in waiting],
    }  # fmt: skip


def key_of(body: str, clause: str, text: str) -> tuple[str, str, str]:
    """Return what makes an opinion the same as another: blanks do not count."""
    return ("".join(body.split()), "".join(clause.split()), "".join(text.split()))


def _waiting(one: Round, row: Row, file: str, person: Person, *, simulated: bool) -> OpinionRow:
    return OpinionRow(
        f"R-{uuid4().hex[:10]}", one.consultation.id, file, row.place, row.fault, row.cells, person.account,
        now().isoformat(timespec="seconds"), simulated,
    )  # fmt: skip


def tables_of(name: str, content: bytes) -> list[Texts]:
    """Return the tables of a file that have a column of opinions, as texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{Path(name).suffix.lower()[:8]}"
        path.write_bytes(content)
        if _is_word(name, content):
            grids = [block for block in word_document(path).blocks if isinstance(block, Grid)]
        else:
            grids = list(grids_of(path)[0])
    found = [[[cell.text for cell in row] for row in grid.rows] for grid in grids]
    return [texts for texts in found if headings(texts)[0] >= 0]


def _is_word(name: str, content: bytes) -> bool:
    named: Sequence[str] = (".docx", ".doc", ".wps")
    return name.lower().endswith(tuple(named)) or (content[:2] == b"PK" and b"word/document.xml" in content)
