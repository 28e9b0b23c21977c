"""A verification lives on the page: registered, sealed, ended and judged; who may not, cannot."""

from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest

from tests.diagnosis.flow_records import records
from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.services.test_figures_frozen import small_city
from wenqu.network.model import assets
from wenqu.series.model import series
from wenqu.store.database import open_store
from wenqu.store.moments import now

pytestmark = pytest.mark.browser
BEFORE, AFTER, WORKS = 400, 200, 10
TODAY = np.datetime64(now().date())
CUTS = {"M": 0.4, "K": 0.0}
STOPS = 28  # [d] from today: the control is silent from then on, a week into the window
# The days between registering and judging cannot be waited for: the service then says that they have passed.
LATER = f"""
import datetime
import wenqu.store.moments as moments
today = moments.now
moments.now = lambda: today() + datetime.timedelta(days={WORKS + AFTER})
"""


def readings():
    """Return what meter, control and rain read from long before today to half a year after it."""
    _, sky, rows = records(21, BEFORE + WORKS + AFTER, len(CUTS), common=0.02, slow=0.01, wet=0.05)
    days = TODAY - BEFORE + np.arange(BEFORE + WORKS + AFTER)
    for (name, cut), values in zip(CUTS.items(), rows, strict=True):
        values[BEFORE + WORKS :] *= 1 - cut
        if name == "K":
            values[BEFORE + STOPS :] = np.nan
    times = days.astype("datetime64[s]")
    told = [series(name, "flow", times, values[:, 0]) for name, values in zip(CUTS, rows, strict=True)]
    return [*told, series("R", "rain", times, sky.means / 86400)]


def write_until(folder, day):
    """Write what has been read by a day."""
    made = open_store(folder)
    for one in readings():
        known = (one.times < day.astype("datetime64[s]")) & np.isfinite(one.values)
        made.write_series("c", [series(one.asset, one.quantity, one.times[known], one.values[known])])
    made.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory, built):
    """Return the folder of a small city with two meters, an office and a crew."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("effects")
    made = small_city(folder)
    with made.change("c", who="tester", why="meters") as change:
        change.put(assets("meter", list(CUTS), {"district": ["E", "W"]}))
    let_root_in(made)
    for name, grant in {"crew": Grant("contractor", "c"), "west": Grant("district", "c", "W")}.items():
        change_password(made.accounts, name, add_account(made.accounts, LOCAL, name), PASSWORD)
        give_grant(made.accounts, LOCAL, name, grant)
    made.close()
    write_until(folder / "store", TODAY)
    return folder / "store"


@contextmanager
def acting(chromium, home, name="root", days=0):
    """Open the page under an account, some days from now."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    context.clock.set_system_time(now() + timedelta(days=days))
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/works?tab=effects&lang=zh")
    made.settle()
    yield made
    context.close()


def forbidden(visit, path, body):
    """Try what the page does not offer; return what the service answers."""
    ask = """([path, body]) => fetch('api/v1/cities/c/' + path, {method: 'POST', body: JSON.stringify(body),
        headers: {'Content-Type': 'application/json'}}).then(answer => answer.status)"""
    return visit.page.evaluate(ask, [path, body])


def register(page):
    """Register a verification at the meter with its control; return how many dry days it asks."""
    page.get_by_role("button", name="登记核验").click()
    form = page.get_by_role("form", name="登记核验")
    form.get_by_label("受工程影响的流量计").select_option("M")
    form.get_by_label("对照（不受工程影响）").select_option("K")
    form.get_by_label("开工日期").fill(str(TODAY + WORKS))
    form.get_by_role("spinbutton").first.fill("2")
    form.get_by_text("登记了也证明不了").wait_for()  # two per cent: nothing to seal
    assert form.get_by_role("button", name="登记", exact=True).is_disabled()
    form.get_by_role("spinbutton").first.fill("35")
    form.get_by_text("才算见效").first.wait_for()
    form.get_by_label("名称").fill("东岸修复")
    form.get_by_role("button", name="登记", exact=True).click()
    assert "谁也不能更改" in form.inner_text()
    form.get_by_role("button", name="封存").click()
    page.get_by_role("heading", name="东岸修复").wait_for()


def test_a_verification_is_registered_ended_and_judged_though_the_control_stops(town, chromium):
    with serving(town) as home:
        with acting(chromium, home) as office:
            register(office.page)
            assert "还看不出" in office.text()
            assert f"{TODAY + WORKS} 开工后才能登记完工" in office.text()
            seal = office.page.locator("code").get_attribute("title")
            id_ = office.page.url.split("row=")[1].split("&")[0]
            assert not office.complaints
        for name in ("crew", "west"):
            with acting(chromium, home, name) as other:
                offered = other.page.get_by_role("button", name="登记核验").count()
                assert offered == (1 if name == "west" else 0)  # the west has a meter of its own
                wanted = {"meter": "M", "begins": str(TODAY + WORKS), "expected": 0.4}
                assert forbidden(other, "verifications", wanted) == 403
                assert forbidden(other, f"verifications/{id_}/ends", {"date": str(TODAY)}) in {403, 404}
                assert forbidden(other, f"verifications/{id_}/judgements", {}) in {403, 404}
    write_until(town, TODAY + WORKS + AFTER)
    with serving(town, before=LATER) as home, acting(chromium, home, days=WORKS + AFTER) as office:
        page = office.page
        page.get_by_role("link", name="东岸修复").click()
        page.get_by_label("完工日期").fill(str(TODAY + WORKS + 5))
        page.get_by_role("button", name="登记完工").click()
        page.get_by_text("登记后不能更改").wait_for()
        page.get_by_role("button", name="确认完工").click()
        page.get_by_role("button", name="下结论").click()
        page.get_by_text("结论只下一次").wait_for()
        page.get_by_role("button", name="确认结论").click()
        page.get_by_text("结论日期").wait_for()
        office.settle()
        assert "中途停止读数，未用" in office.text()
        assert "见效：旱天流量变化" in office.text()
        assert page.locator("code").get_attribute("title") == seal  # as it was noted
        assert page.get_by_role("button", name="下结论").count() == 0
        assert forbidden(office, f"verifications/{id_}/judgements", {}) == 403  # there is one verdict
        assert not [said for said in office.complaints if "403" not in said]
