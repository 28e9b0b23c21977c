"""Which registers are there, and what does each of their columns hold?"""

from wenqu.network.schema import Field
from wenqu.services.city_state import CityState
from wenqu.services.register_tables import registers


def describe_registers(state: CityState) -> list[dict[str, object]]:
    """Return every register with its columns and the number of its assets."""
    return [
        {
            "name": entry.name,
            "of": entry.of,
            "chain": entry.chain,
            "geometry": entry.geometry,
            "label": {"zh": entry.zh, "en": entry.en},
            "count": len(state.network.table(entry.name)) if entry.of == "assets" else None,
            "fields": [describe_field(field) for field in entry.fields],
        }
        for entry in registers().values()
    ]


def describe_field(entry: Field) -> dict[str, object]:
    """Return a column as lists, forms and templates need it."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "label": {"zh": entry.zh, "en": entry.en},
        "unit": entry.border,
        "required": entry.required,
        "codes": entry.of[0] if entry.kind in {"code", "codes"} and entry.of else None,
        "refers_to": list(entry.of) if entry.kind == "asset" else None,
    }
