"""A city and a district without a pipe, and a survey firm's GBK Shapefiles in a ZIP, in the browser."""

import re
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from shapely.geometry import LineString, Point

from tests.network.formats.deliveries import delivered
from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.page.test_page_screens import RAW_KEY
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser
PARTS = {
    "cockpit": ("",), "map": ("",), "operation": ("",), "registers": ("conduit",), "catalogue": ("",),
    "survey": ("import", "inspections", "queue", "blank", "cycles", "rules"),
    "diagnosis": (
        "water", "areas", "months", "rain", "topology", "search", "trace", "placement", "balance", "record",
    ),
    "plan": ("programme", "choices", "schedule", "packages", "prices", "rules"),
    "works": ("problems", "projects", "effects", "money", "figures", "backward"),
    "documents": ("made", "papers", "register", "opinions"),
}  # fmt: skip
NO_NUMBER = re.compile(r"\bNaN\b|undefined|\bInfinity\b|∞|\[object|\bnull\b")
PLANNING = {"plan": ("programme", "choices", "rules")}  # of the whole city: a district is told that it is


def square(x):
    return [[x, 3100000], [x + 1000, 3100000], [x + 1000, 3101000], [x, 3101000], [x, 3100000]]


@pytest.fixture(scope="module")
def home(tmp_path_factory, built):
    """Return the address of a city without anything, and of one with all pipes in one of two districts."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("census") / "store"
    made = open_store(folder)
    let_root_in(made)
    with made.change("empty", who="clerk", why="a city") as change:
        change.put_city(City("empty", zh="空城", en="Empty city", crs="EPSG:4549"))
    rings = np.array([*square(500000), *square(501000)], float)
    zones = Shapes(rings, np.array([0, 5, 10]), np.array([0, 1, 2]))
    ends = np.array([[500100, 3100100], [500200, 3100100]], float)
    pipe = {"district": ["E"], "from_id": ["a"], "to_id": ["b"], "system": ["sanitary"]}
    with made.change("half", who="clerk", why="a city") as change:
        change.put_city(City("half", zh="半城", en="Half city", crs="EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district"] * 2, "name": ["东区", "西区"]}, zones))
        change.put(assets("manhole", ["a", "b"], {"district": ["E", "E"]}, Shapes.points(ends)))
        change.put(assets("conduit", ["p"], pipe, Shapes.lines(ends, np.array([0, 2]))))
    change_password(made.accounts, "west", add_account(made.accounts, LOCAL, "west"), PASSWORD)
    give_grant(made.accounts, LOCAL, "west", Grant("district", "half", "W"))
    made.close()
    with serving(folder) as address:
        yield address


@contextmanager
def acting(chromium, home, name):
    """Visit the page under an account."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    yield made
    context.close()


@pytest.mark.parametrize(
    ("who", "city", "more", "says"),
    [
        ("root", "empty", "&lang=zh", "这座城市还没有管线"),
        ("root", "half", "&district=W&lang=en", "西区 has no pipes yet"),
        ("west", "half", "&lang=zh", "您的范围内还没有管线"),
    ],
)
def test_without_a_pipe_every_screen_says_what_to_do_and_shows_no_broken_number(
    home, chromium, who, city, more, says
):
    with acting(chromium, home, who) as visit:
        for screen, parts in PARTS.items():
            for part in parts:
                visit.page.goto(f"{home}/#/{city}/{screen}?tab={part}{more}")
                visit.settle()
                said, here = visit.page.inner_text("main"), f"{screen} {part}"
                whole = who == "west" and part in PLANNING.get(screen, ())
                assert says in said, here
                assert NO_NUMBER.findall(said) == [], here
                assert whole or RAW_KEY.findall(said) == [], here
                assert visit.page.locator("main [role=alert]").count() == whole, f"{here}: {said}"
                blank = visit.page.evaluate(
                    "() => [...document.querySelectorAll('main figure svg, main .chart svg, main .uplot')]"
                    ".filter(one => one.getBoundingClientRect().height > 40 && !one.querySelector("
                    "'path, rect, circle, line, polyline, text, canvas')).length"
                )
                assert blank == 0, f"{here}: a chart without anything in it"
        visit.page.goto(f"{home}/#/{city}/works?tab=backward{more}")
        visit.settle()
        reached = ("已达目标", "already")
        assert not any(word in visit.page.inner_text("main") for word in reached) or city != "empty"


def test_a_city_with_pipes_has_no_such_line(home, chromium):
    with acting(chromium, home, "root") as visit:
        visit.page.goto(f"{home}/#/half/cockpit?lang=zh&district=E")
        visit.settle()
        assert "还没有管线" not in visit.page.inner_text("main")
        visit.page.goto(f"{home}/#/half/cockpit?lang=zh&date=2000-01-01")
        visit.page.locator("main").get_by_text("到 2000-01-01 为止还没有管线").wait_for()


class Unflagged(zipfile.ZipInfo):
    """A member whose name stands in GBK, and nothing says so: as Chinese Windows zips."""

    def _encodeFilenameFlags(self):  # noqa: N802 - the name that Python gave it
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def as_windows_zips(archive, files):
    """Zip files as Chinese Windows does."""
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files:
            packed.writestr(Unflagged(path.name), path.read_bytes())
    return archive


def test_a_firms_gbk_shapefiles_without_cpg_enter_by_the_page(home, chromium, tmp_path):
    points = {"管点编号": ["甲1", "乙2"], "道路名称": ["解放路一段", "中山东路"], "井底高程": [2.5, 2.25]}
    lines = {"管段编号": ["丙3"], "起点编号": ["甲1"], "终点编号": ["乙2"], "管材": ["混凝土"]}
    spots = [(500100, 3100100), (500130, 3100100)]
    delivered(tmp_path / "检查井.shp", points, [Point(*spot) for spot in spots], encoding="GBK")
    delivered(tmp_path / "管段.shp", lines, [LineString(spots)], encoding="GBK")
    for cpg in tmp_path.glob("*.cpg"):
        cpg.unlink()
    for table in tmp_path.glob("*.dbf"):  # firms' programs leave the code page unsaid there too
        content = bytearray(table.read_bytes())
        content[29] = 0
        table.write_bytes(content)
    files = sorted(path for path in tmp_path.iterdir() if path.suffix in {".shp", ".shx", ".dbf", ".prj"})
    archive = as_windows_zips(tmp_path / "成果.zip", files)
    with acting(chromium, home, "root") as visit:
        page = visit.page
        page.goto(f"{home}/#/gbk/survey?lang=zh&theme=light")
        page.locator(".screen form input").first.fill("gbk")
        page.set_input_files("input[type=file]", str(archive))
        page.get_by_role("button", name="上传并识别").click()
        page.wait_for_selector("text=识别结果")
        page.wait_for_selector("td:has-text('解放路一段')")
        told = page.inner_text("main")
        assert all(word in told for word in ("检查井.shp", "管段.shp", "管点编号", "GB18030")), told
        assert "�" not in told
        page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
        page.get_by_role("button", name="开始检查").click()
        page.wait_for_selector("text=按设施类型", timeout=120_000)
        page.get_by_role("button", name="确认入库").click()
        page.wait_for_selector("text=记为第 1 号变更", timeout=60_000)
        page.goto(f"{home}/#/gbk/registers?tab=manhole&lang=zh&columns=id,road,invert_level")
        page.get_by_role("cell", name="解放路一段").wait_for()
        assert page.get_by_role("cell", name="甲1").count() == 1
        page.goto(f"{home}/#/gbk/registers?tab=conduit&lang=zh&columns=id,material,from_id")
        page.get_by_role("cell", name="混凝土").wait_for()
        assert visit.complaints == []
