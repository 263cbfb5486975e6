"""How long what a peer sends may be."""

from __future__ import annotations

from ws_http import DEFAULT_LIMITS, Limits


def test_the_defaults_are_as_documented() -> None:
    assert Limits() == DEFAULT_LIMITS
    assert DEFAULT_LIMITS[:3] == (8192, 128, 65536)


def test_the_largest_cookie_of_a_browser_fits_a_line() -> None:
    assert len("Cookie: ") + 4096 <= DEFAULT_LIMITS.line


def test_what_is_kept_for_one_peer_is_less_than_a_mebibyte() -> None:
    assert DEFAULT_LIMITS.total + DEFAULT_LIMITS.body + DEFAULT_LIMITS.trailing < 2**20
