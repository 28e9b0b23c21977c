"""A template that was filled in comes in by the normal import, field for field."""

import openpyxl
import pytest

from wenqu.network.formats.registry import format_of
from wenqu.network.schema import asset_types, code_lists
from wenqu.services.register_files import template, template_heading
from wenqu.units import to_si


def filled_in(entry):
    """Return what a clerk types and what it is inside."""
    if entry.kind == "number":
        typed = 1250.0 if entry.border == "mm" else 1.25
        return typed, to_si(typed, entry.border) if entry.border else typed
    if entry.kind == "integer":
        return 2019, 2019.0
    if entry.kind == "boolean":
        return "是", 1
    if entry.kind == "date":
        return "2020-01-31", "2020-01-31"
    if entry.kind in {"code", "codes"}:
        code, words = next(iter(code_lists()[entry.of[0]].items()))
        return words.zh, code if entry.kind == "code" else None
    return "甲1", "甲1"


@pytest.mark.parametrize("name", asset_types())
def test_every_field_of_a_filled_template_comes_back(name, tmp_path):
    path = tmp_path / f"{name}.xlsx"
    path.write_bytes(template(name, "zh"))
    book = openpyxl.load_workbook(path)
    sheet = book[name]
    kind = asset_types()[name]
    place = {cell.value: cell.column for cell in sheet[1]}
    typed = {entry.name: filled_in(entry) for entry in kind.fields}
    sheet.cell(2, 1, "A-1")
    for entry in kind.fields:
        sheet.cell(2, place[template_heading(entry)], typed[entry.name][0])
    if kind.geometry == "point":
        sheet.cell(2, place["横坐标 easting (m)"], 500_100.0)
        sheet.cell(2, place["纵坐标 northing (m)"], 3_200_200.0)
    book.save(path)
    read = format_of(path).read(path, "EPSG:4549", None)
    table = read.tables[name]
    assert table.ids.tolist() == ["A-1"]
    assert not table.extra, "every heading was understood"
    for entry in kind.fields:
        wanted = typed[entry.name][1]
        if wanted is not None:
            assert table.column(entry.name)[0] == (
                pytest.approx(wanted) if isinstance(wanted, float) else wanted
            ), entry.name
    if kind.geometry == "point":
        assert table.shapes.of(0).tolist() == [[500_100.0, 3_200_200.0]]
    doubts = {issue.code for issue in read.issues if issue.weight != "note"}
    assert doubts <= {"table.no-points"}  # links get their line from points, which come in another file
