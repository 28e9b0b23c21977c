"""A city whose months cannot be followed is told why on the page, and what to do first."""

import pytest

from tests.services.test_diagnose_city import CODE, fill, network
from wenqu.network.model import Network
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser


def test_work_that_fails_says_why_where_it_was_begun(visit_with, tmp_path, built):
    assert built.is_dir()
    net = network()
    store = open_store(tmp_path / "store")
    bare = {name: table for name, table in net.tables.items() if name != "meter"}
    fill(store, Network(net.city, bare))
    store.close()
    late = []

    def first_is_late(route):
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    with visit_with(tmp_path / "store") as visit:
        page = visit.page
        page.route("**/api/v1/jobs", first_is_late)
        page.goto(f"{visit.home}/#/{CODE}/diagnosis?tab=months&lang=zh")
        begin = page.get_by_role("button", name="开始逐月跟踪")
        begin.click()
        said = page.get_by_role("alert").filter(has_text="没有一台流量计装在管网上")
        said.wait_for(timeout=90_000)
        (route, before), *_ = late
        route.fulfill(response=before)  # it knows nothing of the work, and comes after what knows it
        visit.settle()
        assert said.is_visible()
        assert begin.is_enabled()
        assert visit.complaints == []
