"""How is the programme of a case written down: plan.csv, certificate.json, summary.json?"""

import csv
import math
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wenqu.errors import FileUnreadable
from wenqu.messages import LANGUAGES, say
from wenqu.planning.check_certificate import seal
from wenqu.services.plan_case import CaseAnswer
from wenqu.services.write_case import warning

PLAIN = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
METHOD = "Lagrangian bound, whole-number programming on what its prices leave open"
PLAN, CERTIFICATE, SUMMARY, RELAXED = "plan.csv", "certificate.json", "summary.json", "plan_relaxed.csv"


def write_plan_case(answer: CaseAnswer, folder: Path) -> None:
    """Write the answer; of a case that nothing satisfies also the programme under the changed rules.

    Raises
    ------
    FileUnreadable
        The folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _ids(folder / PLAN, answer.chosen)
        relaxed = answer.relaxation.programme if answer.relaxation else None
        if relaxed is not None:
            _ids(folder / RELAXED, [str(answer.case.ids[int(row)]) for row in np.sort(relaxed.chosen)])
        else:
            (folder / RELAXED).unlink(missing_ok=True)
        for name, body in ((CERTIFICATE, certificate(answer, folder)), (SUMMARY, summary(answer))):
            (folder / name).write_bytes(orjson.dumps(body, option=PLAIN))
    except OSError as error:
        raise FileUnreadable("system", path=folder.name, said=error.strerror or "") from error


def _ids(path: Path, ids: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("option_id",), *((one,) for one in ids)])


def certificate(answer: CaseAnswer, folder: Path) -> dict[str, Any]:
    """Return what anybody needs to check the programme: hashes, prices, bound, plan."""
    case, proved = answer.case, answer.proved
    body = {
        "what": "Wenqu certificate of a programme",
        "version": 1,
        "folder": Path(os.path.relpath(case.folder.resolve(), folder.resolve())).as_posix(),
        "sha256": case.hashes,
        "encoding": case.encodings,
        "set_aside": {name: rows for name, rows in case.set_aside.items() if rows},
        "status": proved.status,
        "cost": proved.cost if math.isfinite(proved.cost) else None,
        "bound": proved.bound if math.isfinite(proved.bound) else None,
        "prices": [
            {"rule": rule, "scope": scope, "window": window, "price": price}
            for rule, scope, window, price in answer.rows
        ],
        "plan": answer.chosen,
    }
    return {**body, "seal": seal(orjson.loads(orjson.dumps(body, option=PLAIN)))}


def summary(answer: CaseAnswer) -> dict[str, Any]:
    """Return cost, bound, gap, seconds, status, and of a case that nothing satisfies the smallest change."""
    proved = answer.proved
    there = math.isfinite(proved.cost)
    found: dict[str, Any] = {
        "status": proved.status,
        "cost": proved.cost if there else None,
        "bound": _number(proved.best_bound if there else proved.bound),
        "gap": proved.gap if there else None,
        "seconds": proved.seconds,
        "unit": "yuan",
        "bound_by_prices": _number(proved.bound),
        "bound_by_plants": _number(proved.exact_bound),
        "bound_by_solver": _number(proved.solver_bound),
        "method": METHOD,
        "version": version("wenqu"),
        "options": len(answer.case.ids),
        "chosen": len(proved.chosen),
        "warnings": [warning(issue) for issue in answer.case.issues],
    }
    if answer.relaxation is not None:
        found["relaxation"] = relaxation(answer)
    return found


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def relaxation(answer: CaseAnswer) -> dict[str, Any]:
    """Return the smallest change of the rules, as data and in words."""
    made = answer.relaxation
    assert made is not None
    return {
        "exact": made.exact,
        "changes": [
            {
                "rule": one.rule, "scope": one.scope, "window": one.window or _window(answer, one.rule),
                "demanded": one.demanded, "needed": one.needed,
            }
            for one in made.changes
        ],
        "cost": made.programme.cost if made.programme else None,
        "bound": _number(made.programme.best_bound) if made.programme else None,
        "says": {language: sentences(answer, language) for language in LANGUAGES},
    }  # fmt: skip


def sentences(answer: CaseAnswer, language: str) -> list[str]:
    """Return in words which rules give way."""
    made = answer.relaxation
    if made is None:
        return []
    return [
        say(
            f"plan-case.change.{one.rule}", language, scope=one.scope or say("plan.scope.city", language),
            window=one.window or _window(answer, one.rule), demanded=one.demanded, needed=one.needed,
            more=abs(one.needed - one.demanded),
        )
        for one in made.changes
    ]  # fmt: skip


def _window(answer: CaseAnswer, rule: str) -> str:
    return answer.case.rules.share_by if rule == "share" else ""
