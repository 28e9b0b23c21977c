"""How is an error told to a person? In one place for the page and the command line."""

from wenqu.errors import UnknownCity, WenquError
from wenqu.messages import say, told
from wenqu.network.schema import asset_types


def sentence(error: WenquError, language: str) -> str:
    """Return the sentence of an error; an asset type in it is called by its name in that language."""
    if isinstance(error, UnknownCity) and not error.facts.get("known"):
        return say("error.unknown-city.none", language, **error.facts)
    kind = asset_types().get(str(error.facts.get("type", "")))
    facts = {**error.facts, "type": getattr(kind, language)} if kind and "id" in error.facts else error.facts
    return told(error.key, language, facts)
