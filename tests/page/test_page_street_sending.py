"""How the street is sent: goes on after a cut, with the page closed, and tells whom it waits for."""

import os
import re
from uuid import uuid4

import pytest

from tests.page.conftest import CITY, PASSWORD
from tests.page.test_page_street import PHONE, conduits, crew, picture

pytestmark = pytest.mark.browser
__all__ = ["crew"]
PIECE = 262_144
READY = "li[data-state=ready]"


def photo(size):
    """Return a picture of some bytes."""
    given = picture(40)
    return {**given, "buffer": given["buffer"] + os.urandom(size - len(given["buffer"]))}


def note(one, words, given=None):
    """Write a finding where the phone says it is, with a picture."""
    one.at("tab=note")
    one.page.locator("textarea").fill(words)
    if given:
        one.page.locator("input[data-role=picture]").first.set_input_files(given)
        one.page.locator("figure").wait_for()
    one.page.get_by_role("button", name="完成", exact=True).click()
    one.page.get_by_role("button", name="按远近排").wait_for()


def test_a_photo_goes_on_where_it_was_cut(crew):
    with crew() as one:
        page = one.page
        one.take_along()
        one.cut()
        note(one, "large", photo(2 * PIECE + 9))
        pieces = []

        def cut_second(route):
            pieces.append(int(re.search(r"pieces/(\d+)", route.request.url)[1]))
            if len(pieces) == 2:
                route.abort("internetdisconnected")
            else:
                route.continue_()

        page.route("**/pieces/*", cut_second)
        one.at("tab=outbox")
        one.cut(cut=False)
        for _ in range(600):  # the words alone may stand there from the try without a network
            if len(pieces) == 2:
                break
            page.wait_for_timeout(100)
        page.get_by_text("秒后再试").wait_for()
        assert pieces == [0, PIECE]
        shown = page.evaluate(
            """() => new Promise(told => {
                new MutationObserver(() => {
                    const at = document.querySelector('[data-gone]');
                    if (at) told([at.dataset.gone, at.innerText]);
                }).observe(document.body, {subtree: true, childList: true, attributes: true});
                document.querySelector('button.primary').click();
            })"""
        )
        one.sent()
        assert pieces == [0, PIECE, PIECE, 2 * PIECE]  # the first piece went once
        assert shown[0] == str(PIECE)
        assert "共" in shown[1]
        (row,) = [
            row for row in one.ask("field/entries?mine=true")["entries"] if row["body"].get("text") == "large"
        ]
        answer = page.context.request.get(f"{one.home}/api/v1/{row['files'][0]['address']}")
        assert len(answer.body()) == 2 * PIECE + 9
        assert one.faults == []


def test_what_is_ready_is_sent_with_the_page_closed(crew):
    with crew() as one:
        page, home = one.page, one.page.context
        one.take_along()
        tags = "async () => (await (await navigator.serviceWorker.ready).sync.getTags())"
        one.cut()
        note(one, "behind", picture(50))
        one.at("tab=device")
        assert "浏览器自行发送" in page.inner_text("dl >> nth=1")
        assert page.evaluate(tags) == ["wenqu-street"]  # the browser was asked to wake the worker
        page.goto("about:blank")  # closed
        one.cut(cut=False)
        blank = home.new_page()
        session = home.new_cdp_session(blank)
        found = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"])
        )
        session.send("ServiceWorker.enable")
        blank.wait_for_timeout(200)
        (ours,) = [row for row in found if row["scopeURL"].startswith(one.home)]
        session.send(
            "ServiceWorker.dispatchSyncEvent",
            {
                "origin": one.home,
                "registrationId": ours["registrationId"],
                "tag": "wenqu-street",
                "lastChance": False,
            },
        )
        asked = f"{one.home}/api/v1/cities/{CITY}/field/entries?mine=true"
        for _ in range(100):
            rows = home.request.get(asked).json()["entries"]
            if any(row["body"].get("text") == "behind" for row in rows):
                break
            blank.wait_for_timeout(100)
        assert [row["state"] for row in rows if row["body"].get("text") == "behind"] == ["entered"]
        one.at("tab=outbox")
        page.locator("li", has_text="发现").first.wait_for()
        assert page.locator(READY).count() == 0


def call(one, path, given):
    """Ask the service to do something, as whoever has signed in."""
    answer = one.page.context.request.post(
        f"{one.home}/api/v1/{path}", data=given, headers={"Origin": one.home}
    )
    assert answer.ok, answer.text()
    return answer.json() if answer.status != 204 else None


def test_a_device_with_work_of_somebody_else_says_so_and_shows_none_of_it(crew):
    with crew() as one:
        page = one.page
        one.take_along()
        one.at("tab=note")
        page.locator("textarea").fill("of root only")
        page.locator("[role=status]", has_text="已存在本机").wait_for()
        first = call(one, "accounts", {"name": "second"})["password"]
        call(one, "grants", {"account": "second", "role": "operator", "city": CITY})
        call(one, "sign-in", {"name": "second", "password": first})
        call(one, "me/password", {"old": first, "new": PASSWORD})
        call(one, "sign-in", {"name": "second", "password": PASSWORD})
        page.reload()
        for tab in ("orders", "outbox", "device"):  # wherever in the street
            one.at(f"tab={tab}")
            page.get_by_text("root 还有 1 条没有发送").wait_for()
            assert "of root only" not in page.inner_text("body")


def test_an_address_without_tls_says_that_nothing_can_be_kept(chromium, service):
    context = chromium.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    plain = service.replace("127.0.0.1", "wenqu.test")  # the browser knows the name (conftest.py)
    page.goto(f"{plain}/#/{CITY}/street?lang=zh")
    page.evaluate(
        "told => fetch('api/v1/sign-in', {method: 'POST', body: JSON.stringify(told),"
        " headers: {'Content-Type': 'application/json'}})",
        {"name": "root", "password": PASSWORD},
    )
    page.reload()
    page.locator(".street [role=alert]", has_text="不是安全连接（https）").wait_for()
    assert page.get_by_role("button", name="带走").count() == 0
    context.close()


def test_a_conflict_is_told_and_decided_where_its_asset_is_looked_at(crew):
    with crew() as one:
        page, asset = one.page, conduits(one)[6]
        type_, _, id_ = asset.partition("/")
        one.at()
        base = one.ask("field")["revision"]
        for words in ("of the office", "of the street"):
            given = {"kind": "edit", "asset": asset, "base": base, "written_at": "2026-11-20T09:30:00+08:00"}
            answer = page.context.request.put(
                f"{one.home}/api/v1/cities/{CITY}/field/entries/{uuid4()}",
                data=given | {"body": {"name": words}}, headers={"Origin": one.home},
            )  # fmt: skip
        assert answer.json()["state"] == "conflict"
        page.goto(f"{one.home}/#/{CITY}/map?asset={asset}&lang=zh")
        told = page.locator(".disputes")
        told.wait_for()
        assert all(text in told.inner_text() for text in ("外业冲突未定", "of the office", "of the street"))
        page.goto(f"{one.home}/#/{CITY}/registers?tab={type_}&row={id_}&lang=zh")
        told.wait_for()
        page.get_by_role("tab", name="历史").click()
        told.get_by_text("of the street").click()
        told.get_by_role("button", name="按所选定下").click()
        told.wait_for(state="detached")
        page.locator("ol li ins", has_text="of the street").first.wait_for()  # both are in the history
        page.locator("ol li del", has_text="of the office").first.wait_for()
        assert one.faults == []
