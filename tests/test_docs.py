"""The manual is whole, up to date and true of the program."""

import csv
import re
import shlex
import sys
import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from wenqu.diagnosis.cards import cards
from wenqu.messages import LANGUAGES, sentences
from wenqu.network.checks.telling import rules
from wenqu.network.schema import asset_types, code_lists
from wenqu.settings import PREFIX, Settings
from wenqu.units import quantities

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT / "scripts"))

import docs_faces  # noqa: E402
import docs_sentences  # noqa: E402

import docs  # noqa: E402

WRITTEN = [
    *sorted(DOCS.rglob("*.md")),
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")),
]
BY_HAND = [page for page in WRITTEN if "reference" not in page.parts]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:wenqu|tests|scripts|docs|frontend|benchmarks|changelog\.d)/[\w./<>*|-]*)`")
HAN = re.compile(r"[\u4e00-\u9fff]")


@cache
def text(page):
    return page.read_text(encoding="utf-8")


def reference(language, name):
    return text(DOCS / "reference" / language / f"{name}.md")


def name_of(page):
    return str(page.relative_to(ROOT))


def missing(language, page, names):
    """Return the names that a reference page does not have in backticks."""
    there = set(re.findall(r"`([^`]*)`", reference(language, page)))
    return sorted(set(names) - there)


def slug(heading):
    """Return the anchor that a heading gets: lower case, no punctuation, hyphens for blanks."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")


def anchors(page):
    prose = FENCE.sub("", text(page))
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}


def test_reference_pages_are_as_the_tables_have_them():
    assert [name_of(page) for page in docs.stale()] == [], "run scripts/docs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_names_everything_that_can_be_set_asked_or_measured(language):
    assert missing(language, "settings", [PREFIX + entry.name.upper() for entry in fields(Settings)]) == []
    assert missing(language, "methods", cards()) == []
    assert missing(language, "units", quantities()) == []
    names = {entry.name for kind in asset_types().values() for entry in kind.fields}
    assert missing(language, "assets", {*asset_types(), *code_lists(), *names}) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_names_every_rule_and_every_error(language):
    assert missing(language, "checks", {*rules(), *docs_sentences.issue_codes(language)}) == []
    keys = [key for key in sentences(language) if key.startswith("error.")]
    assert missing(language, "errors", [*keys, *(kind.__name__ for kind in docs_sentences.classes())]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_names_every_standard_and_repair_method(language):
    page = reference(language, "standards")
    with (ROOT / "wenqu/standards/catalogue.csv").open(encoding="utf-8") as file:
        assert [row["code"] for row in csv.DictReader(file) if row["code"] not in page] == []
    with (ROOT / "wenqu/planning/catalogue.csv").open(encoding="utf-8") as file:
        assert missing(language, "standards", [row["method"] for row in csv.DictReader(file)]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_names_every_command_with_its_options(language):
    page = reference(language, "commands")
    for name, command in docs_faces.command_line().items():
        _, _, part = page.partition(f"## `wenqu {name}`")
        part = part.partition("\n## ")[0]
        assert part, name
        for entry in command.params:
            for word in (
                (*entry.opts, *entry.secondary_opts)
                if entry.opts[0].startswith("-")
                else [entry.name.upper()]
            ):
                assert f"`{word}`" in part, f"{name} {word}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_names_every_route(language):
    there = {(verb, path) for verb, path, _ in docs_faces.faces()}
    told = set(re.findall(r"`([A-Z]+) (/[^`]*)`", reference(language, "routes")))
    assert told == there
    assert len(told) > 10


def test_facts_in_sentences_are_readable():
    assert (
        docs_sentences.readable("{name}: {rise:.2f} m, off by {error:.1%}")
        == "‹name›: ‹rise› m, off by ‹error› %"
    )
    for language in LANGUAGES:
        for page in ("checks", "errors"):
            assert "{" not in reference(language, page)


def test_words_of_the_reference_pages_are_chinese_and_belong_to_something():
    words = tomllib.loads((ROOT / "scripts/docs.toml").read_text(encoding="utf-8"))
    commands = docs_faces.command_line()
    options = {entry.name for command in commands.values() for entry in command.params}
    assert set(words["command"]) == set(commands)
    assert {name.rpartition(".")[2] for name in words["option"]} == options
    assert set(words["route"]) == {docs_faces.route_key(verb, path) for verb, path, _ in docs_faces.faces()}
    families = {code.partition(".")[0] for code in docs_sentences.issue_codes("zh")}
    assert set(words["family"]) == families
    assert [
        (group, key)
        for group, rows in words.items()
        for key, row in rows.items()
        if not HAN.search(row["zh"])
    ] == []


def test_both_languages_have_the_same_pages():
    for folder in ("guide", "reference"):
        zh, en = ({page.name for page in (DOCS / folder / language).iterdir()} for language in LANGUAGES)
        assert zh == en
        assert zh
    index = text(DOCS / "README.md")
    lost = [page for folder in ("guide", "reference", "add") for page in (DOCS / folder).rglob("*.md")
            if page.relative_to(DOCS).as_posix() not in index]  # fmt: skip
    assert lost == []


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_links_lead_somewhere(page):
    for target in LINK.findall(FENCE.sub("", text(page))):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_links_of_the_reference_lead_somewhere():
    for page in (DOCS / "reference").rglob("*.md"):
        for path, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", text(page)):
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), f"{name_of(page)}: {path}"
            assert not anchor or anchor in anchors(there), f"{name_of(page)}: {anchor}"


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_files_that_are_named_exist(page):
    lost = []
    for found in NAMED.findall(text(page)):
        pattern = re.sub(r"<[^>]*>", "*", found).rstrip("/")
        if "|" in pattern or pattern.startswith("changelog.d/"):
            continue
        if not any(ROOT.glob(pattern)):
            lost.append(found)
    assert lost == []


def calls(page):
    """Yield every call of the program on a page: the words, and whether it stands in a block of its own."""
    for kind, block in FENCE.findall(text(page)):
        if kind in {"", "sh"}:
            for line in block.splitlines():
                found = re.match(
                    r"(?:\[\d+/\d+\] )?(?:WENQU_\w+=\S+ )*wenqu ([a-z].*?)(?:  +#.*)?$", line.strip()
                )
                if found:
                    yield shlex.split(found[1], comments=True), True
    for inline in re.findall(r"`wenqu ([a-z][^`]*)`", FENCE.sub("", text(page))):
        yield shlex.split(inline), False


def faults(words, *, whole):
    """Yield what is wrong with a call: no such command, no such option, something required left out."""
    name, *rest = words
    if rest and f"{name} {rest[0]}" in docs_faces.command_line():
        name = f"{name} {rest.pop(0)}"
    command = docs_faces.command_line().get(name)
    if command is None:
        yield f"no command {name}"
        return
    known = {word: entry for entry in command.params for word in (*entry.opts, *entry.secondary_opts)}
    given, values = set(), 0
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            values += 1
        elif word not in known:
            yield f"{name} has no option {word}"
        else:
            given.add(known[word].name)
            if not known[word].is_flag:
                rest[:1] = []
    if whole:
        arguments = [entry for entry in command.params if entry.param_type_name == "argument"]
        many = any(entry.nargs < 0 for entry in arguments)
        if values < len(arguments) or (values > len(arguments) and not many):
            yield f"{name} takes {len(arguments)} arguments, not {values}"
        needed = {entry.name for entry in command.params if entry.required} - {
            entry.name for entry in arguments
        }
        yield from (f"{name} needs --{option}" for option in sorted(needed - given))


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_calls_of_the_program_would_be_understood(page):
    assert [fault for words, whole in calls(page) for fault in faults(words, whole=whole)] == []


def test_a_call_that_would_not_be_understood_is_found():
    assert list(faults(["dream", "--city", "x"], whole=True)) == ["no command dream"]
    assert list(faults(["check", "--town", "x"], whole=False)) == ["check has no option --town"]
    assert list(faults(["trace", "WS-1"], whole=True)) == ["trace needs --city"]
    assert list(faults(["export", "--city", "x"], whole=True)) == ["export takes 1 arguments, not 0"]


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_settings_that_are_named_exist(page):
    known = {PREFIX + entry.name.upper() for entry in fields(Settings)}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text(page))) <= known


def test_python_of_the_guide_runs_and_is_the_same_in_both_languages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    count = 0
    for page in sorted((DOCS / "guide" / "en").glob("*.md")):
        blocks = [code for kind, code in FENCE.findall(text(page)) if kind == "python"]
        same = [
            code for kind, code in FENCE.findall(text(DOCS / "guide" / "zh" / page.name)) if kind == "python"
        ]
        assert blocks == same, page.name
        for code in blocks:
            exec(compile(code, page.name, "exec"), {})  # noqa: S102 - our own manual
            count += 1
    assert count
    from wenqu.store.database import open_store

    store = open_store("my-store")
    assert len(store.read_series("mycity", "LL-01", "flow")) == 48
    assert store.document("mycity", "endmembers.csv") is None
    assert open_store("samples-store").document("mycity", "endmembers.csv").startswith(b"kind,tracer")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_field_map_of_the_guide_can_be_read(language, tmp_path):
    from wenqu.network.formats.fieldmap import read_fieldmap

    page = text(DOCS / "guide" / language / "import.md")
    (code,) = [block for kind, block in FENCE.findall(page) if kind == "toml"]
    path = tmp_path / "map.toml"
    path.write_text(code, encoding="utf-8")
    (layer,) = read_fieldmap(path).layers
    assert (layer.type, layer.id, len(layer.columns)) == ("conduit", "GH", 4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_members_of_the_guide_can_be_read(language):
    from wenqu.diagnosis.end_member_table import end_member_table

    page = text(DOCS / "guide" / language / "diagnose.md")
    (code,) = [block for kind, block in FENCE.findall(page) if kind == "csv"]
    table, issues = end_member_table(code)
    assert issues == []
    assert table["sewage", "bod5"].mean == pytest.approx(0.170)  # mg/L ÷ 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_every_rule_of_a_programme(language):
    from wenqu.planning.rules import default_rules, rules_text

    page = text(DOCS / "guide" / language / "plan.md")
    names = set(re.findall(r'^ "(\w+)":', rules_text(default_rules(2026)), re.MULTILINE)) - {"default"}
    assert sorted(name for name in names if f"`{name}`" not in page) == []
