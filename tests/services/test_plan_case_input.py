"""What people get wrong in the folder of a planning case is told where it stands, nothing lost silently."""

import json

import pytest

from wenqu.errors import BadInput, FileUnreadable
from wenqu.planning.check_certificate import check
from wenqu.services.plan_case import plan_case
from wenqu.services.write_plan_case import write_plan_case

OPTIONS = """option_id,package_id,method,window,cost,length_m,district,crew_days,plant_id,\
flow_removed_m3_per_d,load_gained_kg_per_d
o1,p1,cipp,2027,100000,100,East,3,A,50,1
o2,p1,cipp,2028,90000,100,East,3,A,50,1
o3,p2,grout,2027,50000,60,West,2,A,20,1
o4,p3,grout,2028,70000,80,West,2,A,30,0
"""
PLANTS = """plant_id,capacity_m3_per_d,flow_m3_per_d,load_kg_per_d,threshold_mg_per_l
A,1000,800,75,100
"""
MILESTONE = {"by": "2028", "share_of_length": 0.6}
RULES = {"windows": ["2027", "2028"], "milestones": [MILESTONE]}


@pytest.fixture
def case(tmp_path):
    """Return how a folder is written and planned: other contents as texts, bytes or rules."""

    def planned(options=OPTIONS, plants=PLANTS, rules=RULES):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for name, content in {"options.csv": options, "plants.csv": plants, "rules.json": rules}.items():
            text = json.dumps(content) if isinstance(content, dict) else content
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return plan_case(folder, seconds=2)

    return planned


def told(found):
    """Return what was said: code, line."""
    return [(issue.code, issue.place.row) for issue in found.case.issues]


def test_a_case_without_faults_is_told_nothing(case):
    assert told(case()) == []


def test_blank_lines_and_breaks_within_quotes_count_as_lines_of_the_file(case):
    assert told(case("\n\n" + OPTIONS.replace("\no3", "\n\n\no3").replace("70000", "-7"))) == [
        ("plan-case.no-value", 9),
        ("plan-case.idle-package", 9),
    ]
    assert told(case(OPTIONS.replace("cipp", '"ci\npp"', 1).replace("70000", "-7"))) == [
        ("plan-case.no-value", 6),
        ("plan-case.idle-package", 6),
    ]


def test_a_quote_that_is_not_closed_says_how_many_lines_it_took(case):
    found = case(OPTIONS.replace("50000", '"50000'))
    assert told(found) == [("case.open-quote", 4)]
    assert found.case.issues[0].facts["more"] == 1
    assert sorted(found.case.ids.to_pylist()) == ["o1", "o2"]


def test_of_a_large_table_the_line_of_such_a_quote_is_named(case):
    rows = "".join(f"x{n},q{n},grout,2028,70000,80,West,2,A,30,0\n" for n in range(90_000))
    with pytest.raises(FileUnreadable) as refused:
        case(OPTIONS.replace("o3,", '"o3,') + rows)
    assert (refused.value.key, refused.value.facts["line"]) == ("error.file-unreadable.open-quote", 4)


def test_a_column_that_stands_twice_is_refused(case):
    with pytest.raises(FileUnreadable) as refused:
        case(OPTIONS.replace("method", "cost"))
    assert refused.value.facts["names"] == "cost"


@pytest.mark.parametrize(
    ("rules", "code", "fact"),
    [
        ({"milestones": [{**MILESTONE, "distrct": "West"}]}, "rule-unknown", "milestones distrct"),
        ({"capacity_share": {"by": "2028", "share": 0, "of": 1}}, "rule-unknown", "capacity_share of"),
        ({"budgets": {"2027": 1}}, "rule-unknown", "budgets"),
        ({"milestones": [{**MILESTONE, "district": "west"}]}, "district-unknown", "west"),
        ({"district_budget": {"Norht": {"2027": 1}}}, "district-unknown", "Norht"),
    ],
)
def test_a_rule_that_names_nothing_there_is_is_told(rules, code, fact, case):
    issues = case(rules={**RULES, **rules}).case.issues
    assert [issue.code for issue in issues] == [f"plan-case.{code}"]
    assert fact in {issues[0].facts.get("name"), issues[0].facts.get("district")}


@pytest.mark.parametrize("plants", [PLANTS.replace("1000", "0"), PLANTS.splitlines()[0] + "\n"])
def test_a_share_of_no_capacity_is_told(plants, case):
    found = case(plants=plants, rules={**RULES, "capacity_share": {"by": "2028", "share": 0.9}})
    assert "plan-case.no-capacity" in dict(told(found))


def test_more_clean_water_than_the_plant_receives_is_doubted(case):
    assert told(case(OPTIONS.replace("A,30,0", "A,3000,0"))) == [("plan-case.removes-more", 5)]


@pytest.mark.parametrize(
    "rules",
    [
        '{"windows": ["2027"], "budget": {"2027": 1, "2027": 2}}',
        {"windows": [None]},
        {"windows": [{"year": 2027}]},
        {"windows": [True]},
        {"windows": [" "]},
        {**RULES, "district_budget": {"": {"2027": 1}}},
        {**RULES, "milestones": [{**MILESTONE, "district": 5}]},
        {**RULES, "milestones": [{"by": "2028", "share_of_length": float("nan")}]},
        {**RULES, "budget": {"2027": float("inf")}},
    ],
)
def test_rules_of_which_nobody_knows_what_they_mean_are_refused(rules, case):
    with pytest.raises(BadInput):
        case(rules=rules)


@pytest.mark.parametrize("rules", ["[" * 100_000, b'{"windows": ["\xff\x81"]}'])
def test_rules_that_are_no_json_are_refused(rules, case):
    with pytest.raises(FileUnreadable) as refused:
        case(rules=rules)
    assert refused.value.key == "error.file-unreadable.not-json"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_rules_in_another_encoding_are_read_and_their_certificate_holds(encoding, case, tmp_path):
    options = OPTIONS.replace("West", "西区")
    rules = {**RULES, "milestones": [{**MILESTONE, "share_of_length": 1, "district": "西区"}]}
    found = case(options.encode("gbk"), rules=json.dumps(rules, ensure_ascii=False).encode(encoding))
    assert (told(found), found.chosen) == ([], ["o3", "o4"])
    write_plan_case(found, tmp_path / "out")
    assert check(tmp_path / "out" / "certificate.json")["faults"] == []


@pytest.mark.parametrize("shares", [(0.6, 1), (1, 0.6)])
def test_of_two_milestones_for_one_date_the_larger_binds_plan_and_certificate(shares, case, tmp_path):
    rules = {**RULES, "milestones": [{**MILESTONE, "share_of_length": share} for share in shares]}
    found = case(rules=rules)
    assert found.chosen == ["o2", "o3", "o4"]
    write_plan_case(found, tmp_path / "out")
    made = tmp_path / "out" / "certificate.json"
    assert check(made)["faults"] == []
    body = json.loads(made.read_text())
    made.write_text(json.dumps({**body, "plan": ["o2", "o3"]}))
    assert "length  1" in check(made)["faults"]  # 160 m of 240 m: enough for 60 %, not for all


def test_a_package_of_which_no_row_can_be_used_still_counts_in_the_length(case, tmp_path):
    found = case(OPTIONS.replace(",East,3", ",East,-3"))
    assert [code for code, _ in told(found)].count("plan-case.idle-package") == 1
    assert found.proved.status == "infeasible"  # 140 m of 240 m can be done, 144 m are asked
    (change,) = found.relaxation.changes
    assert (change.rule, round(change.demanded), round(change.needed)) == ("length", 144, 140)
    found = case(
        OPTIONS.replace(",East,3", ",East,-3"),
        rules={**RULES, "milestones": [{**MILESTONE, "share_of_length": 0.5}]},
    )
    write_plan_case(found, tmp_path / "out")
    assert found.proved.status == "proved"
    assert check(tmp_path / "out" / "certificate.json")["faults"] == []


def test_a_table_without_one_usable_row_is_no_programme_that_keeps_its_milestones(case):
    found = case(OPTIONS.replace("2027", "1999").replace("2028", "1998"))
    assert found.proved.status == "infeasible"
    assert found.relaxation.changes[0].needed == 0


def test_a_threshold_of_zero_is_kept_by_every_plant_and_told(case):
    found = case(
        plants=PLANTS.replace("75,100", "0,0"), rules={**RULES, "capacity_share": {"by": "2028", "share": 1}}
    )
    assert found.proved.status == "proved"
    assert told(found) == [("plan-case.threshold-zero", 2)]


def test_a_load_that_is_no_number_counts_as_unknown_for_the_certificate_too(case, tmp_path):
    found = case(
        plants=PLANTS.replace("75", "abc"), rules={**RULES, "capacity_share": {"by": "2028", "share": 1}}
    )
    write_plan_case(found, tmp_path / "out")
    assert [code for code, _ in told(found)] == ["case.not-a-number", "plan-case.plant-without-load"]
    assert check(tmp_path / "out" / "certificate.json")["dearest"] > 0
