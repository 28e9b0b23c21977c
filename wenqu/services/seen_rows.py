"""Which rows of a table of assets does somebody see who may read a part of a city?"""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def seen_rows(content: bytes, ids: set[str]) -> bytes:
    """Return a Parquet table with a row for each asset (column ``id``), cut to some assets.

    What lies around them (column ``area``: the meter above which a conduit lies) is named where it is one of
    them, and "" elsewhere.
    """
    table = pq.read_table(io.BytesIO(content))
    mine = pa.array(sorted(ids), pa.string())
    table = table.filter(pc.is_in(table["id"], value_set=mine))
    if "area" in table.column_names:
        place, area = table.column_names.index("area"), table["area"]
        known = pc.if_else(pc.is_in(area, value_set=mine), area, "")
        table = table.set_column(place, "area", known)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()
