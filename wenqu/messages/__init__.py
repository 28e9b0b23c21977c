"""Every sentence a user sees, in Chinese and in English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter

LANGUAGES = ("zh", "en")


def _flatten(table: dict[str, object], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        name = f"{above}.{key}" if above else key
        if isinstance(value, dict):
            flat.update(_flatten(value, name))
        else:
            flat[name] = str(value)
    return flat


@cache
def sentences(language: str) -> dict[str, str]:
    """Return all sentences of one language by key, from every file of its folder."""
    flat: dict[str, str] = {}
    folder = files(__package__) / language
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            flat.update(_flatten(tomllib.loads(file.read_text(encoding="utf-8"))))
    return flat


class _Forgiving(Formatter):
    """Fill what is there and show the name of what is not."""

    def get_value(self, key: int | str, args: object, kwargs: object) -> object:  # noqa: ARG002
        """Return the fact, or its bracketed name when it is missing."""
        facts = kwargs if isinstance(kwargs, dict) else {}
        return facts.get(key, f"[{key}]")


def say(key: str, language: str = "zh", /, **facts: object) -> str:
    """Return the sentence of ``key`` in ``language``, filled with ``facts``.

    A key that is narrower than the tables (``error.refused.some-reason``) falls back to its
    parent, and a key that is nowhere comes back as itself, so that a user never meets a traceback
    because of a missing sentence. The tests do not forgive it.
    """
    table = sentences(language)
    name = key
    while name not in table and "." in name:
        name = name.rpartition(".")[0]
    template = table.get(name)
    if template is None:
        listed = ", ".join(f"{fact}={value}" for fact, value in facts.items())
        return f"{key} ({listed})" if listed else key
    return _Forgiving().vformat(template, (), facts)


# Facts that programs read as keys and people as words: name of the fact, and where its words stand.
WORDED = {"action": "page.catalogue.action_", "city": "word.city."}


def _worded(facts: Mapping[str, object], language: str) -> dict[str, object]:
    """Return facts with the words of those that are keys."""
    table = sentences(language)
    keys = {name: f"{above}{facts.get(name)}" for name, above in WORDED.items()}
    return {**facts, **{name: table[key] for name, key in keys.items() if key in table}}


def told(key: str, language: str, facts: Mapping[str, object]) -> str:
    """Return the sentence of an error or issue, with the nearest name if one is known."""
    sentence = say(key, language, **_worded(facts, language)).rstrip()
    if facts.get("nearest"):
        between = " " if language == "en" else ""
        sentence += between + say("error.nearest", language, nearest=facts["nearest"])
    return sentence
