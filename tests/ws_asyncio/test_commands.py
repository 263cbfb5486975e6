"""What is typed at the prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from ws_asyncio.interactive.commands import (
    HELP,
    Action,
    CommandError,
    Help,
    Ping,
    Send,
    parse_line,
)
from ws_frames import Close


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("", None),
        ("hello", Send("hello")),
        (" hello ", Send(" hello ")),
        ("/name Ada", Send("/name Ada")),
        (":)", Send(":)")),
        (r"\\hello", Send(r"\hello")),
        (r"\\", Send("\\")),
        (r"\hex 00ff 7F", Send(b"\x00\xff\x7f")),
        (r"\hex", Send(b"")),
        (r"\ping", Ping()),
        (r"\help", Help()),
        (r"\close", Close(1000, "")),
        (r"\close 4000", Close(4000, "")),
        (r"\close 1001  see you ", Close(1001, "see you")),
    ],
)
def test_a_line_is_a_message_or_a_command(line: str, action: Action | None) -> None:
    found = parse_line(line)
    assert found == action
    assert type(found) is type(action)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("\\", "no command \\;"),
        (r"\nothing at all", r"no command \nothing; see \help"),
        (r"\hex 0", "two digits a byte"),
        (r"\hex xx", "two digits a byte"),
        (r"\hex é", "two digits a byte"),
        (r"\file", "cannot read a file without a name: "),
        (r"\file /nonexistent/file", "cannot read /nonexistent/file: No such file"),
        ("\\file a\x00b", "cannot read a\x00b: "),
        (r"\file ~nobody-of-this-name/x", "cannot read ~nobody-of-this-name/x: "),
        (r"\close bye", "the code comes first"),
        (r"\close ²", "the code comes first"),
        (r"\close 1006", "close code 1006 must not be sent"),
        (r"\close 1000 " + "x" * 124, "reason of 124 bytes"),
        ("\\close 1000 ab\udcff", "not UTF-8, from character 3 on"),
        ("ab\udcff", "not UTF-8, from character 3 on"),
        ("\\\\ab\udcff", "not UTF-8, from character 4 on"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(line: str, words: str) -> None:
    with pytest.raises(CommandError) as info:
        parse_line(line)
    assert words in str(info.value)


def test_a_file_is_sent_as_a_binary_message(tmp_path: Path) -> None:
    path = tmp_path / "a file"
    path.write_bytes(b"\x00\x01")
    assert parse_line(rf"\file {path} ") == Send(b"\x00\x01")


def test_a_file_may_have_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a\udcff"
    try:
        path.write_bytes(b"\x00\x01")
    except (OSError, UnicodeEncodeError):
        pytest.skip("no file can be called so here")
    assert parse_line(f"\\file {path}") == Send(b"\x00\x01")


def test_the_help_shows_every_command() -> None:
    for name in ("hex", "file", "ping", "close", "help"):
        assert f"\n  \\{name}" in HELP
