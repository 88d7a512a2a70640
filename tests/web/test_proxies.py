"""Who is behind a request: what a proxy tells is believed only from the proxies that the office named."""

from typing import Any

import pytest

from app.proxies import FORWARDED, PEER, REQUEST_ID, TrustedProxies, is_from_this_machine, networks, rate_key
from tracker.errors import ConfigurationError

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

TRUSTED = ("10.0.0.5", "10.1.0.0/16", "fd00::/8")
PERSON = "203.0.113.9"


def seen(peer: str, **told: str) -> dict[str, Any]:
    """What the application sees of a request by http from a peer, with the headers told."""
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:8000"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in told.items()}
    found: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        found.update(environ)
        return []

    TrustedProxies(application, TRUSTED)(environ, None)
    return found


@pytest.mark.parametrize(("peer", "number"), [("10.0.0.5", "a" * 32), ("10.0.0.6", "")])
def test_the_number_of_a_request_is_taken_from_a_trusted_proxy_alone(peer: str, number: str):
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "HTTP_X_REQUEST_ID": "a" * 32}
    TrustedProxies(lambda *_given: [], TRUSTED)(environ, None)
    assert environ[REQUEST_ID] == number
    assert "HTTP_X_REQUEST_ID" not in environ
    assert not environ[FORWARDED]


@pytest.mark.parametrize(
    ("peer", "chain", "address"),
    [
        ("10.0.0.5", PERSON, PERSON),
        ("10.0.0.6", PERSON, "10.0.0.6"),  # one beside the named one
        ("127.0.0.1", PERSON, "127.0.0.1"),  # this machine is no proxy by itself
        ("10.1.255.1", f"{PERSON}, 10.1.0.1", PERSON),  # two proxies
        ("10.0.0.5", f"192.0.2.1, {PERSON}", PERSON),  # what the person wrote in front is not believed
        ("10.0.0.5", f"{PERSON}, 192.0.2.1, 10.1.0.1", "192.0.2.1"),
        ("10.0.0.5", "10.1.0.7, 10.1.0.1", "10.1.0.7"),  # somebody at a proxy itself
        ("10.0.0.5", f"{PERSON}, unknown", "10.0.0.5"),  # the nearest word is no address
        ("10.0.0.5", f"unknown, {PERSON}", PERSON),
        ("10.0.0.5", f"{PERSON}, unknown, 10.1.0.1", "10.1.0.1"),
        ("10.0.0.5", f"{PERSON}:51234", PERSON),
        ("10.0.0.5", "[2001:db8::7]:443", "2001:db8::7"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.5", PERSON, PERSON),  # an IPv4 peer of a listener for both
        ("10.0.0.5", "", "10.0.0.5"),
        ("", PERSON, ""),
    ],
)
def test_the_address_is_the_nearest_that_no_trusted_proxy_has(peer: str, chain: str, address: str):
    told = {"for": chain} if chain else {}
    assert seen(peer, **told)["REMOTE_ADDR"] == address


@pytest.mark.parametrize(
    ("peer", "told", "scheme", "host"),
    [
        ("10.0.0.5", {"proto": "https", "host": "dung-hen.vi-du.vn"}, "https", "dung-hen.vi-du.vn"),
        ("10.0.0.6", {"proto": "https", "host": "dung-hen.vi-du.vn"}, "http", "inside:8000"),
        ("10.0.0.5", {"proto": "HTTPS"}, "https", "inside:8000"),
        ("10.0.0.5", {"proto": "gopher"}, "http", "inside:8000"),
        # One proxy adds one word; what stands left of it was sent by anybody.
        ("10.0.0.5", {"proto": "https, http", "for": PERSON}, "http", "inside:8000"),
        ("10.0.0.5", {"proto": "https, http", "for": f"{PERSON}, 10.1.0.1"}, "https", "inside:8000"),
        ("10.0.0.5", {"host": "forged.vi-du.vn, real.vi-du.vn", "for": PERSON}, "http", "real.vi-du.vn"),
    ],
)
def test_protocol_and_host_are_the_words_of_the_outermost_trusted_proxy(
    peer: str, told: dict[str, str], scheme: str, host: str
):
    environ = seen(peer, **told)
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == (scheme, host)


@pytest.mark.parametrize("peer", ["10.0.0.5", "192.0.2.1"])
def test_no_word_of_a_proxy_reaches_the_application(peer: str):
    environ = seen(peer, **{"for": PERSON, "proto": "https", "host": "a.vn", "port": "1", "prefix": "/x"})
    assert [name for name in environ if "FORWARDED" in name] == []


@pytest.mark.parametrize(
    ("peer", "told", "local"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("10.0.0.5", {}, False),
        ("127.0.0.1", {"for": "127.0.0.1"}, False),  # a proxy on this machine
        ("127.0.0.1", {"proto": "https"}, False),
        ("", {}, False),
    ],
)
def test_from_this_machine_means_no_proxy_between(peer: str, told: dict[str, str], local: bool):
    assert is_from_this_machine(seen(peer, **told)) is local


def test_a_request_that_did_not_pass_the_layer_is_not_from_this_machine():
    assert not is_from_this_machine({"REMOTE_ADDR": "127.0.0.1"})
    assert not is_from_this_machine({PEER: "127.0.0.1"})
    assert is_from_this_machine({PEER: "127.0.0.1", FORWARDED: False})


def test_what_is_no_address_is_told_with_the_configuration():
    with pytest.raises(ConfigurationError, match=r"10\.0\.0\.300") as error:
        networks(["10.0.0.300", "10.0.0.5", "10.0.0.0/99"])
    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # one person has all of these
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "?"),
    ],
)
def test_tries_are_counted_by_address(address: str | None, key: str):
    assert rate_key(address) == key
