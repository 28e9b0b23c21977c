"""Where are a contractor's scores not ours, at which pipe, and why?"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from wenqu.diagnosis.grading import grade_conduit
from wenqu.diagnosis.stated_scores import Difference, check_stated
from wenqu.messages import say
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.grade_city import SLACK, segments
from wenqu.services.inspection_grades import CJJ
from wenqu.services.seen_inspections import filed_inspections, handed_inspections
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store


def score_differences(store: Store, state: CityState, language: str) -> dict[str, Any]:
    """Return every figure of a contractor that we reckon otherwise, by pipe and cause."""
    rows, causes, compared = list[dict[str, Any]](), Counter[str](), 0
    said: dict[str, str] = {}
    for one, found in _found(store, state):
        compared += 1
        for row in found:
            causes[row.causes[0]] += 1
            said.setdefault(row.causes[0], cause_said(row, row.causes[0], language))
            rows.append(
                {
                    "inspection": one.id,
                    "asset": one.asset,
                    "inspector": one.inspector,
                    "date": one.date,
                    "figure": row.figure,
                    "stated": row.stated,
                    "ours": row.ours,
                    "causes": list(row.causes),
                    "says": "; ".join(cause_said(row, cause, language) for cause in row.causes),
                }
            )
    counted = [{"cause": cause, "says": said[cause], "count": count} for cause, count in causes.most_common()]
    pipes = len({row["asset"] for row in rows})
    return {"compared": compared, "pipes": pipes, "causes": counted, "rows": rows}


def cause_said(row: Difference, cause: str, language: str) -> str:
    """Return the sentence of a cause."""
    return say(f"grading.cause.{cause}", language, **row.facts)


def _found(store: Store, state: CityState) -> Iterator[tuple[Inspection, tuple[Difference, ...]]]:
    handed, rules = handed_inspections(store, state), condition_rules()
    pipes = segments(state.network.table("conduit"))
    for one in filed_inspections(store, state):
        stated = {name: value for entry in handed.get(one.id, ()) for name, value in entry.stated.items()}
        if not stated or not one.looked_inside or one.standard != CJJ or one.asset not in pipes:
            continue
        grade = grade_conduit(pipes[one.asset], one.defects, rules, slack=SLACK)
        yield one, check_stated(stated, grade, pipes[one.asset], one.defects, rules, slack=SLACK)
