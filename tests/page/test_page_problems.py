"""A problem walks its whole life on the page, with four different accounts."""

from contextlib import contextmanager

import pytest

from tests.page.conftest import CITY, DESK, PASSWORD, Visit, listen

pytestmark = pytest.mark.browser
BODY = "city water group"


@pytest.fixture(scope="module")
def people(store):
    """Make an officer, a crew, an inspector and an engineer, each with their own role."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant
    from wenqu.store.database import open_store

    made = open_store(store)
    grants = {
        "officer": Grant("city_office", CITY), "crew": Grant("contractor", CITY, "", BODY),
        "inspector": Grant("surveyor", CITY), "engineer": Grant("operator", CITY),
    }  # fmt: skip
    for name, grant in grants.items():
        change_password(made.accounts, name, add_account(made.accounts, LOCAL, name), PASSWORD)
        give_grant(made.accounts, LOCAL, name, grant)
    made.close()
    return grants


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
    page.locator(".steps button", has_text=step).first.click()
    form = page.locator("form:has(button.primary)")
    for label, text in given.items():
        form.get_by_label(label).fill(text)
    form.locator("button.primary").click()
    page.locator("ol li b", has_text=step).first.wait_for()


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
