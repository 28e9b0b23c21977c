"""Prices by route: who may see, who may set, and what comes back."""

import pytest

from wenqu.services.rights import Grant

HOME = "http://127.0.0.1"
GRANTS = {
    "office": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "reader": Grant("public_reader", "c"),
    "builder": Grant("contractor", "c", "", "builders"),
    "elsewhere": Grant("city_office", "d"),
}
ROOT = "/api/v1/cities/c/plan"


def edited(client, **changes):
    """Return the rows of the table with fields of cipp changed."""
    rows = [one["row"] for one in client.get(f"{ROOT}/prices").json()["methods"]]
    return [row | changes if row["method"] == "cipp" else row for row in rows]


def test_the_office_changes_a_price_sees_the_difference_first_and_goes_back(face):
    office = face("office")
    before = office.get(f"{ROOT}/prices").json()
    rows = edited(office, price_a="500")
    seen = office.post(f"{ROOT}/prices/preview", json={"rows": rows}).json()
    assert (seen["blocked"], len(seen["difference"]), seen["issues"]) == (False, 1, [])
    body = {"rows": rows, "reason": "quota", "base": before["edition"]}
    made = office.post(f"{ROOT}/prices", json=body)
    assert made.status_code == 201, made.text
    after = office.get(f"{ROOT}/prices").json()
    assert after["edition"] == made.json()["edition"] != before["edition"]
    assert after["versions"][0]["by"] == "office"
    again = office.post(f"{ROOT}/prices", json=body)
    assert (again.status_code, again.json()["code"]) == (422, "error.bad-input.prices-moved")
    assert office.post(f"{ROOT}/prices/versions/default", json={"reason": "back"}).status_code == 201
    assert office.get(f"{ROOT}/prices").json()["methods"][2]["row"]["price_a"] == "440"


def test_nonsense_is_told_in_a_sentence(face):
    answer = face("office").post(
        f"{ROOT}/prices",
        json={"rows": edited(face("office"), price_a="0.044", price_b="0.38"), "reason": "x"},
    )
    assert answer.status_code == 422
    assert "是否把万元写成元" in answer.json()["detail"]
    answer = face("office").post(
        f"{ROOT}/prices", json={"rows": edited(face("office"), price_a="-5000"), "reason": "x"}
    )
    assert "cipp" in answer.json()["detail"]


def test_a_file_is_read_and_shown_before_it_is_kept(face):
    office = face("office")
    taken = office.get(f"{ROOT}/prices/table.xlsx")
    assert taken.status_code == 200
    seen = office.post(f"{ROOT}/prices/file", files=[("files", ("p.xlsx", taken.content))])
    assert (seen.status_code, seen.json()["difference"]) == (200, [])
    broken = office.post(f"{ROOT}/prices/file", files=[("files", ("p.xlsx", b"PK\x03\x04 no workbook"))])
    assert (broken.status_code, broken.json()["code"]) == (422, "error.file-unreadable.workbook")


@pytest.mark.parametrize("name", ["east", "reader", "builder", "elsewhere", ""])
def test_who_does_not_decide_for_the_city_sets_nothing(face, name):
    person = face(name)
    rows = edited(face("office"), price_a="500")
    calls = [
        ("prices", {"rows": rows, "reason": "x"}),
        ("prices/versions/default", {"reason": "x"}),
        ("assumptions", {"own": {"migration": 0.1}, "reason": "x"}),
    ]
    for path, body in calls:
        assert person.post(f"{ROOT}/{path}", json=body).status_code in {401, 403}, path
    assert face("office").get(f"{ROOT}/prices").json()["status"] == "default"


def test_who_may_not_read_the_city_sees_no_price(face):
    for path in ("prices", "prices/table.csv", "assumptions"):
        assert face("elsewhere").get(f"{ROOT}/{path}").status_code == 403
        assert face("").get(f"{ROOT}/{path}").status_code == 401
        reads = 403 if path.endswith(".csv") else 200  # to read on the page is no right to take tables away
        assert face("reader").get(f"{ROOT}/{path}").status_code == reads
    assert face("east").get(f"{ROOT}/prices/table.csv").status_code == 200
