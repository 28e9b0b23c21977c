"""What a format does not give back is told before it is written, and nothing else is lost."""

import pytest

from tests.network.formats.test_round_trips import ODD, WRITTEN, come_back, odd_network
from wenqu.examples.little_city import little_city
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.losses import losses
from wenqu.network.formats.registry import format_of

WEAK = {
    "empty": ["", None],
    "甲方管理用的备注一": ["", "一"],
    "blank": [" a ", "b "],
    "甲方管理用的备注二": ["三", "四"],
    "infinite": [float("inf"), 1.0],
    "nul": ["甲\0乙", "c"],
}


@pytest.mark.parametrize("ending", WRITTEN)
def test_whatever_does_not_come_back_was_foretold(tmp_path, ending):
    network = odd_network({**ODD, **WEAK})
    was = network.tables["manhole"].extra
    path = tmp_path / f"o.{ending}"
    told = losses(network, ending)
    now = come_back(format_of(path).write(path, network))["manhole"].extra
    changed = {name for name in was if was[name].tolist() != now[name].tolist()}
    foretold = {name for issue in told for name in str(issue.facts["columns"]).split(", ")}
    assert foretold == changed
    assert ("blank" in changed) == (ending == "shp")
    assert now["nul"].tolist() == ["甲乙", "c"]  # only the character goes, not what stands behind it
    for issue in told:
        assert all(say(f"issue.{issue.code}.says", language, **issue.facts) for language in LANGUAGES)


def test_a_model_tells_which_registers_it_cannot_hold():
    told = {one.type: one.facts["count"] for one in losses(little_city(), "inp")}
    lost = {"village", "zone", "source", "facility", "sludge_site", "vehicle", "section", "reach", "meter"}
    others = {"gully", "channel", "plant", "station"}  # come back as a manhole, pipe, outfall or storage
    assert told == dict.fromkeys(lost | others, 1)


def test_a_model_tells_which_columns_of_ones_own_stay_out():
    (told,) = losses(odd_network({"甲": ["1", "2"]}), "inp")
    assert (told.code, told.facts["columns"]) == ("export.own-columns", "甲")
    assert losses(odd_network({}), "gpkg") == []
