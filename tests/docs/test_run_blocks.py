"""A block that does not do what it says is noticed, and the place is named."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

import run_blocks

RunPage = Callable[..., int]


@pytest.fixture
def run_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunPage:
    """Run a page with these blocks; the first starts in line 2."""
    monkeypatch.chdir(tmp_path)

    def run(*codes: str, options: tuple[str, ...] = ()) -> int:
        text = "".join(f"```python\n{code}\n```\n" for code in codes)
        return run_text(text, options)

    return run


def run_text(text: str, options: tuple[str, ...] = ()) -> int:
    Path("page.md").write_text(text, encoding="utf-8")
    return run_blocks.main([*options, "page.md"])


GOOD = {
    "names are shared": ["a = 1", "print(a + 1)  # 2"],
    "await": ["await asyncio.sleep(0)"],
    "the connection": ["await ws.send('Hello')", "print(await ws.recv())  # Hello"],
    "a new connection": ["await ws.close()", "print(ws.open)  # True"],
    "an exception": ["int('x')  # raises ValueError"],
    "its words": ["{}['a']  # raises builtins.KeyError: 'a'"],
    "a warning": [
        "import warnings",
        "warnings.warn('old', FutureWarning)  # warns FutureWarning: old",
    ],
    "anything": ["import time\nprint(time.monotonic())  # such as 7.5"],
    "a program": ["import asyncio\nasync def main():\n    print(1)  # 1\nasyncio.run(main())"],
    "nothing is called": ["async def handler(ws):\n    print(ws.path)"],
}


@pytest.mark.parametrize("codes", GOOD.values(), ids=GOOD)
def test_a_page_that_says_what_it_does(run_page: RunPage, codes: list[str]) -> None:
    assert run_page(*codes) == 0


BAD = {
    "an error": ("1 / 0", "ZeroDivisionError: division by zero"),
    "syntax": ("a =", "SyntaxError"),
    "a name": ("unknown", "NameError"),
    "another output": ("print(1)  # 2", "prints ['1']"),
    "output of which nothing is said": ("print(1)", "prints ['1']"),
    "no output": ("if uri == '':\n    print(1)  # 1", "prints []"),
    "no exception": ("1  # raises ValueError", "nothing is raised"),
    "another exception": ("1 / 0  # raises ValueError", "ZeroDivisionError"),
    "other words": ("int('x')  # raises ValueError: no", "another error"),
    "an exception elsewhere": ("1 / 0\n2  # raises ZeroDivisionError", "another line"),
    "a warning of which nothing is said": (
        "import warnings\nwarnings.warn('old', DeprecationWarning)",
        "it warns",
    ),
    "no warning": ("1  # warns DeprecationWarning", "nothing warns"),
    "a program that fails": ("import asyncio\nasyncio.run(1)", "ends with status 1"),
    "a program that prints something else": (
        "import asyncio\nasync def main():\n    print(1)  # 2\nasyncio.run(main())",
        "prints ['1']",
    ),
}


@pytest.mark.parametrize(("code", "complaint"), BAD.values(), ids=BAD)
def test_a_block_that_is_wrong(
    run_page: RunPage, code: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_page("pass", code) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("page.md:5: ")
    assert complaint in printed


def test_a_traceback_shows_the_line_of_the_page(
    run_page: RunPage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_page("a = 1", "def f():\n    return b\n\nf()") == 1
    assert 'File "page.md", line 6, in f\n' in capsys.readouterr().err


def test_a_block_that_hangs(
    run_page: RunPage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_blocks, "PATIENCE", 0.1)
    assert run_page("await asyncio.Future()") == 1
    assert "still goes on" in capsys.readouterr().err


SERVER = """
import asyncio, websockets

async def echo(ws):
    async for message in ws:
        await ws.send(message)

async def main():
    async with websockets.serve(echo, "localhost", 8765):
        await asyncio.Future()

asyncio.run(main())
"""
CLIENT = """
import asyncio, websockets

async def main():
    async with websockets.connect("ws://localhost:8765") as ws:
        await ws.send("Hello")
        print(await ws.recv())  # Hello

asyncio.run(main())
"""


def test_a_program_that_serves_goes_on_for_those_behind_it(run_page: RunPage) -> None:
    assert run_page(SERVER, CLIENT) == 0


def test_a_program_that_does_not_serve(
    run_page: RunPage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_page(SERVER.replace("websockets.serve", "websockets.nothing")) == 1
    printed = capsys.readouterr().err
    assert "doesn't listen" in printed


def test_a_block_in_a_comment_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hidden = "<!-- invisible-code-block: python\na = 1\n-->\n"
    assert run_text(hidden + "```python\nprint(a)  # 1\n```\n") == 0


@pytest.mark.parametrize("fence", ["```{code-block} python", "- a list\n\n  ```python"])
def test_a_block_is_found_however_it_is_written(
    fence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    indent = "  " if "list" in fence else ""
    assert run_text(f"{fence}\n{indent}1 / 0\n{indent}```\n") == 1


SKIPPED = "```python\n1 / 0\n```\n"


def test_a_block_can_be_left_out_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_text(f'<!-- skip: next "needs a certificate" -->\n\n{SKIPPED}') == 0
    assert "page.md:3: left out: needs a certificate" in capsys.readouterr().out


@pytest.mark.parametrize("words", ["skip: next", "skip: start", "skip: next if(1)"])
def test_a_block_is_not_left_out_without_a_reason(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_text(f"<!-- {words} -->\n\n{SKIPPED}") == 1
    assert "page.md:1: a block is left out without a reason" in capsys.readouterr().err


def test_alone_a_block_has_only_its_own_names(run_page: RunPage) -> None:
    assert run_page("a = 1\nprint(a)  # 1", "print(a)  # 1") == 0
    assert run_page("a = 1\nprint(a)  # 1", "print(a)  # 1", options=("--alone",)) == 1


def test_alone_a_block_has_to_print_something(run_page: RunPage) -> None:
    assert run_page("a = 1", options=("--alone",)) == 1
