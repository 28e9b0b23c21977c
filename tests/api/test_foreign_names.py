"""No answer to somebody of one district names an asset of another, whatever is asked."""

import time

import pytest
from fastapi.testclient import TestClient

from tests.api.foreign_names import WORDS, ZOOMS, Names, harvest, questions, tiles_over, zones_of
from wenqu.api.router import make_api
from wenqu.examples.city import write_example
from wenqu.examples.loop.play import play_loop
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities, CityState
from wenqu.services.diagnose_city import diagnose_city
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.find_problems import find_problems
from wenqu.services.grade_city import grade_city
from wenqu.services.jobs import Jobs
from wenqu.services.plan_city import plan_city
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import EVERYWHERE, LOCAL, Grant
from wenqu.store.database import open_store

CITY = "example"
CONDUITS = 600  # the smallest example there is
HOME = "http://127.0.0.1"
OF_OFFERED = ("/alarms", "/problems", "/problems/{problem}", "/problems/lists/{name}.{form}")
# Routes that answer a district nothing here. What speaks of the whole city is not theirs to read:
WHOLE = {
    "plan", "plan/again", "plan/history", "plan/relaxations", "plan/certificate", "plan/verification",
    "plan/rules", "plan/rules/versions/{number}", "plan/choices", "plan/choices/{id_}", "plan/difference",
    "plan/proposals/{id_}", "official/{document}/sheet", "documents/{name}", "figures/{stage}/signed",
    "figures/{stage}/workbook", "figures/lists/{key}/bridge",
}  # fmt: skip
# Whoever only reads a part is not asked to bring anything in:
INSIDE = {
    "deliveries", "inspections/deliveries", "money/templates/{table}", "own-grid", "queue",
    "queue/{row}/drawing",
}  # fmt: skip
# and of these the example has none, or they are asked for by what only the page knows:
ABSENT = {
    "deliveries/{delivery}", "deliveries/{delivery}/files", "discharge", "field/files/{digest}",
    "inspections/deliveries/{delivery}", "inspections/media", "inspections/source",
    "money/files/{district}/{digest}/{name}", "months/{asset}", "null-bands/{meter}",
    "problems/{problem}/files/{digest}/{name}", "projects/{project}/files/{digest}/{name}",
    "proofs/{kind}/{id}", "queue/{row}/form", "rainfall/meters/{id_}", "searches/{search}",
    "balance", "balance/workbook",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a store of an example city that went through the whole loop."""
    made = open_store(tmp_path_factory.mktemp("foreign") / "store")
    write_example(made, conduits=CONDUITS, city=CITY, who="test")
    grade_city(made, CITY, who="test")
    diagnose_city(made, CITY, who="test")
    find_problems(made, CityState(made.network(CITY)), person=LOCAL)
    plan_city(made, CITY, who="test", seconds=2.0)
    play_loop(made, CITY, who="test")
    for grant in made.accounts.grants(""):
        made.accounts.revoke(grant.id, "test")
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(store):
    return make_api(Cities(store), Entrance(store.accounts))


def client_of(app, store, name, grant):
    store.accounts.add(name, "", "", "test")
    give_grant(store.accounts, LOCAL, name, grant)
    client = TestClient(app, base_url=HOME, headers={"Origin": HOME, "Accept-Language": "zh"})
    client.cookies.set(COOKIE, app.state.entrance.begin(name))
    return client


@pytest.mark.parametrize("role", ["district", "bureau"])
def test_no_answer_to_a_district_names_an_asset_of_another(app, store, role):
    network = store.network(CITY)
    names = Names(network, district_of_most(network))
    root = client_of(app, store, f"root-{role}", Grant("administrator", EVERYWHERE))
    theirs = client_of(app, store, role, Grant(role, CITY, names.district))
    attach(root, store, names)
    told = {**harvest(root, theirs, CITY), "selection": [drawn(theirs)]}
    assert len(names.foreign) > 500
    assert not {
        name for name in ("problem", "project", "contract", "order", "verification") if not told[name]
    }
    # The search finds what there is to find: whoever sees all is told of them.
    for path in ("problems", "alarms", "orders", "verifications", "registers/conduit?columns=id"):
        assert names.found_in(root.get(f"/api/v1/cities/{CITY}/{path}")), path
    offered = offered_to(store, names.district) & names.foreign if role == "district" else set()
    leaks, answered, served = {}, 0, {}
    for path, address, query in questions(app.openapi(), CITY, names, told):
        answer = theirs.get(address, params=query)
        assert answer.status_code < 500, (address, query, answer.text[:300])
        answered += answer.status_code == 200
        served[path] = served.get(path, 0) + (answer.status_code == 200)
        said = set(WORDS.findall(f"{address} {' '.join(map(str, query.values()))}"))  # a refusal repeats it
        allowed = offered if path.endswith(OF_OFFERED) else set()
        if found := names.found_in(answer) - said - allowed:
            leaks[address, str(query)] = sorted(found)[:5]
    assert not leaks, "\n".join(f"{asked}: {found}" for asked, found in leaks.items())
    assert answered > 200
    silent = {path.partition("{city}/")[2] for path, count in served.items() if not count}
    assert silent <= WHOLE | ABSENT | (set() if role == "district" else INSIDE), "what of it is theirs?"


def test_a_job_of_another_district_is_nobody_elses(app, store, tmp_path):
    names = Names(store.network(CITY), district_of_most(store.network(CITY)))
    other = next(zone for zone in zones_of(names.network) if zone != names.district)
    mine = client_of(app, store, "job-mine", Grant("district", CITY, names.district))
    theirs = client_of(app, store, "job-theirs", Grant("district", CITY, other))
    bureau = client_of(app, store, "job-bureau", Grant("bureau", CITY, names.district))
    office = client_of(app, store, "job-office", Grant("city_office", CITY))
    nobody = TestClient(app, base_url=HOME, headers={"Origin": HOME})
    app.state.jobs = Jobs(tmp_path)
    told = {"ids": sorted(names.foreign)[:50]}
    about = {"kind": "import", "city": CITY, "who": "job-theirs", "about": " ".join(told["ids"])}
    job = app.state.jobs.start(f"{__name__}:handed_on", told, **about)
    end = time.monotonic() + 120
    while app.state.jobs.job(job.id).state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    where = f"/api/v1/jobs/{job.id}"
    assert theirs.get(where).json()["result"] == told
    assert [row["id"] for row in office.get("/api/v1/jobs").json()] == [job.id]
    for who, refused in ((mine, {403}), (bureau, {403}), (nobody, {401})):
        rows = who.get("/api/v1/jobs", params={"city": CITY})
        assert (rows.status_code, rows.json()) == (200, [])
        for answer in (who.get(where), who.post(f"{where}/cancel")):
            assert answer.status_code in refused
            assert not names.found_in(answer)


def handed_on(given, progress):
    """Return what a job was given, as its result."""
    progress(1.0)
    return given


def test_pdfs_tiles_and_archives_are_searched_for_names(app, store):
    """What finds nothing must be able to find: of an administrator's files others' names are read."""
    names = Names(store.network(CITY), district_of_most(store.network(CITY)))
    root = client_of(app, store, "root-files", Grant("administrator", EVERYWHERE))
    home = f"/api/v1/cities/{CITY}"
    deepest = [tile for tile in tiles_over(names.network) if tile["z"] == max(ZOOMS)]
    assert len({tile["z"] for tile in tiles_over(names.network)}) == len(ZOOMS)
    found = [
        names.found_in(root.get(f"{home}/tiles/{z}/{x}/{y}.mvt")) for z, x, y in map(dict.values, deepest)
    ]
    assert set().union(*found)
    assert names.found_in(root.get(f"{home}/map.pmtiles"))
    sheet = root.get(f"{home}/problems/lists/problems.pdf")
    assert sheet.content[:4] == b"%PDF", sheet.text[:300]
    assert names.found_in(sheet)


def attach(root, store, names):
    """Keep a file with one asset of theirs and of another district each, and one of the whole city."""
    said = " ".join(sorted(names.foreign)).encode()
    for type_ in ("manhole", "conduit"):
        mine, other = names.of(type_)
        for id_, content in ((mine, b"theirs"), (other, said)):
            where = f"/api/v1/cities/{CITY}/registers/{type_}/attachment"
            asked = {"id": id_, "name": "photo.jpg"}
            kept = root.post(where, params=asked, content=b"\xff\xd8\xff" + content)
            assert kept.status_code == 200, kept.text
    with store.change(CITY, who="test", why="a document of the whole city") as change:
        change.write_document("report.txt", said, "text/plain")


def drawn(theirs):
    """Return the selection that somebody draws around everything."""
    ring = [[-180, -80], [180, -80], [180, 80], [-180, 80]]
    asked = theirs.post(f"/api/v1/cities/{CITY}/selections", json={"ring": ring})
    assert asked.status_code == 200, asked.text
    return asked.json()["id"]


def offered_to(store, district):
    """Return the assets of problems that another district hands over: whoever is to take one reads which."""
    return {one.problem.asset for one in ledger(store, CITY).values() if one.offered == district}


def district_of_most(network):
    """Return the district in which most conduits lie: most is asked of it."""
    zones = [str(zone) for zone in network.table("conduit").column("district") if zone]
    return max(set(zones), key=zones.count)
