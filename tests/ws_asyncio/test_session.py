"""A conversation between a console and a server."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio.client_protocol import WebSocketClientProtocol
from ws_asyncio.interactive.commands import HELP
from ws_asyncio.interactive.console import InputError
from ws_asyncio.interactive.session import Session
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_asyncio.testing import connected_pair
from ws_frames import ConnectionClosedError, Data

if TYPE_CHECKING:
    from typing_extensions import Self

    from tests.ws_asyncio.clocks import Clock

CLOSED_OK = "Connection closed: code = 1000 (OK), no reason."


class FakeConsole:
    """A console whose input the test has in its hands."""

    def __init__(self, scripted: bool) -> None:
        self.scripted = scripted
        self.input: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.shown: list[Any] = []
        self._changed = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    async def read(self) -> str | None:
        line = await self.input.get()
        if isinstance(line, Exception):
            raise line
        return line

    def message(self, message: Data) -> None:
        self._show(message)

    def notice(self, text: str) -> None:
        self._show(text)

    def problem(self, text: str) -> None:
        self._show(f"! {text}")

    def _show(self, what: Any) -> None:
        self.shown.append(what)
        self._changed.set()

    def type(self, *lines: str | Exception | None) -> None:
        for line in lines:
            self.input.put_nowait(line)

    async def shows(self, count: int) -> None:
        """Wait until so many things were shown."""
        while len(self.shown) < count:
            self._changed.clear()
            await self._changed.wait()


class Stage:
    """A session under way, with both ends of its connection."""

    def __init__(
        self,
        client: WebSocketClientProtocol,
        server: WebSocketServerProtocol,
        *,
        scripted: bool = False,
        linger: float = math.inf,
    ) -> None:
        self.client = client
        self.server = server
        self.console = FakeConsole(scripted)
        self.session = Session(client, self.console, linger)
        self.task = asyncio.ensure_future(self.session.run())


@asynccontextmanager
async def stage(**options: Any) -> AsyncIterator[Stage]:
    # Nothing is limited: a test that waits for nothing is to fail at once, by the clock.
    limits = {"close_timeout": None}
    async with connected_pair(client_options=limits, server_options=limits) as ends:
        stage = Stage(*ends, **options)
        try:
            yield stage
        finally:
            stage.client.fail_connection()
            await asyncio.wait([stage.task])


pytestmark = pytest.mark.usefixtures("clock")


async def test_what_is_typed_is_sent() -> None:
    async with stage() as it:
        it.console.type("hello", "", r"\hex 00", r"\\x")
        assert await it.server.recv() == "hello"
        assert await it.server.recv() == b"\x00"
        assert await it.server.recv() == r"\x"


async def test_what_arrives_is_shown() -> None:
    async with stage() as it:
        await it.server.send("hello")
        await it.server.send(b"\x00")
        await it.console.shows(2)
        assert it.console.shown == ["hello", b"\x00"]


async def test_the_end_of_the_input_closes_the_connection() -> None:
    async with stage() as it:
        it.console.type(None)
        assert await it.task
        assert it.server.close_code == 1000
        assert it.console.shown == [CLOSED_OK]


async def test_what_arrives_while_closing_is_shown_too() -> None:
    async with stage() as it:
        it.server.transport.pause_reading()
        it.console.type(None)
        while it.client.open:
            await asyncio.sleep(0)
        await it.server.send("late")
        it.server.transport.resume_reading()
        assert await it.task
        assert it.console.shown == ["late", CLOSED_OK]


@pytest.mark.parametrize(
    ("code", "reason", "text", "well"),
    [
        (1000, "", "code = 1000 (OK), no reason", True),
        (1001, "bye", "code = 1001 (going away), reason = bye", True),
        (1005, "", "code = 1005 (no status code [internal]), no reason", True),
        (1011, "\x1b", r"code = 1011 (unexpected error), reason = \x1b", False),
        (4000, "", "code = 4000 (private use), no reason", False),
    ],
)
async def test_it_says_how_the_server_ended_it(
    code: int, reason: str, text: str, well: bool
) -> None:
    async with stage() as it:
        await it.server.close(code, reason)
        assert await it.task is well
        assert it.console.shown == [f"Connection closed: {text}."]


async def test_it_says_when_the_connection_was_lost_and_why() -> None:
    async with stage() as it:
        it.server.fail_connection()
        assert not await it.task
        (text,) = it.console.shown
        assert text.startswith("Connection closed: code = 1006 ")
        assert text.endswith(", no reason; connection reset by peer.")


async def test_a_message_that_is_too_big_is_named_as_the_cause() -> None:
    async with stage() as it:
        with suppress(ConnectionClosedError):  # the client may close before all is written
            await it.server.send("x" * 2**22)
        assert not await it.task
        assert str(2**22) in it.console.shown[0]


async def test_an_interruption_closes_the_connection() -> None:
    async with stage() as it:
        await asyncio.sleep(0)
        it.session.interrupt()
        assert await it.task
        assert it.console.shown == [CLOSED_OK]


async def test_another_interruption_does_not_wait_for_the_peer() -> None:
    async with stage() as it:
        it.server.transport.pause_reading()
        await asyncio.sleep(0)
        it.session.interrupt()
        while it.client.open:
            await asyncio.sleep(0)
        it.session.interrupt()
        assert not await it.task
        assert "code = 1006" in it.console.shown[0]


async def test_an_interruption_before_it_began_ends_it() -> None:
    async with connected_pair() as (client, server):
        Session(client, FakeConsole(False), 0).interrupt()
        await server.wait_closed()


async def test_close_has_a_code_and_a_reason() -> None:
    async with stage() as it:
        it.console.type(r"\close 4001 so long")
        await it.server.wait_closed()
        assert (it.server.close_code, it.server.close_reason) == (4001, "so long")
        assert not await it.task


async def test_a_ping_shows_how_long_it_took() -> None:
    async with stage() as it:
        it.console.type(r"\ping")
        await it.console.shows(1)
        assert re.fullmatch(r"Pong after \d+\.\d ms\.", it.console.shown[0])


async def test_a_ping_without_an_answer_shows_nothing() -> None:
    async with stage() as it:
        it.server.transport.pause_reading()
        it.console.type(r"\ping", "next")
        while not it.console.input.empty():
            await asyncio.sleep(0)
        it.server.fail_connection()
        assert not await it.task
        assert len(it.console.shown) == 1


async def test_help_and_problems_are_shown() -> None:
    async with stage() as it:
        it.console.type(r"\help", r"\hex 0", "\\\x1b")
        await it.console.shows(3)
        assert it.console.shown[0] == HELP
        assert it.console.shown[1].startswith("! not hexadecimal")
        assert it.console.shown[2].startswith(r"! no command \\x1b;")


async def test_typing_when_the_connection_has_ended_is_no_error() -> None:
    async with stage() as it:
        it.client.fail_connection()
        it.console.type("hello")
        assert not await it.task


async def test_an_input_that_cannot_be_sent_ends_it_badly() -> None:
    async with stage() as it:
        it.console.type(InputError("not \x1b UTF-8"))
        assert not await it.task
        assert it.console.shown == [r"! not \x1b UTF-8", CLOSED_OK]


# Where nobody sits


async def test_lines_of_a_script_are_no_commands() -> None:
    async with stage(scripted=True) as it:
        it.console.type(r"\close", "")
        assert await it.server.recv() == r"\close"
        assert await it.server.recv() == ""


async def test_answers_are_waited_for_after_the_end_of_the_input(clock: Clock) -> None:
    async with stage(scripted=True, linger=5) as it:
        start = clock.now
        it.console.type("question", None)
        assert await it.server.recv() == "question"
        for number in range(3):
            await asyncio.sleep(4)
            await it.server.send(f"answer {number}")
        assert await it.task
        assert it.console.shown == ["answer 0", "answer 1", "answer 2", CLOSED_OK]
        assert clock.now - start == pytest.approx(3 * 4 + 5)


async def test_without_linger_all_that_was_sent_is_received_before_the_end() -> None:
    async with stage(scripted=True, linger=0) as it:
        it.console.type("question", None)
        assert await it.task
        assert await it.server.recv() == "question"
        assert it.console.shown == [CLOSED_OK]


async def test_an_endless_linger_leaves_the_end_to_the_server() -> None:
    async with stage(scripted=True) as it:
        it.console.type(None)
        await asyncio.sleep(1000)
        assert not it.task.done()
        await it.server.close(1001)
        assert await it.task


async def test_a_server_that_closes_ends_the_waiting_for_answers() -> None:
    async with stage(scripted=True) as it:
        it.server.transport.pause_reading()
        it.console.type(None)
        await asyncio.sleep(1)
        it.server.fail_connection()
        assert not await it.task
