"""Every sentence exists in both languages and asks for the same facts."""

import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from wenqu import errors
from wenqu.messages import LANGUAGES, say, sentences, told

SOURCE = Path(__file__).parents[1] / "wenqu"


def facts_of(template):
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name}


def tree(kind):
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def test_both_languages_have_the_same_keys():
    zh, en = (sentences(language) for language in LANGUAGES)
    assert sorted(zh.keys() ^ en.keys()) == []


def test_a_sentence_asks_for_the_same_facts_in_both_languages():
    zh, en = (sentences(language) for language in LANGUAGES)
    different = [key for key in zh if key in en and facts_of(zh[key]) != facts_of(en[key])]
    assert different == []


def test_no_sentence_is_empty_and_chinese_is_chinese():
    zh, en = (sentences(language) for language in LANGUAGES)
    assert [key for key, text in (zh | en).items() if not text.strip()] == []
    han = re.compile(r"[\u4e00-\u9fff]")
    assert [
        key for key, text in en.items() if han.search(text) and not key.endswith(("language", "language_zh"))
    ] == []


def test_every_error_class_has_a_sentence():
    for module in SOURCE.rglob("*.py"):  # subclasses defined beside their subject count too
        if "WenquError" in module.read_text(encoding="utf-8") and module.name != "errors.py":
            import_module(
                ".".join(("wenqu", *module.relative_to(SOURCE).with_suffix("").parts)).removesuffix(
                    ".__init__"
                )
            )
    keys = sentences("zh")
    missing = [
        kind.code
        for kind in tree(errors.WenquError)
        if not any(key == f"error.{kind.code}" or key.startswith(f"error.{kind.code}.") for key in keys)
    ]
    assert missing == []


def test_every_issue_code_in_the_source_has_its_sentence_and_its_remedy():
    codes = set()
    for module in SOURCE.rglob("*.py"):
        codes |= set(
            re.findall(
                r"""Issue\(\s*(?:code=)?["']([a-z0-9-]+\.[a-z0-9.-]+)["']""",
                module.read_text(encoding="utf-8"),
            )
        )
    keys = sentences("zh")
    assert [
        code for code in sorted(codes) if not {f"issue.{code}.says", f"issue.{code}.remedy"} <= keys.keys()
    ] == []


@pytest.mark.parametrize(("language", "longest"), [("zh", 16), ("en", 40)])
def test_every_rule_has_a_short_name_for_lists_and_filters(language, longest):
    """Where many findings are counted by rule, a code is no word: 缺陷超出管长, not crew.beyond-end."""
    keys = sentences(language)
    rules = sorted(key[: -len(".says")] for key in keys if re.fullmatch(r"issue\..+\.says", key))
    assert len(rules) > 300
    assert [rule for rule in rules if f"{rule}.name" not in keys] == []
    names = {rule: keys[f"{rule}.name"] for rule in rules}
    assert {rule: name for rule, name in names.items() if len(name) > longest or "{" in name} == {}
    if language == "en":
        assert [name for name in names.values() if name[0].islower()] == []


def test_a_narrower_key_falls_back_to_its_parent():
    assert (
        say("error.file-missing.some-new-reason", "en", path="a.inp")
        == "There is no file 'a.inp'; check the path."
    )


def test_an_unknown_key_comes_back_with_its_facts_and_not_as_a_traceback():
    assert say("nothing.like.this", "en", a=1) == "nothing.like.this (a=1)"


def test_a_missing_fact_is_shown_by_name():
    assert say("error.file-missing", "en") == "There is no file '[path]'; check the path."


def test_the_nearest_name_is_offered_in_both_languages():
    error = errors.UnknownAsset(type="manhole", id="WS-0417", nearest="WS-0471")
    assert (
        told(error.key, "en", error.facts) == "The network has no manhole 'WS-0417'. Did you mean 'WS-0471'?"
    )
    assert told(error.key, "zh", error.facts).endswith("是否指“WS-0471”？")


def test_a_refusal_says_the_action_and_every_city_in_words():
    facts = {"action": "edit_geometry", "city": "*", "district": "", "body": ""}
    assert told("error.refused.rights", "en", facts) == (
        "You do not have the right to edit shapes there. Ask the administrator for it. Place: every city"
    )
    assert told("error.refused.rights", "zh", facts | {"city": "demo", "district": "D1"}) == (
        "您在该范围没有“改图形”的权限，请向管理员申请。范围：demo D1"
    )


def test_the_page_joins_no_list_by_the_sign_of_one_language():
    source = SOURCE.parent / "frontend" / "src"
    files = [path for path in source.rglob("*") if path.suffix in {".svelte", ".ts"}]
    assert files
    assert [path.name for path in files if 'join("、")' in path.read_text(encoding="utf-8")] == []
