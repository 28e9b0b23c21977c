"""The command that follows months tells what happened."""

from tests.services.test_diagnose_city import CODE, OWN, fill, network
from tests.services.test_follow_months import readings
from wenqu.store.database import open_store


def test_the_command_tells_what_happened(wenqu, tmp_path):
    store = open_store(str(tmp_path / "store"))
    fill(store, network(), readings(), OWN)
    store.close()
    told = wenqu("months", "--city", CODE)
    assert told.code == 0, told.err
    assert "something broke" in told.out
    assert "MC" in told.out
    calm = wenqu("months", "--city", CODE, "--until", "2024-06-14", "--json")
    assert calm.json["events"] == []
