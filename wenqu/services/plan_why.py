"""Why is each package in the programme or not: kept as it was worked out, told in words."""

import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from wenqu.messages import say
from wenqu.planning.costs import read_catalogue
from wenqu.planning.named_rules import named_rules
from wenqu.planning.package_reasons import PackageReason
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.programme_proof import Proof, judge
from wenqu.store.database import Store
from wenqu.units import from_si

WHY = "plan-why.parquet"
LISTED = 500  # packages told at once
BETTER = 2.0  # [-] no effect grows by more than twice: that is no way in


def why_document(proof: Proof, reasons: Iterable[PackageReason], assets: Mapping[str, list[str]]) -> bytes:
    """Return the reasons as a Parquet table.

    Parameters
    ----------
    proof
        Of the programme that the reasons speak of.
    assets
        type/id of the assets of each package.
    """
    rows = list(reasons)
    columns: dict[str, Any] = {
        row.name: [getattr(one, row.name) for one in rows] for row in fields(PackageReason)
    }
    columns["method"] = [one.option.rpartition(":")[2] for one in rows]
    columns["assets"] = pa.array([assets.get(row.package, []) for row in rows], pa.list_(pa.string()))
    named = named_rules(proof.options, proof.rules)
    place = {str(name): package for package, name in enumerate(proof.options.package_ids)}
    columns["named"] = [
        orjson.dumps([asdict(one) for one in named.get(place[row.package], ())]).decode() for row in rows
    ]
    held = not judge(proof).holds
    head = {"programme": proof.programme, "probability": proof.rules.probability, "held": held}
    table = pa.table(columns).replace_schema_metadata({"wenqu": orjson.dumps(head)})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _read(store: Store, state: CityState) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    code, moment = state.network.city.code, state.network.as_of or None
    content = store.document(code, WHY, moment)
    if content is None:
        return {}, []
    table = pq.read_table(io.BytesIO(content))
    head: dict[str, Any] = orjson.loads(table.schema.metadata[b"wenqu"])
    rows: list[dict[str, Any]] = table.to_pylist()
    return head, rows


def view_why(
    store: Store, state: CityState, language: str, *, asset: str = "", only: str = "", find: str = ""
) -> dict[str, Any]:
    """Return why packages are in the programme or not, each in a sentence with its numbers.

    Parameters
    ----------
    store
        The whole store.
    state
        What the person may see: a package with an asset that is not seen is left out.
    asset
        type/id: the packages of one asset alone.
    only
        "in" or "out"; "" for both.
    find
        Part of the name of a package, asset or method.
    """
    head, rows = state.once("plan why", lambda: _read(store, state))
    wanted = find.strip().lower()
    chosen = [
        row
        for row in rows
        if (not asset or asset in row["assets"])
        and (not only or row["chosen"] == (only == "in"))
        and (not wanted or wanted in f"{row['package']} {row['method']} {' '.join(row['assets'])}".lower())
        and all(_seen(state, one) for one in row["assets"])
    ]
    chosen.sort(key=lambda row: abs(row["net"]))  # what is decided by least comes first
    methods = {entry.key: entry for entry in read_catalogue().methods}
    told = []
    for row in chosen[:LISTED]:
        method = methods.get(row["method"])
        name = {"zh": method.zh, "en": method.en} if method else {"zh": row["method"], "en": row["method"]}
        plain = {key: _plain(value) for key, value in row.items() if key != "named"}
        told.append({**plain, "method_name": name, "said": why_said(row, name[language], language)})
    return {
        "programme": head.get("programme", ""), "known": bool(rows), "count": len(chosen), "rows": told,
        "in": sum(row["chosen"] for row in chosen), "older": _older(store, state, head, language),
        "held": say("plan.why.held", language, programme=head["programme"]) if head.get("held") else "",
    }  # fmt: skip


def _older(store: Store, state: CityState, head: dict[str, Any], language: str) -> str:
    """Return the sentence that the reasons are of another programme than the one that stands, "" if not."""
    stands = filed_records.programme(store, state)
    if stands is None or not head or head["programme"] == stands.id:
        return ""
    return say("plan.why.older", language, programme=head["programme"], stands=stands.id)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _seen(state: CityState, asset: str) -> bool:
    type_, _, ids = asset.partition("/")
    return all(state.network.known_row(type_, id_) is not None for id_ in ids.split("|"))


def why_said(row: dict[str, Any], method: str, language: str) -> str:
    """Return the sentence of one package: what it costs and is worth, and what would have to change."""

    def wan(yuan: float) -> str:
        return f"{from_si(yuan, '万元'):.3g}"

    parts = [
        say(f"plan.why.{name}", language, worth=wan(row[name]))
        for name in ("margin", "length", "must", "guard", "order", "least")
        if row.get(name, 0.0) > 0.005 * max(row["cost"], 1.0)  # an older table lacks the last two
    ]
    worth = say("plan.why.and", language).join(parts) if parts else say("plan.why.nothing", language)
    facts = {
        "method": method, "window": row["window"], "cost": wan(row["cost"]), "worth": worth,
        "net": wan(abs(row["net"])),
    }  # fmt: skip
    said = [say(f"plan.why.{row['verdict']}", language, **facts)]
    if row["rent"] > 0.005 * max(row["cost"], 1.0):
        said.append(say("plan.why.rent", language, rent=wan(row["rent"])))
    if row.get("order", 0.0) < -0.005 * max(row["cost"], 1.0):
        said.append(say("plan.why.waits", language, waits=wan(-row["order"])))
    side = "in" if row["chosen"] else "out"
    if row["verdict"] in {"in", "out", "in-must"}:
        cheaper, better = abs(row["cheaper"]), abs(row["better"])
        if not math.isnan(row["cheaper"]) and row["verdict"] != "in-must":
            said.append(say(f"plan.why.{side}-price", language, by=f"{100 * cheaper:.0f}"))
        if better <= BETTER and row["verdict"] != "in-must":  # NaN is not
            said.append(say(f"plan.why.{side}-effect", language, by=f"{100 * better:.0f}"))
    said += [_named_said(one, language) for one in orjson.loads(row.get("named") or "[]")]
    return ("" if language == "zh" else " ").join(said)


def _named_said(rule: dict[str, Any], language: str) -> str:
    """Return the sentence of a rule that names a package, with who wanted it and why."""
    catalogue = {entry.key: entry for entry in read_catalogue().methods}
    names = [getattr(catalogue[key], language) if key in catalogue else key for key in rule["methods"]]
    by = say("plan.why.and", language).join(names) if names else say("plan.why.any-method", language)
    said = say(f"plan.why.rule-{rule['kind']}", language, when=rule["when"], other=rule["other"], methods=by)
    given = say("plan.why.because", language, reason=rule["reason"]) if rule["reason"] else ""
    who = say("plan.why.by-whom", language, who=rule["who"]) if rule["who"] else ""
    return said + given + who + say("plan.why.stop", language)
