"""How is an error told to a person? In one place for the page and the command line."""

from wenqu.errors import UnknownCity, WenquError
from wenqu.issues import Issue
from wenqu.messages import say, told
from wenqu.network.schema import asset_types
from wenqu.works.tightness import Lack


def sentence(error: WenquError, language: str) -> str:
    """Return the sentence of an error; an asset type in it is called by its name in that language."""
    if isinstance(error, UnknownCity) and not error.facts.get("known"):
        return say("error.unknown-city.none", language, **error.facts)
    kind = asset_types().get(str(error.facts.get("type", "")))
    facts = {**error.facts, "type": getattr(kind, language)} if kind and "id" in error.facts else error.facts
    lacking = facts.get("lacking")
    if isinstance(lacking, tuple):
        facts = {**facts, "lacking": " ".join(lack_sentence(one, language) for one in lacking)}
    return told(error.key, language, facts)


def issue_sentences(issue: Issue, language: str) -> dict[str, str]:
    """Return what an issue says and what to do about it; a field in it is called by its name there."""
    kind = asset_types().get(issue.type)
    named = {entry.name: getattr(entry, language) for entry in kind.fields} if kind else {}
    field = str(issue.facts.get("field", ""))
    facts = {**issue.facts, "field": named.get(field, field)} if field else issue.facts
    return {part: told(f"issue.{issue.code}.{part}", language, facts) for part in ("says", "remedy")}


def lack_sentence(lack: Lack, language: str) -> str:
    """Return what keeps a pipe from being accepted."""
    facts = dict(lack.facts)
    if "role" in facts:
        facts["role"] = say(f"works.party.{facts['role']}", language)
    return say(f"works.lack.{lack.code}", language, **facts)
