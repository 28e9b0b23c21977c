"""GeoParquet comes in, goes out and comes back field for field."""

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from tests.network.formats.deliveries import read, same, sample
from wenqu.errors import BadInput, FileUnreadable
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import format_of

POINT = shapely.to_wkb(shapely.Point(112.5, 26.9))


def foreign(path, told, **columns):
    about = {"version": "1.1.0", "primary_column": "geom", "columns": {"geom": told}}
    table = pa.table({"点号": ["W1"], "geom": pa.array([POINT], pa.binary()), **columns})
    pq.write_table(table.replace_schema_metadata({"geo": orjson.dumps(about)}), path)
    return path


def test_a_network_comes_back_with_unknown_columns_even_from_renamed_files(tmp_path):
    network = sample()
    path = tmp_path / "管网.parquet"
    written = format_of(path).write(path, network)
    assert len(written) == len(network.tables)
    for number, file in enumerate(written):
        reading = read(file.rename(tmp_path / f"{number}.geoparquet"))
        assert not reading.bad
        for name, table in reading.tables.items():
            same(network.tables[name], table)
            assert reading.crs == ("" if name == "vehicle" else "EPSG:4549")


def test_a_foreign_file_is_in_degrees_unless_it_says_otherwise(tmp_path):
    box = pa.array([{"xmin": 112.5}])
    kind = pa.array(["检查井"]).dictionary_encode()
    reading = read(foreign(tmp_path / "检查井.parquet", {"encoding": "WKB"}, bbox=box, 甲方备注=kind))
    assert reading.crs == "OGC:CRS84"
    assert reading.tables["manhole"].shapes.coords.tolist() == [[112.5, 26.9]]
    assert list(reading.tables["manhole"].extra["甲方备注"]) == ["检查井"]
    with pytest.raises(BadInput, match="no-crs"):
        read(foreign(tmp_path / "检查井.parquet", {"encoding": "WKB", "crs": None}))


@pytest.mark.parametrize("harm", [0, 4, 0.5, 0.9, "text", "native", "geo"])
def test_what_is_no_whole_file_is_told_in_a_sentence(tmp_path, harm):
    path = foreign(tmp_path / "检查井.parquet", {"encoding": "point" if harm == "native" else "WKB"})
    data = path.read_bytes()
    if harm == "geo":
        pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"geo": b"{"}), path)
    elif harm != "native":
        length = int(harm * len(data)) if isinstance(harm, float) else harm
        path.write_bytes(b"no such thing" if harm == "text" else data[:length])
    with pytest.raises(FileUnreadable) as caught:
        read(path)
    for language in LANGUAGES:
        assert path.name in say(caught.value.key, language, **caught.value.facts)
