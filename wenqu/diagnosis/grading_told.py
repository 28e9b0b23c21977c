"""How does a grade come about? Its formulas with their numbers, line by line."""

from collections.abc import Iterator, Sequence

from wenqu.diagnosis.grading import Grade
from wenqu.diagnosis.grading_defects import Counted
from wenqu.messages import say
from wenqu.standards.condition import ConditionRules, condition_rules

ROMAN = ("–", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


def told_grade(grade: Grade, language: str = "zh", rules: ConditionRules | None = None) -> tuple[str, ...]:
    """Return the formulas of a grade with their numbers, and what each value means.

    Examples
    --------
    >>> from wenqu.diagnosis.grading import Segment, grade_conduit
    >>> from wenqu.records.inspection import Defect
    >>> pipe = Segment("p", length=25, diameter=0.8, importance="trunk_road", soil="ordinary")
    >>> told_grade(grade_conduit(pipe, [Defect("p", "PL", 3, 2), Defect("p", "SL", 2, 8)]))[1]
    'S = (5 + 2) / 2 = 3.5'
    """
    rules = rules or condition_rules(grade.standard, grade.edition, grade.region)
    return tuple(_lines(grade, language, rules))


def _lines(grade: Grade, language: str, rules: ConditionRules) -> Iterator[str]:
    yield say("grading.told.structural", language)
    counted = [one for one in grade.what_from if one.family == "structural"]
    if counted:
        yield _mean("S", counted, rules.value("near_factor_structural"), grade.S)
        yield f"F = max(S, S_max) = max({_n(grade.S)}, {_n(grade.S_max)}) = {_n(grade.F)}"
        if grade.S_M is not None:
            density = say(f"grading.density.{grade.structural_density}", language)
            yield f"S_M = {_n(grade.S_M)}  {density}"
        yield _index("RI", "F", grade.F, (("K", grade.K), ("E", grade.E), ("T", grade.T)), grade.RI, rules)
        yield _meaning("F", grade.structural_grade, language, rules)
        yield _meaning("RI", grade.repair_grade, language, rules)
    else:
        yield say("grading.told.none" if grade.structural_grade else "grading.told.unseen", language)
    yield say("grading.told.functional", language)
    counted = [one for one in grade.what_from if one.family == "functional"]
    if counted:
        yield _mean("Y", counted, rules.value("near_factor_functional"), grade.Y)
        yield f"G = max(Y, Y_max) = max({_n(grade.Y)}, {_n(grade.Y_max)}) = {_n(grade.G)}"
        if grade.Y_M is not None:
            density = say(f"grading.density.{grade.functional_density}", language)
            yield f"Y_M = {_n(grade.Y_M)}  {density}"
        factors = (("K", grade.K_functional), ("E", grade.E_functional))
        yield _index("MI", "G", grade.G, factors, grade.MI, rules)
        yield _meaning("G", grade.functional_grade, language, rules)
        yield _meaning("MI", grade.upkeep_grade, language, rules)
    else:
        yield say("grading.told.none" if grade.functional_grade else "grading.told.unsounded", language)
    yield say("grading.told.by", language, standard=f"{grade.standard}-{grade.edition}")
    for rule in grade.unconfirmed:
        yield say(f"grading.unconfirmed.{rule}", language)


def _n(value: float) -> str:
    return f"{round(value, 4):g}"


def _mean(name: str, counted: Sequence[Counted], weight: float, mean: float) -> str:
    parts = [f"{_n(weight)}·{_n(one.score)}" if one.near else _n(one.score) for one in counted]
    return f"{name} = ({' + '.join(parts)}) / {len(counted)} = {_n(mean)}"


def _index(
    name: str, lead: str, parameter: float, factors: Sequence[tuple[str, float | None]], value: float | None,
    rules: ConditionRules,
) -> str:  # fmt: skip
    kind = "repair" if name == "RI" else "upkeep"
    parts = [(lead, parameter), *factors]
    weights = [rules.value(f"{kind}_weight_{one}") for one, _ in parts]
    numbers = ["?" if number is None else _n(number) for _, number in parts]
    letters = " + ".join(f"{_n(weight)}{one}" for weight, (one, _) in zip(weights, parts, strict=True))
    figures = " + ".join(f"{_n(weight)}·{number}" for weight, number in zip(weights, numbers, strict=True))
    return f"{name} = {letters} = {figures} = {'?' if value is None else _n(value)}"


def _meaning(index: str, grade: int, language: str, rules: ConditionRules) -> str:
    band = next((one for one in rules.grades[index] if one.rank == grade), None)
    words = say("grading.unknown", language) if band is None else band.zh if language == "zh" else band.en
    return say("grading.told.grade", language, index=index, grade=ROMAN[grade], words=words)
