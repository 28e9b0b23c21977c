"""How do condition classes and PACP ratings come about? Their numbers, line by line."""

from collections.abc import Iterator

from wenqu.diagnosis.condition_grade import ClassedDamage, ConditionGrade
from wenqu.diagnosis.pacp_rating import PacpGrade, PacpRating
from wenqu.messages import say
from wenqu.records.inspection import Inspection
from wenqu.standards.classes import ClassRules

NOTHING = "–"
NAMED = 12  # codes without a class that are named


def told_classes(
    grade: ConditionGrade, inspection: Inspection, rules: ClassRules, language: str = "zh"
) -> tuple[str, ...]:
    """Return the classes of a survey with the numbers that lead to them, and what has no class."""
    return tuple(_class_lines(grade, inspection, rules, language))


def _class_lines(
    grade: ConditionGrade, inspection: Inspection, rules: ClassRules, language: str
) -> Iterator[str]:
    edition = f"{grade.standard} {grade.edition}"
    yield say("grading.classes.by", language, standard=edition)
    goals = [
        say(f"grading.classes.goal_{name}", language, value=NOTHING if value is None else value)
        for name, value in grade.goals.items()
    ]
    yield say("grading.list_and", language).join(goals)
    for one in grade.what_from:
        yield _damage(one, inspection, rules, language)
    if grade.number is not None and grade.object_class is not None and grade.what_from:
        largest = max(one.number for one in grade.what_from)
        name = rules.names[grade.object_class][0 if language == "zh" else 1]
        yield say(
            "grading.classes.number", language, largest=f"{largest:g}", points=grade.density_points,
            number=f"{grade.number:g}", value=grade.object_class, name=name,
        )  # fmt: skip
    if grade.unclassed:
        codes = dict.fromkeys(inspection.defects[row].code for row in grade.unclassed)
        yield say(
            "grading.classes.without", language, count=len(grade.unclassed),
            codes=" ".join(list(codes)[:NAMED]), standard=edition,
        )  # fmt: skip
    if not grade.complete and rules.state in {"partial", "empty"}:
        yield say(f"grading.classes.table_{rules.state}", language, standard=edition)


def _damage(one: ClassedDamage, inspection: Inspection, rules: ClassRules, language: str) -> str:
    classes = " ".join(f"{goal}{value}" for goal, value in one.classes.items())
    facts = {"code": one.code, "start": f"{inspection.defects[one.row].start:g}", "classes": classes}
    if not rules.numbers:
        return say("grading.classes.damage", language, **facts)
    more = {"number": f"{one.number:g}", "length": f"{one.length:g}"}
    return say("grading.classes.damage_number", language, **facts, **more)


def told_pacp(grade: PacpGrade, language: str = "zh") -> tuple[str, ...]:
    """Return the ratings of a survey with their sums.

    Examples
    --------
    >>> from wenqu.diagnosis.pacp_rating import grade_by_pacp
    >>> from wenqu.records.inspection import Defect
    >>> rows = tuple(Defect("p", "CL", level, 1.0, variant="structural") for level in (4, 4, 2))
    >>> survey = Inspection("i", "p", "cctv", "2026-05-01", 9.0, standard="NASSCO PACP", defects=rows)
    >>> told_pacp(grade_by_pacp(survey), "en")[1]
    'Structural: rating 2·1 + 4·2 = 10, index 10 / 3 = 3.33, quick rating 4221'
    """
    lines = [say("grading.pacp.by", language, standard=f"{grade.standard} {grade.edition}")]
    lines += [
        _rating(name, getattr(grade, name), language) for name in ("structural", "operation", "overall")
    ]
    if grade.ungraded:
        lines.append(say("grading.pacp.ungraded", language, count=grade.ungraded))
    lines += [say(f"grading.pacp.unsure_{rule}", language) for rule in grade.unconfirmed]
    return tuple(lines)


def _rating(name: str, one: PacpRating, language: str) -> str:
    parts = [f"{level}·{times}" for level, times in enumerate(one.counts, 1) if times]
    return say(
        f"grading.pacp.{name}", language, sum=" + ".join(parts) or "0", rating=one.rating,
        count=sum(one.counts), index=f"{one.index:.2f}", quick=one.quick,
    )  # fmt: skip
