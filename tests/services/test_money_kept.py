"""Whatever is filed in whatever order, and by how many at once: never more is paid than is allowed."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from tests.services.test_figures_frozen import CITY, ROLES, small_city
from wenqu.errors import Refused, WenquError
from wenqu.records.acceptance import ACCEPTED, WITHDRAWN, Acceptance
from wenqu.records.money import Contract, CounterEntry, Fund, Payment, Variation
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.services.city_state import CityState
from wenqu.services.file_money import file_contract, file_fund
from wenqu.services.file_payment import file_counter_entry, file_payment
from wenqu.services.file_variation import file_variation
from wenqu.services.file_works import file_project
from wenqu.services.money_ledger import accounts_of, read_money
from wenqu.works.money.payable import limit

FIRST = date(2025, 3, 1)


@pytest.fixture
def store(tmp_path):
    made = small_city(tmp_path)
    parties = tuple(Party(role, body) for role, body in ROLES.items())
    lot = Lot("L1", "", tuple(PipeWork(name, "cipp") for name in ("p1", "p2", "p3")))
    file_project(made, "c", Project("X", "mend", (lot,), parties, "E"), person=CITY)
    fund = Fund("F", "special_fund", "fund", 2025, 80_000_00, "D", "2025-01-01")
    file_fund(made, "c", fund, person=CITY)
    deal = Contract(
        "C", "1", "X", "L1", "builders", "renewal", 90_000_00, "2025-02-01", "2025-02-01", "2025-12-31",
        advance=0.2, recovered=0.5, progress=0.85, retention=0.03, defect_days=30,
    )  # fmt: skip
    file_contract(made, "c", deal, person=CITY)
    yield made
    made.close()


def account(store):
    ledger = read_money(store, "c")
    return accounts_of(store, CityState(store.network("c")), ledger)["C"], ledger


def word(store, number, pipe, verdict, day):
    with store.change("c", who="tester", why=verdict) as change:
        change.add_records("acceptance", [Acceptance(f"Y{number}", "X", "L1", pipe, day, verdict, "city")])


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_deeds_pays_more_than_is_allowed(store, seed):
    draw = random.Random(seed)
    standing, filed, refused = set(), [], 0
    for number in range(22):
        day = (FIRST + timedelta(days=9 * number)).isoformat()
        deed = draw.choice(
            ["accept", "accept", "withdraw", "pay", "pay", "pay", "advance", "refund", "vary", "strike"]
        )
        pipe = draw.choice(["p1", "p2", "p3"])
        amount = draw.choice([100, 999_99, 12_345_67, 30_000_00, 60_000_00])
        if deed == "accept" and pipe not in standing:
            word(store, number, pipe, ACCEPTED, day)
            standing.add(pipe)
            continue
        if deed == "withdraw" and pipe in standing:
            word(store, number, pipe, WITHDRAWN, day)
            standing.discard(pipe)
            continue
        try:
            if deed == "vary":
                share = draw.choice([-0.05, 0.03, 0.2])
                change = Variation("", "C", "change", round(90_000_00 * share), day, "because", "")
                file_variation(store, "c", change, person=CITY)
            elif deed == "strike" and filed:
                entry = CounterEntry("", "payment", draw.choice(filed), day, "wrong", "")
                file_counter_entry(store, "c", entry, person=CITY)
            elif deed in {"pay", "advance", "refund"}:
                kind = "progress" if deed == "pay" else deed
                made = file_payment(
                    store, "c", Payment("", "C", "F", kind, amount, day, document="V"), person=CITY
                )
                filed.append(made.id)
                one, ledger = account(store)
                if kind != "refund":
                    assert one.paid_by(day) <= limit(one.book, day, one.drawn_by(day)).total
                    today = "9999-12-31"
                    assert one.paid_by(today) <= limit(one.book, today, one.drawn_by(today)).total
                assert 0 <= sum(amount for _, amount in ledger.of_fund("F")) <= 80_000_00
        except WenquError:
            refused += 1
    assert filed
    assert refused


def test_two_who_pay_at_once_do_not_both_get_the_last_metres(store):
    word(store, 1, "p1", ACCEPTED, "2025-03-01")
    most = account(store)[0]
    allowed = limit(most.book, "2025-03-10").total
    asked = Payment("", "C", "F", "progress", allowed, "2025-03-10", document="V")

    def pay(_):
        try:
            return file_payment(store, "c", asked, person=CITY).id
        except Refused:
            return ""

    with ThreadPoolExecutor(4) as pool:
        done = [one for one in pool.map(pay, range(4)) if one]
    assert len(done) == 1
    assert account(store)[0].paid_by("2025-12-31") == allowed
