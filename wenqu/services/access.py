"""Who may read? Until accounts come, whoever holds the token, or anyone on this very machine."""

import hmac
import ipaddress

from wenqu.errors import Refused


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_host(host: str, token: str) -> None:
    """Refuse to open the store to other machines without a token.

    Raises
    ------
    Refused
        The address is open to others and no token is set.
    """
    if not token and not is_loopback(host):
        raise Refused("open-host", host=host)


def may_read(token: str, authorization: str, host: str) -> bool:
    """Tell whether a request may read.

    Parameters
    ----------
    token
        The token of the settings, "" when none is set.
    authorization
        The request's Authorization header.
    host
        The request's Host header.
    """
    # Without a token only the names of this machine are let in: a page elsewhere that resolves its
    # own name to 127.0.0.1 must not be able to read the store through a user's browser.
    if token:
        kind, _, given = authorization.partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    name = host if host.endswith("]") or host.count(":") > 1 else host.rsplit(":", 1)[0]
    if host.startswith("["):
        name = host.partition("]")[0] + "]"
    return is_loopback(name)
