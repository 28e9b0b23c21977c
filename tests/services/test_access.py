"""Only this machine, or whoever holds the token, reads."""

import pytest

from wenqu.errors import Refused
from wenqu.services.access import check_host, may_read


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.0.1"])
def test_this_machine_may_be_served_without_a_token(host):
    check_host(host, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "wenqu.example"])
def test_an_open_address_needs_a_token(host):
    with pytest.raises(Refused):
        check_host(host, "")
    check_host(host, "secret")


def test_with_a_token_only_the_token_reads():
    assert may_read("secret", "Bearer secret", "anywhere:80")
    for header in ("", "Bearer", "Bearer wrong", "Basic secret", "secret", "Bearer secretx"):
        assert not may_read("secret", header, "127.0.0.1:8765")


def test_without_a_token_a_foreign_host_name_is_refused():
    assert may_read("", "", "127.0.0.1:8765")
    assert may_read("", "", "localhost")
    assert may_read("", "", "[::1]:8765")
    assert not may_read("", "", "rebound.example:8765")
    assert not may_read("", "", "")
