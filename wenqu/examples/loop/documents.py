"""Which official documents has the example city, and who said what about the largest? All simulated."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from wenqu.protocols.word_file import WordFile
from wenqu.records.official import MadeFrom, OfficialDocument
from wenqu.records.opinion import Consultation
from wenqu.services.city_state import CityState
from wenqu.services.consult import open_consultation
from wenqu.services.describe_city import districts
from wenqu.services.file_document import Draft, begin_document, file_version
from wenqu.services.rights import LOCAL, Person
from wenqu.services.step_document import Asked, step_document
from wenqu.services.take_in_opinions import take_in_opinions
from wenqu.store.database import Store
from wenqu.store.moments import now

MARK = "模拟数据，不得用于上报。Simulated."
BUREAUS = ("市生态环境局（模拟）", "市建设局（模拟）", "市综合执法局（模拟）")
DRAFTER, CHECKER, HEAD = "拟稿人（模拟）", "核稿人（模拟）", "签发人（模拟）"
DAYS = 20  # of a round


def play_documents(store: Store, state: CityState) -> int:
    """Begin a plan that is sent round with its opinions, and a bulletin that is archived; return how many."""
    city = state.network.city
    zones = districts(state)
    plan = _begun(store, city.code, "implementation", f"{city.zh}城镇污水管网提升改造工作方案（征求意见稿）")
    due = (now().date() + timedelta(days=DAYS)).isoformat()
    seats = (*(f"district:{zone['id']}" for zone in zones), "role:bureau")
    asked = Consultation("", plan, 1, due, seats, "请于截止前书面反馈（模拟）")
    round_ = open_consultation(store, city.code, asked, person=_person(DRAFTER)).id
    names = [*(zone["name"] for zone in zones), *BUREAUS]
    take_in_opinions(store, city.code, round_, "意见（模拟）.csv", _table(names), person=_person(DRAFTER))
    zone = zones[0]["id"] if zones else ""
    month = (now().date().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    title = f"{city.zh}污水管网提升改造月报（{month}）"
    bulletin = _begun(store, city.code, "bulletin", title, zone, month)
    issue = Asked("issue", 1, number=f"（模拟）月报〔{month[:4]}〕{int(month[5:])}号")
    archive = Asked("archive", 1, shelf=f"SIM-{month}", retention="y10")
    steps = ((CHECKER, Asked("check", 1)), (HEAD, Asked("approve", 1)), (CHECKER, issue), (CHECKER, archive))
    for who, step in steps:
        step_document(store, city.code, bulletin, step, person=_person(who))
    return 2


def _person(name: str) -> Person:
    return replace(LOCAL, account=name)


def _begun(store: Store, city: str, kind: str, title: str, district: str = "", subject: str = "") -> str:
    """Return the id of a document with its first version, a page that says that it is simulated."""
    given = OfficialDocument("", kind, title, district, subject, body="市治水办（模拟）")
    id_ = begin_document(store, city, given, person=_person(DRAFTER)).id
    page = WordFile()
    page.heading(title)
    page.note(MARK)
    draft = Draft(f"{title}.docx", page.bytes(), "初稿（模拟）", MadeFrom(said="示例城市的数据（模拟）"))
    file_version(store, city, id_, draft, person=_person(DRAFTER))
    return id_


def _table(bodies: list[str]) -> bytes:
    """Return the table of opinions as bodies would send it: each row from the next body."""
    rows = list(csv.reader((files(__package__) / "opinions.csv").read_text(encoding="utf-8").splitlines()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["提出单位", *rows[0]])
    writer.writerows([bodies[place % len(bodies)], *row] for place, row in enumerate(rows[1:]))
    return out.getvalue().encode()
