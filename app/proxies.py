"""Reverse proxies: which machines are believed when they tell a person's address, protocol and host name.

A header is worth what its sender is worth. From a peer that is not in `web.trusted_proxies` everything forwarded is
dropped before any other code sees it; from one that is, the address is the rightmost that no trusted proxy has.
"""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from tracker.errors import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

PEER = "dunghen.peer"  # who is at the other end of the connection, whatever is told
FORWARDED = "dunghen.forwarded"  # did the request come with any word of a proxy?
REQUEST_ID = "dunghen.request_id"  # the number that a trusted proxy gave the request
TOLD_ID = "HTTP_X_REQUEST_ID"
FOR, PROTO, HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
# What proxies say of themselves or of others; none of it is read anywhere but here.
TOLD = (
    FOR, PROTO, HOST, "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_FORWARDED_BY", "HTTP_X_FORWARDED_SCHEME", "HTTP_X_FORWARDED_SSL", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP",
    "HTTP_FORWARDED", "HTTP_VIA",
)  # fmt: skip


class TrustedProxies:
    """The layer between server and application that believes only the named proxies."""

    def __init__(self, application: Application, trusted: Sequence[str]) -> None:
        """`trusted`: addresses or networks.

        Raises:
            ConfigurationError: one of them is neither.
        """
        self._application = application
        self._trusted = networks(trusted)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Put the person's address, protocol and host where the application looks for them."""
        told = {name: environ.pop(name) for name in TOLD if name in environ}
        environ[PEER], environ[FORWARDED] = environ.get("REMOTE_ADDR") or "", bool(told)
        number = environ.pop(TOLD_ID, "")
        environ[REQUEST_ID] = ""
        if is_within(parsed(environ[PEER]), self._trusted):
            _believe(environ, told, self._trusted)
            environ[REQUEST_ID] = number
        return self._application(environ, start_response)


def _believe(environ: Environ, told: dict[str, str], trusted: Sequence[Network]) -> None:
    address, hops = person_behind(_listed(told.get(FOR)), trusted)
    if address is not None:
        environ["REMOTE_ADDR"] = str(address)
    protocol = _told_by_outermost(_listed(told.get(PROTO)), hops).lower()
    if protocol in ("http", "https"):
        environ["wsgi.url_scheme"] = protocol
    host = _told_by_outermost(_listed(told.get(HOST)), hops)
    if host:
        environ["HTTP_HOST"] = host


def person_behind(chain: Sequence[str], trusted: Sequence[Network]) -> tuple[Address | None, int]:
    """The rightmost address of the chain that is no trusted proxy, and how many trusted proxies told of it.

    Where all are trusted, the leftmost: a person at a proxy itself. None where the last word is no address at all.
    """
    found: Address | None = None
    for hops, word in enumerate(reversed(chain), 1):
        address = parsed(word)
        if address is None:
            return found, max(hops - 1, 1)
        found = address
        if not is_within(address, trusted):
            return found, hops
    return found, max(len(chain), 1)


def _told_by_outermost(values: Sequence[str], hops: int) -> str:
    """Each proxy adds a word at the right, or writes over what came; left of the trusted ones' stands what anybody sent."""
    return values[-min(hops, len(values))] if values else ""


def _listed(header: str | None) -> list[str]:
    return [word.strip() for word in (header or "").split(",") if word.strip()]


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as values.

    Raises:
        ConfigurationError: with every text that is neither.
    """
    found, faults = [], []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            faults.append(f"[web] trusted_proxies: {text!r} không phải là địa chỉ IP hoặc mạng")
    if faults:
        raise ConfigurationError(faults)
    return tuple(found)


def parsed(text: str) -> Address | None:
    """An address as a proxy writes it, with or without a port; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_within(address: Address | None, trusted: Sequence[Network]) -> bool:
    """Does the address lie in one of the networks?"""
    return address is not None and any(address in network for network in trusted)


def is_from_this_machine(environ: Environ) -> bool:
    """Did the request come from this machine itself, with no word of a proxy between?"""
    peer = parsed(str(environ.get(PEER, "")))
    return peer is not None and peer.is_loopback and not environ.get(FORWARDED, True)


def rate_key(text: str | None) -> str:
    """Whose tries count together: an IPv4 address, or the /64 of an IPv6 one, which one person has whole."""
    address = parsed(text or "")
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address) if address else "?"
