"""The story of a plant, within a city and by a table of its own."""

import io

import openpyxl
import orjson
import pytest

from wenqu.errors import BadInput, NotEnoughData, UnknownAsset
from wenqu.messages import LANGUAGES, say
from wenqu.services.export_plant_story import story_workbook
from wenqu.services.view_plant_story import view_plant_record, view_plant_story


def test_the_months_of_a_plant_and_its_chance_by_each_window(small):
    made = view_plant_story(small.store, small.state, "PL")
    assert [one["month"] for one in made["months"]] == ["2025-04", "2025-05"]
    assert made["months"][0]["means"]["bod5"] == pytest.approx(150.0)
    assert made["months"][0]["flow"] == pytest.approx(86400.0)
    assert [one["window"] for one in made["chances"]] == ["", "2026", "2027"]
    assert made["chances"][2]["planned"] == pytest.approx(111.0)
    assert made["backcast"] is None
    assert made["losses"] == []
    assert {"absolute", "loss", "no-tracer"} <= set(made["unknown"])
    assert made["sealed"]["bod5"][1] == pytest.approx(180.0)
    orjson.dumps(made, option=orjson.OPT_SERIALIZE_NUMPY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_what_the_story_says_as_numbers(small, language):
    made = view_plant_story(small.store, small.state, "PL")
    book = openpyxl.load_workbook(io.BytesIO(story_workbook(made, language)))
    months = book[say("plant.sheet.months", language)]
    assert [row[0] for row in months.iter_rows(min_row=2, max_row=3, values_only=True)] == [
        "2025-04",
        "2025-05",
    ]
    heads = [cell.value for cell in months[1]]
    assert months.cell(2, heads.index(f"{say('page.plant_story.q.bod5', language)} mg/L") + 1).value == 150
    chances = book[say("plant.sheet.chances", language)]
    assert chances.cell(4, 7).value == pytest.approx(111.0)  # the programme of 2027
    assert say("plant.sheet.backcast", language) not in book.sheetnames  # no row, no sheet
    unknown = [
        row[0] for row in book[say("plant.sheet.unknown", language)].iter_rows(min_row=2, values_only=True)
    ]
    assert say("plant.unknown.absolute", language) in unknown
    assert all(cell.value != "nan" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert say("profile.simulated", language) in [cell.value for cell in months["A"]]


def test_a_plant_without_readings_or_that_is_not_there_is_named(small, bare):
    with pytest.raises(NotEnoughData):
        view_plant_story(bare.store, bare.state, "P")
    with pytest.raises(UnknownAsset):
        view_plant_story(small.store, small.state, "PX")


def test_a_table_that_is_handed_in_is_real_and_tells_its_faults():
    rows = "\n".join(f"2024-{m:02d}-{d:02d},1000,{180 + d}" for m in range(1, 9) for d in range(1, 26))
    made = view_plant_record(f"date,flow_m3_per_d,bod5_mg_per_l\n{rows}\n".encode(), "own.csv", 100.0)
    assert made["simulated"] is False
    assert made["name"] == "own.csv"
    assert len(made["months"]) == 8
    assert len(made["backcast"]["months"]) == 8
    assert {row["code"] for row in made["issues"]} == {"diagnosis.record-gaps"}


def test_the_public_record_is_answered_with_what_it_cannot_tell(shared_data):
    content = (shared_data / "uci-manresa-wwtp" / "water-treatment.csv").read_bytes()
    made = view_plant_record(content, "water-treatment.csv", 100.0)
    assert (made["days"], made["since"], made["until"]) == (527, "1990-01-01", "1991-10-30")
    assert {"absolute", "where", "loss", "salt"} <= set(made["unknown"])
    back = made["backcast"]
    assert back["rests_on"] == "before"
    assert back["held"] >= 10
    assert back["error"] > back["plain_error"], "here flow and temperature foretell no better than the mean"


@pytest.mark.parametrize(
    ("content", "target"),
    [(b"what,is\nthis,then", 100.0), (b"\xff\xfe", 100.0), (b"date,flow_m3_per_d\n2024-01-01,1", 0.0)],
)
def test_what_is_no_record_or_no_target_is_refused(content, target):
    with pytest.raises(BadInput):
        view_plant_record(content, "x.csv", target)
