"""What must hold for a row of a register beyond the fields of its table?"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from wenqu.errors import BadInput
from wenqu.records.project import Project
from wenqu.records.team import Team

Check = Callable[[Any, Any], None]  # the row as it stood (None: a new one), and as it becomes


def _team(_before: Team | None, row: Team) -> None:
    if not 0 <= row.rate < math.inf:
        raise BadInput("team-form", id=row.id, work=row.work, rate=row.rate)


def _project(before: Project | None, row: Project) -> None:
    if before is not None and not row.name.strip():
        raise BadInput("project-form", id=row.id)
    if row.begins and row.ends and row.ends < row.begins:
        raise BadInput("record-days", begins=row.begins, ends=row.ends)


CHECKS: Mapping[str, Check] = {"team": _team, "project": _project}
# What takes a row back that should not have been stated: whoever reads it knows that it is not there.
ENDED: Mapping[str, Mapping[str, object]] = {"team": {"rate": 0.0, "gone": True}}
