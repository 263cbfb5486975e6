"""Messages on a terminal."""

from __future__ import annotations

import pytest

from ws_asyncio.interactive.display import Style, describe_binary, escape, has_colour, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\r\tc\x00\x7f\x9b", r"a\nb\r\tc\x00\x7f\x9b"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("\ufeffa\u200b\U000e0041", r"\ufeffa\u200b\U000e0041"),
        ("\ud800", r"\ud800"),
        ("C:\\new \\x1b", "C:\\new \\x1b"),
        ("\u3000\xa0", "\u3000\xa0"),
        ("👩\u200d💻 क्\u200cष\n", "👩\u200d💻 क्\u200cष\\n"),
        ("\U0001fae9 \U0001fae9\n", "\U0001fae9 \U0001fae9\\n"),
    ],
)
def test_what_would_act_on_the_terminal_is_escaped(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("data", "limit", "shown"),
    [
        (b"", None, "binary, 0 bytes"),
        (b"\x00", None, "binary, 1 byte: 00"),
        (b"Hello", None, "binary, 5 bytes: 48 65 6c 6c 6f"),
        (b"Hello", 5, "binary, 5 bytes: 48 65 6c 6c 6f"),
        (b"Hello" * 1000, 2, "binary, 5,000 bytes: 48 65 ..."),
    ],
)
def test_a_binary_message_is_its_length_and_hexadecimal(
    data: bytes, limit: int | None, shown: str
) -> None:
    assert describe_binary(data, limit) == shown


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("> hello", 7), ("山田", 4), ("e\u0301", 1), ("\uff46", 2)]
)
def test_the_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colour_is_for_those_who_have_it_and_want_it(environ: dict[str, str], colour: bool) -> None:
    assert has_colour(environ) is colour


def test_without_colour_the_text_is_as_it_is() -> None:
    style = Style(False)
    assert style.message("hello") == "< hello"
    assert style.notice("hello") == "hello"
    assert style.problem("hello") == "hello"


def test_colours_tell_the_kinds_of_lines_apart_and_end_with_them() -> None:
    style = Style(True)
    assert style.message("hello") == "\x1b[36m<\x1b[0m hello"
    assert style.notice("hello") == "\x1b[2mhello\x1b[0m"
    assert style.problem("hello") == "\x1b[31mhello\x1b[0m"
