"""Can anybody check a filed programme? Its options, rules and plants in one file, judged without a solver."""

import io
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wenqu.errors import NotEnoughData
from wenqu.planning.options import Options
from wenqu.planning.particulars import Particulars
from wenqu.planning.plants import Plants
from wenqu.planning.programme import Grounds
from wenqu.planning.rules import Rules, rules_from, rules_text
from wenqu.planning.verify import Choice, Verdict, plan_verify, present_cost
from wenqu.store.database import Store

PROOF = "programme-proof.parquet"
PROOF_MEDIA = "application/vnd.apache.parquet"
NUMBERS = ("cost", "flow", "load", "sewage_load", "crew_days")
SHARES = ("method", "cost", "days")  # lists of a row: what an option does by each method
LOAD = "load:"  # columns of pollutants beside BOD5


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything a programme can be judged by."""

    programme: str  # id
    options: Options
    plants: Plants
    rules: Rules
    choice: Choice
    lengths: dict[str, float]  # [m] frozen denominators
    bound: float  # [yuan] as the search proved it
    grounds: Grounds | None = None  # what anybody can recompute a bound from; None in proofs of old


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a recomputation says of a filed programme."""

    programme: str
    cost: float  # [yuan]
    bound: float  # [yuan]
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every rule is kept."""
        return all(entry.holds for entry in self.verdicts)


def proof_document(proof: Proof) -> bytes:
    """Return the proof as a Parquet table of options with packages, plants and rules in its header."""
    made, plants = proof.options, proof.plants
    window = np.full(len(made), -1, dtype=np.int64)
    window[proof.choice.options] = proof.choice.windows
    head: dict[str, Any] = {
        "programme": proof.programme,
        "rules": json.loads(rules_text(proof.rules)),
        "lengths": proof.lengths,
        "bound": proof.bound,
        "packages": [
            list(row)
            for row in zip(
                made.package_ids.tolist(), made.plant.tolist(), made.district.tolist(),
                made.problem_length.tolist(), made.must.tolist(), strict=True,
            )
        ],
        "plants": [
            list(row)
            for row in zip(
                plants.ids.tolist(), plants.flow.tolist(), plants.load.tolist(), plants.capacity.tolist(),
                plants.threshold.tolist(), plants.counts.tolist(), strict=True,
            )
        ],
    }  # fmt: skip
    columns: dict[str, Any] = {
        "id": pa.array(made.ids.tolist(), pa.string()),
        "package": made.package,
        "window": window,
    }
    columns |= {name: getattr(made, name) for name in NUMBERS}
    if made.particulars is not None:
        parts = made.particulars
        head["streets"], head["assets"] = parts.street.tolist(), [list(names) for names in parts.assets]
        columns |= {f"{LOAD}{name}": load for name, load in parts.loads.items()}
        for name in SHARES:
            columns[f"by_{name}"] = pa.ListArray.from_arrays(
                pa.array(parts.start, pa.int32()), pa.array(getattr(parts, name).tolist())
            )
    if proof.grounds is not None:
        head["grounds"] = {
            "prices": {
                str(row): float(proof.grounds.prices[row]) for row in np.flatnonzero(proof.grounds.prices)
            },
            "rows": len(proof.grounds.prices),
            "bound": proof.grounds.bound,
            "loads": proof.grounds.plants.load.tolist(),
        }
        columns["proved_load"] = proof.grounds.options.load
    head["plant_loads"] = {name: load.tolist() for name, load in plants.loads.items()}
    table = pa.table(columns).replace_schema_metadata({"wenqu": json.dumps(head, ensure_ascii=False)})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def read_proof(content: bytes) -> Proof:
    """Return the proof in a document of `proof_document`."""
    table = pq.read_table(io.BytesIO(content))
    head = json.loads(table.schema.metadata[b"wenqu"])
    names, plant, district, length, must = (list(column) for column in zip(*head["packages"], strict=True))
    ids, flow, load, capacity, threshold, counts = (
        list(column) for column in zip(*head["plants"], strict=True)
    )
    window = table["window"].to_numpy()
    chosen = np.flatnonzero(window >= 0)
    none = np.empty(0, dtype=np.int64)
    made = Options(
        np.array(names, dtype=object),
        np.array(plant, dtype=object),
        np.array(district, dtype=object),
        np.array(length, dtype=np.float64),
        np.array(must, dtype=np.bool_),
        np.array(table["id"].to_pylist(), dtype=object),
        table["package"].to_numpy(),
        table["cost"].to_numpy(),
        table["flow"].to_numpy(),
        table["load"].to_numpy(),
        table["sewage_load"].to_numpy(),
        table["crew_days"].to_numpy(),
        np.zeros(len(table) + 1, dtype=np.int64),
        none,
        none,
        np.empty(0),
        np.empty(0),
        np.empty(0),
        particulars=_particulars(table, head),
    )
    plants = Plants(
        np.array(ids, dtype=object),
        np.array(flow, dtype=np.float64),
        np.array(load, dtype=np.float64),
        np.array(capacity, dtype=np.float64),
        np.array(threshold, dtype=np.float64),
        np.array(counts, dtype=np.bool_),
        {name: np.array(load, dtype=np.float64) for name, load in head.get("plant_loads", {}).items()},
    )
    rules = rules_from(json.dumps(head["rules"]), int(head["rules"]["windows"][0][:4]))
    choice = Choice(chosen, window[chosen])
    proof = Proof(head["programme"], made, plants, rules, choice, head["lengths"], head["bound"])
    return replace(proof, grounds=_grounds(table, head, proof))


def _grounds(table: pa.Table, head: dict[str, Any], proof: Proof) -> Grounds | None:
    """Return from what the bound was proved: the options and plants, with margins lowered where asked."""
    if "grounds" not in head:
        return None
    told = head["grounds"]
    prices = np.zeros(int(told["rows"]))
    for row, price in told["prices"].items():
        prices[int(row)] = float(price)
    return Grounds(
        replace(proof.options, load=table["proved_load"].to_numpy()),
        replace(proof.plants, load=np.array(told["loads"], dtype=np.float64)),
        proof.rules, proof.lengths, prices, float(told["bound"]),
    )  # fmt: skip


def _particulars(table: pa.Table, head: dict[str, Any]) -> Particulars | None:
    """Return what further conditions weigh; None in a proof from before there were any."""
    if "streets" not in head:
        return None
    lists = {name: table[f"by_{name}"].combine_chunks() for name in SHARES}
    flat = {name: values.flatten() for name, values in lists.items()}
    return Particulars(
        np.array(head["streets"], dtype=object),
        tuple(tuple(names) for names in head["assets"]),
        np.concatenate([[0], np.cumsum([len(row) for row in lists["cost"]])]).astype(np.int64),
        np.array(flat["method"].to_pylist(), dtype=object),
        np.array(flat["cost"].to_pylist(), dtype=np.float64),
        np.array(flat["days"].to_pylist(), dtype=np.float64),
        {
            name.removeprefix(LOAD): table[name].to_numpy()
            for name in table.column_names
            if name.startswith(LOAD)
        },
    )


def judge(proof: Proof) -> Judgement:
    """Return cost and verdicts of a proof, from its arrays alone."""
    cost = present_cost(proof.options, proof.rules, proof.choice)
    verdicts = plan_verify(proof.options, proof.plants, proof.rules, proof.choice, proof.lengths)
    return Judgement(proof.programme, cost, proof.bound, verdicts)


def verify_programme(store: Store, city: str, as_of: str | None = None) -> Judgement:
    """Judge a city's last programme again, without a solver.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    """
    content = store.document(city, PROOF, as_of)
    if content is None:
        raise NotEnoughData("no-programme", city=city)
    return judge(read_proof(content))
