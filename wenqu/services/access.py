"""Under which names may the service be asked? A page elsewhere must not point its own name here."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    if host.casefold() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_known_name(host: str, names: tuple[str, ...] = ()) -> bool:
    """Tell whether a request's Host header names this service.

    The names of this machine and addresses in figures always do: a page elsewhere that resolves its own
    name to this machine (DNS rebinding) sends its own name. Others are known by the settings.

    Parameters
    ----------
    host
        The Host header, with or without a port.
    names
        Host names under which the service is reached.
    """
    if host.startswith("["):
        name = host.partition("]")[0] + "]"
    else:
        name = host if host.count(":") > 1 else host.rsplit(":", 1)[0]
    name = name.casefold().rstrip(".")
    return name in {"localhost", *(one.casefold() for one in names)} or _address(name) is not None
