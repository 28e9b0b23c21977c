"""Work in the street: with the network cut the page opens, keeps what is written, and sends it once."""

import json
import re
import shutil
import struct
import zlib
from contextlib import contextmanager

import pytest

from tests.page import conftest
from tests.page.conftest import CITY, PASSWORD, Visit, listen

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
BODY = "city water group"
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"
KEPT_HERE = "() => indexedDB.databases().then(all => all.map(one => one.name))"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"


def picture(red):
    """Return a small picture whose content depends on its colour."""
    rows = b"".join(b"\0" + bytes([red, 90, 40] * 8) for _ in range(8))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return {
        "name": f"p{red}.png",
        "mimeType": "image/png",
        "buffer": b"\x89PNG\r\n\x1a\n" + b"".join(parts),
    }


class Crew(Visit):
    """Somebody with a phone; what a browser says of a cut network is no complaint."""

    def at(self, rest=""):
        """Open a part of the screen."""
        self.page.goto(f"{self.home}/#/{CITY}/street?{rest}&lang=zh&theme=light")
        self.page.wait_for_selector(".street")

    def take_along(self):
        """Take orders and map along, and wait until the page would open without a network."""
        self.at("tab=device")
        self.page.get_by_role("button", name=re.compile("^(重新)?带走$")).click()
        self.page.wait_for_selector("[data-shelf=ready]")
        self.page.wait_for_function(CONTROLLED)
        self.page.locator("dt", has_text="带走于").wait_for()

    def cut(self, *, cut=True):
        """Cut the network, or join it."""
        self.page.context.set_offline(cut)

    def sent(self):
        """Wait until nothing waits any more and return what the service has of this person."""
        self.at("tab=outbox")
        self.page.locator("li[data-state=ready]").first.wait_for(state="detached", timeout=20_000)
        return self.ask("field/entries?mine=true")["entries"]

    def edit(self, asset, field, value):
        """Change one field of an asset and finish."""
        self.at(f"tab=edit&asset={asset}")
        self.page.locator(f"#field-{field}").fill(value)
        self.page.locator(f"#field-{field}").blur()
        self.page.get_by_role("button", name=re.compile("完成修改")).click()
        self.page.wait_for_selector(".deeds")

    @property
    def faults(self):
        """Return the complaints that are not the cut network."""
        return [one for one in self.complaints if NO_NETWORK not in one]


@pytest.fixture
def crew(chromium, service):
    """Return how somebody opens the page on a phone of their own."""

    @contextmanager
    def opening(home=service, **more):
        context = chromium.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, **more)
        told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": home}}
        assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
        made = Crew(context.new_page(), home)
        listen(made)
        yield made
        context.close()

    return opening


def issue(visit, assets):
    """Issue an order of dredging and return its id."""
    given = {"kind": "dredging", "assets": assets, "body": BODY, "crew": "3", "due": "2099-12-31"}
    answer = visit.page.context.request.post(
        f"{visit.home}/api/v1/cities/{CITY}/orders", data=given, headers={"Origin": visit.home}
    )
    assert answer.ok, answer.text()
    return answer.json()["id"]


def conduits(visit):
    """Return some conduits of the city, as the map names them."""
    return [f"conduit/{id_}" for id_ in visit.page.context.request.get(
        f"{visit.home}/api/v1/cities/{CITY}/registers/conduit?limit=8").json()["ids"]]  # fmt: skip


def do_order(visit, order):
    """Start an order, fill its form with pictures, and finish it."""
    page = visit.page
    visit.at(f"tab=order&row={order}")
    page.get_by_role("button", name="开工").click()
    page.locator("fieldset").first.wait_for()
    page.locator("input[data-role=before]").set_input_files(picture(10))
    for item in page.locator("fieldset").all():
        item.get_by_text("正常").click()
    page.get_by_label("工时").fill("3.5")
    page.locator("input[data-role=after]").set_input_files(picture(20))
    page.wait_for_function("() => document.querySelectorAll('figure img').length === 2")
    page.get_by_role("button", name="完工").click()
    page.get_by_role("button", name="按远近排").wait_for()


def inspect(visit, asset):
    """Write an inspection with one defect and its picture."""
    page = visit.page
    visit.at(f"tab=inspect&asset={asset}")
    page.get_by_role("button", name="加一处缺陷").click()
    page.get_by_label("代码").select_option("PL")
    page.get_by_role("group", name="等级").get_by_text("3").click()
    page.get_by_label("距起始井 m").fill("4.2")
    page.locator("input[data-role=picture]").set_input_files(picture(30))
    page.locator("figure img").wait_for()
    page.get_by_role("button", name="完成检测（1 处缺陷）").click()
    page.wait_for_selector(".deeds")


def test_what_is_done_with_the_network_cut_arrives_once(crew):
    with crew() as one:
        page = one.page
        first, second, *_ = conduits(one)
        order = issue(one, [first, second])
        one.take_along()
        earlier = {row["id"] for row in one.ask("field/entries?mine=true")["entries"]}
        one.cut()
        page.reload()  # the page opens from the device
        one.at()
        page.locator(".list li", has_text=order).wait_for()
        do_order(one, order)
        inspect(one, first)
        one.edit(second, "name", "street test")
        one.at("tab=note")
        page.locator("textarea").fill("half a")
        page.locator("[role=status]", has_text="已存在本机").wait_for()
        home = page.context
        page.close()  # killed
        one.page = page = home.new_page()
        listen(one)
        one.at("tab=note")
        assert page.locator("textarea").input_value() == "half a"
        one.at("tab=map")
        page.wait_for_selector(".map[data-idle=true]")  # drawn from the device
        one.at("tab=outbox")
        page.locator("li[data-state=ready]").first.wait_for()
        assert page.locator("li[data-state=ready]").count() == 4
        assert page.locator("li[data-state=draft]").count() == 1
        lost = []

        def lose(route):  # the service has it, the device does not know
            route.fetch()
            lost.append(route.request.url)
            route.abort("internetdisconnected")

        page.route("**/field/entries/*", lose, times=1)
        said = []
        page.on("request", lambda asked: asked.method == "PUT" and said.append((asked.url, asked.post_data)))
        one.cut(cut=False)
        page.wait_for_function("() => document.body.innerText.includes('秒后再试')")
        assert len(lost) == 1
        page.get_by_role("button", name="现在发送（4）").click()
        entries = [row for row in one.sent() if row["id"] not in earlier]
        assert sorted((row["kind"], row["state"]) for row in entries if row["state"] != "draft") == [
            ("edit", "entered"), ("inspection", "entered"), ("report", "entered"), ("report", "entered"),
        ]  # fmt: skip
        for url, body in [pair for pair in said if "/entries/" in pair[0]]:  # all of it once more
            answer = page.context.request.put(url, data=json.loads(body), headers={"Origin": one.home})
            assert answer.json()["state"] == "already"
        told = one.ask(f"orders/{order}")
        assert [(event["step"], len(event["before"]), len(event["after"])) for event in told["events"]] == [
            ("start", 0, 0), ("done", 1, 1),
        ]  # fmt: skip
        assert told["hours"] == 3.5
        id_ = first.partition("/")[2]
        rows = one.ask(f"inspections?asset={id_}")["rows"]
        assert sum(row["id"].startswith("street-") for row in rows) == 1
        form = one.ask(f"registers/conduit/form?id={second.partition('/')[2]}")
        assert {row["name"]: row["value"] for row in form["fields"]}["name"] == "street test"
        assert one.faults == []


def test_two_devices_at_one_field_stand_side_by_side(crew):
    with crew() as one, crew() as other:
        asset = conduits(one)[4]
        issue(one, [asset])  # what no order names is not taken along
        for device, said in ((one, "first"), (other, "second")):
            device.take_along()
            device.cut()
            device.edit(asset, "name", said)
        one.cut(cut=False)
        one.sent()
        other.cut(cut=False)
        rows = other.sent()
        assert [row["state"] for row in rows if row["state"] not in {"entered", "already"}] == ["conflict"]
        form = f"registers/conduit/form?id={asset.partition('/')[2]}"

        def name_now():
            return {row["name"]: row["value"] for row in other.ask(form)["fields"]}["name"]

        assert name_now() == "first"  # nobody was overwritten
        mine = other.page.locator("li[data-state=conflict]")
        assert all(text in mine.inner_text() for text in ("first", "second", "原来"))
        other.at("tab=disputes")
        panel = other.page.locator("section.panel").first
        panel.get_by_text("second").click()
        panel.get_by_role("button", name="按所选定下").click()
        other.page.get_by_text("没有冲突。").wait_for()
        assert name_now() == "second"
        assert other.faults == []


def test_signing_out_warns_of_what_was_not_sent_and_leaves_nothing(crew):
    with crew() as one:
        page = one.page
        one.take_along()
        one.at("tab=note")
        page.locator("textarea").fill("not sent")
        page.locator("[role=status]", has_text="已存在本机").wait_for()
        page.locator(".account").click()
        page.locator("dialog").get_by_role("button", name="不退出").click()
        assert page.locator("textarea").input_value() == "not sent"
        page.locator(".account").click()
        page.locator("dialog").get_by_role("button", name="丢弃 1 条并退出").click()
        page.locator(".account", has_text="访客").wait_for()
        assert [name for name in page.evaluate(KEPT_HERE) if name.startswith("wenqu-street")] == []
        assert [fault for fault in one.faults if "401" not in fault] == []  # the city is for those signed in


def test_a_device_without_a_microphone_says_so(crew):
    with crew() as one:
        one.take_along()
        one.at("tab=note")
        one.page.get_by_role("button", name="录音").click()
        assert "写文字" in one.page.locator(".voice [role=alert]").inner_text()


@pytest.fixture
def speaking(chromium):
    """Return a browser with a microphone that hears a tone."""
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    made = chromium.browser_type.launch(executable_path=path, args=[*conftest.ARGUMENTS, *fake])
    yield made
    made.close()


def test_a_note_spoken_without_a_network_arrives_though_it_was_finished_while_speaking(speaking, service):
    context = speaking.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": service}}
    assert context.request.post(f"{service}/api/v1/sign-in", **told).ok
    one = Crew(context.new_page(), service)
    listen(one)
    one.take_along()
    one.cut()
    for words, stops in (("stopped by hand", True), ("finished while speaking", False)):
        one.at("tab=note")
        one.page.locator("textarea").fill(words)
        one.page.get_by_role("button", name="录音").click()
        one.page.get_by_role("button", name=re.compile("2")).wait_for()  # two seconds of it
        if stops:
            one.page.locator(".voice button.primary").click()
            one.page.locator(".voice figure").wait_for()
        one.page.locator("footer button.primary").click()
        one.page.wait_for_function("() => !location.hash.includes('tab=note')")
    one.cut(cut=False)
    rows = {row["body"]["text"]: row for row in one.sent() if row["kind"] == "note"}
    for words in ("stopped by hand", "finished while speaking"):
        [file] = rows[words]["files"]
        assert file["role"] == "voice", words
        assert file["name"].endswith(".webm"), words
    assert one.faults == []
    context.close()


def test_a_new_version_is_announced_and_let_in_by_hand(crew, store, built, tmp_path, monkeypatch):
    page_now = tmp_path / "page"
    shutil.copytree(built, page_now)
    elsewhere = f"import wenqu.app, pathlib; wenqu.app.PAGE = pathlib.Path({str(page_now)!r})"
    monkeypatch.setattr(conftest, "SERVE", elsewhere + conftest.SERVE)
    with conftest.serving(store) as home, crew(home) as one:
        page = one.page
        one.take_along()
        for name, old, new in (
            ("worker.js", "api/v1/schema", "api/v1/schema?new"),
            ("index.html", "<title>", "<title>new "),
        ):
            file = page_now / name
            file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        page.reload()
        ribbon = page.locator(".ribbon", has_text="新版本")
        ribbon.wait_for()
        assert page.locator("head title", has_text="new").count() == 0  # the old one goes on
        ribbon.get_by_role("button").click()
        ribbon.wait_for(state="detached")
        page.wait_for_selector(".street")
        assert one.faults == []
