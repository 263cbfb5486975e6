"""Exercise the outbox and its coroutines, and all of it in cycles."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from .case import CONTEXT, EXPECTED, NO_TRUTH, Case, exercise, refused, speedups
from .coroutines import THROWN, step, throw
from .fakes import Encoding, Loop, Sender, Sink, Source

Inbox, Outbox, Waiter = speedups.Inbox, speedups.Outbox, speedups.Waiter

WRONG_CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("write", ()), ("write", ("text",)), ("write", (b"", NO_TRUTH)), ("write", (b"",)), ("open", ()),
    ("open", (None, NO_TRUTH)), ("send", ()), ("send", (None, "", NO_TRUTH)),
]  # fmt: skip
MESSAGES = ["", "text", "é", b"bytes", bytearray(b"array"), memoryview(b"view"), "\ud800", 5]
LARGE = bytes(2_500_000)


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
