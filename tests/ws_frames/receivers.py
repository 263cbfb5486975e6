"""An inbox with all that it knows: a source, a connection, a task, and frames that arrive."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from ws_frames import Connection, Phase, Role, pure

HELLO = b"\x81\x05Hello"
PING = b"\x89\x00"
CLOSE = b"\x88\x02\x03\xe8"
WRONG = b"\xff"
LARGE_READ = 65_536


class Bytes(bytes):
    """A subclass, as nobody has it."""


def only_c(twin: ModuleType) -> None:
    """Skip a test of what only the C does by itself."""
    if twin is pure:
        pytest.skip("the pure twin asks its source each time")


def texts(*payloads: str) -> bytes:
    """The frames of short messages."""
    return b"".join(b"\x81" + bytes((len(text),)) + text.encode() for text in payloads)


class Oops(Exception):
    """What goes wrong here."""


def fail(*_: object, **__: object) -> Any:
    raise Oops


class Loop:
    """An event loop that turns when it is told to; ``current`` is the task that runs."""

    def __init__(self) -> None:
        self.due: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.current: object = None
        self.on_call: Callable[[], object] = lambda: None

    def call_soon(
        self,
        callback: Callable[..., object],
        *arguments: Any,
        context: contextvars.Context | None = None,
    ) -> object:
        self.on_call()
        self.due.append((callback, arguments))
        return object()

    def current_task(self) -> object:
        return self.current

    def turn(self) -> None:
        due, self.due = self.due, []
        for callback, arguments in due:
            callback(*arguments)


class Sink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes | memoryview] = []
        self.on_write: Callable[[], object] = lambda: None

    def write(self, data: bytes | memoryview) -> None:
        self.on_write()
        self.writes.append(data)

    def is_closing(self) -> bool:
        return False


class Task:
    """Steps coroutines, one after the other, as tasks do; keeps what they return."""

    def __init__(self, new: Callable[[], Any], results: list[Any]) -> None:
        self.new, self.results = new, results
        self.coroutine = new()
        self.blocked_by: Any = None
        self.steps = 0
        self.step()

    def step(self, _: object = None) -> None:
        self.blocked_by = None
        self.steps += 1
        while True:
            try:
                self.blocked_by = self.coroutine.send(None)
            except StopIteration as exc:
                self.results.append(exc.value)
                self.coroutine = self.new()
            except Exception as exc:  # noqa: BLE001 - as a task does
                self.results.append(type(exc))
                return
            else:
                self.blocked_by.add_done_callback(self.step, context=contextvars.Context())
                return


class Done(Exception):
    """No message will come."""


class End:
    """One end of a connection, which does what the inbox asks of a source and notes it."""

    def __init__(self, twin: ModuleType, connection: Any = None, **limits: Any) -> None:
        self.loop, self.sink = Loop(), Sink()
        self.asked: list[Any] = []
        self.events: list[Any] = []
        self.hooks: dict[str, Callable[..., object]] = {}
        self.connection: Any = connection or Connection(Role.CLIENT)
        self.inbox = twin.Inbox(**limits)
        self.waiter = twin.Waiter(self.loop, Loop.current_task)
        self.outbox = twin.Outbox(self.sink, self.loop.call_soon, self.inbox)
        self.inbox.open(self, self.connection, self.waiter, self.outbox)

    def ask(self, what: Any) -> None:
        self.asked.append(what)
        self.hooks.get(what[0] if isinstance(what, tuple) else what, lambda: None)()

    def _receive_slowly(self, data: bytes) -> None:
        self.ask(("slowly", data))
        self.connection.receive_into(self.inbox, data)
        if self.inbox:
            self.waiter.wake()
        self.pump()

    def _note_large_read(self, size: int) -> None:
        self.ask(("large", size))

    def _note_work(self) -> None:
        self.ask(("work", self.inbox.work))
        self.inbox.work = 0

    def _pump(self) -> None:
        self.ask("pump")
        self.pump()

    def _schedule_rest(self) -> None:
        self.ask("rest")

    def _wait_for_message(self) -> object | None:
        self.ask("wait")
        self.pump(to_message=True)
        if self.inbox:
            return None
        if self.connection.phase is not Phase.OPEN and not self.connection.pending:
            raise Done
        blocker: object = self.waiter.start()
        self.outbox.flush()
        return blocker

    def pump(self, *, to_message: bool = False) -> None:
        while self.inbox.room and self.connection.pending and not (to_message and self.inbox):
            messages = self.connection.ready_messages(self.inbox.room)
            event = None if messages else self.connection.next_event()
            if isinstance(event, (str, bytes)):
                messages = [event]
            elif event is not None:
                self.events.append(event)
            self.inbox.put(messages)
            if self.inbox:
                self.waiter.wake()

    def receive(self, data: Any) -> None:
        assert self.inbox.receive(data) is None

    def task(self) -> Task:
        """Have a task receive one message after the other; they go among the events."""
        return Task(lambda: self.inbox.recv(self), self.events)


class Recorder:
    """A connection of which attributes are whatever a test makes them."""

    def __init__(self, twin: ModuleType, **attributes: Any) -> None:
        self._real = Connection(Role.CLIENT)
        self._real._parser = twin.Parser(masked=False)
        vars(self).update(attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def receive_into(self, inbox: Any, data: bytes) -> bool:
        # As that of a connection, with the attributes of this one.
        parser = self._parser
        left = inbox.fill(parser, data, self._decoder)
        if left is None or parser is not self._parser:
            return True
        self._parsed = left
        self.pending = True
        return False


def recorder(twin: ModuleType, **properties: Callable[[Any], Any]) -> Any:
    """A recorder that calls something when an attribute is looked at."""
    made = {
        name: property(get, lambda *_: None) if get is not fail else property(get, fail)
        for name, get in properties.items()
    }
    return type("Special", (Recorder,), made)(twin)
