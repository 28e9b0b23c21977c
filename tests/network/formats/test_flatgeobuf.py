"""FlatGeobuf comes in, goes out and comes back field for field."""

import pytest

from tests.network.formats.deliveries import read, same, sample
from wenqu.errors import FileUnreadable
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import format_of


def test_a_network_comes_back_with_unknown_columns_and_rows_without_shape(tmp_path):
    network = sample()
    path = tmp_path / "管网.fgb"
    written = format_of(path).write(path, network)
    files = [file for file in written if file.suffix == ".fgb"]
    assert len(files) == len(network.tables)
    for file in files:
        reading = read(file)
        assert not reading.bad
        for name, table in reading.tables.items():
            same(network.tables[name], table)
            assert reading.crs == ("" if name == "vehicle" else "EPSG:4549")


@pytest.mark.parametrize("harm", [0, 3, 20, 200, 0.5, 0.9, "text"])
def test_what_is_no_whole_file_is_told_in_a_sentence(tmp_path, harm):
    path = tmp_path / "管网.fgb"
    written = format_of(path).write(path, sample())
    file = next(file for file in written if "manhole.fgb" in file.name)
    data = file.read_bytes()
    length = int(harm * len(data)) if isinstance(harm, float) else harm
    file.write_bytes(b"no such thing" if harm == "text" else data[:length])
    with pytest.raises(FileUnreadable) as caught:
        read(file)
    for language in LANGUAGES:
        assert file.name in say(caught.value.key, language, **caught.value.facts)
