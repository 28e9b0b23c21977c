"""Money by route: fund, contract, payment, lapse, by who may and by who may not."""

import shutil

import pytest
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import CITY, look, prove, small_city, works
from wenqu.api.router import make_api
from wenqu.services.accept_pipes import accept_pipe, withdraw_acceptance
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store
from wenqu.store.moments import now

HOME = "http://127.0.0.1"
GRANTS = {
    "office": Grant("city_office", "c"),
    "second": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "west": Grant("district", "c", "W"),
    "bureau": Grant("bureau", "c"),
    "builder": Grant("contractor", "c", "", "builders"),
    "rival": Grant("contractor", "c", "", "others"),
    "reader": Grant("public_reader", "c"),
    "elsewhere": Grant("city_office", "d"),
}
FUND = {
    "id": "F1", "source": "special_fund", "name": "central fund", "year": 2025, "amount": 90_000,
    "document": "CZ-2025-1", "date": "2025-01-01",
}  # fmt: skip
BOND = FUND | {"id": "F2", "source": "bond", "name": "bond of the east", "district": "E"}
DEAL = {
    "id": "C1", "number": "2025-001", "project": "X", "lot": "L1", "contractor": "builders",
    "purpose": "renewal", "price": 100_000, "signed": "2025-05-01", "begins": "2025-05-01",
    "ends": "2025-12-31", "advance": 0.2, "recovered": 0.5, "progress": 0.8, "retention": 0.03,
    "defect_days": 365, "funding": [{"fund": "F1", "amount": 80_000}],
}  # fmt: skip
PAY = {"fund": "F1", "kind": "progress", "amount": 50_000, "date": "2025-09-01", "document": "V1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("money")
    store = small_city(made)
    works(store)
    prove(store)
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", [look("i9", "p1", "2025-07-01")])
    for name, grant in GRANTS.items():
        store.accounts.add(name, "", "", "tester")
        give_grant(store.accounts, LOCAL, name, grant)
    store.close()
    return made / "store"


@pytest.fixture
def face(folder, tmp_path):
    store = open_store(str(shutil.copytree(folder, tmp_path / "store")))
    app = make_api(Cities(store), Entrance(store.accounts))

    def as_(name):
        client = TestClient(app, base_url=HOME, headers={"Origin": HOME, "Accept-Language": "en"})
        client.cookies.set(COOKIE, app.state.entrance.begin(name))
        client.store = store
        return client

    yield as_
    store.close()


def post(client, path, body):
    return client.post(f"/api/v1/cities/c/money/{path}", json=body)


def get(client, path=""):
    return client.get(f"/api/v1/cities/c/money{path}")


def begun(face, accepted=True):
    office = face("office")
    assert post(office, "funds", FUND).status_code == 201
    answer = post(office, "contracts", DEAL)
    assert answer.status_code == 201, answer.text
    if accepted:
        accept_pipe(office.store, "c", "p1", person=CITY, day="2025-08-01")
    return office


RIGHTS = {"rights", "variation-own", "money-own"}


def refused(answer, reason):
    status = 403 if reason in RIGHTS else 409
    assert (answer.status_code, answer.json()["code"]) == (status, f"error.refused.{reason}"), answer.text
    return answer.json()["detail"]


def test_no_metre_accepted_nothing_but_the_advance_is_paid(face):
    office = begun(face, accepted=False)
    said = refused(post(office, "contracts/C1/payments", PAY), "money-metres")
    assert "0.0 m of 100.0 m stand accepted" in said
    assert "at most 0.00 may be paid now" in said
    advance = PAY | {"kind": "advance", "amount": 20_000.01, "date": "2025-05-02"}
    assert "20,000.00" in refused(post(office, "contracts/C1/payments", advance), "money-advance")
    assert post(office, "contracts/C1/payments", advance | {"amount": 20_000}).status_code == 201
    said = refused(post(office, "contracts/C1/payments", advance | {"amount": 0.01}), "money-advance")
    assert "0.00 of it are left" in said
    refused(post(office, "contracts/C1/payments", PAY | {"kind": "retention"}), "money-retention")


def test_payment_against_accepted_metres_and_not_a_fen_more(face):
    office = begun(face)
    said = refused(post(office, "contracts/C1/payments", PAY | {"amount": 80_000.01}), "money-metres")
    assert "100.0 m of 100.0 m" in said
    assert "80,000.00 yuan may be paid in all" in said
    made = post(office, "contracts/C1/payments", PAY)
    assert (made.status_code, made.json()["pipes"]) == (201, ["p1"])
    refused(post(office, "contracts/C1/payments", PAY | {"amount": 30_000.01}), "money-metres")
    early = post(office, "contracts/C1/payments", PAY | {"amount": 1, "date": "2025-07-31"})
    refused(early, "money-metres")
    refused(post(office, "contracts/C1/payments", PAY | {"amount": 1, "pipes": ["p2"]}), "money-pipe")
    told = get(office, "/contracts/C1").json()
    assert (told["limit"], told["paid"], told["room"], told["value"]) == (80_000, 50_000, 30_000, 100_000)
    assert [(one["pipe"], one["accepted"], len(one["paid"])) for one in told["pipes"]] == [("p1", True, 1)]
    whole = get(office).json()
    assert (whole["totals"]["money_index"], whole["totals"]["accepted_m"]) == (2.0, 100.0)
    row = whole["budget"][0]
    assert (row["funds"], row["promised"], row["paid"], row["left"]) == (90_000, 80_000, 50_000, 40_000)
    assert sum(one["paid"] for one in whole["years"]) == 50_000


def test_a_withdrawn_acceptance_shows_what_was_overpaid_until_it_came_back(face):
    office = begun(face)
    post(office, "contracts/C1/payments", PAY)
    withdraw_acceptance(office.store, "c", "p1", person=CITY, reason="it leaks")
    told = get(office, "/contracts/C1").json()
    assert (told["limit"], told["over"], told["room"]) == (0, 50_000, 0)
    codes = {one["code"]: one["says"] for one in told["warnings"]}
    assert "overpaid by 50,000.00 yuan" in codes["overpaid"]
    assert "p1" in codes["lost"]
    today = now().date().isoformat()
    refused(post(office, "contracts/C1/payments", PAY | {"amount": 0.01, "date": today}), "money-metres")
    back = PAY | {"kind": "refund", "date": today}
    refused(post(office, "contracts/C1/payments", back | {"amount": 50_000.01}), "money-refund")
    assert post(office, "contracts/C1/payments", back).status_code == 201
    told = get(office, "/contracts/C1").json()
    assert (told["paid"], told["over"]) == (0, 0)
    assert "overpaid" not in {one["code"] for one in told["warnings"]}
    refund = told["payments"][-1]["id"]
    strike = {"kind": "payment", "entry": refund, "reason": "mistake"}
    refused(post(office, "counter-entries", strike), "money-metres")


def test_a_fund_is_neither_overdrawn_nor_used_for_what_it_is_not_for(face):
    office = begun(face)
    small = FUND | {"id": "F3", "name": "small", "amount": 10}
    assert post(office, "funds", small).status_code == 201
    said = refused(
        post(office, "contracts/C1/payments", PAY | {"fund": "F3", "amount": 11}), "fund-overdrawn"
    )
    assert "10.00 are left" in said
    narrow = FUND | {"id": "F4", "name": "survey only", "uses": ["survey"]}
    post(office, "funds", narrow)
    said = refused(post(office, "contracts/C1/payments", PAY | {"fund": "F4"}), "fund-use")
    assert "not for renewal of sewers" in said
    west = FUND | {"id": "F5", "name": "of the west", "district": "W"}
    post(office, "funds", west)
    refused(post(office, "contracts/C1/payments", PAY | {"fund": "F5"}), "fund-district")
    old = FUND | {"id": "F6", "name": "old", "year": 2019, "date": "2019-01-01"}
    post(office, "funds", old)
    refused(post(office, "contracts/C1/payments", PAY | {"fund": "F6"}), "fund-lapsed")
    # sewers may be paid from the sewage charge; a rule of the city forbids it from then on
    charge = FUND | {"id": "F7", "source": "sewage_charge", "name": "charge"}
    post(office, "funds", charge)
    assert post(office, "contracts/C1/payments", PAY | {"fund": "F7", "amount": 1}).status_code == 201
    rule = {"rule": "use.sewage_charge.renewal", "value": 0, "reason": "plant first"}
    assert post(office, "rules", rule).status_code == 201
    refused(post(office, "contracts/C1/payments", PAY | {"fund": "F7", "amount": 1}), "fund-use")
    rows = {one["name"]: one for one in get(office, "/rules").json()["rows"]}
    assert (rows[rule["rule"]]["value"], rows[rule["rule"]]["given"], rows[rule["rule"]]["status"]) == (
        0,
        1,
        "city",
    )
    assert post(office, "rules", rule | {"value": None}).status_code == 201
    assert post(office, "contracts/C1/payments", PAY | {"fund": "F7", "amount": 1}).status_code == 201


def test_a_variation_beyond_the_share_counts_once_somebody_else_has_approved_it(face):
    office = begun(face, accepted=False)
    accept_pipe(office.store, "c", "p1", person=CITY)
    vary = {"amount": 10_000, "date": "2025-08-15", "reason": "rock"}
    made = post(office, "contracts/C1/variations", vary).json()
    assert made["needs_approval"] is False
    assert get(office, "/contracts/C1").json()["now"] == 110_000
    made = post(office, "contracts/C1/variations", vary | {"amount": 0.01}).json()
    assert made["needs_approval"] is True
    assert get(office, "/contracts/C1").json()["now"] == 110_000
    assert "pending" in {one["code"] for one in get(office).json()["warnings"]}
    word = {"verdict": "approved", "date": "2025-08-20", "body": "city", "document": "PF-9"}
    path = f"variations/{made['id']}/approvals"
    refused(post(office, path, word), "variation-own")
    refused(post(face("builder"), path, word), "rights")
    assert post(face("second"), path, word | {"document": " "}).status_code == 422
    assert post(face("second"), path, word).status_code == 201
    refused(post(face("second"), path, word), "variation-decided")
    assert get(office, "/contracts/C1").json()["now"] == 110_000.01
    today = now().date().isoformat()
    settle = {"kind": "settlement", "amount": -10_000.01, "date": today, "reason": "measured"}
    assert post(office, "contracts/C1/variations", settle).json()["needs_approval"] is False
    told = get(office, "/contracts/C1").json()
    assert (told["settled"], told["now"], told["retention_due"]) == (today, 100_000, False)
    assert told["limit"] == 97_000, "settled: all but the retention"
    refused(post(office, "contracts/C1/variations", vary), "contract-settled")


def test_nothing_is_changed_only_struck_and_what_money_hangs_on_stays(face):
    office = begun(face)
    refused(post(office, "funds", FUND | {"amount": 1}), "money-twice")
    payment = post(office, "contracts/C1/payments", PAY).json()["id"]
    strike = {"kind": "contract", "entry": "C1", "reason": "error"}
    assert "50,000.00 yuan hang on 'C1'" in refused(post(office, "counter-entries", strike), "counter-hangs")
    refused(post(office, "counter-entries", strike | {"kind": "fund", "entry": "F1"}), "counter-hangs")
    mine = {"kind": "payment", "entry": payment, "date": "2025-09-05"}
    assert post(office, "counter-entries", mine | {"reason": " "}).status_code == 422
    assert post(office, "counter-entries", mine | {"reason": "wrong lot"}).status_code == 201
    refused(post(office, "counter-entries", mine | {"reason": "again"}), "counter-twice")
    told = get(office, "/contracts/C1").json()
    assert (told["paid"], told["payments"][0]["void_why"]) == (0, "wrong lot")
    assert post(office, "counter-entries", strike).status_code == 201
    assert get(office, "/contracts/C1").status_code == 404
    assert get(office).json()["totals"]["contracted"] == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"price": float(2**60)}, 422), ({"price": 0.001}, 422), ({"price": -1}, 422),
        ({"advance": 0.31}, 422), ({"retention": 0.031}, 422), ({"progress": 0.79}, 422),
        ({"recovered": 0.2}, 422), ({"ends": "2025-04-01"}, 422), ({"signed": "2999-01-01"}, 422),
        ({"purpose": "fireworks"}, 422), ({"lot": "L9"}, 404), ({"contractor": " "}, 422),
        ({"prices": [{"method": "cipp", "price": -3}]}, 422),
        ({"funding": [{"fund": "F9", "amount": 1}]}, 404),
        ({"begins": "2025-02-30"}, 422), ({"defect_days": 9999}, 422),
    ],
)  # fmt: skip
def test_a_contract_that_does_not_hold_is_refused_with_a_sentence(face, change, status):
    office = face("office")
    post(office, "funds", FUND)
    answer = post(office, "contracts", DEAL | change)
    assert answer.status_code == status, answer.text
    assert "[" not in answer.json()["detail"]
    assert get(office).json()["contracts"] == []


def test_who_sees_and_who_pays(face):
    begun(face)
    assert post(face("east"), "funds", BOND).status_code == 201
    refused(post(face("west"), "funds", BOND | {"id": "F8"}), "rights")
    refused(post(face("east"), "funds", FUND | {"id": "F9"}), "rights")
    refused(post(face("east"), "contracts/C1/payments", PAY), "rights")  # the fund is the whole city's
    mine = PAY | {"fund": "F2", "amount": 100}
    assert post(face("east"), "contracts/C1/payments", mine).status_code == 201
    for name in ("west", "builder", "rival", "bureau", "reader", "elsewhere"):
        assert post(face(name), "contracts/C1/payments", mine).status_code in {403, 404}, name
    for name in ("reader", "elsewhere"):
        assert get(face(name)).status_code in {403, 404}, name
        assert get(face(name), "/contracts/C1").status_code in {403, 404}, name
        assert get(face(name), "/rules").status_code in {403, 404}, name
    assert get(face("bureau")).json()["totals"]["funds"] == 180_000
    seen = {name: get(face(name)).json() for name in ("east", "west", "builder", "rival")}
    assert {name: [one["id"] for one in told["contracts"]] for name, told in seen.items()} == {
        "east": ["C1"], "west": [], "builder": ["C1"], "rival": [],
    }  # fmt: skip
    assert {name: [one["id"] for one in told["funds"]] for name, told in seen.items()} == {
        "east": ["F1", "F2"], "west": ["F1"], "builder": [], "rival": [],
    }  # fmt: skip
    assert get(face("west"), "/contracts/C1").status_code == 404
    assert get(face("rival"), "/contracts/C1").status_code == 404
    assert get(face("builder"), "/contracts/C1").json()["may"] is False
    assert post(face("east"), "rules", {"rule": "advance", "value": 0.1, "reason": "x"}).status_code == 403


def test_the_document_of_a_fund_is_kept_and_opened_by_who_may(face):
    office = face("office")
    path = "/api/v1/cities/c/money/files"
    kept = office.post(f"{path}/-?name=grant.pdf", content=b"%PDF-1.4 grant")
    assert kept.status_code == 201, kept.text
    fund = FUND | {"files": [kept.json()["evidence"]]}
    assert post(office, "funds", fund).status_code == 201
    gone = FUND | {"id": "F9", "files": ["file:0123/none.pdf"]}
    assert post(office, "funds", gone).status_code == 422
    address = get(office).json()["funds"][0]["files"][0]["address"]
    assert office.get(f"/api/v1/{address}").content == b"%PDF-1.4 grant"
    assert face("east").get(f"/api/v1/{address}").status_code == 200
    for name in ("reader", "builder", "elsewhere"):
        assert face(name).get(f"/api/v1/{address}").status_code in {403, 404}, name
    assert face("west").post(f"{path}/E?name=x.pdf", content=b"%PDF-1.4").status_code == 403


def test_as_of_a_day_money_is_as_it_was_known(face):
    office = begun(face)
    post(office, "contracts/C1/payments", PAY)
    assert get(office, "?as_of=2020-01-01").json()["contracts"] == []
