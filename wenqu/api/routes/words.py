"""Which sentences and names does the page need?"""

from typing import Literal

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.messages import sentences
from wenqu.network.schema import asset_types
from wenqu.records.registry import every_code_list
from wenqu.services.rule_sheets import rule_sheets
from wenqu.units import factor, quantities

router = APIRouter(tags=["words"])


@router.get("/messages/{language}")
def messages(language: Literal["zh", "en"]) -> Answer:
    """Return every sentence of one language by key."""
    return Answer(sentences(language), headers={"Cache-Control": "no-cache"})


@router.get("/schema")
def schema() -> Answer:
    """Return the asset types with their fields, the code lists and the quantities."""
    types = [
        {
            "name": kind.name,
            "role": kind.role,
            "geometry": kind.geometry,
            "chain": kind.chain,
            "icon": kind.icon,
            "label": {"zh": kind.zh, "en": kind.en},
            "fields": [
                {
                    "name": entry.name,
                    "kind": entry.kind,
                    "unit": entry.unit,
                    "border": entry.border,
                    "label": {"zh": entry.zh, "en": entry.en},
                    "codes": entry.of[0] if entry.kind in {"code", "codes"} else None,
                }
                for entry in kind.fields
            ],
        }
        for kind in asset_types().values()
    ]
    codes = {
        name: {code: {"zh": entry.zh, "en": entry.en} for code, entry in values.items()}
        for name, values in every_code_list().items()
    }
    measured = [
        {
            "name": entry.name,
            "label": {"zh": entry.zh, "en": entry.en},
            "unit": entry.unit,
            "border_unit": entry.border_unit,
            "factor": factor(entry.border_unit),
        }
        for entry in quantities().values()
    ]
    return Answer({"types": types, "codes": codes, "quantities": measured})


@router.get("/rules")
def rules() -> Answer:
    """Return every rule of the checks: its weight, what becomes of a row on import, its bounds."""
    return Answer(rule_sheets())
