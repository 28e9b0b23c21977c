"""What can be told apart is said in words."""

from wenqu.diagnosis.end_member_table import end_member_table
from wenqu.diagnosis.identifiability import identifiability
from wenqu.messages import LANGUAGES, sentences

OWN = """kind,tracer,mean,sd,unit,status
sewage,{0},1000,20,µS/cm,x
groundwater,{0},600,20,µS/cm,x
river,{0},{1},20,µS/cm,x"""


def found(tracers, river=300, *, water_use=True, meters=5):
    table, _ = end_member_table(OWN.format("conductivity", river))
    return identifiability(tracers, table, 0.02, water_use=water_use, meters=meters)


def test_flow_alone_tells_no_water_from_another():
    assert found([]).rank == 1
    assert "diagnosis.identify.rank-1" in found([]).codes


def test_ammonia_alone_tells_sewage_from_clean_water_only():
    answer = found(["nh3n"])
    assert answer.rank == 2
    assert answer.together == (("groundwater", "river"),)


def test_ammonia_and_conductivity_tell_three_waters_when_river_and_groundwater_differ():
    assert found(["nh3n", "conductivity"], river=300).rank == 3
    assert found(["nh3n", "conductivity"], river=590).rank == 2


def test_what_is_never_separable_is_always_said():
    for tracers in ([], ["nh3n"], ["nh3n", "conductivity"]):
        codes = found(tracers, water_use=False, meters=0).codes
        assert "diagnosis.identify.lost-or-never-connected" in codes
        assert "diagnosis.identify.areas-not-pipes" in codes
        assert "diagnosis.identify.no-water-use" in codes
        assert "diagnosis.identify.no-meters" in codes


def test_every_sentence_exists_in_both_languages():
    codes = {code for tracers in ([], ["nh3n"], ["nh3n", "conductivity"]) for code in found(tracers).codes}
    codes |= set(found(["nh3n"], water_use=False, meters=0).codes)
    for language in LANGUAGES:
        assert codes <= sentences(language).keys()
