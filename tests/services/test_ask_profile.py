"""The profile of the small city, with the defect of its last inspection."""

from wenqu.services.ask_profile import ask_profile, profile_file


def test_a_profile_has_the_last_inspections_defects_at_their_distance(small):
    found = ask_profile(small.store, small.state, "A1", "PL")
    assert found["length_m"] == 400.0
    assert [(mark["link"], mark["code"], mark["distance"]) for mark in found["marks"]] == [
        ("cA1", "PL", 10.0)
    ]
    assert found["defect_names"]["PL"]["zh"] == "破裂"
    assert found["links"] == ["cA1", "cA2"]
    assert found["svg"].startswith("<svg")


def test_a_profile_asked_against_the_flow_is_drawn_with_it(small):
    assert ask_profile(small.store, small.state, "PL", "A1")["turned"] is True


def test_a_profile_is_a_file_for_a_designer(small):
    assert profile_file(small.store, small.state, ("A1", "PL"), "svg", "en").startswith(b"<svg")
    assert b"AC1024" in profile_file(small.store, small.state, ("A1", "PL"), "dxf", "en")
