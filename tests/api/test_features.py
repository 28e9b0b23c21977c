"""OGC API Features, read by clients that other people wrote: OWSLib and GDAL."""

import html
import re
from urllib.parse import quote

import numpy as np
import openpyxl
import pyogrio
import pytest
from fastapi.testclient import TestClient
from owslib.ogcapi.features import Features

from tests.api.serving import gdal, served
from wenqu.api.router import make_api
from wenqu.examples.little_city import little_city
from wenqu.network.model import City, assets
from wenqu.services.catalogue import catalogue
from wenqu.services.city_state import Cities
from wenqu.services.feature_collections import collections
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.store.accounts import GrantRow
from wenqu.store.database import open_store

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
BASE = "/api/v1/cities/little/ogc"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"))
    network = little_city()
    with store.change("little", who="tester", why="test") as change:
        change.put_city(City("little", "小城", "Little", network.city.crs, simulated=True))
        for table in network.tables.values():
            change.put(table)
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(store):
    return make_api(Cities(store))


@pytest.fixture(scope="module")
def api(app):
    return TestClient(app, base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def address(app):
    """Return the address of a service that other programs can reach on this machine."""
    with served(app) as here:
        yield f"{here}{BASE}"


def test_every_link_of_the_interface_leads_somewhere(api):
    seen, waiting = set(), [BASE]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = api.get(path)
        assert answer.status_code == 200, path
        if "f=html" in path:
            assert answer.headers["content-type"] == "text/html; charset=utf-8", path
            continue
        body = answer.json()
        links = [
            *body.get("links", []),
            *(one for entry in body.get("collections", []) for one in entry["links"]),
        ]
        waiting += [link["href"].removeprefix("http://127.0.0.1") for link in links]
    assert f"{BASE}/collections/conduit/queryables" in seen


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_is_shown_pages_whose_every_link_leads_somewhere(api):
    seen, waiting = set(), [f"{BASE}?lang=zh"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = api.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        if "text/html" not in answer.headers["content-type"]:
            continue
        hrefs = [html.unescape(href) for href in re.findall(r'href="([^"]+)"', answer.text)]
        assert hrefs
        assert "conformance" in path or "模拟数据" in answer.text or "Simulated data" in answer.text
        assert all(href.startswith("http://127.0.0.1/") for href in hrefs), "nothing leads outside"
        assert not re.search(r"<(?:script|img|link|iframe)\b|url\(|@import", answer.text)
        paths = [href.removeprefix("http://127.0.0.1") for href in hrefs]
        few = re.compile(
            r"/ogc(\?|/conformance|/collections(\?|/manhole(\?|/items\?|/items/M1|/queryables)))"
        )
        waiting += [path for path in paths if few.search(path)]
    assert f"{BASE}/collections/manhole/items/M1?f=html&lang=en" in seen
    assert f"{BASE}/collections/manhole/items/M1?f=html&lang=zh" in seen


@pytest.mark.parametrize(
    ("asked", "accept", "kind"),
    [
        ("", "*/*", "application/geo+json"),
        ("", "application/geo+json, application/json;q=0.9", "application/geo+json"),
        ("", "text/html;q=0.5, application/json", "application/geo+json"),
        ("", BROWSER["Accept"], "text/html; charset=utf-8"),
        ("f=json", BROWSER["Accept"], "application/geo+json"),
        ("f=html", "application/json", "text/html; charset=utf-8"),
    ],
)
def test_page_or_json_is_what_the_client_prefers(api, asked, accept, kind):
    answer = api.get(f"{BASE}/collections/conduit/items?{asked}", headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    assert "Accept" in answer.headers["vary"]


def test_a_page_speaks_the_language_of_its_reader_and_turns(api):
    path = f"{BASE}/collections/manhole/items"
    chinese = api.get(path, params={"f": "html", "limit": 2}, headers={"Accept-Language": "zh-CN"})
    assert chinese.headers["content-language"] == "zh"
    assert "检查井：要素" in chinese.text
    assert "下一页" in chinese.text
    assert "<svg" in chinese.text
    english = api.get(path, params={"f": "html", "lang": "en", "limit": 2, "offset": 2})
    assert "previous page" in english.text
    assert "ground level" in english.text
    assert not re.search(r"[\u4e00-\u9fff]", english.text.replace("中文", "").replace("小城", ""))
    past = api.get(f"{path}?limit=2&datetime=2999-01-01").json()
    assert "datetime=2999-01-01" in next(one["href"] for one in past["links"] if one["rel"] == "next")


def test_what_stands_in_a_register_cannot_write_a_page(store):
    app = make_api(Cities(store))
    evil = "<script>alert(1)</script>"
    with store.change("evil", who="tester", why="test") as change:
        change.put_city(City("evil", evil, evil, "EPSG:4549"))
        change.put(assets("manhole", [evil], {"name": [evil]}))
    api = TestClient(app, base_url="http://127.0.0.1")
    home = "/api/v1/cities/evil/ogc"
    paths = ("", "/collections", "/collections/manhole", "/collections/manhole/items")
    for path in (*paths, f"/collections/manhole/items/{quote(evil, safe='')}"):
        answer = api.get(f"{home}{path}?f=html")
        assert answer.status_code == 200, path
        assert "<script" not in answer.text, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_collection_tells_its_systems_and_what_can_be_asked(api):
    one = api.get(f"{BASE}/collections/conduit").json()
    assert one["crs"][0] == CRS84
    assert one["storageCrs"] in one["crs"]
    asked = api.get(f"{BASE}/collections/conduit/queryables").json()
    assert asked["properties"]["height"]["x-ogc-unit"] == "m"
    assert "sanitary" in asked["properties"]["system"]["enum"]


def test_pages_follow_one_another_and_hold_every_feature_once(api):
    path, ids = f"{BASE}/collections/manhole/items?limit=2", []
    while path:
        page = api.get(path).json()
        ids += [feature["id"] for feature in page["features"]]
        assert page["numberReturned"] == len(page["features"]) <= 2
        path = next(
            (
                link["href"].removeprefix("http://127.0.0.1")
                for link in page["links"]
                if link["rel"] == "next"
            ),
            "",
        )
    assert sorted(ids) == sorted(little_city().table("manhole").ids.tolist())


def test_coordinates_come_in_the_order_of_the_authority(api):
    network = little_city()
    row = network.row("manhole", "M1")
    x, y = network.table("manhole").shapes.of(row)[0]
    code = network.city.crs.removeprefix("EPSG:")
    where = f"{BASE}/collections/manhole/items/M1"
    own = api.get(f"{where}?crs={EPSG}{code}")
    assert own.headers["content-crs"] == f"<{EPSG}{code}>"
    assert own.json()["geometry"]["coordinates"] == pytest.approx([y, x], abs=1e-3)  # northing first
    east, north = api.get(where).json()["geometry"]["coordinates"]
    latitude_first = api.get(f"{where}?crs={EPSG}4326").json()["geometry"]["coordinates"]
    assert latitude_first == pytest.approx([north, east])


def test_a_box_may_be_given_in_another_system(api):
    network = little_city()
    x, y = network.table("manhole").shapes.of(network.row("manhole", "M1"))[0]
    code = network.city.crs.removeprefix("EPSG:")
    box = f"{y - 1},{x - 1},{y + 1},{x + 1}"
    found = api.get(f"{BASE}/collections/manhole/items", params={"bbox": box, "bbox-crs": f"{EPSG}{code}"})
    assert [feature["id"] for feature in found.json()["features"]] == ["M1"]
    filter_ = f"S_INTERSECTS(geometry, BBOX({box}))"
    same = api.get(
        f"{BASE}/collections/manhole/items", params={"filter": filter_, "filter-crs": f"{EPSG}{code}"}
    )
    assert [feature["id"] for feature in same.json()["features"]] == ["M1"]


@pytest.mark.parametrize(
    ("box", "crs", "count"),
    [
        ("-180,-90,180,90", "", 7),
        ("0,0,180,90", "", 7),
        ("-180,-90,0,90", "", 0),
        ("100,-90,-100,90", "", 7),  # over the date line
        ("121,-90,180,90", "", 0),
        ("-90,-180,90,180", "4490", 7),
        ("-20037508,-20037508,20037508,20037508", "3857", 7),
    ],
)
def test_a_box_as_large_as_the_world_holds_the_city_that_lies_in_it(api, box, crs, count):
    asked = {"bbox": box} | ({"bbox-crs": f"{EPSG}{crs}"} if crs else {})
    found = api.get(f"{BASE}/collections/manhole/items", params=asked).json()
    assert found["numberMatched"] == count
    west, south, east, north = box.split(",")
    if not crs and float(west) < float(east):
        ring = ", ".join(
            f"{x} {y}" for x, y in ((west, south), (east, south), (east, north), (west, north), (west, south))
        )
        meets, apart = (
            api.get(
                f"{BASE}/collections/manhole/items", params={"filter": f"{name}(geometry, POLYGON(({ring})))"}
            )
            for name in ("S_INTERSECTS", "S_DISJOINT")
        )
        assert (meets.json()["numberMatched"], apart.json()["numberMatched"]) == (count, 7 - count)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=0,5,1,4",
        "bbox=nan,0,1,1",
        "crs=EPSG:1",
        "datetime=yesterday",
        "filter=height%20%3E",
        "filter=true&filter-lang=sql",
        "colour=red",
        "f=xml",
        "f=html&lang=fr",
        "height=wide",
        "filter=" + quote("(" * 5000),
    ],
)
def test_a_wrong_parameter_is_a_400_with_a_sentence(api, query):
    answer = api.get(f"{BASE}/collections/conduit/items?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_what_is_not_there_is_a_404(api):
    assert api.get(f"{BASE}/collections/castle").status_code == 404
    assert api.get(f"{BASE}/collections/castle/items").status_code == 404
    assert api.get(f"{BASE}/collections/manhole/items/nobody").status_code == 404
    assert api.get("/api/v1/cities/nowhere/ogc/collections").status_code == 404


def test_a_past_day_answers_with_what_was_there(api):
    empty = api.get(f"{BASE}/collections/manhole/items?datetime=2001-01-01").json()
    assert empty["numberMatched"] == 0
    assert api.get(f"{BASE}/collections/manhole/items?datetime=2001-01-01/..").json()["numberMatched"] > 0


def test_who_may_not_see_where_anything_lies_is_told_no_extent(store):
    person = Person("user", (Grant("drainage_user", "little"),))
    made = collections(SeenCities(Cities(store), person).state("little"), "base")
    assert not [one["id"] for one in made["collections"] if "extent" in one]


def test_owslib_reads_it(address):
    client = Features(address)
    assert client.conformance()["conformsTo"]
    assert "conduit" in client.feature_collections()
    assert client.collection_queryables("conduit")["properties"]["height"]["type"] == "number"
    chosen = client.collection_items("conduit", filter="height >= 0.3", limit=1000)
    heights = little_city().table("conduit").column("height")
    assert chosen["numberMatched"] == int((heights >= 0.3).sum())
    assert client.collection_item("manhole", "M1")["id"] == "M1"


@pytest.fixture
def reads_features():
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no driver for OGC API Features")


@pytest.mark.usefixtures("reads_features")
@pytest.mark.parametrize("type_", ["manhole", "conduit", "zone"])
def test_gdal_reads_it_field_for_field_and_point_for_point(address, type_):
    table = little_city().table(type_)
    found = {
        feature["properties"]["id"]: feature
        for feature in gdal(f"OAPIF:{address}/collections/{type_}", CRS=little_city().city.crs)
    }
    assert sorted(found) == sorted(table.ids.tolist())
    for row, id_ in enumerate(table.ids):
        drawn = np.array(found[id_]["geometry"]["coordinates"])
        drawn = drawn[0] if type_ == "zone" else drawn.reshape(-1, drawn.shape[-1])
        assert np.sort(drawn[:, :2], axis=0) == pytest.approx(np.sort(table.shapes.of(row), axis=0), abs=1e-3)
        for name, column in table.fields.items():
            if column.dtype.kind == "f" and not np.isnan(column[row]):
                assert found[id_]["properties"][name] == pytest.approx(column[row])


@pytest.mark.usefixtures("reads_features")
def test_gdal_sends_its_filter_as_cql2(address):
    found = gdal(f"OAPIF:{address}", layer="conduit", where="height >= 0.3")
    heights = little_city().table("conduit").column("height")
    assert len(found) == int((heights >= 0.3).sum())


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg"])
def test_a_register_is_handed_out_whole_and_the_pull_is_written_down(api, store, form, tmp_path):
    before = len(store.pulls("little"))
    answer = api.get(f"/api/v1/cities/little/registers/conduit/file/{form}?columns=*")
    assert answer.status_code == 200
    path = tmp_path / f"file.{form}"
    path.write_bytes(answer.content)
    table = little_city().table("conduit")
    if form == "csv":
        assert len(answer.content.decode("utf-8-sig").splitlines()) == len(table) + 1
    elif form == "xlsx":
        assert len(list(openpyxl.load_workbook(path).active.rows)) == len(table) + 1
    else:
        found = pyogrio.read_dataframe(path)
        assert sorted(found["id"]) == sorted(table.ids.tolist())
        assert {"height", "from_id", "roughness"} <= set(found.columns)
    newest = store.pulls("little")[0]
    assert (len(store.pulls("little")) - before, newest.collection, newest.form) == (1, "conduit", form)
    assert newest.rows == len(table)


def test_a_file_of_another_form_or_register_is_refused(api):
    assert api.get("/api/v1/cities/little/registers/conduit/file/exe").status_code == 422
    assert api.get("/api/v1/cities/little/registers/castle/file/csv").status_code == 404


def test_the_catalogue_tells_how_fresh_each_register_is_and_who_took_it_last(api):
    before = api.get("/api/v1/cities/little/catalogue").json()
    api.get("/api/v1/cities/little/registers/gully/file/csv")
    told = api.get("/api/v1/cities/little/catalogue").json()
    pulls = {entry["type"]: entry["pulls"] for entry in before["entries"]}
    entries = {entry["type"]: entry for entry in told["entries"]}
    assert entries["conduit"]["count"] == len(little_city().table("conduit"))
    assert entries["gully"]["changed"]["who"] == "tester"
    assert entries["gully"]["pulled"]["form"] == "csv"
    assert entries["gully"]["pulls"] == pulls["gully"] + 1
    assert entries["village"]["pulls"] == pulls["village"]
    assert told["recent"][0]["collection"] == "gully"


def test_the_catalogue_tells_those_who_share_a_city_with_whom(store):
    accounts = store.accounts
    accounts.add("water", "水务局", "x", "tester")
    accounts.grant(GrantRow("g1", "water", "bureau", "little", "", ""), "tester")
    accounts.grant(GrantRow("g2", "water", "bureau", "elsewhere", "", ""), "tester")
    known, state = Cities(store), Cities(store).state("little")
    told = catalogue(known, state, LOCAL, accounts)
    assert [(entry.account, entry.title, entry.role["en"]) for entry in told.readers] == [
        ("water", "水务局", "bureau")
    ]
    reader = Person("water", (Grant("bureau", "little"),))
    seen = catalogue(SeenCities(known, reader), state, reader, accounts)
    assert (seen.shares, seen.readers, seen.recent) == (False, (), ())
    assert all(entry.pulled is None and entry.forms for entry in seen.entries)
