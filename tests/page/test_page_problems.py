"""A problem walks its whole life on the page, with four different accounts."""

import re
from contextlib import contextmanager

import pytest

from tests.page.conftest import CITY, DESK, PASSWORD, Visit, listen

pytestmark = pytest.mark.browser
BODY = "city water group"


def districts(made):
    """Return the ids of the two districts with the most pipes."""
    from wenqu.services.sight import districts_of

    of = [id_ for id_ in districts_of(made.network(CITY))["conduit"].tolist() if id_]
    return sorted(set(of), key=of.count, reverse=True)[:2]


@pytest.fixture(scope="module")
def people(store):
    """Make an officer, a crew, an inspector and an engineer, each with their own role."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant
    from wenqu.store.database import open_store

    made = open_store(store)
    first, second = (str(id_) for id_ in districts(made))
    grants = {
        "here": Grant("district", CITY, first), "there": Grant("district", CITY, second),
        "officer": Grant("city_office", CITY), "crew": Grant("contractor", CITY, "", BODY),
        "inspector": Grant("surveyor", CITY), "engineer": Grant("operator", CITY),
    }  # fmt: skip
    for name, grant in grants.items():
        change_password(made.accounts, name, add_account(made.accounts, LOCAL, name), PASSWORD)
        give_grant(made.accounts, LOCAL, name, grant)
    made.close()
    return grants


@pytest.fixture
def filed(store, people):
    """File what the evidence shows, unless a test before has, and return the accounts."""
    from wenqu.services.city_state import CityState
    from wenqu.services.find_problems import find_problems
    from wenqu.services.rights import LOCAL
    from wenqu.store.database import open_store

    made = open_store(store)
    find_problems(made, CityState(made.network(CITY)), person=LOCAL)
    made.close()
    return people


@pytest.fixture
def acting(chromium, service, people):
    """Return how somebody opens the page under their own account."""

    @contextmanager
    def opened(name):
        assert name in people
        context = chromium.new_context(viewport=DESK, locale="zh-CN")
        told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": service}}
        assert context.request.post(f"{service}/api/v1/sign-in", **told).ok
        made = Visit(context.new_page(), service)
        listen(made)
        yield made
        context.close()

    return opened


def take(visit, id_, step, **given):
    """Take one step in the form of the page and wait until the timeline has it."""
    page = visit.page
    visit.go(f"works?tab=problems&row={id_}&lang=zh&theme=light")
    page.locator(".steps button", has_text=re.compile(rf"^\s*{step}\s*$")).click()
    told = page.locator("ol li b").count()
    form = page.locator("form:has(button.primary)")
    for label, text in given.items():
        field = form.get_by_label(label)
        if field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    form.locator("button.primary").click()
    page.locator("ol li b").nth(told).wait_for()  # steps repeat, and names hold one another


def test_a_problem_walks_its_whole_life_with_four_accounts(acting):
    with acting("officer") as officer:
        officer.go("works?tab=problems&lang=zh&theme=light")
        officer.page.get_by_role("button", name="由证据立案").click()
        officer.page.wait_for_selector("[role=status]:has-text('新立')")
        rows = officer.ask("problems")["rows"]
        usual = next(row["id"] for row in rows if not row["emergency"])
        take(officer, usual, "确认")
        take(officer, usual, "交办", 责任单位=BODY, 责任人="李工")
        take(officer, usual, "定期限")
        assert "等 city water group 整改" in officer.text()
        officer.page.locator("summary", has_text="警报").wait_for()
        assert officer.complaints == []
    with acting("engineer") as engineer:  # of the group that runs the network: designs
        take(engineer, usual, "完成设计", **{"依据（每行一个）": "plan.pdf"})
        assert engineer.complaints == []
    with acting("crew") as crew:
        take(crew, usual, "开工")
        take(crew, usual, "完工测试", **{"依据（每行一个）": "test:T-1"})
        assert crew.page.locator(".steps button", has_text="销号").count() == 0
        assert crew.complaints == []
    with acting("inspector") as inspector:
        take(inspector, usual, "复检", **{"依据（每行一个）": "inspection:I-9"})
    with acting("officer") as officer:
        take(officer, usual, "销号")
        assert "已销号" in officer.page.locator(".first").inner_text()
        told = officer.ask(f"problems/{usual}")
        assert [event["by"] for event in told["timeline"]] == [
            "officer", "officer", "officer", "engineer", "crew", "crew", "inspector", "officer",
        ]  # fmt: skip
        officer.go(f"map?asset={told['asset_type']}/{told['asset']}&lang=zh&theme=light")
        officer.page.locator("aside li", has_text="已销号").wait_for()
        assert officer.complaints == []


def test_a_problem_is_reported_by_hand_and_its_alarm_is_noted(acting):
    with acting("officer") as officer:
        page = officer.page
        officer.go("works?tab=problems&lang=en&theme=dark")
        manhole = officer.ask("registers/manhole")["ids"][0]
        page.get_by_role("button", name="Report a problem").click()
        form = page.locator("form.panel")
        form.locator("select").first.select_option("manhole")
        form.get_by_label("asset", exact=True).fill(manhole)
        form.get_by_label("what was seen").fill("The cover is gone.")
        form.locator("button.primary").click()
        page.locator(".first", has_text="found").wait_for()
        before = officer.ask("alarms")["open"]
        page.locator("summary", has_text="Alarms").click()
        page.locator("details li", has_text=manhole).get_by_role("button", name="Noted").click()
        page.wait_for_function(
            "([before, city]) => fetch(`api/v1/cities/${city}/alarms`)"
            ".then(a => a.json()).then(a => a.open < before)",
            arg=[before, CITY],
        )
        assert officer.complaints == []


def usual(visit, district, start=0):
    """Return a problem of a district that is no emergency and waits for its first step."""
    rows = [row for row in visit.ask("problems")["rows"] if row["district"] == district]
    return [row["id"] for row in rows if row["state"] == "found" and not row["emergency"]][start]


def test_a_problem_is_refused_opened_again_declined_and_taken_over(acting, filed):
    here, there = filed["here"].district, filed["there"].district
    with acting("here") as mine:
        mine.go("works?tab=problems&lang=zh&theme=light")
        id_ = usual(mine, here)
        take(mine, id_, "不予立案", 说明="现场未见缺陷")
        assert "不予立案" in mine.page.locator(".first").inner_text()
        take(mine, id_, "重新立案", **{"依据（每行一个）": "inspection:I-7"})
        take(mine, id_, "移交区县", 区县=there, 说明="界线在此")
        assert "待其接收" in mine.text()
        assert mine.complaints == []
    with acting("there") as other:
        other.go(f"works?tab=problems&row={id_}&lang=zh&theme=light")
        other.page.locator(".steps button", has_text="不接收移交").click()
        other.page.locator("form").get_by_label("说明").fill("界线不在此")
        other.page.locator("form button.primary").click()
        other.page.locator("[role=status]", has_text="现属其他区县").wait_for()
        assert other.complaints == []
    with acting("here") as mine:
        take(mine, id_, "移交区县", 区县=there, 说明="见界线图")
    with acting("there") as other:
        take(other, id_, "接收移交")
        told = other.ask(f"problems/{id_}")
        assert (told["district"], told["offered"], told["state"]) == (there, "", "reopened")
        assert [event["by"] for event in told["timeline"]] == [
            "here",
            "here",
            "here",
            "there",
            "here",
            "there",
        ]
        take(other, id_, "确认")


def test_who_comes_second_reads_who_was_quicker_and_several_are_confirmed_together(acting, filed):
    here = filed["here"].district
    with acting("officer") as officer:
        officer.go("works?tab=problems&lang=zh&theme=light")
        id_, page = usual(officer, here), officer.page
        officer.go(f"works?tab=problems&row={id_}&lang=zh&theme=light")
        page.locator(".steps button", has_text="确认").first.click()
        with acting("here") as mine:
            take(mine, id_, "确认")
        page.locator("form button.primary").click()
        page.locator("[role=alert]", has_text="在您之前 here").wait_for()
        kind = officer.ask(f"problems/{id_}")["kind"]
        officer.go(f"works?tab=problems&by=found&district={here}&only=kind%3D{kind}&lang=zh&theme=light")
        page.get_by_role("button", name="所列问题一起办").click()
        form = page.get_by_role("form", name="所列问题一起办")
        count = len(officer.ask(f"problems?state=found&district={here}&kind={kind}")["rows"])
        form.get_by_role("button", name="确认").first.click()
        form.locator("button.primary", has_text=f"({count})").click()
        page.locator("[role=status]", has_text=f"已办 {count} 个").wait_for()
        assert officer.ask(f"problems?state=found&district={here}&kind={kind}")["rows"] == []


def test_an_emergency_that_is_handed_in_rings_at_once_and_overlaps_merge_with_a_click(acting, tmp_path):
    with acting("officer") as officer:
        page = officer.page
        officer.go("works?tab=problems&lang=zh&theme=light")
        surveyed = {row["asset"] for row in officer.ask("inspections")["rows"]}
        pipe = next(id_ for id_ in officer.ask("registers/conduit")["ids"] if id_ not in surveyed)
        before = officer.ask("alarms")["open"]
        report = tmp_path / "film.csv"
        report.write_text(
            f"管段编号,检测日期,距离(m),缺陷代码,等级\n{pipe},2026-05-05,2.5,PL,4\n", encoding="utf-8"
        )
        officer.go("survey?tab=inspections&lang=zh&theme=light")
        page.locator("input[type=file]").first.set_input_files(report)
        page.locator("form button.primary").first.click()
        page.locator("form.accept input").fill("CCTV", timeout=120_000)  # a job of its own process
        page.locator("form button.primary").last.click()
        page.locator("[role=alert]", has_text="紧急缺陷").wait_for(timeout=120_000)
        page.locator("summary", has_text=f"{before + 1} 个警报").wait_for()
        page.locator("[role=alert] a").click()
        page.locator(".first", has_text="待确认").wait_for()
        facts = {
            "asset_type": "conduit",
            "asset": pipe,
            "kind": "structural",
            "what": "x",
            "start": 1,
            "end": 4,
        }
        told = page.request.post(
            f"{officer.home}/api/v1/cities/{CITY}/problems", data={**facts, "found_on": "2026-05-06"},
            headers={"Origin": officer.home},
        )  # fmt: skip
        (second,) = told.json()["filed"]
        officer.go(f"works?tab=problems&row={second}&lang=zh&theme=light")
        page.locator(".overlap button").click()
        page.locator("ol li b", has_text="并入了另一问题").wait_for()
        assert officer.ask(f"problems/{second}")["state"] == "merged"
        assert officer.complaints == []


def test_a_split_asks_for_its_parts_and_refuses_those_that_lie_over_one_another(acting, filed):
    here = filed["here"].district
    with acting("officer") as officer:
        page = officer.page
        officer.go("works?tab=problems&lang=zh&theme=light")
        rows = [
            row for row in officer.ask("problems")["rows"] if row["asset_type"] == "conduit" and row["open"]
        ]
        id_ = next(row["id"] for row in rows if row["length_m"] > 4 and row["district"] == here)
        length = officer.ask(f"problems/{id_}")["asset_length_m"]
        officer.go(f"works?tab=problems&row={id_}&lang=zh&theme=light")
        page.locator(".steps button", has_text="拆分").click()
        form = page.locator("form:has(fieldset)")
        starts, ends = form.get_by_label("起点"), form.get_by_label("终点")
        assert float(starts.nth(1).input_value()) == float(ends.nth(0).input_value()) > 0
        starts.nth(1).fill("1")
        form.locator("button.primary").click()
        form.locator("[role=alert]", has_text="重叠").wait_for()
        assert officer.ask(f"problems/{id_}")["state"] != "split"
        starts.nth(1).fill(ends.nth(0).input_value())
        form.locator("button.primary").click()
        page.locator("ol li b", has_text="拆分").wait_for()
        told = officer.ask(f"problems/{id_}")
        parts = [officer.ask(f"problems/{one}") for one in told["others"]]
        assert (told["state"], len(parts)) == ("split", 2)
        assert sum(one["length_m"] for one in parts) == pytest.approx(length, abs=0.01)
        assert [one for one in officer.complaints if "422" not in one] == []


def test_a_second_report_joins_the_problem_on_file_with_its_picture(acting, filed, tmp_path):
    photo = tmp_path / "seen.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    with acting("officer") as officer:
        page = officer.page
        officer.go("works?tab=problems&lang=zh&theme=light")
        rows = [
            row for row in officer.ask("problems")["rows"] if row["asset_type"] == "conduit" and row["open"]
        ]
        one = next(row for row in rows if officer.ask(f"problems/{row['id']}")["stretch"][0] is None)
        page.get_by_role("button", name="登记问题").click()
        form = page.locator("form.panel").first
        form.get_by_label("设施类型").select_option("conduit")
        assert "cover" not in form.get_by_label("问题类别").evaluate(
            "it => [...it.options].map(o => o.value)"
        )
        form.get_by_label("设施", exact=True).fill(one["asset"])
        form.get_by_label("问题类别").select_option(one["kind"])
        form.get_by_label("来源").select_option("citizen")
        form.get_by_label("看到了什么").fill("路面渗水")
        form.locator("input[type=file]").last.set_input_files(photo)
        form.locator("button.primary").click()
        page.locator("[role=status]", has_text="已并入").wait_for()
        told = officer.ask(f"problems/{one['id']}")
        steps = [(event["step"], event["note"]) for event in told["timeline"]][-2:]
        assert steps == [("report", "路面渗水"), ("note", "")]
        assert told["timeline"][-1]["evidence"][0].endswith("/seen.png")
        page.locator("ol li .proof", has_text="上报 群众反映").wait_for()
        assert officer.complaints == []


def test_the_date_of_an_emergency_has_its_hour(acting, filed):
    with acting("officer") as officer:
        page = officer.page
        officer.go("works?tab=problems&lang=zh&theme=light")
        id_ = next(row["id"] for row in officer.ask("problems")["rows"] if row["emergency"] and row["open"])
        state = officer.ask(f"problems/{id_}")["state"]
        if state in {"found", "reopened"}:
            take(officer, id_, "确认")
        if state in {"found", "reopened", "confirmed"}:
            take(officer, id_, "交办", 责任单位=BODY)
        take(officer, id_, "定期限", 完成期限="2099-01-02T18:30")
        assert officer.ask(f"problems/{id_}")["due"] == "2099-01-02T18:30"
        page.locator(".first", has_text="2099-01-02 18:30").wait_for()
        assert officer.complaints == []
