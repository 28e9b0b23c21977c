"""How are the facts of a finding or a repair told to a reader: fields and codes by their words?"""

from collections.abc import Mapping

from wenqu.errors import UnknownType
from wenqu.messages import sentences
from wenqu.network.schema import AssetType, Field, asset_type
from wenqu.records.registry import RecordKind, every_code_list, record_kinds

NAMED = ("field", "side")  # facts that name a field
FIELD_OF = {"set-system": "system"}  # repairs whose key says which field their value fills


def spoken(facts: Mapping[str, object], type_: str, language: str, key: str = "") -> dict[str, object]:
    """Return facts with the names of fields and the codes of ``value`` in words.

    Parameters
    ----------
    type_
        The asset type that the facts are about; facts of an unknown one stay as they are.
    key
        Key of a repair, where its sentence says which field ``value`` fills.
    """
    made = dict(facts)
    if "inspection" in facts and "start" in facts:
        made["where"] = _where(facts, language)
    kind = _kind(type_)
    if kind is None:
        return made
    for name in NAMED:
        entry = _field(kind, facts.get(name))
        if entry is not None:
            made[name] = _word(entry, language)
    merged = facts.get("merged")  # names of fields, with commas
    if isinstance(merged, str):
        named = [(name, _field(kind, name)) for name in merged.split(", ") if name != "-"]
        known = [name if entry is None else _word(entry, language) for name, entry in named]
        made["merged"] = ", ".join(known) or {"zh": "无"}.get(language, "none")
    about = _field(kind, FIELD_OF.get(key, facts.get("field")))
    if about is not None and about.kind == "code" and "value" in facts:
        code = every_code_list().get(about.of[0], {}).get(str(facts["value"]))
        made["value"] = facts["value"] if code is None else code.zh if language == "zh" else code.en
    return made


def _where(facts: Mapping[str, object], language: str) -> str:
    """Return where an inspection was, a comma behind each part; what it does not say is left out.

    >>> _where({"name": "P1", "start": "A", "end": "B"}, "en"), _where({"start": "-", "end": "-"}, "zh")
    ('P1, A to B, ', '')
    """
    name, start, end = (str(facts.get(key) or "-") for key in ("name", "start", "end"))
    comma, to = ("，", " 至 ") if language == "zh" else (", ", " to ")
    ends = f"{start}{to}{end}" if "-" not in {start, end} else ""
    named = "" if name == "-" else name
    return "".join(f"{part}{comma}" for part in (named, ends) if part)


def rule_name(rule: str, language: str) -> str:
    """Return the short name of a rule."""
    return sentences(language).get(f"issue.{rule}.name", rule)


def rule_why(rule: str, language: str) -> str:
    """Return why a rule matters, "" where its sentence says it all."""
    return sentences(language).get(f"issue.{rule}.why", "")


def _kind(type_: str) -> AssetType | RecordKind | None:
    try:
        return asset_type(type_)
    except UnknownType:
        return record_kinds().get(type_)


def _field(kind: AssetType | RecordKind, name: object) -> Field | None:
    return next((entry for entry in kind.fields if entry.name == name), None)


def _word(entry: Field, language: str) -> str:
    return entry.zh if language == "zh" else entry.en
