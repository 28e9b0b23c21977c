"""A graph in node-link JSON comes in; JSON of other things is told in a sentence."""

import json

import pytest

from tests.network.formats.deliveries import read, sample
from wenqu.errors import FileUnreadable, Refused
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import FORMATS, format_of

GRAPH = {
    "directed": True,
    "multigraph": False,
    "graph": {"crs": "EPSG:4549"},
    "nodes": [
        {"id": 1, "x": 500000.5, "y": 3170000.25, "surface_elevation": 5.5, "甲方": "甲"},
        {"id": "J2", "x": 500010, "y": 3170000, "tags": ["a", 1]},
        {"id": "J3"},
        {"id": "lonely", "x": 500020, "y": 3170000},
    ],
    "links": [
        {"id": "C1", "source": 1, "target": "J2", "diameter": 0.3, "edge_type": "street"},
        {
            "id": "C2",
            "source": "J2",
            "target": "J3",
            "geometry": "LINESTRING (500010 3170000, 500015 3170005)",
        },
        {"id": "C3", "source": "J2", "target": "J3", "geometry": "LINESTRING ("},
    ],
}


def written(path, made):
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return path


def test_nodes_are_manholes_links_are_conduits_and_where_the_water_leaves_is_an_outfall(tmp_path):
    path = written(tmp_path / "graph.json", GRAPH)
    reading = read(path)
    assert format_of(path).name == "node-link JSON"
    assert (reading.crs, dict(reading.counts)) == ("EPSG:4549", {"manhole": 3, "outfall": 1, "conduit": 3})
    manholes, conduits = reading.tables["manhole"], reading.tables["conduit"]
    assert list(manholes.ids) == ["1", "J2", "lonely"]
    assert manholes.fields["ground_level"][0] == 5.5
    assert list(manholes.extra["甲方"]) == ["甲", None, None]
    assert list(manholes.extra["tags"]) == [None, '["a",1]', None]
    assert list(conduits.fields["from_id"]) == ["1", "J2", "J2"]
    assert list(conduits.fields["to_id"]) == ["J2", "J3", "J3"]
    assert conduits.shapes.of(0).tolist() == [[500000.5, 3170000.25], [500010, 3170000]]  # straight
    assert conduits.shapes.of(1).tolist() == [[500010, 3170000], [500015, 3170005]]
    assert len(conduits.shapes.of(2)) == 0  # neither drawn nor both ends placed
    assert list(conduits.extra["edge_type"]) == ["street", None, None]
    told = next(issue for issue in reading.issues if issue.code == "format.graph")
    assert told.facts == {"nodes": 4, "links": 3, "outfalls": 1}


def test_newer_graphs_call_their_links_edges_and_undirected_ones_have_no_outfall(tmp_path):
    rest = {key: value for key, value in GRAPH.items() if key != "links"}
    made = {**rest, "directed": False, "edges": GRAPH["links"][:2]}
    assert dict(read(written(tmp_path / "graph.json", made)).counts) == {"manhole": 4, "conduit": 2}


def test_a_real_cut_of_a_model_enters_whole(shared_data):
    reading = read(shared_data / "bellinge-small" / "bellinge_small_graph.json")
    assert (reading.crs, dict(reading.counts)) == (
        "EPSG:32632",
        {"manhole": 14, "outfall": 1, "conduit": 14},
    )
    assert list(reading.tables["outfall"].ids) == ["G72F050"]
    assert not reading.bad
    assert 0.2 <= reading.tables["conduit"].fields["height"].min() <= 0.3
    assert reading.tables["manhole"].fields["invert_level"][0] == 23.369


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ('{"nodes": [{"id": 1}], "links": [', "no-json"),
        ("Dear colleague", "no-json"),
        ('{"nodes": [{"name": 1}], "links": []}', "other-json"),
        ('{"nodes": 3, "links": []}', "other-json"),
        ("[1, 2]", "other-json"),
        ('{"type": "FeatureCollection", "features": "none"}', "broken-geojson"),
    ],
)
@pytest.mark.parametrize("name", ["管网.json", "管网.geojson"])
def test_json_of_other_things_is_told_without_the_words_of_a_library(tmp_path, content, reason, name):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileUnreadable) as caught:
        read(path)
    assert caught.value.reason == reason
    for language in LANGUAGES:
        said = say(caught.value.key, language, **caught.value.facts)
        assert path.name in said
        assert reason == "empty" or (str(tmp_path) not in said and "GDAL" not in said)


def test_a_format_that_is_only_read_says_what_to_export_instead(tmp_path):
    graph = next(entry for entry in FORMATS if entry.name == "node-link JSON")
    with pytest.raises(Refused) as caught:
        graph.write(tmp_path / "out.json", sample())
    for language in LANGUAGES:
        assert "GeoJSON" in say(caught.value.key, language, **caught.value.facts)
