from __future__ import annotations

from typing import Any

import pytest

from ws_asyncio.target import Target
from ws_http import Headers, SecurityError, parse_uri


def target(uri: str, path: str | None = None, **options: Any) -> Target:
    return Target(parse_uri(uri), path, options, {"Authorization": "secret", "User-Agent": "me"})


def test_the_uri_says_where_to_connect() -> None:
    assert target("ws://example.com/").arguments() == {"host": "example.com", "port": 80}


def test_host_and_port_override_the_uri() -> None:
    arguments = target("ws://example.com/", host="127.0.0.1", port=8080).arguments()
    assert arguments == {"host": "127.0.0.1", "port": 8080}


def test_a_socket_replaces_host_and_port() -> None:
    sock = object()
    assert target("ws://example.com/", sock=sock).arguments() == {"sock": sock}


def test_a_wss_uri_implies_tls_for_the_host_of_the_uri() -> None:
    assert target("wss://example.com/").arguments() == {
        "host": "example.com",
        "port": 443,
        "ssl": True,
        "server_hostname": "example.com",
    }


def test_the_certificate_is_that_of_the_uri_wherever_tcp_goes() -> None:
    arguments = target("wss://example.com/", host="127.0.0.1").arguments()
    assert (arguments["host"], arguments["server_hostname"]) == ("127.0.0.1", "example.com")


def test_server_hostname_can_be_overridden() -> None:
    arguments = target("wss://example.com/", server_hostname="other").arguments()
    assert arguments["server_hostname"] == "other"


def test_a_unix_socket_needs_no_host() -> None:
    assert target("ws://localhost/", path="/run/app.sock").arguments() == {}


@pytest.mark.parametrize("ssl", [True, False, object()])
def test_ssl_with_a_ws_uri_is_an_error(ssl: object) -> None:
    with pytest.raises(ValueError, match="use a wss:// URI"):
        target("ws://example.com/", ssl=ssl).arguments()


def test_ssl_none_with_a_wss_uri_is_an_error() -> None:
    with pytest.raises(ValueError, match="use a ws:// URI"):
        target("wss://example.com/", ssl=None).arguments()


def test_a_redirect_to_the_same_origin_keeps_overrides_and_headers() -> None:
    redirected = target("ws://example.com/a", host="127.0.0.1").redirected("ws://example.com/b")
    assert redirected.uri.resource_name == "/b"
    assert redirected.options == {"host": "127.0.0.1"}
    assert redirected.extra_headers == {"Authorization": "secret", "User-Agent": "me"}


def test_a_redirect_to_another_origin_drops_overrides_and_credentials() -> None:
    before = target("ws://user:pass@example.com/", host="127.0.0.1", port=1, limit=5)
    redirected = before.redirected("wss://other.example/")
    assert redirected.options == {"limit": 5}
    assert redirected.extra_headers == Headers({"User-Agent": "me"})
    assert redirected.uri.user_info is None
    assert redirected.arguments()["ssl"] is True


def test_a_redirect_keeps_the_tls_settings_of_a_wss_uri() -> None:
    context = object()
    redirected = target("wss://example.com/", ssl=context).redirected("wss://other.example/")
    assert redirected.arguments()["ssl"] is context


def test_a_redirect_to_tls_takes_the_usual_settings_where_none_were_due() -> None:
    redirected = target("ws://example.com/", ssl=None).redirected("wss://example.com/")
    assert redirected.arguments()["ssl"] is True


def test_a_redirect_without_headers() -> None:
    before = Target(parse_uri("ws://example.com/"), None, {}, None)
    assert before.redirected("ws://other.example/").extra_headers == Headers()


def test_a_redirect_from_tls_to_plain_text_is_refused() -> None:
    with pytest.raises(SecurityError, match="redirect from wss to ws"):
        target("wss://example.com/").redirected("ws://example.com/")


def test_a_redirect_can_not_use_a_given_socket_again() -> None:
    with pytest.raises(SecurityError, match="given socket"):
        target("ws://example.com/", sock=object()).redirected("ws://example.com/b")


def test_a_redirect_on_a_unix_socket_stays_on_it() -> None:
    before = target("ws://localhost/", path="/run/app.sock")
    assert before.redirected("ws://localhost/b").path == "/run/app.sock"
    with pytest.raises(SecurityError, match="Unix socket"):
        before.redirected("ws://example.com/")
