"""The whole application: its headers, its page, and how it fails."""

import gzip
import logging

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from wenqu import app as whole
from wenqu.api.errors import language_of
from wenqu.app import HEADERS, make_app
from wenqu.errors import StoreFailed
from wenqu.examples.little_city import little_city
from wenqu.settings import Settings
from wenqu.store.accounts import GrantRow
from wenqu.store.database import open_store

HOME = "http://127.0.0.1:8765"
PAGE = "<!doctype html><title>问渠</title>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("store")
    store = open_store(str(place))
    network = little_city()
    with store.change("little", who="tester", why="test") as change:
        change.put_city(network.city)
        for table in network.tables.values():
            change.put(table)
    store.accounts.grant(GrantRow("open", "", "public_reader", "little", "", ""), "tester")
    store.close()
    return place


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Lay a page of two files where the built one would lie."""
    (tmp_path / "page" / "assets").mkdir(parents=True)
    (tmp_path / "page" / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "page" / "assets" / "app.js").write_text("let wenqu = 1;\n" * 1000)
    (tmp_path / "secret.txt").write_text("not for the page")
    monkeypatch.setattr(whole, "PAGE", tmp_path / "page")


@pytest.fixture
def client(folder, page):
    app = make_app(Settings(store=str(folder)))
    yield TestClient(app, base_url=HOME)
    app.state.cities.store.close()


def guarded(answer):
    return all(answer.headers[name.decode()] == value.decode() for name, value in HEADERS.items())


def test_every_answer_bears_the_headers_whatever_it_is(client, monkeypatch):
    addresses = [
        "/",
        "/assets/app.js",
        "/api/v1/cities",
        "/api/v1/cities/x/summary",
        "/api/v1/nosuch",
        "/nosuch",
    ]
    for address in addresses:
        assert guarded(client.get(address)), address
    assert guarded(client.post("/api/v1/cities"))

    def broken():
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(client.app.state.cities.store, "cities", broken)
    answer = client.get("/api/v1/cities")
    assert answer.status_code == 500
    assert guarded(answer)


def test_the_policy_lets_nothing_in_from_elsewhere():
    policy = HEADERS[b"content-security-policy"].decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["base-uri"] == "'none'"
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src" not in rules, "scripts fall under 'self' alone"


def test_what_nobody_foresaw_is_a_number_for_the_user_and_a_traceback_for_the_log(
    client, monkeypatch, caplog
):
    def broken():
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(client.app.state.cities.store, "cities", broken)
    with caplog.at_level(logging.ERROR, logger="wenqu"):
        answer = client.get("/api/v1/cities", headers={"Accept-Language": "en"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "error.unexpected"
    assert "of all things" not in answer.text
    reference = caplog.records[0].getMessage().split()[1]
    assert reference in answer.json()["detail"]
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_the_page_is_at_the_root_and_nothing_beside_it_is(client):
    assert client.get("/").text == PAGE
    assert (
        client.get("/assets/app.js")
        .headers["content-type"]
        .startswith(("text/javascript", "application/javascript"))
    )
    for address in (
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "not for the page" not in answer.text


def test_what_is_not_there_is_a_problem_in_the_readers_language(client):
    for language, title in (("en", "There is nothing of this kind"), ("zh", "找不到所请求的内容")):
        answer = client.get("/api/v1/nosuch", headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert answer.json()["title"] == title


def test_large_answers_are_packed_when_the_reader_can_unpack(client):
    packed = client.get("/api/v1/messages/zh", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"].lower() == "accept-encoding"
    plain = client.get("/api/v1/messages/zh", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == packed.json()
    assert (
        client.get("/assets/app.js", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"]
        == "gzip"
    )
    small = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_a_tile_is_packed_once(client):
    with client.stream(
        "GET", "/api/v1/cities/little/tiles/0/0/0.mvt", headers={"Accept-Encoding": "gzip"}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert not gzip.decompress(raw).startswith(b"\x1f\x8b")


def test_without_a_built_page_the_interface_still_answers(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "PAGE", tmp_path / "nothing")
    app = make_app(Settings(store=str(folder)))
    client = TestClient(app, base_url=HOME)
    assert client.get("/").status_code == 404
    assert client.get("/api/v1/cities").json()[0]["code"] == "little"
    app.state.cities.store.close()


def test_the_page_is_open_and_the_data_is_not(folder, page):
    app = make_app(Settings(store=str(folder), names="wenqu.example"))
    client = TestClient(app, base_url="http://wenqu.example")
    assert client.get("/").status_code == 200
    refused = client.get("/api/v1/cities/another/summary")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert guarded(refused)
    app.state.cities.store.close()


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765", "127.0.0.2"])
def test_this_machine_may_read_by_every_name_it_has(client, host):
    assert client.get("/api/v1/cities", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["wenqu.example", "127.0.0.1.example.com", "localhost.example", ""],
)
def test_names_that_the_settings_do_not_know_are_refused(client, host):
    assert client.get("/api/v1/cities", headers={"Host": host}).status_code == 403


def test_an_unreachable_store_is_told_at_the_start(tmp_path):
    (tmp_path / "file").write_text("no store")
    with pytest.raises(StoreFailed):
        make_app(Settings(store=str(tmp_path / "file")))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5, zh-CN;q=0.9", "zh"),
        ("de, en;q=0.3", "en"),
        ("fr-FR", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("en;q=much", "zh"),
        ("english", "zh"),
    ],
)  # fmt: skip
def test_the_readers_language_is_the_one_that_is_preferred(header, language):
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert language_of(request) == language
