"""What the tests of inboxes and outboxes have around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any, SupportsIndex

import pytest

from ws_frames import Connection, Data, Role


class Cancelled(BaseException):
    """What the tests throw into a coroutine."""


def finish(coroutine: Any, value: object = None) -> Any:
    """Step a coroutine that has to be done with this step; give what it returns."""
    try:
        blocker = coroutine.send(value)
    except StopIteration as exc:
        return exc.value
    return pytest.fail(f"it waits: {blocker!r}")


class Number:
    """Stands for an int, and is none."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


# An inbox

ALONE = "only one coroutine can receive at a time"


class Source:
    """Does as it is told, in turn, whenever it is asked how to wait."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def _wait_for_message(self) -> object | None:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer


class Futures:
    """Lets a coroutine wait as ws_asyncio does, with a future for each time."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] | None = None

    def _wait_for_message(self) -> object | None:
        self.future = asyncio.get_running_loop().create_future()
        self.future._asyncio_future_blocking = True
        return self.future

    def wake(self) -> None:
        assert self.future is not None
        self.future.set_result(None)


def filled(twin: ModuleType, *messages: Data, **limits: SupportsIndex | None) -> Any:
    inbox = twin.Inbox(**limits)
    inbox.put(messages)
    return inbox


def take_all(inbox: Any) -> list[Data]:
    return [inbox.pop() for _ in range(len(inbox))]


def anext_of(iterator: Any) -> Any:
    return iterator.__anext__()


def waiting_recv(inbox: Any) -> Any:
    """A coroutine that waits for a message."""
    coroutine = inbox.recv(Source("wait", "wait again"))
    assert coroutine.send(None) == "wait"
    return coroutine


# An outbox

GATHER_SIZE = 65_536
MAX_PIECES = 1024


class Sink:
    """Keeps what is written, and does what it is told to when that happens."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closing = False
        self.on_write: Callable[[], object] = lambda: None

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.on_write()

    def is_closing(self) -> bool:
        return self.closing


class Turns:
    """An event loop that turns when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], object]] = []
        self.error: BaseException | None = None

    def call_soon(self, function: Callable[[], object]) -> object:
        if self.error is not None:
            raise self.error
        self.due.append(function)
        return object()

    def turn(self) -> None:
        due, self.due = self.due, []
        for function in due:
            function()


class Sender:
    """Notes what it is asked for, and waits as often as it is told to."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.blockers: list[object] = []
        self.got: list[object] = []
        self.error: BaseException | None = None

    async def _send_slowly(self, message: Any, compress: bool) -> Any:
        self.asked.append((message, compress))
        return await self._wait()

    async def _drain(self) -> Any:
        self.asked.append("drain")
        return await self._wait()

    async def _wait(self) -> str:
        for blocker in self.blockers:
            self.got.append(await Yielding(blocker))
        if self.error is not None:
            raise self.error
        return "of no interest"


class Yielding:
    def __init__(self, blocker: object) -> None:
        self.blocker = blocker

    def __await__(self) -> Generator[object, object, object]:
        return (yield self.blocker)


class Outgoing:
    """An outbox and all that it has to do with."""

    def __init__(self, twin: ModuleType, **limit: Any) -> None:
        self.sink, self.turns, self.sender = Sink(), Turns(), Sender()
        self.inbox = twin.Inbox()
        self.outbox = twin.Outbox(self.sink, self.turns.call_soon, self.inbox, **limit)

    @property
    def writes(self) -> list[bytes]:
        return self.sink.writes

    def open(
        self, connection: Any = None, *, masked: bool | None = None, role: Role = Role.SERVER
    ) -> Connection:
        opened: Connection = connection or Connection(role)
        self.outbox.open(opened, masked)
        return opened

    def send(self, message: Any, *compress: Any) -> Any:
        return self.outbox.send(self.sender, message, *compress)


def waiting_send(outgoing: Outgoing) -> Any:
    """A coroutine that waits for its message to be sent, slowly."""
    outgoing.sender.blockers = ["wait", "wait again"]
    coroutine = outgoing.send(["slowly"])
    assert coroutine.send(None) == "wait"
    return coroutine
