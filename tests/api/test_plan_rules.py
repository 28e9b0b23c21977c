"""Rules of a programme by route: who may see, check and keep them, and what comes back."""

import pytest

from wenqu.services.rights import Grant

HOME = "http://127.0.0.1"
GRANTS = {
    "office": Grant("city_office", "c"),
    "bureau": Grant("bureau", "c"),
    "east": Grant("district", "c", "E"),
    "reader": Grant("public_reader", "c"),
    "user": Grant("drainage_user", "c"),
    "elsewhere": Grant("city_office", "d"),
    "admin": Grant("administrator", "c"),
}
ROOT = "/api/v1/cities/c/plan/rules"


def test_rules_are_changed_with_a_reason_and_every_version_stays(face):
    office = face("office")
    before = office.get(ROOT).json()
    assert (before["may"], before["version"], before["versions"]) == (True, 0, [])
    assert before["rules"]["default"]
    year = before["rules"]["windows"][0]
    given = before["rules"] | {"funds": [{"fund": "bonds", "limits_wan_yuan": {year: 500}}]}
    seen = office.post(f"{ROOT}/checks", json={"rules": given}).json()
    assert (seen["faults"], seen["doubts"], seen["changed"]) == ([], [], ["funds"])
    kept = office.put(ROOT, json={"rules": given, "why": "bonds of the year", "seen": 0})
    assert kept.status_code == 200, kept.text
    after = office.get(ROOT).json()
    assert after["rules"]["funds"][0]["limits_wan_yuan"] == {year: 500.0}
    assert not after["rules"]["default"]
    office.put(ROOT, json={"rules": before["rules"], "why": "withdrawn", "seen": after["version"]})
    versions = office.get(ROOT).json()["versions"]
    assert [(row["who"], row["why"], row["changed"]) for row in versions] == [
        ("office", "withdrawn", ["funds"]),
        ("office", "bonds of the year", []),
    ]
    old = office.get(f"{ROOT}/versions/{versions[1]['number']}").json()
    assert old["funds"][0]["fund"] == "bonds"
    assert office.get(f"{ROOT}/versions/99999").status_code == 404


def test_nobody_overwrites_what_somebody_else_has_kept_meanwhile(face):
    office = face("office")
    rules = office.get(ROOT).json()["rules"]
    office.put(ROOT, json={"rules": rules | {"pace": 0.5}, "why": "first"})
    seen = office.get(ROOT).json()["version"]
    office.put(ROOT, json={"rules": rules | {"pace": 0.4}, "why": "second", "seen": seen})
    late = office.put(ROOT, json={"rules": rules | {"pace": 0.6}, "why": "third", "seen": seen})
    assert late.status_code == 409
    assert "office" in late.json()["detail"]
    assert office.get(ROOT).json()["rules"]["pace"] == 0.4


def test_nonsense_is_told_in_words_of_both_languages_and_not_kept(face):
    office = face("office")
    rules = office.get(ROOT).json()["rules"]
    bad = rules | {
        "minimum_work": [{"window": "1999", "amount": -3, "unit": "m"}],
        "must_do": [{"name": "K1", "by": rules["windows"][1]}],
        "must_not": [{"name": "K1"}],
    }
    told = office.post(f"{ROOT}/checks", json={"rules": bad}).json()["faults"]
    assert [row["code"] for row in told] == ["rules.range", "rules.window", "rules.clash"]
    assert (
        told[0]["zh"]["says"]
        == "规划规则“每年最低工作量，第 1 行，数量”为 -3.0，应在 0 与 1000000000.0 之间。"
    )
    assert "Least work a year, row 1, year names 1999" in told[1]["en"]["says"]
    refused = office.put(ROOT, json={"rules": bad, "why": "try"})
    assert refused.status_code == 422
    unknown = office.post(f"{ROOT}/checks", json={"rules": rules | {"fundz": []}})
    assert unknown.status_code == 422
    assert "fundz" in unknown.json()["detail"]
    inner = office.put(ROOT, json={"rules": rules | {"must_not": [{"nam": "K1"}]}, "why": "try"})
    assert "must_not[0].nam" in inner.json()["detail"]
    assert office.put(ROOT, json={"rules": rules, "why": "   "}).status_code == 422
    assert office.get(ROOT).json()["versions"] == []


def test_names_that_the_city_does_not_have_are_asked_about(face):
    office = face("office")
    body = office.get(ROOT).json()
    year = body["rules"]["windows"][0]
    given = body["rules"] | {
        "district_budgets": [{"district": "nowhere", "limits_wan_yuan": {year: 5}}],
        "must_not": [{"name": "no-such-pipe"}],
    }
    doubts = office.post(f"{ROOT}/checks", json={"rules": given}).json()["doubts"]
    assert [row["field"] for row in doubts] == ["district_budgets[0].district", "must_not[0].name"]
    assert "本市没有这个区县" in doubts[0]["zh"]["says"]


@pytest.mark.parametrize(
    ("name", "read", "keep"),
    [
        ("", 401, 401),
        ("elsewhere", 403, 403),
        ("user", 403, 403),
        ("east", 403, 403),
        ("reader", 200, 403),
        ("bureau", 200, 403),
        ("office", 200, 200),
        ("admin", 200, 200),
    ],
)
def test_rules_are_read_by_those_who_see_the_city_and_kept_by_those_who_decide(name, read, keep, face):
    rules = face("office").get(ROOT).json()["rules"]
    client = face(name)
    assert client.get(ROOT).status_code == read
    assert client.post(f"{ROOT}/checks", json={"rules": rules}).status_code == read
    assert client.get(f"{ROOT}/versions/1").status_code == (404 if read == 200 else read)
    assert client.put(ROOT, json={"rules": rules, "why": "mine"}).status_code == keep
