"""Money as files: sums that are formulas and fit, rows that come in, rows that do not and are kept."""

import io

import openpyxl
import pytest

from tests.services.test_figures_frozen import CITY, CREW, EAST, ROLES, small_city
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.planning.costs import read_catalogue, unit_price
from wenqu.records.acceptance import ACCEPTED, Acceptance
from wenqu.records.money import Contract
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.services.city_state import CityState
from wenqu.services.decide_price import decide_price
from wenqu.services.export_money import money_csv, money_template, money_xlsx
from wenqu.services.file_money import file_contract, set_rule
from wenqu.services.file_works import file_project
from wenqu.services.learned_prices import own_prices
from wenqu.services.money_ledger import read_money
from wenqu.services.read_money_file import form_of
from wenqu.services.rights import Grant, Person
from wenqu.services.take_money import drop_row, settle_row, take_money
from wenqu.services.unit_costs import city_proposals, view_unit_costs
from wenqu.services.view_money import view_money

FUNDS = """编号,来源,名称,预算年度,金额（元）,文号,日期,区县
F1,专项资金,中央专项,2025,"90,000",财建1号,2025/1/1,
F2,bond,东区债券,2025,5万,财债2号,2025-01-01,E
F3,彩票,没有这种来源,2025,1,文,2025-01-01,
F4,补助,金额写错,2025,很多,文,2025-01-01,
,,,合计,14,,,
"""
CONTRACTS = """number,project,lot,contractor,purpose,price,signed,begins,ends,prices,advance,progress,funding
2025-001,X,L1,builders,管网修复改造,100000,2025-05-01,2025年5月1日,2025-12-31,cipp:-500:1000;cipp:500-:2000,20%,0.8,F1:60000
2025-002,X,L9,builders,renewal,1,2025-05-01,2025-05-01,2025-12-31,,,,
"""
PAYMENTS = """contract,fund,kind,amount,date,document,pipes
2025-001,中央专项,进度款,30000,2025-09-01,V1,p1
2025-001,F1,progress,99999,2025-09-01,V2,
"""


def project(lots, owner="builders"):
    parties = tuple(Party(role, owner if role == "contractor" else body) for role, body in ROLES.items())
    return Project("X", "mend", lots, parties, "E")


@pytest.fixture
def store(tmp_path):
    made = small_city(tmp_path)
    file_project(made, "c", project((Lot("L1", "first", (PipeWork("p1", "cipp"),)),)), person=CITY)
    accepted(made, "p1")
    yield made
    made.close()


def accepted(store, *pipes, lot="L1"):
    rows = [Acceptance(f"Y{name}", "X", lot, name, "2025-08-01", ACCEPTED, "city") for name in pipes]
    with store.change("c", who="tester", why="accept") as change:
        change.add_records("acceptance", rows)


def state(store):
    return CityState(store.network("c"))


def taken(store, table, text, person=CITY):
    return take_money(store, "c", table, f"{table}.csv", text.encode("utf-8"), person=person)


def filled(store):
    taken(store, "funds", FUNDS)
    taken(store, "contracts", CONTRACTS)
    return taken(store, "payments", PAYMENTS)


def test_good_rows_are_filed_and_bad_ones_kept_by_row_and_reason(store):
    made = taken(store, "funds", FUNDS)
    assert made.filed == ("F1", "F2")
    assert [(one.row, one.code.rpartition(".")[2]) for one in made.refused] == [
        (4, "fund-form"), (5, "money-cell"), (6, "money-cell"),
    ]  # fmt: skip
    assert "金额（元）" in made.refused[1].zh
    assert "很多" in made.refused[1].zh
    assert read_money(store, "c").funds["F2"].amount == 5_000_000
    made = taken(store, "contracts", CONTRACTS)
    assert (len(made.filed), made.refused[0].code) == (1, "error.unknown.lot")
    contract = read_money(store, "c").contracts[made.filed[0]]
    assert (contract.purpose, contract.begins, contract.advance) == ("renewal", "2025-05-01", 0.2)
    assert [(one.price, one.above, one.up_to) for one in contract.prices] == [
        (100_000, 0.0, 0.5), (200_000, 0.5, float("inf")),
    ]  # fmt: skip
    made = taken(store, "payments", PAYMENTS)
    assert len(made.filed) == 1
    assert "100.0 m" in made.refused[0].en
    waiting = view_money(store, state(store), CITY, "zh")["refused"]
    assert {(one["table"], one["row"]) for one in waiting} == {
        ("funds", 4), ("funds", 5), ("funds", 6), ("contracts", 3), ("payments", 3),
    }  # fmt: skip


def test_the_same_file_twice_files_nothing_twice(store):
    filled(store)
    again = taken(store, "payments", PAYMENTS)
    assert (again.filed, again.known, len(again.refused)) == ((), 1, 1)
    assert len(read_money(store, "c").payments) == 1
    waiting = view_money(store, state(store), CITY, "zh")["refused"]
    assert sum(one["table"] == "payments" for one in waiting) == 1


def test_a_kept_row_is_put_right_and_filed_or_dropped_with_a_reason(store):
    row = filled(store).refused[0]
    with pytest.raises(Refused, match="money-metres"):
        settle_row(store, "c", row.id, person=CITY, why="try")
    with pytest.raises(Unknown):
        drop_row(store, "c", "R-none", person=CITY, why="x")
    with pytest.raises(Refused, match="rights"):
        settle_row(store, "c", row.id, person=CREW, why="mine")
    made = settle_row(
        store, "c", row.id, person=CITY, why="read wrong", cells=dict(row.cells) | {"amount": "5"}
    )
    assert read_money(store, "c").payments[made].amount == 500
    with pytest.raises(Refused, match="row-decided"):
        drop_row(store, "c", row.id, person=CITY, why="x")
    other = next(one for one in read_money(store, "c").refused.values() if one.table == "funds")
    with pytest.raises(BadInput):
        drop_row(store, "c", other.id, person=CITY, why=" ")
    with pytest.raises(Unknown):
        drop_row(store, "c", other.id, person=EAST, why="not hers")
    drop_row(store, "c", other.id, person=CITY, why="no such source")
    assert read_money(store, "c").refused[other.id].state == "dropped"


def test_a_file_without_the_columns_is_refused_by_their_names(store):
    with pytest.raises(BadInput, match="money-columns") as caught:
        taken(store, "payments", "contract,fund\nC1,F1\n")
    assert caught.value.facts["missing"] == "amount, date, document"
    with pytest.raises(BadInput, match="money-empty"):
        taken(store, "payments", PAYMENTS.splitlines()[0])
    with pytest.raises(Refused):
        taken(store, "payments", PAYMENTS, Person("reader", (Grant("public_reader", "c"),)))


ROW = {"source": "bond", "name": "x", "year": "2025", "document": "d", "date": "2025-01-01"}


@pytest.mark.parametrize("text", ["nan", "1e400", "--5", "三万"])
def test_a_cell_that_is_no_number_is_named(text):
    with pytest.raises(BadInput, match="money-cell"):
        form_of("funds", ROW | {"amount": text})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_comes_back_filled(store, language):
    book = openpyxl.load_workbook(io.BytesIO(money_template("funds", language)))
    sheet = book.active
    heads = [str(cell.value) for cell in sheet[1]]
    assert heads[1].endswith("*")
    sheet.append(["T1", "bond", "bonds", 2025, 12.5, "D-1", "2025-02-01"])
    out = io.BytesIO()
    book.save(out)
    made = take_money(store, "c", "funds", "funds.xlsx", out.getvalue(), person=CITY)
    assert made.filed == ("T1",), [one.en for one in made.refused]
    assert read_money(store, "c").funds["T1"].amount == 1250


def test_the_workbook_sums_by_formula_what_the_service_says(store):
    filled(store)
    content = money_xlsx(store, state(store), CITY, "en")
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert values.sheetnames[0] == "overview"
    checks = [[cell.value for cell in row] for row in values["overview"].iter_rows(min_row=2, max_row=12)]
    assert len(checks) == 11
    assert all(row[3] == "✓" and abs(row[1] - row[2]) < 0.005 for row in checks), checks
    told = {row[0]: row[1] for row in checks}
    assert told["funds · Amount (yuan)"] == 140_000
    assert told["payments · Amount (yuan)"] == 30_000
    assert told["contracts · Accepted value (yuan)"] == 100_000
    cell = formulas["payments"]["I3"]
    assert cell.value == '=SUMPRODUCT(--(M2:M2=""),I2:I2)'
    assert formulas["overview"]["B11"].value == "='payments'!I3"


def test_csv_holds_every_row_and_no_formula(store):
    filled(store)
    text = money_csv(store, state(store), CITY, "zh", "payments").decode("utf-8-sig")
    assert text.splitlines()[0].startswith("编号,合同,合同编号")
    assert "进度款,30000.0" in text
    with pytest.raises(BadInput):
        money_csv(store, state(store), CITY, "zh", "nonsense")


def many(store, prices, signed="2025-03-01"):
    """File a lot for each pipe with a contract at a price per metre."""
    lots = tuple(Lot(f"M{n}", "", (PipeWork(f"p{n}", "cipp"),)) for n in (1, 2, 3))
    file_project(store, "c", project(lots), person=CITY)
    for n in (1, 2, 3):
        accepted(store, f"p{n}", lot=f"M{n}")
    for n, price in enumerate(prices, 1):
        made = Contract(f"C{n}", f"2025-{n}", "X", f"M{n}", f"builder {n}", "renewal", price * 100 * 100,
                        signed, signed, "2025-12-31")  # fmt: skip
        file_contract(store, "c", made, person=CITY)


def test_contracts_propose_a_price_that_a_person_takes_into_the_table(store):
    book = read_catalogue()
    old = book.method("cipp")
    there = float(unit_price(old, [0.4], [3.0])[0])  # 440 + 3800·0.4 = 1960 yuan/m
    many(store, (2352, 2156, 2548))  # 1.2, 1.1 and 1.3 times
    told = view_unit_costs(store, state(store), CITY)
    row = told["by_method"][0]
    assert (row["count"], row["metres"], row["median"], row["years"]) == (3, 300.0, 2352.0, (2025, 2025))
    assert row["low"] < row["median"] < row["high"]
    assert told["deflated_to"] == 0
    assert len(told["by_contractor"]) == 3
    found = city_proposals(store, state(store))["cipp"]
    assert (round(found.factor, 9), found.count, found.differs) == (1.2, 3, True)
    assert round(2352 / there, 9) == 1.2
    given = {"person": CITY, "reason": "three lots"}
    with pytest.raises(Refused, match="rights"):
        decide_price(store, "c", "cipp", "approved", person=EAST, reason="x", factor=1.2)
    with pytest.raises(Refused, match="price-stale"):
        decide_price(store, "c", "cipp", "approved", **given, factor=1.3)
    with pytest.raises(Unknown):
        decide_price(store, "c", "open_cut", "approved", **given, factor=1.2)
    decide_price(store, "c", "cipp", "rejected", **given, factor=1.2)
    assert own_prices(store, "c").edition == book.edition
    decide_price(store, "c", "cipp", "approved", **given, factor=1.2)
    new = own_prices(store, "c").method("cipp")
    assert (new.price_a, new.price_b, new.status) == (528.0, 4560.0, "city")
    assert "C1; C2; C3" in new.source
    assert own_prices(store, "c").method("open_cut") == book.method("open_cut")
    after = city_proposals(store, state(store))["cipp"]
    assert (round(after.factor, 9), after.differs) == (1.0, False)
    assert [one["verdict"] for one in view_unit_costs(store, state(store), CITY)["decisions"]] == [
        "approved", "rejected",
    ]  # fmt: skip


def test_two_contracts_propose_nothing_and_prices_are_deflated_by_the_citys_own_index(store):
    many(store, (2352, 2156))
    told = view_unit_costs(store, state(store), CITY)
    assert told["proposals"] == []
    assert told["by_method"][0]["low"] is None
    set_rule(store, "c", "price_index.2025", 104.0, person=CITY, reason="bureau of statistics")
    assert view_unit_costs(store, state(store), CITY)["deflated_to"] == 2025
    part = view_unit_costs(store, state(store), EAST)
    assert part["proposals"] == []
    assert part["may"] is False
