"""How is an error told to a person? In one place for the page and the command line."""

from collections.abc import Mapping
from typing import Any

from wenqu.diagnosis.cards import cards
from wenqu.errors import UnknownCity, WenquError
from wenqu.issues import Issue
from wenqu.messages import say, sentences, told
from wenqu.network.schema import asset_types
from wenqu.records.registry import record_kinds
from wenqu.services.rights import ACTIONS
from wenqu.supervision import document_tables
from wenqu.works import problem_tables
from wenqu.works.tightness import Lack

OF_A_LIFE = {"step", "did", "state", "open", "own"}  # facts that name steps and states
LIVES = {".problem-": problem_tables, ".document-": document_tables}  # by what stands in the key
OF_PAPERS = {"needs": "document.need", "verdict": "opinion.verdict"}  # facts in words of their own


def sentence(error: WenquError, language: str) -> str:
    """Return the sentence of an error; types and rights in it are called by their names in that language."""
    if isinstance(error, UnknownCity) and not error.facts.get("known"):
        return say("error.unknown-city.none", language, **error.facts)
    facts = dict(error.facts)
    lacking = facts.get("lacking")
    if isinstance(lacking, tuple):
        facts["lacking"] = " ".join(lack_sentence(one, language) for one in lacking)
    return key_sentence(error.key, facts, language)


def key_sentence(key: str, facts: Mapping[str, object], language: str) -> str:
    """Return the sentence of a key with its facts, as it was filed or is raised."""
    named = dict(facts)
    kind = asset_types().get(str(named.get("type", "")))
    if kind and "id" in named:
        named["type"] = getattr(kind, language)
    if key.endswith((".record-deed", ".template")):
        of = record_kinds()[str(named["register"])]
        named |= {"register": getattr(of, language), "deed": of.deed[language]}
    if key.endswith(".own-cell"):
        entry = record_kinds()[str(named["register"])].field(str(named["column"]))
        named["column"] = getattr(entry, language) if entry else named["column"]
    if key.endswith(".own-reason") and named.get("name") in record_kinds():
        named["name"] = getattr(record_kinds()[str(named["name"])], language)
    if named.get("action") in ACTIONS:
        named["action"] = say(f"page.catalogue.action_{named['action']}", language)
    for part, tables in LIVES.items():
        if part in key:
            known = {**tables.states(), **tables.steps()}
            named |= {
                name: _life_words(str(named[name]), known, language) for name in OF_A_LIFE & named.keys()
            }
    if ".document-" in key or ".opinion-" in key:
        named |= {
            name: ", ".join(say(f"{at}.{one}", language) for one in str(named[name]).split(", "))
            for name, at in OF_PAPERS.items()
            if name in named
        }
    return told(key, language, _money_words(key, named, language))


def _money_words(key: str, named: dict[str, object], language: str) -> dict[str, object]:
    """Return facts of a sentence about money with sources, purposes and columns by their names."""
    if key.endswith(".fund-use"):
        return named | {name: say(f"money.{name}.{named[name]}", language) for name in ("source", "purpose")}
    if key.endswith((".money-cell", ".money-columns")):
        known, facts = sentences(language), ("column", "missing", "asked")
        some = {name: str(named[name]).split(", ") for name in facts if name in named}
        return named | {
            name: ", ".join(known.get(f"money.column.{one}", one) for one in words)
            for name, words in some.items()
        }
    return named


def _life_words(names: str, known: Mapping[str, Any], language: str) -> str:
    """Return steps and states of a life, one or several, by their names."""
    return ", ".join(getattr(known[one], language) if one in known else one for one in names.split(", "))


def method_words(facts: Mapping[str, object], language: str) -> Mapping[str, object]:
    """Return facts with a method of the diagnosis by its name, and the sentence of why it has no answer."""
    card = cards().get(str(facts.get("method", "")))
    why = str(facts.get("why", ""))
    named = {} if card is None else {"method": getattr(card, language)}
    said = {"why": told(why, language, facts).rstrip("。.")} if why.startswith("error.") else {}
    return {**facts, **named, **said}


def issue_sentences(issue: Issue, language: str) -> dict[str, str]:
    """Return what an issue says and what to do about it; a field in it is called by its name there."""
    kind = asset_types().get(issue.type) or record_kinds().get(issue.type)
    named = {entry.name: getattr(entry, language) for entry in kind.fields} if kind else {}
    field = str(issue.facts.get("field", ""))
    facts = {**issue.facts, "field": named.get(field, field)} if field else issue.facts
    if isinstance(said := facts.get("said"), Mapping):  # a sentence of its own in each language
        facts = {**facts, "said": said[language]}
    words = method_words(facts, language)
    return {part: told(f"issue.{issue.code}.{part}", language, words) for part in ("says", "remedy")}


def lack_sentence(lack: Lack, language: str) -> str:
    """Return what keeps a pipe from being accepted."""
    facts = dict(lack.facts)
    if "role" in facts:
        facts["role"] = say(f"works.party.{facts['role']}", language)
    return say(f"works.lack.{lack.code}", language, **facts)
