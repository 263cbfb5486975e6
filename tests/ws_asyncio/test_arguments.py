"""The options of the command line."""

from __future__ import annotations

import math
import platform

import pytest

from ws_asyncio.interactive import arguments
from ws_asyncio.interactive.arguments import Options, parse_arguments
from ws_asyncio.version import VERSION
from ws_http import Headers

URI = "ws://localhost/"


def test_a_uri_is_enough() -> None:
    assert parse_arguments([URI], "websockets") == Options(URI, Headers(), [], None, False, 1.0)


def test_headers_may_be_several() -> None:
    options = parse_arguments(
        [
            "--header",
            "Authorization: Bearer a:b",
            "--header=X-Empty:",
            "--header",
            "X-Empty:2",
            URI,
        ],
        "websockets",
    )
    expected = [("Authorization", "Bearer a:b"), ("X-Empty", ""), ("X-Empty", "2")]
    assert list(options.headers.raw_items()) == expected


def test_subprotocols_keep_their_order() -> None:
    options = parse_arguments(["--subprotocol", "b", "--subprotocol", "a", URI], "websockets")
    assert options.subprotocols == ["b", "a"]


def test_other_options_are_taken() -> None:
    command = ["--origin", "http://example.com", "--insecure", "--linger", "inf", URI]
    options = parse_arguments(command, "websockets")
    assert options.origin == "http://example.com"
    assert options.insecure
    assert options.linger == math.inf


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([], "the following arguments are required: uri"),
        (["--header", "X-Name", URI], "argument --header: there is no colon"),
        (["--header", ":x", URI], "argument --header: "),
        (["--header", "X:a\nb", URI], "argument --header: "),
        (["--subprotocol", "a b", URI], "argument --subprotocol: subprotocol is not a token"),
        (["--linger", "soon", URI], "argument --linger: not a number of seconds"),
        (["--linger=-1", URI], "argument --linger: not a number of seconds"),
        (["--linger", "nan", URI], "argument --linger: not a number of seconds"),
    ],
)
def test_what_makes_no_sense_is_explained(
    capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as info:
        parse_arguments(command, "websockets")
    assert info.value.code == 2
    assert f"python -m websockets: error: {words}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("implementation", "words"), [("c", "C speedups"), ("python", "no C speedups")]
)
def test_the_version_says_what_runs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    implementation: str,
    words: str,
) -> None:
    monkeypatch.setattr(arguments, "IMPLEMENTATION", implementation)
    with pytest.raises(SystemExit) as info:
        parse_arguments(["--version"], "websockets")
    assert info.value.code == 0
    python = platform.python_version()
    assert capsys.readouterr().out == f"websockets {VERSION}, Python {python}, {words}\n"


def test_the_help_tells_what_to_type_and_where_the_history_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--help"], "ws_asyncio")
    printed = capsys.readouterr().out
    assert "python -m ws_asyncio" in printed
    assert r"\hex 00 ff 7f" in printed
    assert "kept in memory" in printed
    assert "exit status" in printed
