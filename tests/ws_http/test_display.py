"""What of a text may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http.display import MAX_DISPLAYED, display, display_header, hide_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("é€", "é€"),
        ("a\r\nb", "a\\r\\nb"),
        ("\x1b[2J\x9b", "\\x1b[2J\\x9b"),
        ("\u202e\ud800", "\\u202e\\ud800"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert display(text) == shown


def test_a_long_text_is_cut() -> None:
    assert display("a" * MAX_DISPLAYED) == "a" * MAX_DISPLAYED
    assert display("a" * (MAX_DISPLAYED + 1)) == "a" * MAX_DISPLAYED + "..."


@pytest.mark.parametrize(("char", "size"), [("\0", 4), ("\ud800", 6), ("\U0010ffff", 10)])
def test_escapes_count_as_long_as_they_are(char: str, size: int) -> None:
    most = MAX_DISPLAYED // size
    assert display(char * most) == char.encode("unicode_escape").decode() * most
    assert display(char * (most + 1)) == display(char * most) + "..."
    assert display(char * MAX_DISPLAYED * 2) == display(char * most) + "..."


@given(st.text() | st.text("\0a\ud800", min_size=40))
def test_what_is_shown_is_printable_and_short(text: str) -> None:
    assert display(text).isprintable()
    assert len(display(text)) <= MAX_DISPLAYED + len("...")


@pytest.mark.parametrize("name", ["Authorization", "COOKIE", "set-cookie", "Proxy-Authorization"])
def test_a_credential_is_not_shown(name: str) -> None:
    assert display_header(name, "secret") == "***"
    assert display_header(f"X-{name}", "open\x00") == "open\\x00"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("ws://host/", "ws://host/"),
        ("ws://user:secret@host/", "ws://***@host/"),
        ("user:secret@host", "***@host"),
        ("//user:secret@host", "//***@host"),
        ("ws://user:sec/ret@host/", "ws://***@host/"),
        ("ws://user:sec?ret#@host/", "ws://***@host/"),
        ("ws://user:sec\nret@host/", "ws://***@host/"),
        ("ws://user:secret@@host/", "ws://***@host/"),
    ],
)
def test_userinfo_is_not_shown(uri: str, shown: str) -> None:
    assert hide_credentials(uri) == shown
