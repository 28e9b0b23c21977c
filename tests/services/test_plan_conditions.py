"""A small city is planned under further conditions, and its proof carries what they weigh."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.services.plan_case import build
from tests.services.test_plan_city import CODE, FLOW
from wenqu.series.model import series
from wenqu.services.plan_city import plan_city
from wenqu.services.programme_proof import PROOF, judge, read_proof, verify_programme

COD = 0.19  # [kg/m³] what the plant receives


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    store = build(tmp_path_factory.mktemp("conditions") / "store")
    days = np.arange("2024-01-01", "2024-12-31", dtype="datetime64[D]").astype("datetime64[s]")
    store.write_series(CODE, [series("P", "cod", days, np.full(len(days), COD), simulated=True)])
    yield store
    store.close()


def planned(store, tmp_path, **rules):
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules), "utf-8")
    return plan_city(store, CODE, rules=file, who="planner")


def test_a_city_is_planned_under_conditions_and_judged_again_from_its_proof(city, tmp_path):
    free = planned(city, tmp_path)
    assert {"C0", "O"} <= {measure.asset for measure in free.programme.measures}
    made = planned(
        city,
        tmp_path,
        must_do=[{"name": "C0", "by": "2025", "reason": "collapsed", "who": "Li"}],
        must_not=[{"name": "O", "reason": "quay is being rebuilt", "who": "Wang"}],
        moratoria=[{"of": "street", "name": "R", "from": "2026", "methods": ["open_cut"]}],
        plant_margins=[{"by": "2029", "pollutant": "cod", "threshold_mg_per_L": 191, "plant": "P"}],
        funds=[
            {"fund": "bonds", "limits_wan_yuan": {"2025": 40, "2026": 40, "2027": 40, "2028": 40, "2029": 40}}
        ],
        capacity_share=[],
    )
    assert made.programme.status == "proved"
    found = {measure.asset: measure for measure in made.programme.measures}
    assert found["C0"].window == "2025"
    assert "O" not in found
    # clean water has 25 mg/L of COD: (190·100 - 25·q)/(100 - q) >= 191 mg/L takes q >= 0.6 L/s
    removed = 1000 * sum(measure.flow_removed for measure in found.values())
    assert removed >= 0.6
    proof = read_proof(city.document(CODE, PROOF))
    assert proof.plants.loads["cod"] == pytest.approx([COD * FLOW])
    weighed = proof.options.particulars
    assert weighed.street[proof.options.package_ids.tolist().index("C0")] == "R"
    assert np.bincount(
        np.repeat(np.arange(len(proof.options)), np.diff(weighed.start)), weighed.cost
    ) == pytest.approx(proof.options.cost)
    judged = verify_programme(city, CODE)
    assert judged.holds
    kinds = {verdict.rule for verdict in judged.verdicts}
    assert {"must-do", "must-not", "closed", "quality", "fund"} <= kinds
    late = replace(proof.choice, windows=np.full_like(proof.choice.windows, 4))
    broken = {entry.rule for entry in judge(replace(proof, choice=late)).verdicts if not entry.holds}
    assert "must-do" in broken


def test_conditions_that_cannot_be_kept_are_said_in_both_languages(city, tmp_path):
    made = planned(
        city,
        tmp_path,
        must_do=[{"name": "C0", "by": "2025"}],
        moratoria=[{"of": "street", "name": "R", "until": "2025"}],
        plant_margins=[{"by": "2029", "pollutant": "tp", "threshold_mg_per_L": 3}],
        flow_limits=[{"by": "2029", "plant": "P", "limit_m3_per_d": 100}],
    )
    assert made.programme.status == "infeasible"
    assert {"must-do", "quality", "flow"} <= {row.rule for row in made.relaxed}
    zh, en = made.sentences("zh"), made.sentences("en")
    assert any("必须实施的 C0 没有实施" in sentence for sentence in zh)
    assert any("总磷" in sentence and "没有测量数据" in sentence for sentence in zh)
    assert any("may receive 100 m³/d" in sentence for sentence in en)
    assert not any("nan" in sentence for sentence in [*zh, *en])


def test_a_proof_from_before_there_were_conditions_is_still_read(city, tmp_path):
    planned(city, tmp_path)
    import io

    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(city.document(CODE, PROOF)))
    head = json.loads(table.schema.metadata[b"wenqu"])
    for name in ("streets", "assets", "plant_loads"):
        del head[name]
    for name in list(head["rules"]):
        if name in {"funds", "must_do", "plant_margins", "clean_others_mg_per_L"}:
            del head["rules"][name]
    old = table.drop_columns([name for name in table.column_names if name.startswith("by_")])
    out = io.BytesIO()
    pq.write_table(old.replace_schema_metadata({"wenqu": json.dumps(head)}), out)
    assert judge(read_proof(out.getvalue())).holds
