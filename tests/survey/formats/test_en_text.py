"""Surveys in the text format of EN 13508-2."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from wenqu.errors import BadInput, FileUnreadable
from wenqu.survey.formats import format_of, read
from wenqu.survey.formats.en_write import write_en_text

SAMPLE = """\
#A1=ISO-8859-1
#A2=de
#A3=,
#A4=.
#A5="
#A6=2010
#B01=AAA,AAB,AAD,AAF,AAK,ABA,ABF,ABG,ABH,ABQ,ACB,ACD
H1,S1,S1,S2,A,EN 13508-2:2003+A1:2011,2024-05-03,09:05,"Maier, Uwe",20.5,300,AG
#C=I,N,A,B,C,D,E,G,H,K,F,M,J
0,00:00:10,BCD,X,P,,,,,,,,
2.5,00:01:40,BAB,B,A,2,,12,,A,"Riß, \xf6stlich",b1.jpg,A1
4,,BAB,B,A,2,,12,,,,,B1
6.25,,BBA,C,,15,,3,9,,,,
20.5,,BCE,X,P,,,,,,,,
#Z
"""


def written(path: Path, text: str, encoding: str = "latin-1") -> Path:
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


@pytest.fixture
def sample(tmp_path):
    return written(tmp_path / "any.dat", SAMPLE)


def codes(delivery):
    return [issue.code for issue in delivery.issues]


def test_a_file_is_recognised_and_read_whatever_its_ending(sample):
    delivery = read(sample)
    [asset] = delivery.seen
    seen = asset.inspection
    assert (delivery.format, delivery.encoding, delivery.issues) == ("EN 13508-2", "ISO-8859-1", ())
    assert (seen.asset, seen.asset_type, seen.date, seen.time) == ("H1", "conduit", "2024-05-03", "09:05")
    assert (seen.start, seen.end, seen.direction, seen.inspector) == ("S1", "S2", "downstream", "Maier, Uwe")
    assert (seen.standard, seen.edition, seen.length) == ("EN 13508-2", "2003+A1:2011", 20.5)
    assert asset.facts["ACD"] == "AG"
    assert asset.media == ("b1.jpg",)


def test_an_observation_keeps_everything_that_was_written(sample):
    row = read(sample).seen[0].inspection.defects[1]
    assert (row.code, row.characters, row.quantities, row.level) == ("BAB", ("B", "A"), (2.0,), 0)
    assert (row.start, row.clock, row.joint, row.picture, row.film_at) == (2.5, "12", True, "b1.jpg", 100.0)
    assert row.remark == "Riß, östlich"
    assert row.continuous == "A1"
    assert row.length == 1.5  # 4.0 - 2.5


def test_the_public_example_has_nineteen_inspections_and_335_observations(kwb):
    delivery = read(kwb)
    assert len(delivery.seen) == 19
    assert sum(len(asset.inspection.defects) for asset in delivery.seen) == 335
    assert codes(delivery) == ["survey.no-end"]  # the last block of the file has no #Z
    one = delivery.seen[0]
    assert (one.inspection.asset, one.start, one.end, one.inspection.length) == ("1", "2925", "6", 23.5)
    opened = [row for row in one.inspection.defects if row.continuous.startswith("A")]
    assert [(row.continuous, row.length) for row in opened][:2] == [("A2", 0.7), ("A1", 1.0)]


@pytest.mark.parametrize(
    ("separator", "decimal", "encoding"),
    [(";", ",", "utf-8"), ("\t", ".", "gb18030"), (";", ",", "utf-16"), (",", ".", "utf-8-sig")],
)
def test_signs_and_encoding_are_those_that_the_file_names(tmp_path, separator, decimal, encoding):
    values = ["管段1", "2024-05-03", "EN 13508-2:2003+A1:2011"]
    rows = [["2" + decimal + "5", "BBA", "有树根"]]
    text = "\n".join(
        [
            f"#A1={encoding}", "#A2=zh", f"#A3={separator}", f"#A4={decimal}", '#A5="',
            "#B01=" + separator.join(["AAA", "ABF", "ABA"]), separator.join(values),
            "#C=" + separator.join(["I", "A", "F"]), *(separator.join(row) for row in rows), "#Z", "",
        ]
    )  # fmt: skip
    [asset] = read(written(tmp_path / "a.txt", text, encoding)).seen
    assert asset.inspection.asset == "管段1"
    assert [(row.start, row.remark) for row in asset.inspection.defects] == [(2.5, "有树根")]


def test_a_wrong_encoding_is_said_and_the_text_is_read(tmp_path):
    text = SAMPLE.replace("ISO-8859-1", "UTF-8").replace("H1,S1", "管1,S1").replace("\xf6", "o")
    delivery = read(written(tmp_path / "a.txt", text, "gb18030"))
    assert delivery.seen[0].inspection.asset == "管1"
    assert codes(delivery) == ["survey.encoding"]


def test_unknown_codes_distances_beyond_the_end_and_bad_numbers_are_kept_and_said(tmp_path):
    text = SAMPLE.replace("6.25,,BBA", "66.25,,BXX").replace("4,,BAB", "?,,BAB")
    delivery = read(written(tmp_path / "a.txt", text))
    rows = delivery.seen[0].inspection.defects
    assert len(rows) == 5
    assert (rows[3].code, rows[3].start) == ("BXX", 66.25)
    assert math.isnan(rows[2].start)
    assert rows[2].remark == "?"
    assert sorted(codes(delivery)) == ["survey.beyond-end", "survey.no-distance", "survey.unknown-code"]


def test_two_surveys_with_one_number_are_both_kept(tmp_path):
    delivery = read(written(tmp_path / "a.txt", SAMPLE + SAMPLE.partition("#A6=2010\n")[2]))
    assert [asset.inspection.id for asset in delivery.seen] == [
        "H1 2024-05-03 09:05",
        "H1 2024-05-03 09:05 #2",
    ]
    assert delivery.seen[1].inspection.defects[0].inspection == "H1 2024-05-03 09:05 #2"
    assert codes(delivery) == ["survey.same-number"]


def test_a_file_that_breaks_off_keeps_what_was_read(tmp_path):
    delivery = read(written(tmp_path / "a.txt", SAMPLE[: SAMPLE.index("6.25")]))
    assert len(delivery.seen[0].inspection.defects) == 3
    assert codes(delivery) == ["survey.no-end"]


def test_rows_with_too_few_and_too_many_values_and_stray_lines_are_said(tmp_path):
    text = SAMPLE.replace("6.25,,BBA,C,,15,,3,9,,,,", "6.25,,BBA").replace(
        "20.5,,BCE,X,P,,,,,,,,", "20.5,,BCE,X,P,,,,,,,,,more"
    )
    delivery = read(written(tmp_path / "a.txt", text.replace("#Z", "#Z\nleft over")))
    assert [row.remark for row in delivery.seen[0].inspection.defects][-1] == "more"
    assert sorted(codes(delivery)) == ["survey.row-shape", "survey.row-shape", "survey.stray-line"]


def test_continuous_defects_that_do_not_close_are_said(tmp_path):
    text = SAMPLE.replace(",,,,B1", ",,,,B7")
    assert codes(read(written(tmp_path / "a.txt", text))) == ["survey.open-stretch", "survey.loose-end"]


def test_a_manhole_is_read_as_a_manhole(tmp_path):
    text = '#A1=UTF-8\n#A3=;\n#A4=.\n#A5="\n#B01=CAA;CBF\nS7;2024-05-03\n#C=I;A;B;L\n1.2;DAB;B;C\n#Z\n'
    [asset] = read(written(tmp_path / "a.txt", text)).seen
    assert (asset.inspection.asset_type, asset.inspection.asset, asset.inspection.method) == (
        "manhole",
        "S7",
        "manhole",
    )
    assert (asset.inspection.defects[0].part, asset.inspection.defects[0].start) == ("C", 1.2)


def test_a_file_with_no_inspection_is_refused(tmp_path):
    path = written(tmp_path / "a.txt", "#A1=UTF-8\n#B01=AAA\n#C=I,A\n#Z\n")
    assert format_of(path) is not None
    with pytest.raises(FileUnreadable, match="no-inspection"):
        read(path)


def test_what_is_written_is_read_back(tmp_path, sample, kwb):
    for source in (sample, kwb):
        seen = [replace(asset, where="", media=()) for asset in read(source).seen]
        write_en_text(seen, tmp_path / "out.txt")
        back = read(tmp_path / "out.txt")
        assert [asset.inspection for asset in back.seen] == [asset.inspection for asset in seen]
        assert [asset.facts.get("AAF") for asset in back.seen] == [asset.facts.get("AAF") for asset in seen]


def test_an_inspection_by_another_standard_is_not_written(tmp_path, sample):
    [asset] = read(sample).seen
    other = replace(asset, inspection=replace(asset.inspection, standard="CJJ 181"))
    with pytest.raises(BadInput, match="other-standard"):
        write_en_text([other], tmp_path / "out.txt")
