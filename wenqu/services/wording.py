"""How is an error told to a person? In one place for the page and the command line."""

from wenqu.errors import UnknownCity, WenquError
from wenqu.issues import Issue
from wenqu.messages import say, told
from wenqu.network.schema import asset_types


def sentence(error: WenquError, language: str) -> str:
    """Return the sentence of an error; an asset type in it is called by its name in that language."""
    if isinstance(error, UnknownCity) and not error.facts.get("known"):
        return say("error.unknown-city.none", language, **error.facts)
    kind = asset_types().get(str(error.facts.get("type", "")))
    facts = {**error.facts, "type": getattr(kind, language)} if kind and "id" in error.facts else error.facts
    return told(error.key, language, facts)


def issue_sentences(issue: Issue, language: str) -> dict[str, str]:
    """Return what an issue says and what to do about it; a field in it is called by its name there."""
    kind = asset_types().get(issue.type)
    named = {entry.name: getattr(entry, language) for entry in kind.fields} if kind else {}
    field = str(issue.facts.get("field", ""))
    facts = {**issue.facts, "field": named.get(field, field)} if field else issue.facts
    return {part: told(f"issue.{issue.code}.{part}", language, facts) for part in ("says", "remedy")}
