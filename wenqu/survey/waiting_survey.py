"""An inspection that waits until somebody knows its pipe: kept whole, and the same when it comes back."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from wenqu.records.inspection import Inspection
from wenqu.survey.delivery import SeenAsset


@dataclass(frozen=True, slots=True)
class WaitingSurvey:
    """All that is needed to file it later."""

    seen: SeenAsset
    inspection: Inspection  # as it would be filed, but for its asset
    digest: str
    number: str
    file: str
    delivery: str
    media: tuple[tuple[str, str, int, str], ...]  # name as written, SHA-256, size, media type
    missing: tuple[str, ...] = ()


@cache
def _adapter() -> Any:
    from pydantic import ConfigDict, TypeAdapter  # when the first is needed: it is slow to come

    return TypeAdapter(list[WaitingSurvey], config=ConfigDict(ser_json_inf_nan="strings"))


def plain_of(one: WaitingSurvey) -> str:
    """Return a waiting inspection as JSON; what is not a number stays so."""
    text: bytes = _adapter().dump_json([one])
    return text[1:-1].decode()


def survey_from(text: str) -> WaitingSurvey:
    """Return a waiting inspection from its JSON."""
    made: list[WaitingSurvey] = _adapter().validate_json(f"[{text}]")
    return made[0]
