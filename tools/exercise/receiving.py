"""Exercise the inbox, its coroutines, and the waiter."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Callable

from ws_frames import RSV1, ConnectionClosedOK, Frame, Opcode

from .case import CONTEXT, NO_TRUTH, Case, exercise, refused, speedups
from .coroutines import THROWN, step, throw
from .fakes import Decoding, Idle, Loop, Receiver, Sink, Source, source_of

Inbox, Outbox, Parser, Waiter = speedups.Inbox, speedups.Outbox, speedups.Parser, speedups.Waiter

NUMBERS = [str(number) for number in range(1100)]
ARRIVING = [
    b"\x81\x01a",
    b"\x81\x01a" * 5,
    b"\x81\x01a\x89\x00\x81\x01b",
    b"\xff",
    b"\x89\x00" * 2500,
]
MARKED = [b"\xc1\x01a", b"\x81\x01a\xc1\x01a\x81\x01b\xc1\x01c\x89\x00", b"\xc1\x01a" * 300]
FRAME = Frame(True, Opcode.TEXT, b"a", rsv1=True)
DECODERS = [
    None, 5, Decoding(None), Decoding({}), Decoding({FRAME: FRAME}), Decoding({FRAME: "text"}),
    Decoding({FRAME: bytes(5000)}), Decoding({FRAME: 5}),
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

    def fill_decoded(data: bytes, decoder: object, room: int) -> None:
        inbox = Inbox(max_queue=room)
        parser = Parser(masked=False, rsv=RSV1)
        refused(inbox.fill, parser, data, decoder)
        if inbox.work > 256 or len(inbox) > room:
            raise SystemExit("too much is decoded")
        inbox.work = 0
        refused(inbox.fill, parser, data, decoder)

    yield queue
    for data in ARRIVING:
        yield partial(fill, data)
    for data in MARKED:
        for decoder in DECODERS:
            yield partial(fill_decoded, data, decoder, 3)
            yield partial(fill_decoded, data, decoder, 1000)
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
    for decoder in DECODERS:
        for data in MARKED:
            yield partial(receive, data, wait=False, room=100, _decoder=decoder)
            yield partial(receive, data, wait=True, _decoder=decoder)
    yield open_wrongly


@exercise
def arriving_in_a_buffer() -> Iterator[Case]:
    def receive(data: bytes, **attributes: Any) -> None:
        loop, connection, source = Loop(), Idle(**attributes), Receiver((1,))
        inbox = Inbox(max_queue=3)
        inbox.open(source, connection, Waiter(loop, loop.current_task), Outbox(Sink(), id, inbox))
        inbox.buffer = memoryview(bytearray(data))
        if inbox.get_buffer(-1) is not inbox.buffer:
            raise SystemExit("a buffer is another one")
        for traced in (False, True):
            inbox.traced = traced
            refused(inbox.buffer_updated, len(data))
        for wrong in (-1, len(data) + 1, 2**70, None):
            refused(inbox.buffer_updated, wrong)
        inbox.buffer = None
        refused(inbox.buffer_updated, 0)
        inbox.close()
        inbox.buffer_updated(0)

    for data in [*ARRIVING, b"", b"\x82\x7e\xff\xff" + bytes(65_535)]:
        yield partial(receive, data)
    yield partial(receive, ARRIVING[1], pending=NO_TRUTH)
    yield partial(receive, ARRIVING[1], _parser=None)


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
