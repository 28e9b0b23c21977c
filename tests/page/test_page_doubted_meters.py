"""Meters that nobody should believe are marked where their figures stand, and say why and what to do."""

import numpy as np
import pytest

from tests.services.test_diagnose_city import CODE, fill, network, readings
from wenqu.network.model import Network, assets
from wenqu.series.model import series
from wenqu.services.diagnose_city import diagnose_city
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser


def two_odd_meters(folder):
    """Fill a store: MX reads 60 % more than MA, 50 m above it; MC reads backwards."""
    net = network()
    places = {"on_id": ["cA19", "cA18", "cB19", "cC19"], "bias_error": [0.03] * 4, "flow_error": [0.05] * 4}
    meters = assets("meter", ["MA", "MX", "MB", "MC"], places)
    given = [
        series(row.asset, row.quantity, row.times, -row.values, simulated=True)
        if (row.asset, row.quantity) == ("MC", "flow") else row
        for row in readings(np.random.default_rng(8))
    ]  # fmt: skip
    one = next(row for row in given if (row.asset, row.quantity) == ("MA", "flow"))
    given.append(series("MX", "flow", one.times, 1.6 * one.values, simulated=True))
    store = open_store(folder)
    fill(store, Network(net.city, {**net.tables, "meter": meters}), given)
    diagnose_city(store, CODE, who="test")
    store.close()


def test_meters_in_doubt_are_marked_in_the_list_and_say_why(visit_with, tmp_path, built):
    assert built.is_dir()
    two_odd_meters(tmp_path / "store")
    with visit_with(tmp_path / "store") as visit:
        page = visit.page
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"{visit.home}/#/{CODE}/diagnosis?asset=meter/MB&lang=zh")  # no place, no map
            visit.settle()
            row = page.locator("nav li", has=page.locator("a[href*='meter%2FMC'], a[href*='meter/MC']"))
            assert "读数是倒流" in row.locator(".odd").get_attribute("title")
            assert "计量点存疑" in "".join(page.locator("nav li .odd").all_inner_texts())
            calm = page.locator("nav li", has=page.locator("a[href*='meter%2FMB'], a[href*='meter/MB']"))
            assert calm.locator(".odd").count() == 0
        text = visit.text()
        assert "与其余证据矛盾" in text
        assert "1 台流量计受顶托或读数方向可疑" in text
        page.goto(f"{visit.home}/#/{CODE}/diagnosis?asset=meter/MC&lang=en")
        visit.settle()
        assert "run backwards" in visit.text()
        assert "Check its direction and sign first" in visit.text()
        page.get_by_role("link", name="Which, and what to do?").click()
        page.wait_for_url("**tab=topology**")
        page.get_by_text("run backwards").wait_for()
        assert visit.complaints == []
