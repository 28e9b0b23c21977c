"""Which registers are there, and what does each of their columns hold?"""

from wenqu.network.schema import Field
from wenqu.records.registry import RecordKind, fixed, page_of, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.record_checks import reasoned
from wenqu.services.record_rights import may_write
from wenqu.services.register_tables import register, registers
from wenqu.services.rights import allows
from wenqu.services.seen_records import may_read, reader_of
from wenqu.store.database import Store


def describe_registers(store: Store, state: CityState) -> list[dict[str, object]]:
    """Return every register that the reader may open, with its columns and the number of its assets.

    Of statements it is said who may state them anew (``may``), or by which deed they come about (``deed``,
    done on ``screen``).
    """
    kinds, person = record_kinds(), reader_of(store).person
    return [
        {
            "name": entry.name,
            "of": entry.of,
            "chain": entry.chain,
            "geometry": entry.geometry,
            "label": {"zh": entry.zh, "en": entry.en},
            "count": len(state.network.table(entry.name)) if entry.of == "assets" else None,
            "fields": [describe_field(field) for field in entry.fields],
            "may": allows(person, "edit_attributes", state.network.city.code) and not state.network.as_of,
            **(_statements(store, state, kinds[entry.name]) if entry.of == "records" else {}),
        }
        for entry in registers().values()
        if entry.of == "assets" or may_read(person, state.network.city.code, kinds[entry.name])
    ]


def _statements(store: Store, state: CityState, kind: RecordKind) -> dict[str, object]:
    return {
        "fields": [
            {**describe_field(entry), "fixed": fixed(kind, entry)} for entry in register(kind.name).fields
        ],
        "may": may_write(store, state, kind, None),
        "written": bool(kind.written),
        "filed": bool(kind.filed),
        "made": kind.made,
        "reasoned": reasoned(kind),
        "deed": kind.deed or None,
        "screen": page_of(kind),
    }  # fmt: skip


def describe_field(entry: Field) -> dict[str, object]:
    """Return a column as lists, forms and templates need it."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "label": {"zh": entry.zh, "en": entry.en},
        "unit": entry.border,
        "required": entry.required,
        "codes": entry.of[0] if entry.kind in {"code", "codes"} and entry.of else None,
        "words": entry.of[0] if entry.kind == "text" and entry.of else None,
        "refers_to": list(entry.of) if entry.kind == "asset" else None,
    }
