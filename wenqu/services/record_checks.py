"""What must hold for a row of a register beyond the fields of its table?"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from wenqu.errors import BadInput
from wenqu.records.money import MoneyRule
from wenqu.records.project import Project
from wenqu.records.registry import RecordKind
from wenqu.records.team import Team
from wenqu.services.held_rows import check_cells
from wenqu.works.money.rules import check_rule

Check = Callable[[Any, Any], None]  # the row as it stood (None: a new one), and as it becomes


def _team(_before: Team | None, row: Team) -> None:
    if not 0 <= row.rate < math.inf:
        raise BadInput("team-form", id=row.id, work=row.work, rate=row.rate)


def _project(before: Project | None, row: Project) -> None:
    if before is not None and not row.name.strip():
        raise BadInput("project-form", id=row.id)
    if row.begins and row.ends and row.ends < row.begins:
        raise BadInput("record-days", begins=row.begins, ends=row.ends)


def _money_rule(_before: MoneyRule | None, row: MoneyRule) -> None:
    if row.value is not None:
        check_rule(row.rule, row.value)


CHECKS: Mapping[str, Check] = {"team": _team, "project": _project, "money_rule": _money_rule}
# What takes a row back that should not have been stated: whoever reads it knows that it is not there.
ENDED: Mapping[str, Mapping[str, object]] = {
    "team": {"rate": 0.0, "gone": True},
    "money_rule": {"value": None},
}


def check_row(kind: RecordKind, before: Any, row: Any) -> None:
    """Refuse what a row may not become, as its own page does.

    Raises
    ------
    BadInput
        The rule of its kind, or of the table that it is kept in.
    """
    if kind.held[0]:
        check_cells(kind, row)
    elif kind.name in CHECKS:
        CHECKS[kind.name](before, row)


def ends(kind: RecordKind) -> bool:
    """Tell whether a row of a kind can be taken back."""
    return bool(kind.held[0]) or kind.name in ENDED


def reasoned(kind: RecordKind) -> bool:
    """Tell whether why a row was stated is kept with it, so that nobody states one without saying so."""
    return bool(kind.held[0]) or kind.field("reason") is not None
