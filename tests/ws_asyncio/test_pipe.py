"""Lines from a pipe, messages into another."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

import pytest

from ws_asyncio.interactive.console import InputError
from ws_asyncio.interactive.pipe import PipeConsole


class Pipe:
    """What a console reads from and writes to."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.console = PipeConsole(self.source, self.out, self.err)

    def send(self, data: bytes) -> None:
        os.write(self.sink, data)

    def end(self) -> None:
        os.close(self.sink)
        self.sink = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    with pipe.console as console:
        assert console.scripted
        yield pipe
    for descriptor in (pipe.source, pipe.sink):
        if descriptor >= 0:
            os.close(descriptor)


async def test_each_line_is_read(pipe: Pipe) -> None:
    pipe.send(b"a\n\n\xc3")
    assert await pipe.console.read() == "a"
    assert await pipe.console.read() == ""
    pipe.send(b"\xa9\r\nlast")
    assert await pipe.console.read() == "é"
    pipe.end()
    assert await pipe.console.read() == "last"
    assert await pipe.console.read() is None
    assert await pipe.console.read() is None


async def test_an_input_that_ends_with_a_line_has_no_more(pipe: Pipe) -> None:
    pipe.send(b"a\n")
    pipe.end()
    assert await pipe.console.read() == "a"
    assert await pipe.console.read() is None


async def test_long_lines_are_put_together(pipe: Pipe) -> None:
    for part in (b"x" * 50_000, b"y" * 50_000 + b"\n"):
        pipe.send(part)
        pipe.console._split(os.read(pipe.source, 65_536))
    assert await pipe.console.read() == "x" * 50_000 + "y" * 50_000


async def test_there_may_be_no_input_at_all() -> None:
    assert await PipeConsole(None, io.StringIO(), io.StringIO()).read() is None


async def test_what_is_not_utf8_is_not_sent(pipe: Pipe) -> None:
    pipe.send(b"a\nb\xff\n")
    assert await pipe.console.read() == "a"
    with pytest.raises(InputError, match="line 2 of the input isn't UTF-8, from byte 1 on"):
        await pipe.console.read()


async def test_an_input_that_cannot_be_read_is_an_error(pipe: Pipe) -> None:
    console = PipeConsole(pipe.sink, pipe.out, pipe.err)
    with pytest.raises(InputError, match="cannot read the input: Bad file descriptor"):
        await console.read()


def test_messages_go_out_one_a_line_and_all_else_does_not(pipe: Pipe) -> None:
    pipe.console.message("a\nb")
    pipe.console.message(bytes(300))
    pipe.console.notice("notice")
    pipe.console.problem("problem")
    assert pipe.out.getvalue() == f"a\\nb\nbinary, 300 bytes: {' '.join(['00'] * 300)}\n"
    assert pipe.err.getvalue() == "notice\nproblem\n"
