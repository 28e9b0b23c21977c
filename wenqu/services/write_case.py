"""How is the answer to a case written down: areas.csv, conduits.csv, summary.json?"""

import csv
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wenqu.diagnosis.end_member_table import EndMember
from wenqu.diagnosis.identifiability import identifiability
from wenqu.diagnosis.joint_inversion import DEFAULT
from wenqu.errors import FileUnreadable
from wenqu.issues import Issue
from wenqu.messages import LANGUAGES, say
from wenqu.services.case_map_doubts import Hypothesis, evidence_in_words
from wenqu.services.case_splits import Divided
from wenqu.services.diagnose_case import QUANTITIES, CaseAnswer

DAY = 86400.0
METHOD = "joint_inversion"
ALL = "*"  # area of the sums


def write_case(answer: CaseAnswer, folder: Path) -> None:
    """Write the answer. Rates are per day, in dry weather at the mean levels of the record.

    Raises
    ------
    FileUnreadable
        The folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _table(
            folder / "areas.csv",
            ("area_id", "quantity", "mean_m3_per_d", "p05", "p95", "prior_share"),
            _areas(answer),
        )
        pipes = answer.model.pipes.name
        rows = zip(pipes.tolist(), _daily(answer.extraneous), _daily(answer.extraneous_sd), strict=True)
        _table(folder / "conduits.csv", ("id", "extraneous_m3_per_d", "sd"), rows)
        (folder / "summary.json").write_bytes(orjson.dumps(summary(answer), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise FileUnreadable("system", path=folder.name, said=error.strerror or "") from error


def summary(answer: CaseAnswer) -> dict[str, Any]:
    """Return method, version, totals, fit per meter, warnings and what cannot be told apart."""
    extraneous = answer.extraneous_total
    return {
        "method": METHOD,
        "version": version("wenqu"),
        "unit": "m3/d",
        "total": {
            **{name: float(row.sum() * DAY) for name, row in zip(QUANTITIES, answer.mean, strict=True)},
            "extraneous": {
                "mean": extraneous[0] * DAY, "p05": extraneous[1] * DAY, "p95": extraneous[2] * DAY,
            },
        },
        "celerity_m_per_s": answer.inversion.celerity,
        "bills_err_times_told": answer.inversion.bills.scale if answer.case.sources else None,
        "meters": _meters(answer),
        "splits": [_split(one) for one in answer.splits],
        "hypotheses": [_hypothesis(one) for one in answer.hypotheses],
        "warnings": [warning(issue) for issue in answer.issues],
        "cannot_tell_apart": [
            {"code": code, **{language: say(code, language) for language in LANGUAGES}}
            for code in unclear(answer)
        ],
    }  # fmt: skip


def unclear(answer: CaseAnswer) -> list[str]:
    """Return the keys of the sentences on what these meters and tracers can and cannot tell apart."""
    table = {key: EndMember(mean, sd, "") for key, (mean, sd) in answer.case.members.items()}
    tracers, meters = answer.model.tracers, len(answer.model.meters)
    known = identifiability(
        tracers, table, DEFAULT.tracer, water_use=bool(answer.case.sources), meters=meters
    )
    answers = [one for one in answer.model.heard.responses if one is not None]
    moved = {
        name
        for name, field in (("groundwater", "groundwater_sd"), ("river_stage", "river_sd"))
        if any(np.isfinite(getattr(one, field)) for one in answers)
    }
    by_levels = {0: "case.identify.no-levels", 2: "case.identify.rise-and-fall"}
    alone = "".join(f"diagnosis.identify.levels-{name}" for name in moved)
    return [*known.codes, by_levels.get(len(moved), alone)]


def _areas(answer: CaseAnswer) -> Iterable[Sequence[object]]:
    for place, area in enumerate(answer.areas.tolist()):
        for kind, quantity in enumerate(QUANTITIES):
            cells = (answer.mean[kind, place], answer.low[kind, place], answer.high[kind, place])
            yield (
                area,
                quantity,
                *(f"{value * DAY:.4f}" for value in cells),
                f"{answer.prior_share[kind, place]:.4f}",
            )


def _daily(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    return [f"{value * DAY:.5f}" for value in values.tolist()]


def _meters(answer: CaseAnswer) -> list[dict[str, Any]]:
    used = {entry.meter.id: place for place, entry in enumerate(answer.model.meters)}
    found = []
    for meter in answer.case.meters:
        place = used.get(meter.id)
        if place is None:
            found.append({"id": meter.id, "conduit": meter.conduit, "used": False})
            continue
        entry, seen = answer.model.meters[place], float(answer.model.heard.mean[place])
        misfit = float(answer.misfit[place])
        found.append(
            {
                "id": meter.id, "conduit": meter.conduit, "used": True, "dry_days": int(entry.dry.sum()),
                "mean_dry_m3_per_d": seen * DAY if np.isfinite(seen) else None,
                "estimated_bias": float(answer.inversion.bias[place]),
                "misfit_in_errors": misfit if np.isfinite(misfit) else None,
            }
        )  # fmt: skip
    return found


def _split(split: Divided) -> dict[str, Any]:
    branches = [
        {"conduit": one.conduit, "share": one.share, "p05": one.low, "p95": one.high}
        for one in split.branches
    ]
    return {"node": split.node, "measured": split.measured, "branches": branches}


def _hypothesis(one: Hypothesis) -> dict[str, Any]:
    """Return a place where the map may be wrong, in words too, and what to open to decide."""
    facts: dict[str, object] = {
        "conduit": one.conduit, "node": one.node, "now": one.now, "other": one.other,
        "moved": one.moved * DAY,
    }  # fmt: skip
    code = evidence_in_words(one.log_bayes)
    return {
        "kind": "parent_swap", "conduit": one.conduit, "node": one.node, "drains_to_by_the_map": one.now,
        "seems_to_drain_to": one.other, "share_of_area": one.share, "or_above_conduits": one.alike,
        "meters_that_move": one.with_meters,
        "log_bayes_factor": one.log_bayes, "probability": one.probability, "moved_m3_per_d": one.moved * DAY,
        "evidence": {"code": code, **{name: say(code, name) for name in LANGUAGES}},
        "says": {name: say("map.swap-says", name, **facts) for name in LANGUAGES},
        "open": {name: say("map.swap-open", name, **facts) for name in LANGUAGES},
    }  # fmt: skip


def warning(issue: Issue) -> dict[str, Any]:
    """Return an issue as data, its sentences in every language."""
    facts = {key: value for key, value in issue.facts.items() if isinstance(value, str | int | float)}
    said = {language: say(f"issue.{issue.code}.says", language, **issue.facts) for language in LANGUAGES}
    remedy = {language: say(f"issue.{issue.code}.remedy", language, **issue.facts) for language in LANGUAGES}
    return {
        "code": issue.code, "weight": issue.weight.value, "file": issue.place.file, "row": issue.place.row,
        "facts": facts, "says": said, "remedy": remedy,
    }  # fmt: skip


def _table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(heads)
        writer.writerows(rows)
