"""Money at the command line: filed from JSON, refused with a sentence, told, exported, brought in."""

import json

import openpyxl
import pytest

from tests.services.test_figures_frozen import small_city, works
from tests.services.test_money_files import accepted

FUND = {
    "id": "F1", "source": "bond", "name": "bonds", "year": 2025, "amount": 90_000.5, "document": "D1",
    "date": "2025-01-01",
}  # fmt: skip
DEAL = {
    "id": "C1", "number": "N-1", "project": "X", "lot": "L1", "contractor": "builders", "purpose": "renewal",
    "price": 100_000, "signed": "2025-05-01", "begins": "2025-05-01", "ends": "2025-12-31",
    "prices": [{"method": "uv_cipp", "price": 950}], "funding": [{"fund": "F1", "amount": 90_000}],
}  # fmt: skip
PAY = {"contract": "C1", "fund": "F1", "amount": 1000.01, "date": "2025-09-01", "document": "V1"}


@pytest.fixture
def city(tmp_path):
    made = small_city(tmp_path)
    works(made)
    accepted(made, "p1")
    made.close()


def written(path, body):
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_money_from_the_command_line(wenqu, city, tmp_path):
    for verb, body in (("fund", FUND), ("contract", DEAL), ("pay", PAY)):
        said = wenqu("money", verb, "--city", "c", written(tmp_path / f"{verb}.json", body))
        assert said.code == 0, said.err
    said = wenqu("money", "payable", "C1", "--city", "c")
    assert "100.0 m of 100.0 m" in said.out.replace("\n", " ")
    assert "98,999.99 may be now" in said.out.replace("\n", " ")
    over = written(tmp_path / "over.json", PAY | {"amount": 99_000, "document": "V2"})
    said = wenqu("money", "pay", "--city", "c", over)
    assert said.code == 2
    assert "98,999.99 may be paid now" in said.err.replace("\n", " ")
    change = {"contract": "C1", "amount": 10_000.01, "date": "2025-06-01", "reason": "r", "id": "V9"}
    vary = written(tmp_path / "v.json", change)
    assert "it waits" in wenqu("money", "vary", "--city", "c", vary).out
    word = {"variation": "V9", "verdict": "approved", "date": "2025-06-02", "body": "b", "document": "d"}
    assert wenqu("money", "approve", "--city", "c", written(tmp_path / "a.json", word)).code == 0
    told = wenqu("money", "list", "--city", "c", "--json").json
    assert told["contracts"][0]["now"] == 110_000.01
    assert "SPI" in wenqu("money", "list", "--city", "c", language="zh").out
    said = wenqu("money", "rule", "variation", "0.2", "--city", "c", "--reason", "ours")
    assert "0.2" in said.out
    payment = told["payments"][0]["id"]
    strike = {"kind": "payment", "entry": payment, "reason": "twice"}
    assert wenqu("money", "strike", "--city", "c", written(tmp_path / "s.json", strike)).code == 0
    assert wenqu("money", "list", "--city", "c", "--json").json["totals"]["paid"] == 0


def test_files_of_money_from_the_command_line(wenqu, city, tmp_path):
    wenqu("money", "fund", "--city", "c", written(tmp_path / "f.json", FUND))
    assert wenqu("money", "template", "payments", "pay.xlsx").code == 0
    book = openpyxl.load_workbook("pay.xlsx")
    book.active.append(["P1", "C1", "F1", "", 10, "2025-09-01", "V1"])
    book.save("pay.xlsx")
    said = wenqu("money", "import", "payments", "pay.xlsx", "--city", "c")
    assert "0 rows filed, 1 could not be" in said.out.replace("\n", " ")
    assert "no contract 'C1'" in said.out
    wenqu("money", "contract", "--city", "c", written(tmp_path / "c.json", DEAL))
    assert "1 rows filed" in wenqu("money", "import", "payments", "pay.xlsx", "--city", "c").out
    assert wenqu("money", "export", "out.xlsx", "--city", "c").code == 0
    assert openpyxl.load_workbook("out.xlsx").sheetnames[0] == "overview"
    assert wenqu("money", "export", "out.csv", "--table", "budget", "--city", "c").code == 0
    assert wenqu("money", "export", "out.csv", "--table", "nonsense", "--city", "c").code == 2
    said = wenqu("money", "costs", "--city", "c")
    assert "uv_cipp" in said.out
    assert wenqu("money", "price", "cipp", "approved", "1.2", "--city", "c", "--reason", "x").code == 2
