"""The words of a patrol name the manhole or pipe that it met."""

import pytest

from wenqu.network.model import City, Network, assets
from wenqu.records.inspection import Defect, Inspection
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.matching import pipe_index
from wenqu.survey.named_places import at_named_place, named_manholes

WELLS = ["W1", "W2", "YS-7", "12"]
NAN = float("nan")


def city():
    pipes = assets("conduit", ["P1", "W1-W2"], {"from_id": ["W1", "W1"], "to_id": ["W2", "W2"]})
    return Network(City("x"), {"conduit": pipes, "manhole": assets("manhole", WELLS, {})})


def met(text, *, place="", method="patrol", asset=""):
    one = Inspection("1", asset, method, "2026-05-04", NAN, asset_type="conduit" if asset else "")
    seen = SeenAsset(
        Inspection(one.id, asset, method, one.date, NAN, asset_type=one.asset_type,
                   defects=(Defect("", "finding", 0, NAN, remark=text),)),
        facts={"place": place} if place else {},
    )  # fmt: skip
    found = at_named_place(seen, pipe_index(city()), set(WELLS)).inspection
    return found.asset_type, found.asset, found.start, found.end


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("W1023井", ["W1023"]), ("FT-H00165井", ["FT-H00165"]), ("CCTV井", []),
        ("W1023#检查井冒溢", ["W1023"]), ("12号井", ["12"]), ("井号：YS-7", ["YS-7"]),
        ("雨水井YS-7井盖缺失", ["YS-7"]), ("W1井、W2井冒溢，W1井盖响", ["W1", "W2"]),
        ("manhole No. W7 overflows", ["W7"]), ("井盖缺失", []), ("DN300管道", []), ("深3m", []),
    ],
)  # fmt: skip
def test_the_manholes_that_a_text_names(text, codes):
    assert named_manholes(text) == codes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("W1井井盖缺失", ("manhole", "W1", "", "")),
        ("人民路12号井旁，ys-7井冒溢，12号井也冒溢", ("", "", "", "")),  # two: nothing is decided
        ("W99井旁W1井冒溢", ("manhole", "W1", "", "")),  # one of them is known
        ("W99井冒溢", ("manhole", "W99", "", "")),  # waits with what it may be
        ("W1井~W2井路面沉陷", ("conduit", "", "W1", "W2")),
        ("W1井-W2井路面沉陷", ("conduit", "", "W1", "W2")),
        ("W1-W2管段路面沉陷", ("conduit", "W1-W2", "", "")),
        ("P1污水管渗漏", ("conduit", "P1", "", "")),
        ("DN300管渗漏", ("", "", "", "")),
        ("路面沉陷", ("", "", "", "")),
    ],
)
def test_what_a_patrol_met_is_of_the_asset_that_its_words_name(text, found):
    assert met(text) == found


def test_a_place_names_it_too_and_a_column_for_the_asset_comes_first():
    assert met("冒溢", place="W2井") == ("manhole", "W2", "", "")
    assert met("W1井冒溢", asset="P1") == ("conduit", "P1", "", "")
    assert met("冒溢", asset="W1井") == ("manhole", "W1井", "", "")  # 设施编号 that is a manhole
    assert met("W1井冒溢", method="cctv", asset="P7") == ("conduit", "P7", "", "")
