"""Every error that the source raises has its own sentence, and every fact that sentence asks for."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from wenqu import errors
from wenqu.messages import LANGUAGES, sentences

SOURCE = Path(errors.__file__).parent
WRAPPED = {"store/wkb.py"}  # knows only the row; store/rows.py adds type and id before it leaves
CODES = {
    name: kind.code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.WenquError)
}


def raised():
    """Yield class, reason, facts (None where they are unpacked) and place of every raise in the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).as_posix() in WRAPPED:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            call = node.exc
            if not (isinstance(call.func, ast.Name) and call.func.id in CODES):
                continue
            first = call.args[0] if call.args else None
            if first is not None and not isinstance(first, ast.Constant):
                continue
            names = {entry.arg for entry in call.keywords}
            facts = None if None in names else names
            place = f"{path.relative_to(SOURCE)}:{node.lineno}"
            yield call.func.id, first.value if first else "", facts, place


def asked(template):
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_raised_error_never_shows_an_empty_bracket(language):
    table, wrong, tried = sentences(language), [], 0
    for name, reason, facts, place in raised():
        key = f"error.{CODES[name]}.{reason}" if reason else f"error.{CODES[name]}"
        tried += 1
        if key not in table:
            wrong.append(f"{place}: no sentence {key}")
        elif facts is not None and not asked(table[key]) <= facts:
            wrong.append(f"{place}: {key} asks for {sorted(asked(table[key]) - facts)}")
    assert tried > 100
    assert wrong == []
