"""How is a piece of evidence called in a document? The page says the same of it (Proofs.svelte)."""

import re

from wenqu.messages import say, sentences

MOMENT = re.compile(r" (\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d)?)?$")  # at its end: when it was seen


def evidence_words(text: str, language: str) -> str:
    """Return ``finding:missing 2026-11-27`` as a person would write it, what is not known as it is."""
    kind, _, rest = text.partition(":")
    found = MOMENT.search(rest)
    what = MOMENT.sub("", rest)
    when = " ".join(part for part in found.groups() if part) if found else ""
    table = sentences(language)
    named = table.get(f"page.problems.proof_{what}", "")
    if kind == "file":
        return what.partition("/")[2] or what
    if not named and f"page.problems.proof_{kind}" not in table:
        return text
    own = _own(kind, what, language)
    said = named or " ".join(part for part in (table[f"page.problems.proof_{kind}"], own) if part)
    return " · ".join(part for part in (said, when) if part)


def _own(kind: str, what: str, language: str) -> str:
    if kind == "rule":
        return say(f"issue.{what}.name", language)
    if kind == "report":
        return say(f"problem.origin.{what}", language)
    return "" if kind in {"register", "simulated"} else what
