"""Settings come from the environment, and a wrong one is an error."""

import pytest

from wenqu.errors import BadSetting
from wenqu.settings import read_settings


def test_defaults_are_there_without_any_environment():
    assert read_settings({}).language == "zh"
    assert read_settings({"PATH": "/bin"}).port == 8765


def test_a_misspelt_setting_is_named_with_the_known_ones():
    with pytest.raises(BadSetting) as caught:
        read_settings({"WENQU_STOER": "x"})
    assert caught.value.facts["names"] == "WENQU_STOER"
    assert "WENQU_STORE" in str(caught.value.facts["known"])


def test_values_take_the_type_of_their_default():
    settings = read_settings({"WENQU_PORT": "9000", "WENQU_SOLVER_SECONDS": "2.5", "WENQU_STORE": "a"})
    assert (settings.port, settings.solver_seconds, settings.store) == (9000, 2.5, "a")


@pytest.mark.parametrize(
    ("name", "value"), [("WENQU_PORT", "many"), ("WENQU_LANGUAGE", "de"), ("WENQU_SOLVER_SECONDS", "x")]
)
def test_an_impossible_value_is_refused_with_its_help(name, value):
    with pytest.raises(BadSetting) as caught:
        read_settings({name: value})
    assert caught.value.facts["name"] == name
    assert caught.value.facts["value"] == value


@pytest.mark.parametrize("seconds", ["nan", "-1", "0", "inf"])
def test_a_solver_gets_a_positive_finite_time(seconds):
    with pytest.raises(BadSetting):
        read_settings({"WENQU_SOLVER_SECONDS": seconds})
