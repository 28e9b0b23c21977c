"""What is asked to be otherwise when a programme is made anew? Prices, rules, and what-ifs."""

import csv
import io
import json
import math
from dataclasses import dataclass, replace
from typing import Any

from wenqu.errors import BadInput, Unknown
from wenqu.planning.costs import default_text, read_catalogue
from wenqu.planning.rules import Rules, rules_from, rules_text
from wenqu.records.verification import Judgement
from wenqu.services.effect_ledger import TAUGHT, EffectLedger
from wenqu.store.database import Store

PRICED = ("price_a", "price_b", "price_depth", "mobilisation")
MOST = 200  # things that may be asked at once
FARTHEST = 100.0  # [-] no unit price is asked to be so many times what it is, or so small a part of it


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be otherwise. Whatever is left out is as it is."""

    prices: tuple[tuple[str, float], ...] = ()  # method, factor on its unit price
    rules: str = ""  # JSON object over the city's rules
    accepted: tuple[str, ...] = ()  # lots "project/lot": what if all their pipes were accepted
    cancelled: tuple[str, ...] = ()  # lots "project/lot": what if they were cancelled
    failed: tuple[str, ...] = ()  # verifications: what if nothing of the expected effect had come

    @property
    def assumes(self) -> bool:
        """Tell whether it asks "what if": that can be looked at but not filed."""
        return bool(self.accepted or self.cancelled or self.failed)


def check_asked(asked: Asked) -> None:
    """Refuse what cannot be asked.

    Raises
    ------
    BadInput
        A price factor is no number or makes no sense, or far too much is asked.
    """
    size = sum(len(getattr(asked, name)) for name in ("prices", "accepted", "cancelled", "failed"))
    if size > MOST:
        raise BadInput("replan-many", count=size, most=MOST)
    for method, factor in asked.prices:
        if not 1 / FARTHEST <= factor <= FARTHEST:  # NaN is not
            raise BadInput("replan-price", method=method, factor=f"{factor:g}")
    patch_of(asked.rules)


def patch_of(text: str) -> dict[str, Any]:
    """Return what the rules shall say otherwise.

    Raises
    ------
    BadInput
        It is no JSON object.
    """
    if not text.strip():
        return {}
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from error
    if not isinstance(given, dict):
        raise BadInput("rules-json", line=1, said="no object")
    return given


def patched_rules(rules: Rules, text: str) -> Rules:
    """Return rules with what shall be otherwise; tables by year and by kind are filled in from what was.

    Raises
    ------
    BadInput
        A name is unknown or a value makes no sense.
    """
    patch = patch_of(text)
    if not patch:
        return rules
    body = json.loads(rules_text(rules))
    for name, value in patch.items():
        known = body.get(name)
        body[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return rules_from(json.dumps({**body, "default": False}), int(rules.windows[0][:4]))


def priced(text: str | None, prices: tuple[tuple[str, float], ...]) -> str | None:
    """Return the text of a price table with factors on unit prices; as it is when there are none.

    Raises
    ------
    BadInput
        The table has no such method, or a price makes no sense any more.
    """
    if not prices:
        return text
    body = (default_text() if text is None else text).lstrip("\ufeff")
    reader = csv.DictReader(body.splitlines())
    rows = list(reader)
    named = {row["method"]: row for row in rows}
    for method, factor in prices:
        if method not in named:
            raise BadInput("catalogue-method", method=method, known=", ".join(named))
        row = named[method]
        for column in PRICED:
            if (row.get(column) or "").strip():
                row[column] = f"{float(row[column]) * factor:.10g}"
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    read_catalogue(out.getvalue())
    return out.getvalue()


def assumed_effects(ledger: EffectLedger, failed: tuple[str, ...]) -> EffectLedger:
    """Return a ledger in which some verifications are judged: nothing of what was expected came.

    Raises
    ------
    Unknown
        There is no such verification.
    """
    judged = dict(ledger.judged)
    for id_ in failed:
        asked = ledger.verifications.get(id_)
        if asked is None:
            raise Unknown("verification", name=id_)
        judged[id_] = Judgement(
            id_, asked.asset, TAUGHT[1], 0.0, -asked.sd, asked.sd, asked.sd, asked.threshold, asked.dry_days,
            "", "", "none", math.nan, "", "", asked.simulated,
        )  # fmt: skip
    return replace(ledger, judged=judged)


def lot_name(project: str, lot: str) -> str:
    """Return how a lot is named in what is asked."""
    return f"{project}/{lot}"


def book_text(store: Store, city: str, name: str, as_of: str | None = None) -> str | None:
    """Return the city's own price table, None where it has none."""
    own = store.document(city, name, as_of)
    return None if own is None else own.decode("utf-8-sig")
