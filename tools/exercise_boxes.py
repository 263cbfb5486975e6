"""
Exercise the inbox, the outbox, the waiter and their coroutines in C: see exercise_frames.py.
"""

from __future__ import annotations

import contextvars
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Callable

from ws_frames import ConnectionClosed, ConnectionClosedOK, Phase

try:
    from ws_frames import _speedups
except ImportError:
    sys.exit("the C speedups are not built: there is nothing to exercise")

# Without their types: most of what is tried here doesn't fit.
Inbox: Any = _speedups.Inbox
Outbox: Any = _speedups.Outbox
Parser: Any = _speedups.Parser
Waiter: Any = _speedups.Waiter

# One use of the C, and some that belong together.
Case = Callable[[], object]
Exercise = Callable[[], Iterator[Case]]
EXERCISES: list[Exercise] = []


def exercise(function: Exercise) -> Exercise:
    EXERCISES.append(function)
    return function


# An object that is neither true nor false. Where memory is short, Python itself gets into
# trouble with functions, so that there is none here, and none that the C would call.
NO_TRUTH = memoryview(b"")
NO_TRUTH.release()

# Python crashes where there is no memory for an empty context: so there is this one, and the
# thread has its own.
CONTEXT = contextvars.Context()
contextvars.copy_context()


# ---------------------------------------------------------------------------
# What an inbox and an outbox call. Here too, these are methods of objects in C: those of a list
# take what is written, and give what to wait for; that of a dict finds a coroutine.


class Source:
    """Gives what to wait for, the last first; an IndexError then."""

    def __init__(self, answers: Sequence[object]) -> None:
        self._wait_for_message = list(answers).pop


class Closing:
    """Says that no message will come. It needs a function, whatever Python does with it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def _wait_for_message(self) -> None:
        raise self.error.with_traceback(None)


def source_of(answers: Any) -> object:
    if answers is None:
        return None
    return Closing(answers) if isinstance(answers, BaseException) else Source(answers)


class Sink:
    """Takes what is written, or says that it is closing."""

    def __init__(self, *, closing: bool = False) -> None:
        self.writes: list[bytes] = []
        self.write = self.writes.append
        self.is_closing = partial(bool, closing)


class Sender:
    """Waits as an inbox does that stays empty, for a message that it knows."""

    def __init__(self) -> None:
        inbox = Inbox()
        self.coroutines = [inbox.recv(Source((1, 2))), inbox.recv(Source((3,)))]
        self._send_slowly = {"slowly": self.coroutines[0]}.get
        self._drain = self.coroutines.pop

    def end(self) -> None:
        while self.coroutines:
            self.coroutines.pop().close()


class Encoding:
    """A connection that makes the same of every message, once."""

    phase = Phase.OPEN
    pending = False

    def __init__(self, result: object = b"frame") -> None:
        self.send_message = partial({"text": result}.pop, "text") if result else None


class Idle:
    """A connection as an inbox sees it that is opened with one."""

    def __init__(self, **attributes: Any) -> None:
        self.phase: Any = Phase.OPEN
        self.pending: Any = False
        self._parser: Any = Parser(masked=False)
        self._parsed: Any = []
        vars(self).update(attributes)


class Receiver(Source):
    """Keeps what is to be received slowly."""

    def __init__(self, answers: Sequence[object] = ()) -> None:
        super().__init__(answers)
        self.data: list[bytes] = []
        self._receive_slowly = self.data.append
        self._pump = self.data.copy


class Loop:
    """An event loop that makes something of what it is to call, and calls it never."""

    def __init__(self, task: object = None) -> None:
        self.call_soon = partial
        self.current_task = {self: task}.get


EXPECTED: tuple[type[BaseException], ...] = (
    StopIteration, StopAsyncIteration, RuntimeError, ConnectionClosed, IndexError, AttributeError,
    TypeError, KeyError, ValueError, BufferError,
)  # fmt: skip


def refused(function: Callable[..., object], *arguments: Any, **options: Any) -> None:
    with suppress(*EXPECTED):
        function(*arguments, **options)


def step(coroutine: Any, times: int = 3) -> None:
    """Step a coroutine until it ends, or so many times, and close it."""
    with suppress(*EXPECTED):
        for _ in range(times):
            coroutine.send(None)
    coroutine.close()


def throw(coroutine: Any, arguments: Sequence[object], *, times: int) -> None:
    """Throw something into a coroutine that was stepped so many times."""
    for _ in range(times):
        coroutine.send(None)
    refused(coroutine.throw, *arguments)
    step(coroutine)
    for error in arguments:
        if isinstance(error, BaseException):
            error.__traceback__ = None


# ---------------------------------------------------------------------------
# Exercises

THROWN: list[tuple[Any, ...]] = [
    (KeyError,), (KeyError("key"),), (StopIteration(1),), (ConnectionClosedOK(1000, ""),), (5,), (),
    (KeyError, "key", None), (KeyError, None, 5), (KeyError(), 5),
]  # fmt: skip
NUMBERS = [str(number) for number in range(1100)]
ARRIVING = [
    b"\x81\x01a",
    b"\x81\x01a" * 5,
    b"\x81\x01a\x89\x00\x81\x01b",
    b"\xff",
    b"\x89\x00" * 2500,
]
WRONG_CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("write", ()), ("write", ("text",)), ("write", (b"", NO_TRUTH)), ("write", (b"",)), ("open", ()),
    ("open", (None, NO_TRUTH)), ("send", ()), ("send", (None, "", NO_TRUTH)),
]  # fmt: skip
WRONG_LIMITS: list[dict[str, Any]] = [
    {"max_queue": "1"}, {"max_bytes": "1"}, {"more": 1}, {"max_queue": 2**70}, {"max_bytes": -1},
]  # fmt: skip


@exercise
def inboxes() -> Iterator[Case]:
    def queue() -> None:
        inbox = Inbox(max_queue=5, max_bytes=10_000)
        refused(inbox.put, 5)
        inbox.put(NUMBERS)
        inbox.put((b"bytes", "é", "漢", 5))
        for _ in NUMBERS:
            inbox.pop()
        if len(inbox) != 4 or inbox.taken:
            raise SystemExit("an inbox is broken")
        inbox.end()

    def fill(data: bytes) -> None:
        inbox = Inbox(max_queue=2)
        parser = Parser(masked=False)
        inbox.fill(parser, data)
        refused(inbox.fill, None, data)
        refused(inbox.fill, parser, "text")

    yield queue
    for data in ARRIVING:
        yield partial(fill, data)
    for options in WRONG_LIMITS:
        yield partial(refused, Inbox, **options)


@exercise
def receiving() -> Iterator[Case]:
    def receive(answers: Any, *messages: object) -> None:
        inbox = Inbox()
        inbox.put(messages)
        step(inbox.recv(source_of(answers)))

    def iterate(answers: Any, *messages: object) -> None:
        inbox = Inbox()
        inbox.put(messages)
        steps = inbox.messages(source_of(answers))
        for _ in range(3):
            step(steps.__anext__())
        kept = [steps.__anext__(), steps.__anext__()]
        step(kept.pop())
        step(kept.pop())

    def compete() -> None:
        inbox = Inbox()
        first = inbox.recv(Source((1,)))
        first.send(None)
        step(inbox.recv(Source((1,))))
        step(inbox.messages(None).__anext__())
        first.close()

    def interrupt(arguments: Sequence[object], *, times: int) -> None:
        inbox = Inbox()
        throw(inbox.recv(Source((1,))), arguments, times=times)
        throw(inbox.messages(Source((1,))).__anext__(), arguments, times=times)

    for use in (receive, iterate):
        yield partial(use, None, "a", b"b")
        for answers in ((), (None, None), (1, 2, 3, 4), (None, 1)):
            yield partial(use, answers)
        for error in (ConnectionClosedOK(1000, ""), KeyError(), StopIteration(1)):
            yield partial(use, error)
    yield compete
    for arguments in THROWN:
        yield partial(interrupt, arguments, times=0)
        yield partial(interrupt, arguments, times=1)


@exercise
def arriving() -> Iterator[Case]:
    """Bytes that arrive at an open inbox, while somebody waits there or not."""

    def receive(
        data: Any, *, wait: bool, task: object = None, room: int = 3, **attributes: Any
    ) -> None:
        loop, connection, source = Loop(task), Idle(**attributes), Receiver((1,))
        inbox, waiter = Inbox(max_queue=room), Waiter(loop, loop.current_task)
        outbox = Outbox(Sink(), id, inbox)
        inbox.open(source, connection, waiter, outbox)
        coroutine = inbox.recv(source)
        if wait:
            refused(coroutine.send, None)
            # In place of a task: what it calls gives the coroutine, and doesn't step it.
            waiter.add_done_callback({waiter: 1}.get, context=CONTEXT)
        outbox.write(b"gathered", True)
        refused(inbox.receive, data)
        step(coroutine, 1)
        for _ in range(8):
            step(inbox.recv(source), 1)
        inbox.open(source, connection, waiter, outbox)
        inbox.traced = True
        refused(inbox.receive, data)
        inbox.close()
        inbox.receive(data)

    def open_wrongly() -> None:
        inbox, loop = Inbox(), Loop()
        waiter = Waiter(loop, loop.current_task)
        refused(inbox.open)
        refused(inbox.open, None, None, None, None)
        refused(inbox.open, None, None, waiter, None)
        inbox.open(None, None, waiter, Outbox(None, id, inbox))
        refused(inbox.receive, b"")
        step(inbox.recv(None), 1)

    for data in [*ARRIVING, b"", b"\x81\x01a" * 50, b"\x82\x7e\xff\xff" + bytes(65_535), 5]:
        yield partial(receive, data, wait=False)
        yield partial(receive, data, wait=True)
        yield partial(receive, data, wait=True, task=1)
    odd: list[dict[str, Any]] = [
        {"phase": None}, {"pending": True}, {"pending": NO_TRUTH}, {"_parser": None},
        {"pending": True, "_parsed": None}, {"pending": True, "_parsed": [5]},
    ]  # fmt: skip
    for attributes in odd:
        yield partial(receive, ARRIVING[1], wait=False, **attributes)
    yield open_wrongly


@exercise
def waiters() -> Iterator[Case]:
    def wait(task: object, act: str, callback: Callable[..., object] = id) -> None:
        loop = Loop(task)
        waiter = Waiter(loop, loop.current_task)
        waiter.wake()
        waiter.add_done_callback(callback)
        refused(waiter.start().add_done_callback, callback)
        refused(waiter.add_done_callback, callback)
        refused(getattr(waiter, act))
        refused(waiter.wake)
        if waiter.get_loop() is not loop or waiter.result() is not None:
            raise SystemExit("a waiter is broken")

    def step_in_its_context() -> None:
        loop = Loop()
        waiter = Waiter(loop, loop.current_task)
        waiter.start()
        waiter.add_done_callback(id, context=CONTEXT)
        CONTEXT.run(waiter.wake)

    def end_program() -> None:
        loop = Loop()
        waiter = Waiter(loop, loop.current_task)
        waiter.start()
        waiter.add_done_callback(sys.exit, context=CONTEXT)
        waiter.wake()
        refused(waiter._raise_error, KeyError())

    def refuse(act: str) -> None:
        waiter = Waiter(None, id)
        waiter.start()
        waiter.add_done_callback(id)
        refused(getattr(waiter, act))

    for task in (None, 1):
        for act in ("wake", "cancel", "start"):
            yield partial(wait, task, act)
            yield partial(wait, task, act, {}.pop)
    yield step_in_its_context
    yield end_program
    for act in ("wake", "cancel"):
        yield partial(refuse, act)
    yield partial(refused, Waiter)
    loop = Loop()
    waiter = Waiter(loop, loop.current_task)
    for arguments, options in (
        ((), {}),
        ((id, 5), {}),
        ((id,), {"context": 5}),
        ((id,), {"other": 5}),
    ):
        yield partial(refused, waiter.add_done_callback, *arguments, **options)


@exercise
def outboxes() -> Iterator[Case]:
    def write(*pieces: bytes, closing: bool = False, call_soon: Any = id) -> None:
        outbox = Outbox(Sink(closing=closing), call_soon, Inbox(), limit=1000)
        with suppress(*EXPECTED):
            for piece in pieces:
                outbox.write(piece, True)
        outbox.end_turn()
        outbox.write(b"last")
        outbox.paused = True
        outbox.write(b"more")
        outbox.flush()
        if not outbox.backlog:
            raise SystemExit("an outbox is broken")
        outbox.finish()
        outbox.discard()

    for pieces in ((), (b"one",), (b"one", b"two"), (b"", b"x" * 1000, b"y"), (b"",) * 1030):
        yield partial(write, *pieces)
        yield partial(write, *pieces, closing=True)
        yield partial(write, *pieces, call_soon=int)
    yield partial(refused, Outbox)
    yield partial(refused, Outbox, None, id, None)
    for limit in ("1", 2**70):
        yield partial(refused, Outbox, None, id, Inbox(), limit=limit)
    outbox = Outbox(None, id, Inbox())
    for method, arguments in WRONG_CALLS:
        yield partial(refused, getattr(outbox, method), *arguments)


MESSAGES = ["", "text", "é", b"bytes", bytearray(b"array"), memoryview(b"view"), "\ud800", 5]


LARGE = bytes(2_500_000)


@exercise
def sending() -> Iterator[Case]:
    def send(message: object, masked: bool | None, *, encoding: Any = None, **sink: bool) -> None:
        sender, inbox = Sender(), Inbox()
        outbox = Outbox(Sink(**sink), id, inbox)
        step(outbox.send(sender, message))
        outbox.open(Encoding() if encoding is None else encoding(), masked)
        step(outbox.send(sender, message))
        inbox.put(["more"])
        step(outbox.send(sender, message, False))
        sender.end()

    def interrupt(arguments: Sequence[object], *, times: int) -> None:
        sender = Sender()
        outbox = Outbox(Sink(), id, Inbox())
        throw(outbox.send(sender, "slowly"), arguments, times=times)
        sender.end()

    for masked in (None, False, True):
        for message in MESSAGES:
            yield partial(send, message, masked)
        yield partial(send, "text", masked, closing=True)
        yield partial(send, "text", masked, encoding=object)
    yield partial(send, "slowly", None)
    yield partial(send, "text", None, encoding=partial(Encoding, 5))
    yield partial(send, "text", None, encoding=partial(Encoding, None))
    for arguments in THROWN:
        yield partial(interrupt, arguments, times=0)
        yield partial(interrupt, arguments, times=1)


@exercise
def sharing() -> Iterator[Case]:
    """A large message, of which most isn't copied."""

    def send(**sink: Any) -> None:
        sender = Sender()
        target: Any = Sink(closing=sink.pop("closing", False))
        vars(target).update(sink)
        outbox = Outbox(target, id, Inbox())
        outbox.open(Encoding(), False)
        for _ in range(2):
            step(outbox.send(sender, LARGE))
        kept = outbox.send(sender, LARGE)
        step(kept)
        step(outbox.send(sender, "text"))
        refused(outbox.finish)
        sender.end()

    yield send
    yield partial(send, closing=True)
    yield partial(send, write=int)
    yield partial(send, write={}.pop)


@exercise
def never_awaited() -> Iterator[Case]:
    """A warning of each, and one that is an error."""

    def drop(category: type[Warning]) -> None:
        hook, sys.unraisablehook = sys.unraisablehook, id
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", category)
                Inbox().recv(None)
                Inbox().messages(None).__anext__()
                Outbox(None, id, Inbox()).send(None, "")
        finally:
            sys.unraisablehook = hook

    yield partial(drop, RuntimeWarning)
    yield partial(drop, UserWarning)


@exercise
def cycles() -> Iterator[Case]:
    def refer() -> None:
        source: Any = Source((1, 2))
        inbox = Inbox()
        source.inbox, source.messages = inbox, inbox.messages(source)
        source.step = source.messages.__anext__()
        source.step.send(None)
        inbox.put([[inbox]])

        loop: Any = Loop()
        waiter = Waiter(loop, loop.current_task)
        loop.inbox = inbox
        waiter.start()
        waiter.add_done_callback(loop, context=CONTEXT)

        sink: Any = Sink()
        outbox = Outbox(sink, id, inbox)
        inbox.open(source, sink, waiter, outbox)
        outbox.open(sink, None)
        outbox.write(b"gathered", True)
        sink.outbox, sink.send = outbox, outbox.send(sink, sink)
        sink.send.close()

    yield refer
