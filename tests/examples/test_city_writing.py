"""The example city enters a store once, whole, beside nobody else, and its truth stays outside."""

import pytest

from wenqu.errors import Refused
from wenqu.examples.city import example_city, write_example
from wenqu.examples.city.writing import write_city, write_readings
from wenqu.messages import LANGUAGES, sentences
from wenqu.network.model import City
from wenqu.records.inspection import Inspection
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("example")


@pytest.fixture(scope="module")
def store(place):
    opened = open_store(str(place / "store"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def made(store, place):
    """Write a fortnight of readings ahead: a year of them is what writing costs."""
    city = example_city(conduits=600, seed=1)
    write_city(store, city.network.city, city, "tester")
    shares = []
    write_readings(store, "example", city, 14, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    return write_example(store, conduits=600, seed=1, truth_folder=place / "truth", who="tester")


def test_what_was_written_can_be_read(store, made):
    network = store.network("example")
    assert network.city.simulated
    assert len(network.table("conduit")) == made.conduits
    assert sum(len(table) for table in network.tables.values()) == made.assets
    records = store.records("example", "inspection", Inspection)
    assert len(records) == made.inspections
    assert all(record.simulated for record in records)
    index = store.series_index("example")
    assert len(index) == made.series
    assert sum(entry.count for entry in index) == made.readings
    assert all(entry.simulated for entry in index)
    assert store.document("example", "endmembers.csv").startswith(b"kind,tracer,mean,sd,unit")


def test_the_truth_lies_outside_the_store(made, place):
    assert (place / "truth" / "truth.npz").is_file()
    assert {"plants.csv", "meters.csv", "blocks.csv", "river_places.csv", "flaws.csv"} <= {
        path.name for path in (place / "truth").iterdir()
    }
    assert not [path for path in (place / "store").rglob("*") if "truth" in path.name]


def test_a_second_call_changes_nothing(store, made):
    version = store.version("example")
    again = write_example(store, conduits=600, seed=1, who="tester")
    assert again.existed
    assert len(store.changes("example")) == 1
    assert store.version("example") == version
    assert again.readings == made.readings


def test_another_example_or_a_real_city_of_that_name_is_refused(store, made):
    with pytest.raises(Refused) as refused:
        write_example(store, conduits=600, seed=2, who="tester")
    assert refused.value.key == "error.refused.example-other"
    with store.change("real", who="tester", why="a city of its own") as change:
        change.put_city(City("real", "真城", "Real city", "EPSG:4549"))
    with pytest.raises(Refused) as refused:
        write_example(store, conduits=600, seed=1, city="real", who="tester")
    assert refused.value.key == "error.refused.example-real-city"
    for language in LANGUAGES:
        assert {"error.refused.example-other", "error.refused.example-real-city"} <= sentences(
            language
        ).keys()
