"""Whether works worked, from the registration that is sealed to the plan that has learned."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.diagnosis.flow_records import records
from tests.services.test_figures_frozen import CITY, CREW, EAST, small_city, works
from wenqu.api.router import make_api
from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.network.model import assets
from wenqu.planning.costs import read_catalogue
from wenqu.series.model import series
from wenqu.services.city_state import Cities, CityState
from wenqu.services.effect_ledger import effect_ledger
from wenqu.services.effect_records import meters, read_flows
from wenqu.services.effect_seal import seal_of
from wenqu.services.judge_effect import finish_works, judge_effect
from wenqu.services.learned_prices import learned_prices
from wenqu.services.register_effect import Wanted, made_verification, register_effect
from wenqu.services.rights import NOBODY, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_bands import judging_meters, view_bands
from wenqu.services.view_effects import view_effect, view_effects
from wenqu.store.database import open_store
from wenqu.store.moments import now

BEFORE, AFTER = 400, 120
DAYS = np.datetime64(now().date()) - np.arange(BEFORE + AFTER)[::-1]
BEGINS = str(DAYS[BEFORE])
SOON = str(np.datetime64(now().date()) + 10)
CUTS = {"M": 0.4, "LITTLE": 0.0, "SHORT": 0.2, "K": 0.0}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Write meters and a gauge whose record ends now: the works took 40 % or nothing."""
    folder = tmp_path_factory.mktemp("effects")
    made = small_city(folder)
    _, sky, rows = records(21, BEFORE + AFTER, len(CUTS), common=0.02, slow=0.01, wet=0.05)
    times = DAYS.astype("datetime64[s]")
    flows = []
    for (name, cut), values in zip(CUTS.items(), rows, strict=True):
        values[BEFORE:] *= 1 - cut
        last = BEFORE + 20 if name == "SHORT" else None
        flows.append(series(name, "flow", times[:last], values[:last, 0]))
    where = {"M": "E", "LITTLE": "E", "SHORT": "E", "K": "W"}
    with made.change("c", who="tester", why="meters") as change:
        change.put(assets("meter", list(where), {"district": list(where.values())}))
    made.write_series("c", [*flows, series("R", "rain", times, sky.means / 86400)])
    made.close()
    return folder


@pytest.fixture
def store(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "copy")
    made = open_store(str(tmp_path / "copy" / "store"))
    yield made
    made.close()


def registered(store, meter="M", **changed):
    """Put a verification on record as it was made before the works."""
    wanted = Wanted(meter, BEGINS, 0.3, id="v1", **changed)
    read = read_flows(store, "c", (meter, wanted.control))
    made = made_verification(meters(read, meter, wanted.control), wanted)
    with store.change("c", who="past", why="registered in time") as change:
        change.add_records("verification", [replace(made, registered=BEGINS)])
    return made


def state(store):
    return CityState(store.network("c"))


def test_it_is_registered_before_the_works_with_a_threshold_of_the_history_and_cannot_be_changed(store):
    made = register_effect(Cities(store), "c", Wanted("K", SOON, 0.5, id="v"), person=CITY)
    assert 0 < made.threshold < 0.3
    assert made.dry_days >= 10
    assert (made.registered, made.by) == (now().date().isoformat(), "office")
    with pytest.raises(Refused, match="v"):
        register_effect(Cities(store), "c", Wanted("K", SOON, 0.5, id="v"), person=CITY)
    assert all(not chain.faults for chain in store.verify())  # sealed in the log


REFUSED = [
    ({"expected": 0.0}, BadInput), ({"expected": 1.5}, BadInput), ({"rate": 0.0}, BadInput),
    ({"power": 1.0}, BadInput), ({"metric": "noon"}, BadInput), ({"control": "K"}, BadInput),
    ({"expected": 0.01}, NotEnoughData), ({"meter": "nobody"}, NotEnoughData),
    ({"project": "none"}, Unknown),
]  # fmt: skip


def test_what_cannot_be_judged_is_not_registered_and_only_who_decides_registers(store):
    for wanted, error in REFUSED:
        with pytest.raises(error):
            register_effect(Cities(store), "c", replace(Wanted("K", SOON, 0.5), **wanted), person=CITY)
    with pytest.raises(Refused):
        register_effect(Cities(store), "c", Wanted("K", SOON, 0.5), person=CREW)
    with pytest.raises(Refused, match=BEGINS):  # works that have begun
        register_effect(Cities(store), "c", Wanted("M", BEGINS, 0.3), person=CITY)


def test_a_district_registers_ends_and_judges_only_at_its_own_meters(store):
    west = Person("west", (Grant("district", "c", "W"),))
    here, there = SeenCities(Cities(store), EAST), SeenCities(Cities(store), west)
    registered(store)  # at M, which lies in the east
    for wrong, person in ((there, west), (SeenCities(Cities(store), CREW), CREW), (Cities(store), NOBODY)):
        with pytest.raises((Refused, Unknown)):
            register_effect(wrong, "c", Wanted("LITTLE", SOON, 0.5), person=person)
        with pytest.raises((Refused, Unknown)):
            finish_works(wrong, "c", "v1", BEGINS, person=person)
        with pytest.raises((Refused, Unknown)):
            judge_effect(wrong, "c", "v1", person=person)
    with pytest.raises(NotEnoughData):  # a control that they may not read
        register_effect(here, "c", Wanted("LITTLE", SOON, 0.5, control="K"), person=EAST)
    assert register_effect(here, "c", Wanted("LITTLE", SOON, 0.5), person=EAST).by == "east"
    assert view_effect(here, state(store), "v1", person=EAST)["may"]
    assert not view_effect(Cities(store), state(store), "v1", person=west)["may"]
    assert finish_works(here, "c", "v1", BEGINS, person=EAST).by == "east"
    assert judge_effect(here, "c", "v1", person=EAST).verdict == "seen"


def test_a_control_of_another_district_is_not_named_and_seal_and_verdict_are_the_same(store):
    registered(store, control="K")  # M lies in the east, K in the west
    finish_works(Cities(store), "c", "v1", BEGINS, person=CITY)
    whole, east = Cities(store), SeenCities(Cities(store), EAST)
    full, told = (view_effect(known, known.state("c"), "v1", person=EAST) for known in (whole, east))
    assert (full["control"], full["terms"]["control"]) == ("K", "K")
    assert (told["control"], told["terms"]["control"]) == ("*", "*")
    assert (full["last"].keys(), told["last"].keys()) == ({"M", "K"}, {"M"})
    assert any(one is not None for one in full["chart"].pop("control"))
    assert set(told["chart"].pop("control")) == {None}
    same = full.keys() - {"control", "terms", "last"}
    assert {name: told[name] for name in same} == {name: full[name] for name in same}
    (row,) = view_effects(east, east.state("c"))["rows"]
    (other,) = view_effects(whole, whole.state("c"))["rows"]
    assert row == other | {"control": "*"}
    assert row["control_state"] == "used"
    # Whoever asks for the bands of both is told nothing of the control, before and after.
    bands = [view_bands(east.store, east.state("c"), "M", name)["rows"] for name in ("K", "")]
    assert bands[0] == bands[1] != view_bands(store, state(store), "M", "K")["rows"]


def test_the_preview_tells_the_terms_that_are_then_sealed_and_how_long_it_takes(store):
    wanted = Wanted("K", SOON, 0.5, control="M")
    told = view_bands(store, state(store), "K", "M", "day", wanted)
    made = register_effect(Cities(store), "c", replace(wanted, id="v"), person=CITY)
    assert told["terms"]["threshold"] == pytest.approx(made.threshold)
    assert (told["terms"]["dry_days"], told["why"]) == (made.dry_days, "")
    assert told["days"] > made.dry_days / 0.8
    days = [row["dry_days"] for row in told["needs"] if row["dry_days"]]
    assert days == sorted(days, reverse=True)  # a larger effect needs no more dry days
    blind = view_bands(store, state(store), "K", "", "day", replace(wanted, expected=0.01, control=""))
    assert (blind["terms"], blind["why"]) == (None, "blind")
    assert blind["least"] > 0.01
    assert "control_stopped" in view_bands(store, state(store), "K", "SHORT")["doubts"]
    assert [row["id"] for row in judging_meters(store, state(store))] == ["K", "LITTLE", "M", "SHORT"]


def test_the_seal_tells_terms_that_were_changed(store):
    made = registered(store)
    sealed = view_effect(Cities(store), state(store), "v1", person=CITY)["seal"]
    assert sealed == seal_of(replace(made, registered=BEGINS))
    assert sealed != seal_of(replace(made, registered=BEGINS, threshold=made.threshold * 0.99))


def test_methods_and_contractor_come_from_the_project(store):
    works(store)
    made = register_effect(Cities(store), "c", Wanted("K", SOON, 0.5, project="X"), person=CITY)
    assert sum(share for _, share in made.methods) == pytest.approx(1)
    assert made.contractor == "builders"
    assert [row["id"] for row in view_effects(Cities(store), state(store), "X")["rows"]] == [made.id]
    assert view_effects(Cities(store), state(store), "another")["rows"] == []


def test_from_works_to_verdict_to_the_price_table(store):
    registered(store, "LITTLE", methods=(("cipp", 1.0),), contractor="builders", control="K")
    with pytest.raises(NotEnoughData):
        judge_effect(Cities(store), "c", "v1", person=CITY)  # the works go on
    finish_works(Cities(store), "c", "v1", BEGINS, person=CITY)
    with pytest.raises(Refused):
        finish_works(Cities(store), "c", "v1", BEGINS, person=CITY)
    verdict = judge_effect(Cities(store), "c", "v1", person=CITY)
    assert verdict.verdict == "not_seen"
    assert verdict.low < 0 < verdict.high
    with pytest.raises(Refused):
        judge_effect(Cities(store), "c", "v1", person=CITY)
    told = view_effects(Cities(store), state(store))
    (row,) = told["rows"]
    assert (row["verdict"], row["control_state"], row["more"]) == ("not_seen", "used", 0)
    assert [one["key"] for one in (*told["methods"], *told["contractors"])] == ["cipp", "builders"]
    book = read_catalogue()
    after = learned_prices(store, "c", book)
    assert after.method("cipp").effect < book.method("cipp").effect
    assert after.method("open_cut") == book.method("open_cut")
    assert after.edition.endswith("+ 1 verified")


def test_the_verdict_that_was_filed_stands_whatever_the_readings_say_later(store):
    registered(store)
    finish_works(Cities(store), "c", "v1", BEGINS, person=CITY)
    assert judge_effect(Cities(store), "c", "v1", person=CITY).verdict == "seen"
    with store.change("c", who="x", why="a second verdict") as change:
        change.add_records("judgement", [replace(effect_ledger(store, "c").judged["v1"], change=0.5)])
    (row,) = view_effects(Cities(store), state(store))["rows"]
    assert (row["verdict"], row["change"] < 0) == ("seen", True)


def test_too_few_dry_days_are_counted(store):
    made = registered(store, "SHORT")
    finish_works(Cities(store), "c", "v1", BEGINS, person=CITY)
    told = view_effect(Cities(store), state(store), "v1", person=CITY)
    assert told["verdict"] == "wait"
    assert told["more"] + told["dry_days"] == made.dry_days
    assert len(told["chart"]["days"]) == len(told["chart"]["change"]) > 100


def test_the_routes_say_the_same(store):
    registered(store)
    asked = TestClient(make_api(Cities(store)), base_url="http://127.0.0.1")
    path = "/api/v1/cities/c/verifications"
    assert [row["id"] for row in asked.get(path).json()["rows"]] == ["v1"]
    assert asked.post(f"{path}/v1/ends", json={"date": BEGINS}).status_code == 201
    assert asked.get(f"{path}/v1").json()["terms"]["asset"] == "M"
    assert asked.post(f"{path}/v1/judgements").json() == {"verdict": "seen"}
    assert asked.get(f"{path}/nothing").status_code == 404
    told = asked.get("/api/v1/cities/c/null-bands/M").json()
    assert all(0 < row["half"] < row["needed"] for row in told["rows"])
    late = asked.post(path, json={"meter": "M", "begins": BEGINS, "expected": 0.2})
    assert late.json()["code"] == "error.refused.verification-late"
