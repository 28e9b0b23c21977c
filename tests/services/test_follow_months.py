"""A city is followed month by month: what broke is filed, becomes a problem, and is shown."""

import shutil

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.services.test_diagnose_city import CODE, OWN, fill, network
from wenqu.api.router import make_api
from wenqu.errors import NotEnoughData, Refused, Unknown
from wenqu.series.model import series
from wenqu.services.city_state import Cities, CityState
from wenqu.services.find_problems import find_problems
from wenqu.services.follow_months import follow_months, months_job, start_months
from wenqu.services.problem_evidence import evidence_of
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.take_in import jobs_of
from wenqu.services.view_months import view_area, view_months
from wenqu.store.database import open_store

DAYS, BROKE = 300, 166  # the break comes on the 15th of June
FOUL = {"A": 0.025, "B": 0.034, "C": 0.026}
CLEAN = {"A": 0.010, "B": 0.008, "C": 0.006}
SIZE = 0.008
DISTRICT = Person("east", (Grant("district", CODE, "E"),))
OFFICE = Person("office", (Grant("city_office", CODE),))


def readings(size=SIZE, days=DAYS, seed=4):
    """Return hourly flow of three branches and the plant, daily rain and level; branch C breaks."""
    rng = np.random.default_rng(seed)
    times = np.datetime64("2024-01-01", "s") + np.arange(24 * days) * np.timedelta64(3600, "s")
    hour, day = np.arange(24 * days), np.arange(days)
    wave = 1 + 0.6 * np.sin((hour % 24 - 9) * 2 * np.pi / 24)
    wet = day % 7 == 3
    level = 3 + 0.4 * np.sin(day * 2 * np.pi / 365) + 0.05 * rng.standard_normal(days)
    daily = times[::24]
    rain = np.where(wet, 4e-3 / 86400, 0.0)
    made = [
        series("G", "rain", daily, rain, simulated=True),
        series("L", "groundwater", daily, level, simulated=True),
    ]
    total = np.zeros(24 * days)
    for branch, foul in FOUL.items():
        clean = np.repeat(CLEAN[branch] * (1 + 0.4 * (level - 3)), 24)
        clean = clean + (size * (hour >= 24 * BROKE) if branch == "C" else 0.0)
        week = np.repeat(1 + 0.02 * rng.standard_normal(days), 24)
        total += (own := foul * wave * week + clean + np.repeat(np.where(wet, 0.01, 0.0), 24))
        noise = 1 + 0.02 * rng.standard_normal(24 * days)
        made.append(series(f"M{branch}", "flow", times, own * 1.03 * noise, simulated=True))
    made.append(
        series("P", "flow", times, total * (1 + 0.02 * rng.standard_normal(24 * days)), simulated=True)
    )
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("months")
    store = open_store(str(folder / "store"))
    fill(store, network(), readings(), OWN)
    made = follow_months(store, CODE, person=LOCAL)
    store.close()
    return folder, made


@pytest.fixture
def store(whole, tmp_path):
    shutil.copytree(whole[0], tmp_path / "copy")
    made = open_store(str(tmp_path / "copy" / "store"))
    yield made
    made.close()


def state(store, as_of=None):
    return CityState(store.network(CODE, as_of=as_of))


def test_a_break_is_filed_with_month_place_and_size(whole, store):
    (event,) = view_months(store, state(store), LOCAL)["events"]
    assert (event["asset"], event["what"], event["month"]) == ("meter/MC", "broke", "2024-06")
    assert event["first"] <= "2024-06" <= event["last"]
    assert event["low"] < SIZE * 86400 < event["high"]
    assert event["sure"] > 0.9
    assert "series:MC/flow" in event["inputs"]
    run = view_months(store, state(store), LOCAL)["run"]
    assert (run["since"], run["until"], run["areas"], run["meters"]) == ("2024-01", "2024-10", 4, 4)
    assert "groundwater" in run["forcings"]
    assert whole[1]["events"] == 1


def test_what_broke_becomes_a_problem_at_once_and_only_once(whole, store):
    (id_,) = whole[1]["problems"]
    problem = ledger(store, CODE)[id_].problem
    assert (problem.kind, problem.asset, problem.origin) == ("extraneous", "MC", "meter")
    assert "finding:month_step 2024-06-01" in problem.evidence
    assert id_ in {one.id for one in evidence_of(store, state(store))}
    assert id_ not in find_problems(store, state(store), person=LOCAL).filed
    assert follow_months(store, CODE, person=LOCAL)["problems"] == []


def test_an_area_is_shown_month_by_month_with_its_band(store):
    shown = view_area(store, state(store), "meter/MC")
    chart = shown["chart"]
    assert len(chart["months"]) == 10
    before, after = chart["base"][2], chart["base"][8]
    assert after - before == pytest.approx(SIZE * 86400, rel=0.3)
    clean = chart["extraneous"]
    assert all(
        low <= value <= high
        for low, value, high in zip(clean["low"], clean["value"], clean["high"], strict=True)
    )
    assert [row["what"] for row in shown["events"]] == ["broke"]
    with pytest.raises(Unknown):
        view_area(store, state(store), "meter/nowhere")


def test_a_run_that_finds_nothing_takes_the_steps_of_the_run_before_away(store):
    follow_months(store, CODE, person=LOCAL, until="2024-06-14")
    found = view_months(store, state(store), LOCAL)
    assert found["events"] == []
    assert found["run"]["until"] == "2024-06"
    assert len(found["areas"]) == 4


def test_few_months_and_no_meters_are_refused_with_what_is_missing(tmp_path):
    store = open_store(str(tmp_path / "store"))
    fill(store, network(), readings(days=40))
    with pytest.raises(NotEnoughData) as caught:
        follow_months(store, CODE, person=LOCAL)
    assert caught.value.facts == {"months": 2, "least": 6}
    fill(store, network(), own="")
    assert view_months(store, state(store), LOCAL)["run"] is None
    store.close()


def test_only_who_decides_for_the_whole_city_starts_it(store):
    jobs = jobs_of(store)
    with pytest.raises(Refused):
        start_months(jobs, store, CODE, person=DISTRICT)
    where, archive = store.address
    shares = []
    given = {"where": where, "archive": archive, "city": CODE, "person": OFFICE}
    assert months_job(given, shares.append)["events"] == 1
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_interface_shows_months_and_areas(store):
    asks = TestClient(make_api(Cities(store)), base_url="http://localhost")
    answer = asks.get(f"/api/v1/cities/{CODE}/months").json()
    assert [row["what"] for row in answer["events"]] == ["broke"]
    assert {row["asset"] for row in answer["areas"]} == {"meter/MA", "meter/MB", "meter/MC", "plant/P"}
    assert answer["may_run"]
    area = asks.get(f"/api/v1/cities/{CODE}/months/meter/MC").json()
    assert area["chart"]["months"][0] == "2024-01"
    assert asks.get(f"/api/v1/cities/{CODE}/months/meter/none").status_code == 404
