"""The published tables are complete, consistent and say how well they are known."""

import csv
import math
import re
from pathlib import Path

import pytest

from wenqu.errors import Unknown
from wenqu.messages import say
from wenqu.network.schema import code_lists
from wenqu.standards import tables
from wenqu.standards.condition import ConditionRules, condition_rules

FOLDER = Path(__file__).parents[2] / "wenqu" / "standards"
RULES = condition_rules()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_every_row_names_its_standard_its_clause_and_its_status(path):
    header, *body = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert {len(row) for row in body} == {len(header)}
    for row in (dict(zip(header, cells, strict=True)) for cells in body):
        assert row["status"] in tables.STATUSES
        if path.stem != "catalogue":
            assert row["clause"]
            assert tables.standard(row["standard"], row["edition"])


def test_every_status_has_a_name_in_both_languages():
    for status in tables.STATUSES:
        for language in ("zh", "en"):
            assert say(f"standards.status.{status}", language) != f"standards.status.{status}"


def test_an_unknown_standard_or_edition_is_refused():
    with pytest.raises(Unknown):
        tables.standard("CJJ 999")
    with pytest.raises(Unknown):
        tables.limits("GB 18918", "2026-03")  # it is in force, and nobody here has its figures
    with pytest.raises(Unknown):
        condition_rules("CJJ 181", "2030")


def test_limits_come_in_si():
    cod = [row for row in tables.limits("GB 18918", "2002") if (row.item, row.grade) == ("COD", "1A")]
    assert [(row.value, row.unit) for row in cod] == [(pytest.approx(0.05), "kg/m³")]


def test_a_value_on_the_limit_keeps_it():
    limits = {(row.item, row.grade, row.condition): row for row in tables.limits("GB 3838", "2002")}
    assert limits["COD", "I", "river"].met_by(0.015)
    assert not limits["COD", "I", "river"].met_by(0.0151)
    assert limits["DO", "III", "lake"].met_by(0.005)
    assert not limits["DO", "III", "lake"].met_by(0.0049)


def test_gb_3838_has_24_items_less_temperature_and_classes_never_loosen_upwards():
    rows = tables.limits("GB 3838", "2002")
    assert len({row.item for row in rows}) == 23
    assert {row.item for row in rows if not row.counts} == {"TN", "faecal_coliform"}
    order = ["I", "II", "III", "IV", "V"]
    for item, water, operator in {(row.item, row.condition, row.operator) for row in rows}:
        mine = sorted(
            (row for row in rows if (row.item, row.condition, row.operator) == (item, water, operator)),
            key=lambda row: order.index(row.grade),
        )
        values = [row.value if operator == "<=" else -row.value for row in mine]
        assert values == sorted(values)
        assert len(values) == 5


# --- GB 50268, closed-water test: T5 of the collected cases


def test_closed_water_case_t5():
    allowed = tables.closed_water(0.6)
    litres = allowed.volume(50, 30 * 60) * 1000
    assert litres == pytest.approx(31.875)  # 30.60 m³/(24 h·km) = 0.02125 L/(min·m)
    assert allowed.source == "table"
    assert 31 < litres < 33  # 31 L pass, 33 L fail
    for diameter, expected in ((1.6, 50.00), (2.0, 55.90)):
        by_formula = tables.closed_water(diameter)
        assert by_formula.source == "formula"
        assert by_formula.allowed / tables.PER_DAY_AND_KM == pytest.approx(expected, abs=0.005)


def test_the_closed_water_table_is_the_formula_less_rounding():
    for row in tables.rows("closed_water.csv"):
        formula = 1.25 * math.sqrt(float(row["diameter"]) * 1000)
        assert formula - 0.1 < float(row["allowed"]) <= formula + 0.005


def test_plastic_pipe_has_its_own_formula_from_memory():
    allowed = tables.closed_water(0.4, plastic=True)
    assert allowed.allowed / tables.PER_DAY_AND_KM == pytest.approx(0.0046 * 400)
    assert allowed.status == "memory"


# --- CJJ 181


def test_the_scores_are_those_of_the_standard():
    scores = {code: kind.scores for code, kind in RULES.kinds.items()}
    assert scores["PL"] == (0.5, 2, 5, 10)
    assert scores["BX"] == (1, 2, 5, 10)
    assert scores["TL"] == (1, 3)
    assert scores["ZW"] == (0.1, 2, 5, 10)
    assert scores["FZ"] == (0, 0, 0)
    fewer = {code for code, kind in RULES.kinds.items() if len(kind.scores) < 4}
    assert fewer == {"FS", "TL", "AJ", "CR", "FZ"}
    assert sum(kind.family == "structural" for kind in RULES.kinds.values()) == 10
    assert [code for code, kind in RULES.kinds.items() if not kind.counts] == ["FZ"]


def test_defect_codes_soils_and_areas_are_those_of_the_asset_tables():
    lists = code_lists()
    assert set(RULES.kinds) == set(lists["structural_defect"]) | set(lists["functional_defect"])
    assert set(RULES.factors["K"]) == set(lists["area_importance"])
    assert set(RULES.factors["T"]) == set(lists["soil"])


@pytest.mark.parametrize(
    ("index", "value", "grade"),
    [("F", 0, 1), ("F", 1, 1), ("F", 1.01, 2), ("F", 3, 2), ("F", 6, 3), ("F", 6.01, 4), ("F", 11, 4),
     ("RI", 1, 1), ("RI", 4, 2), ("RI", 7, 3), ("RI", 7.01, 4), ("MI", 4, 2), ("G", 3.01, 3)],
)  # fmt: skip
def test_bounds_belong_to_the_better_grade(index, value, grade):
    assert RULES.grade(index, value) == grade


def test_a_bound_reached_through_binary_noise_is_still_the_bound():
    noisy = 0.1 + 0.2 + 0.7  # 1.0000000000000002? whichever way it falls, it is 1
    assert RULES.grade("F", noisy) == 1
    assert RULES.grade("RI", 0.7 * 10 + 1e-15) == 3
    assert RULES.grade("RI", math.nan) == 0


@pytest.mark.parametrize(
    ("density", "kind"), [(0.0999, "local"), (0.1, "partial"), (0.5, "partial"), (0.501, "overall")]
)
def test_density_kinds(density, kind):
    assert RULES.density("S_M", density) == kind


@pytest.mark.parametrize(
    ("diameter", "value"),
    [(0.599, 0), (0.6, 3), (1.0, 3), (1.001, 6), (1.5, 6), (1.501, 10), (math.nan, None)],
)
def test_size_factor_case_k(diameter, value):
    found = RULES.size_factor(diameter)
    assert math.isnan(found) if value is None else found == value


@pytest.mark.parametrize(
    ("code", "variant", "measure", "level"),
    [("BX", "", 0.05, 1), ("BX", "", 0.051, 2), ("BX", "", 0.25, 3), ("BX", "", 0.26, 4), ("CJ", "", 0.2, 0),
     ("CJ", "", 0.21, 1), ("CJ", "", 0.51, 4), ("JG", "hard", 0.2, 2), ("JG", "soft", 0.2, 1),
     ("AJ", "", 0.9, 3), ("TJ", "", 0.02, 2), ("TJ", "", 0.06, 4), ("CK", "", 2.0, 3)],
)  # fmt: skip
def test_a_bound_of_a_level_belongs_to_the_lower_level(code, variant, measure, level):
    assert RULES.level(code, measure, variant) == level


def test_a_level_in_words_cannot_be_measured():
    with pytest.raises(Unknown):
        RULES.level("PL", 0.3)


def test_no_kind_has_a_criterion_for_a_level_it_lacks_nor_lacks_one_it_has():
    for code, kind in RULES.kinds.items():
        mine = [entry for entry in RULES.criteria if entry.code == code]
        for variant in {entry.variant for entry in mine}:
            levels = [entry.level for entry in mine if entry.variant == variant]
            assert levels == list(range(1, len(kind.scores) + 1)), (code, variant)


def test_what_is_not_in_the_text_at_hand_is_marked():
    unsure = {name for name, rule in RULES.rules.items() if rule.status != "verified"}
    assert unsure == {"cluster_distance", "cluster_cap", "shortest_length", "functional_threshold_on_g"}
    assert RULES.factors["T"]["mucky_soil"].band.status == "disputed"


def test_a_region_without_rows_of_its_own_follows_the_national_ones():
    taizhou = condition_rules(region="taizhou")
    assert isinstance(taizhou, ConditionRules)
    assert taizhou.region == "taizhou"
    assert taizhou.kinds == RULES.kinds


def test_rows_of_a_region_replace_national_ones(monkeypatch):
    read = tables.rows
    soil = next(row for row in read("factors.csv") if row["code"] == "mucky_soil")
    more = {"factors.csv": ({**soil, "region": "shore", "value": "10"},)}
    monkeypatch.setattr(tables, "rows", lambda name: (*read(name), *more.get(name, ())))
    assert condition_rules.__wrapped__(region="shore").factors["T"]["mucky_soil"].value == 10
    assert condition_rules.__wrapped__().factors["T"]["mucky_soil"].value == 8


def test_codes_are_plain():
    assert all(re.fullmatch("[A-Z]{2}", code) for code in RULES.kinds)
