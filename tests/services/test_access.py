"""The service answers to its own names: those of this machine, addresses, and what the settings say."""

import pytest

from wenqu.services.access import is_known_name, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.0.1"])
def test_this_machine_is_known_as_such(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765", "192.0.2.1:80"])
def test_names_of_this_machine_and_addresses_are_ours(host):
    assert is_known_name(host)


@pytest.mark.parametrize(
    "host", ["rebound.example:8765", "", "127.0.0.1.example.com", "localhost.example", "[nonsense]"]
)
def test_another_name_is_not_ours_unless_the_settings_say_so(host):
    assert not is_known_name(host)


def test_a_name_of_the_settings_is_ours():
    assert is_known_name("Wenqu.example:80", ("wenqu.example",))
    assert not is_known_name("evil.wenqu.example", ("wenqu.example",))
