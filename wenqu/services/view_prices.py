"""Which methods does a city repair with, at which prices and effects, and what have works shown of them?"""

from dataclasses import replace
from typing import Any

import numpy as np

from wenqu.diagnosis.effect_learning import Learned
from wenqu.planning.costs import Method, columns, default_text, read_catalogue, unit_price
from wenqu.records.programme import Programme
from wenqu.services.effect_ledger import effect_ledger, learned
from wenqu.services.plan_tables import PRICES, versions
from wenqu.services.price_book import faults, own_text, rows_of, told_issue, told_versions
from wenqu.services.rights import Person, reach
from wenqu.store.database import Store

SIZES, DEPTHS = (0.3, 0.6, 1.0, 1.5), (3.0, 5.0)  # [m] at which prices are shown
LOW, HIGH = 0.05, 0.95
UNITS = {
    "min_diameter": "m", "max_diameter": "m", "price_a": "yuan", "price_b": "yuan/m", "price_depth": "yuan/m",
    "mobilisation": "yuan", "crew_days": "d", "crew_days_fixed": "d", "life": "a", "closure_days": "d",
    "closure_fixed": "d",
}  # fmt: skip
TEXTS = ("method", "zh", "en", "needs", "note", "note_zh", "standard", "clause", "price_at", "status")
CHOSEN = ("site", "price_per")


def view_prices(store: Store, city: str, person: Person, as_of: str | None = None) -> dict[str, Any]:
    """Return the price table that holds, method by method, with versions, doubts and verified effects.

    Effects that works have shown, and which programmes were made at which prices, are told to those who read
    the whole city: a verification names a project.

    Parameters
    ----------
    store
        The whole store: the table is the city's, not a district's.
    """
    text = own_text(store, city, as_of)
    book = read_catalogue(text)
    usual = {row["method"]: row for row in rows_of(default_text())}
    whole = reach(person, "read_attributes", city).whole
    taught, who = learned(effect_ledger(store, city, as_of), book) if whole else ((), ())
    by_key = {one.key: one for one in taught}
    rows = rows_of(text or default_text())
    return {
        "edition": book.edition,
        "default_edition": read_catalogue().edition,
        "status": "default" if text is None else "city",
        "columns": [{"name": name, "kind": _kind(name), "unit": UNITS.get(name, "")} for name in columns()],
        "methods": [
            _told(method, row, usual.get(method.key), by_key.get(method.key))
            for method, row in zip(book.methods, rows, strict=True)
        ],
        "contractors": [_factor(one) for one in who],
        "issues": [told_issue(one) for one in faults(book)],
        "versions": told_versions(versions(store, city, PRICES, as_of)) if whole else [],
        "plans": _plans(store, city, as_of) if whole else [],
        "sizes": SIZES,
        "may": reach(person, "decide", city).whole,
        "simulated": store.city(city).simulated,
    }


def _plans(store: Store, city: str, as_of: str | None) -> list[dict[str, Any]]:
    """Return which programme was made at the prices of which edition, newest first."""
    filed = {one.id: (one, filing.at) for one, filing in store.filed(city, "programme", Programme, as_of)}
    return [
        {"id": id_, "at": at, "cost": one.cost, "edition": one.catalogue.partition(" + ")[0]}
        for id_, (one, at) in reversed(filed.items())
    ]


def _kind(name: str) -> str:
    return "text" if name in TEXTS else "choice" if name in CHOSEN else "number"


def _told(
    method: Method, row: dict[str, str], usual: dict[str, str] | None, now: Learned | None
) -> dict[str, Any]:
    verified = None
    if now is not None:
        verified = {**_share(replace(method, effect_a=now.a, effect_b=now.b)), "judged": list(now.judged)}
    return {
        "key": method.key,
        "zh": method.zh,
        "en": method.en,
        "row": row,
        "host": {
            "min_diameter": method.min_diameter or None,
            "max_diameter": method.max_diameter if np.isfinite(method.max_diameter) else None,
            "max_grade": method.max_grade if method.site == "conduit" else None,
            "max_spots": method.max_spots if np.isfinite(method.max_spots) else None,
            "needs": list(method.needs),
        },
        "site": method.site,
        "price_per": method.price_per,
        "prices": _prices(method),
        "effect": _share(method),
        "verified": verified,
        "status": "default" if usual == row else method.status if method.status != "default" else "city",
        "changed": usual != row,
    }


def _prices(method: Method) -> list[dict[str, float]]:
    """Return the price of one unit at some diameters and depths. [yuan]"""
    fixed = not method.price_b and not method.price_at
    sizes = [d for d in SIZES if fixed or method.min_diameter <= d <= method.max_diameter]
    depths = DEPTHS if method.price_depth else DEPTHS[:1]
    return [
        {"diameter": size, "depth": depth,
         "yuan": float(unit_price(method, np.array([size]), np.array([depth]))[0])}
        for size in (sizes[:1] if fixed else sizes)
        for depth in depths
    ]  # fmt: skip


def _share(method: Method) -> dict[str, float]:
    """Return the share of the water at a site that a method keeps out: mean, 5 and 95 %."""
    from scipy.stats import beta

    low, high = beta.ppf((LOW, HIGH), method.effect_a, method.effect_b) * method.scope
    return {"mean": method.effect, "low": float(low), "high": float(high)}


def _factor(one: Learned) -> dict[str, Any]:
    """Return what a contractor reaches of what its methods do elsewhere."""
    return {"name": one.key, "mean": one.mean, "sd": one.sd, "judged": list(one.judged)}
