"""The shape of the code, as tests."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1] / "wenqu"
# The first floor of the design is laid in two: units and settings raise errors, so errors lie beneath them.
FLOORS = [
    {"errors", "messages"},
    {"units", "issues", "settings", "progress"},
    {"standards", "protocols"},
    {"network", "series"},
    {"records"},
    {"hydraulics", "solvers"},
    {"survey", "diagnosis", "planning", "works", "operation", "supervision", "store", "reports"},
    {"services"},
    {"api", "gateway", "examples"},
    {"app"},
    {"cli"},
]
FLOOR = {part: n for n, floor in enumerate(FLOORS) for part in floor}


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(ROOT), text, ast.parse(text)


def imported_modules(tree):
    """Yield every dotted name of wenqu that a module imports, lazily or for types included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["wenqu.(relative import)"]
        else:
            continue
        yield from (name for name in names if name.startswith("wenqu."))


def test_a_module_imports_only_from_floors_below_its_own():
    broken = []
    for path, _, tree in modules():
        here = path.parts[0].removesuffix(".py")
        for name in imported_modules(tree):
            there = name.split(".")[1]
            if there != here and FLOOR.get(there, 99) >= FLOOR.get(here, 99):
                broken.append(f"{path} imports {there}")
    assert not broken, "\n".join(broken)


def test_every_part_has_a_floor():
    parts = {path.parts[0].removesuffix(".py") for path, _, _ in modules()}
    assert parts - {"__init__"} <= FLOOR.keys()


def test_no_two_modules_of_one_folder_import_each_other_in_a_circle():
    names = {}
    for path, _, tree in modules():
        name = ".".join(("wenqu", *path.with_suffix("").parts)).removesuffix(".__init__")
        names[name] = tree
    graph = defaultdict(set)
    for name, tree in names.items():
        for target in imported_modules(tree):
            found = target if target in names else target.rpartition(".")[0]
            if found in names and found != name and found != "wenqu":
                graph[name].add(found)
    state, knots = {}, []

    def visit(name, trail):
        state[name] = "open"
        for target in sorted(graph[name]):
            if state.get(target) == "open":
                knots.append(" -> ".join([*trail[trail.index(target) :], target]))
            elif target not in state:
                visit(target, [*trail, target])
        state[name] = "done"

    for name in sorted(graph):
        if name not in state:
            visit(name, [name])
    assert not knots, "\n".join(knots)


def test_nothing_is_printed_outside_the_command_line():
    broken = [
        f"{path}:{node.lineno}"
        for path, _, tree in modules()
        if path.parts[0] != "cli"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not broken, "\n".join(broken)


def test_broad_excepts_stand_only_at_the_outer_walls():
    walls = {"api/errors.py", "cli/main.py", "services/jobs.py"}
    broken = []
    for path, _, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            if broad and path.as_posix() not in walls:
                broken.append(f"{path}:{node.lineno}")
    assert not broken, "\n".join(broken)


def test_only_settings_reads_the_environment():
    broken = [
        f"{path}:{node.lineno}"
        for path, _, tree in modules()
        if path.as_posix() != "settings.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert not broken, "\n".join(broken)
