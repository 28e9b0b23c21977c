"""A district's own programs, each with its token: OWSLib and GDAL read the district's part and no more."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pyogrio
import pytest
from owslib.ogcapi.features import Features
from pyproj import Transformer

from tests.api.serving import gdal, served
from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accounts import digest_of, give_grant, new_token
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.rights import LOCAL, READ, Grant
from wenqu.store.accounts import TokenRow
from wenqu.store.database import open_store
from wenqu.store.moments import now

CRS = "EPSG:4550"  # CGCS2000, the zone of 123° E
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
COUNT = 120  # manholes of each district
PLACE = "/api/v1/cities/two/ogc"


def two_districts():
    """Return two districts side by side, each with a row of manholes and the pipes between them."""
    east = 548000.0 + 10.0 * np.arange(2 * COUNT)
    places = np.column_stack([east, np.full(2 * COUNT, 3231000.0)])
    edges = (east[0] - 5.0, east[COUNT] - 5.0, east[-1] + 5.0)
    rings = [
        np.array([[a, 3230900.0], [b, 3230900.0], [b, 3231100.0], [a, 3231100.0], [a, 3230900.0]])
        for a, b in pairwise(edges)
    ]
    ids = [f"{side}{number:03}" for side in "WE" for number in range(COUNT)]
    pipes = np.stack([places[:-1], places[1:]], axis=1)
    return (
        assets("zone", ["W", "E"], {"kind": ["district"] * 2},
               Shapes.lines(np.concatenate(rings), np.array([0, 5, 10]))),
        assets("manhole", ids, {"ground_level": np.arange(2.0 * COUNT)}, Shapes.points(places)),
        assets("conduit", [f"P{one}" for one in ids[:-1]],
               {"from_id": ids[:-1], "to_id": ids[1:], "district": [one[0] for one in ids[:-1]]},
               Shapes.lines(pipes.reshape(-1, 2), np.arange(0, 4 * COUNT, 2))),
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = open_store(tmp_path_factory.mktemp("store"))
    with made.change("two", who="tester", why="test") as change:
        change.put_city(City("two", "两区", "Two", CRS, simulated=True))
        for table in two_districts():
            change.put(table)
    made.accounts.add("west", "", "", "tester")
    give_grant(made.accounts, LOCAL, "west", Grant("district", "two", "W"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(store):
    with served(make_api(Cities(store), Entrance(store.accounts))) as here:
        yield here + PLACE


@pytest.fixture(scope="module")
def tokens(store):
    """Return the secrets of a district's tokens: to read, for shapes, for values, and one that is over."""
    made = {
        name: new_token(store.accounts, LOCAL, name, actions, 30, account="west")[1]
        for name, actions in (("all", READ), ("shapes", READ[:1]), ("values", READ[1:]), ("void", READ))
    }
    row = TokenRow("over", "west", "over", READ, "", "", revoked=False)
    store.accounts.add_token(row, digest_of("secret of over"), now() - timedelta(days=1), "tester")
    void = next(one.id for one in store.accounts.tokens() if one.name == "void")
    store.accounts.revoke_token(void, "tester")
    return {**made, "over": "secret of over"}


def reader(address, secret):
    return Features(address, headers={"Authorization": f"Bearer {secret}"})


def ids(found):
    return [one["id"] for one in found["features"]]


WEST = [f"W{number:03}" for number in range(COUNT)]


def test_owslib_pages_through_the_part_and_meets_nothing_else(address, tokens):
    client = reader(address, tokens["all"])
    found, first = [], 0
    while len(page := ids(client.collection_items("manhole", limit=50, offset=first))) == 50:
        found, first = found + page, first + 50
    assert found + page == WEST
    assert client.collection_items("conduit", limit=1)["numberMatched"] == COUNT
    assert client.collection_items("manhole", filter="id = 'E000'")["numberMatched"] == 0
    assert client.collection_items("conduit", filter="to_id = 'E000'")["numberMatched"] == 0
    assert client.collection_items("manhole", filter="NOT (ground_level < 100)")["numberMatched"] == 20
    with pytest.raises(RuntimeError, match="E000"):  # told as of one that is not there
        client.collection_item("manhole", "E000")
    last = client.collection_item("conduit", f"P{WEST[-1]}")["properties"]
    assert (last["from_id"], last["to_id"]) == (WEST[-1], None)
    _, _, east, north = client.collection("manhole")["extent"]["spatial"]["bbox"][0]
    assert Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(east, north)[0] < 549191


@pytest.mark.parametrize("code", ["4326", "4490", "4550", "3857"])
def test_a_box_in_each_system_finds_of_the_part_what_lies_in_it(address, tokens, code):
    client = reader(address, tokens["all"])
    corners = [(549145.0, 3230990.0), (549245.0, 3231010.0)]  # five manholes this side, five beyond
    turn = Transformer.from_crs(CRS, f"EPSG:{code}", always_xy=code == "3857").transform
    given = [(x, y) if code == "3857" else (y, x) for x, y in corners]
    box = [turn(*one) for one in (corners if code == "3857" else given)]
    asked = {"bbox": [*box[0], *box[1]], "bbox-crs": f"{EPSG}{code}", "crs": f"{EPSG}{code}"}
    found = client.collection_items("manhole", **asked)
    assert ids(found) == WEST[-5:]
    drawn = found["features"][0]["geometry"]["coordinates"]
    assert all(low < one < high for low, one, high in zip(box[0], drawn, box[1], strict=True))


@pytest.mark.parametrize(
    ("name", "status"), [("over", "token"), ("void", "token"), ("shapes", ""), ("values", "")]
)
def test_a_token_opens_what_it_is_for_and_while_it_lasts(address, tokens, name, status):
    client = reader(address, tokens[name])
    if status:
        with pytest.raises(RuntimeError, match=rf"error\.refused\.{status}"):
            client.collection_items("manhole")
        return
    (one,) = client.collection_items("manhole", limit=1)["features"]
    assert (one["geometry"] is None, one["properties"]["ground_level"] is None) == (
        name == "values",
        name == "shapes",
    )


@pytest.mark.parametrize("filter_", ["ground_level >", "castle = 1", "ground_level = 'high'", "1 = 1 OR"])
def test_a_filter_that_says_nothing_is_refused_with_a_sentence(address, tokens, filter_):
    with pytest.raises(RuntimeError, match=r"error\.bad-input"):
        reader(address, tokens["all"]).collection_items("manhole", filter=filter_)


@pytest.fixture
def reads_features():
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no driver for OGC API Features")


@pytest.mark.usefixtures("reads_features")
def test_gdal_reads_a_district_page_by_page_with_its_token(address, tokens):
    source, secret = f"OAPIF:{address}", tokens["all"]
    found = gdal(source, secret, layer="manhole", PAGE_SIZE="50")
    assert [one["properties"]["id"] for one in found] == WEST
    high = gdal(source, secret, layer="manhole", where="ground_level >= 118")  # 119 is the last of the west
    assert [one["properties"]["id"] for one in high] == WEST[-2:]
    boxed = gdal(source, secret, layer="manhole", CRS=CRS, bbox=[549145.0, 3230990.0, 549245.0, 3231010.0])
    assert [one["properties"]["id"] for one in boxed] == WEST[-5:]
    assert boxed[0]["geometry"]["coordinates"] == pytest.approx([549150.0, 3231000.0], abs=1e-3)


@pytest.mark.usefixtures("reads_features")
@pytest.mark.parametrize("name", ["over", "void", ""])
def test_gdal_without_a_token_that_holds_reads_nothing(address, tokens, name):
    with pytest.raises(OSError, match=r"401|[Cc]annot|not recognized|error"):
        gdal(f"OAPIF:{address}", tokens.get(name, ""), layer="manhole")
