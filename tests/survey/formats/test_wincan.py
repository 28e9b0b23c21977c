"""WinCan VX projects."""

import sqlite3
from contextlib import closing

import pytest

from wenqu.errors import FileUnreadable
from wenqu.survey.formats import read

TABLES = """
CREATE TABLE SECTION(OBJ_PK, OBJ_Key, OBJ_Street, OBJ_Material, OBJ_Length, OBJ_FromNode_REF, OBJ_ToNode_REF);
CREATE TABLE SECINSP(INS_PK, INS_Section_FK, INS_StartDate, INS_StartTime, INS_InspectionDir, INS_Operator,
  INS_InspectedLength, INS_Weather, INS_Deleted);
CREATE TABLE SECOBS(OBS_PK, OBS_Inspection_FK, OBS_OpCode, OBS_Observation, OBS_Distance,
  OBS_ContDefectLength, OBS_TimeCtr,
  OBS_Q1_Value, OBS_Char1, OBS_Char2, OBS_ClockPos1, OBS_ClockPos2, OBS_SortOrder, OBS_AtJoint,
  OBS_CD_Code1, OBS_GradeS, OBS_GradeO, OBS_Deleted);
CREATE TABLE SECOBSMM(OMM_Observation_FK, OMM_FileName, OMM_FileType, OMM_Deleted);
CREATE TABLE NODE(OBJ_PK, OBJ_Key);
INSERT INTO NODE VALUES('N1','S1'),('N2','S2');
INSERT INTO SECTION VALUES('P','06-001','Road','PVC','40.0','N1','N2');
INSERT INTO SECINSP VALUES('I','P','2024-01-15','1899-12-30 08:05:00','2','Lee',38.5,'dry',NULL),
  ('X','P','2020-01-15',NULL,'1',NULL,NULL,NULL,'1');
INSERT INTO SECOBSMM VALUES('O1','o1.jpg','JPG',NULL),('O1','run.mp4','MP4',NULL);
"""
EN_ROWS = """
INSERT INTO SECOBS VALUES
  ('O1','I','BAB','crack','3.4',1.2,'00:01:30','2','B','A','3','9',1,'1','A01',NULL,NULL,NULL),
  ('O2','I','BABCB','','50','','','','','','','',2,NULL,NULL,NULL,NULL,NULL),
  ('O3','I','BBA','','9','','','','','','','',3,NULL,NULL,NULL,NULL,'1');
"""
PACP_ROWS = """
INSERT INTO SECOBS VALUES('O1','I','FC','','3.4',0,'','','','','','',1,NULL,NULL,4,NULL,NULL),
  ('O2','I','RFB','','9','','','','','','','',2,NULL,NULL,NULL,3,NULL),
  ('O3','I','MH','','0','','','','','','','',0,NULL,NULL,0,0,NULL);
"""


def project(path, rows):
    with closing(sqlite3.connect(path)) as base:
        base.executescript(TABLES + rows)
    return path


def test_a_project_with_codes_of_en_13508_2(tmp_path):
    delivery = read(project(tmp_path / "p.db3", EN_ROWS))
    [asset] = delivery.seen
    seen = asset.inspection
    assert (delivery.format, delivery.standard) == ("WinCan VX", "EN 13508-2")
    assert (seen.asset, seen.direction, seen.start, seen.end) == ("06-001", "upstream", "S2", "S1")
    assert (seen.date, seen.time, seen.inspector, seen.length) == ("2024-01-15", "08:05", "Lee", 38.5)
    assert (seen.file, asset.facts["obj_material"]) == ("run.mp4", "PVC")
    assert asset.media == ("run.mp4", "o1.jpg")
    one, two = seen.defects  # the deleted row is left out
    assert (one.code, one.characters, one.start, one.length, one.quantities) == (
        "BAB",
        ("B", "A"),
        3.4,
        1.2,
        (2.0,),
    )
    assert (one.clock, one.picture, one.film, one.film_at, one.joint) == (
        "0309",
        "o1.jpg",
        "run.mp4",
        90.0,
        True,
    )
    assert (two.code, two.characters) == ("BAB", ("C", "B"))  # the code holds them
    assert [issue.code for issue in delivery.issues] == ["survey.open-stretch", "survey.beyond-end"]


def test_a_project_by_pacp_keeps_the_grades_that_it_states(tmp_path):
    delivery = read(project(tmp_path / "p.db3", PACP_ROWS))
    rows = delivery.seen[0].inspection.defects
    assert delivery.standard == "NASSCO PACP"
    assert [(row.code, row.level, row.variant) for row in rows] == [
        ("MH", 0, ""),
        ("FC", 4, "structural"),
        ("RFB", 3, "operation"),
    ]
    assert delivery.issues == ()


def test_a_damaged_project_is_refused_with_a_reason(tmp_path):
    path = project(tmp_path / "p.db3", EN_ROWS)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * len(data[4096:])  # the list of tables is whole, their rows are not
    path.write_bytes(data)
    with pytest.raises(FileUnreadable):
        read(path)
