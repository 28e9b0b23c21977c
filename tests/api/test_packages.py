"""Packages and methods by route: a district sees and bundles its own, others nothing."""

from wenqu.services.rights import Grant

HOME = "http://127.0.0.1"
GRANTS = {
    "office": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "west": Grant("district", "c", "W"),
    "reader": Grant("public_reader", "c"),
    "elsewhere": Grant("city_office", "d"),
}
ROOT = "/api/v1/cities/c/plan"


def test_p1_is_the_east_s_to_see_and_to_bundle(face):
    # p1 is of grade Ⅳ and lies in the east
    rows = face("east").get(f"{ROOT}/packages").json()["rows"]
    assert [row["members"] for row in rows] == [["p1"]]
    assert face("west").get(f"{ROOT}/packages").json()["rows"] == []
    found = face("east").get(f"{ROOT}/options", params={"asset": "conduit/p1"}).json()
    reasons = {one["method"]: one["reason"] for one in found["places"][0]["methods"]}
    assert reasons["open_cut"] in {"fits", "diameter-unknown"}
    assert face("west").get(f"{ROOT}/options", params={"asset": "conduit/p1"}).status_code == 404
    name = rows[0]["id"]
    assert face("west").get(f"{ROOT}/options", params={"package": name}).status_code == 404
    step = {"does": "put", "ids": ["p1"], "name": "一标"}
    for other in ("west", "reader", "elsewhere", ""):
        assert face(other).post(f"{ROOT}/packages", json=step).status_code in {401, 403}, other
    assert face("east").post(f"{ROOT}/packages", json=step).status_code == 201
    assert face("office").get(f"{ROOT}/packages").json()["rows"][0]["id"] == "一标"
    assert face("office").get(f"{ROOT}/packages").json()["steps"][0]["by"] == "east"
    assert face("east").get(f"{ROOT}/packages").json()["steps"] == []  # a reason may name any pipe
    for body in ({"does": "rename", "name": "一标", "new": "二标"}, {"does": "undo"}):
        assert face("west").post(f"{ROOT}/packages", json=body).status_code == 403
    assert face("office").post(f"{ROOT}/packages", json={"does": "undo"}).status_code == 201
    wrong = face("office").post(f"{ROOT}/packages", json=step | {"ids": ["nowhere"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "error.bad-input.package-asset")


def test_who_may_not_read_the_city_is_told_nothing(face):
    for path in ("packages", "options?asset=conduit/p1", "migration"):
        assert face("elsewhere").get(f"{ROOT}/{path}").status_code == 403
        assert face("").get(f"{ROOT}/{path}").status_code == 401
