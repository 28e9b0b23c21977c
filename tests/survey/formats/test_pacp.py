"""PACP exchange databases: what is public of them."""

import zipfile

import pytest

from tests.network.formats.jet import Table, write_mdb
from wenqu.survey.formats import read

INSPECTIONS = {
    "InspectionID": "1", "Pipe_Segment_Reference": "P-7", "Surveyed_By": "Lee",
    "Inspection_Date": "2023-04-02", "Inspection_Time": "10:20", "Upstream_MH": "M1", "Downstream_MH": "M2",
    "Direction": "D", "Total_Length": "100",
    "Length_Surveyed": "98", "IsImperial": "1", "Weather": "1", "Street": "High St",
}  # fmt: skip
CONDITIONS = [
    {"ConditionID": "1", "InspectionID": "1", "Distance": "10", "PACP_Code": "CL", "Continuous": "S01",
     "Value_1st_Dimension": "", "Value_Percent": "", "Joint": "1", "Clock_At_From": "12", "Clock_To": "",
     "Remarks": "", "VCR_Time": "00:01:00"},
    {"ConditionID": "2", "InspectionID": "1", "Distance": "20", "PACP_Code": "CL", "Continuous": "F01",
     "Value_1st_Dimension": "", "Value_Percent": "", "Joint": "", "Clock_At_From": "12", "Clock_To": "",
     "Remarks": "", "VCR_Time": ""},
    {"ConditionID": "3", "InspectionID": "1", "Distance": "30", "PACP_Code": "DAE", "Continuous": "",
     "Value_1st_Dimension": "", "Value_Percent": "15", "Joint": "", "Clock_At_From": "7", "Clock_To": "5",
     "Remarks": "hard", "VCR_Time": ""},
]  # fmt: skip
RATINGS = {"InspectionID": "1", "STGradeScore4": "8", "STPipeRating": "8", "STQuickRating": "4200",
           "OMQuickRating": "0000", "STPipeRatingsIndex": "4"}  # fmt: skip
PICTURES = {"ConditionID": "1", "Image_Name": "c1.jpg"}
FILMS = {"InspectionID": "1", "Video_Name": "p7.mpg"}
ALL = {
    "PACP_Inspections": [INSPECTIONS], "PACP_Conditions": CONDITIONS, "PACP_Ratings": [RATINGS],
    "PACP_Media_Conditions": [PICTURES], "PACP_Media_Inspections": [FILMS],
}  # fmt: skip


def archive(path):
    with zipfile.ZipFile(path, "w") as made:
        for name, rows in ALL.items():
            lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
            made.writestr(f"export/{name.replace('_', ' ')}.csv", "\n".join(lines))
    return path


def database(path):
    tables = {
        name: Table([(column, "text") for column in rows[0]], [tuple(row.values()) for row in rows])
        for name, rows in ALL.items()
    }
    write_mdb(path, tables)
    return path


@pytest.mark.parametrize("make", [archive, database])
def test_inspections_rows_and_stated_ratings_are_read(tmp_path, make):
    delivery = read(make(tmp_path / "exchange.bin"))
    [asset] = delivery.seen
    seen = asset.inspection
    assert (delivery.format, delivery.standard) == ("PACP exchange", "NASSCO PACP")
    assert (seen.asset, seen.start, seen.end, seen.direction) == ("P-7", "M1", "M2", "downstream")
    assert seen.length == pytest.approx(98 * 0.3048)
    assert seen.date == "2023-04-02"
    assert asset.stated == {
        "stgradescore4": 8.0, "stpiperating": 8.0, "stquickrating": "4200", "omquickrating": "0000",
        "stpiperatingsindex": 4.0,
    }  # fmt: skip
    assert asset.media == ("p7.mpg", "c1.jpg")
    assert delivery.issues == ()


def test_feet_become_metres_and_continuous_defects_close(tmp_path):
    one, two, three = read(archive(tmp_path / "exchange.zip")).seen[0].inspection.defects
    assert (one.code, one.level, one.joint, one.film_at) == ("CL", 0, True, 60.0)
    assert (one.start, one.length) == (3.048, 3.048)  # 10 ft, and 10 ft long
    assert (two.continuous, two.closes) == ("F01", True)
    assert (three.clock, three.remark) == ("0705", "hard 15 %")
