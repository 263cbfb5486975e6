"""An outbox that finalizers write to in the middle of writing, by both twins."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable

import pytest

from tests.ws_frames.boxes import Outgoing, finish

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1_048_576

#: After so many new objects the garbage is collected: somewhere in what is done.
MOMENTS = range(1, 12)


@contextmanager
def collecting(after: int, function: Callable[[], object]) -> Iterator[list[str]]:
    """Have a function called when the garbage is collected, which is soon; tell whether it was."""
    called: list[str] = []

    def call(phase: str, _: object) -> None:
        if not called:
            called.append(phase)
            function()

    thresholds = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(call)
    gc.set_threshold(after, 1000, 1000)
    try:
        yield called
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(call)


def drain(outgoing: Outgoing) -> bytes:
    """All that is written, once the sink takes all."""
    outgoing.sink.on_write = lambda: None
    for _ in range(2):
        outgoing.outbox.paused = False
        outgoing.outbox.flush()
    return b"".join(bytes(data) for data in outgoing.writes)


def pieces(written: bytes) -> list[bytes]:
    """The runs of equal bytes."""
    found: list[bytes] = []
    for byte in written.replace(b"a" * 1000, b"a").replace(b"b" * 1000, b"b"):
        if not found or found[-1] != bytes((byte,)):
            found.append(bytes((byte,)))
    return found


def pause(outgoing: Outgoing) -> None:
    outgoing.outbox.paused = True


@pytest.mark.parametrize("after", MOMENTS)
@pytest.mark.parametrize("size", [1000, 3 * MIB])
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_no_piece_is_lost_or_torn(
    outgoing: Outgoing, after: int, size: int, more: bool, full: bool
) -> None:
    if full:
        outgoing.sink.on_write = lambda: pause(outgoing)
    first, second = b"a" * (size // 1000 * 1000), b"b" * (2 * MIB // 1000 * 1000)
    with collecting(after, lambda: outgoing.outbox.write(second)) as called:
        outgoing.outbox.write(first, more)
    written = drain(outgoing)
    assert (written.count(b"a"), written.count(b"b")) == (
        len(first),
        len(second) if called else 0,
    )
    assert len(pieces(written)) == 1 + len(called)


@pytest.mark.parametrize("after", MOMENTS)
def test_a_shared_message_is_not_torn_either(outgoing: Outgoing, after: int) -> None:
    outgoing.open(masked=False)
    outgoing.sink.on_write = lambda: pause(outgoing)
    message, second = b"a" * (3000 * 1000), b"b" * (2000 * 1000)
    with collecting(after, lambda: outgoing.outbox.write(second)) as called:
        finish(outgoing.send(message))
    written = drain(outgoing)
    header = b"\x82\x7f" + len(message).to_bytes(8, "big")
    assert header + message in written
    assert len(written) == len(header + message) + (len(second) if called else 0)


@pytest.mark.parametrize("after", MOMENTS)
def test_what_is_discarded_meanwhile_is_gone(outgoing: Outgoing, after: int) -> None:
    with collecting(after, outgoing.outbox.discard):
        outgoing.outbox.write(b"a" * 5 * MIB)
    written = drain(outgoing)
    assert len(written) % MIB == 0
    assert set(written) <= set(b"a")


@pytest.mark.parametrize("size", [MIB, 2 * MIB, 3 * MIB])
@pytest.mark.parametrize("part", range(4))
def test_what_is_written_while_a_part_is_handed_over_waits_for_the_others(
    outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch, size: int, part: int
) -> None:
    asked: list[bool] = []

    def is_closing() -> bool:
        asked.append(True)
        if len(asked) == part + 1:
            outgoing.outbox.write(b"b" * 1000)
        return False

    monkeypatch.setattr(outgoing.sink, "is_closing", is_closing)
    outgoing.outbox.write(b"a" * (size + 1000))
    written = b"".join(bytes(data) for data in outgoing.writes)
    assert written.count(b"a") == size + 1000
    assert len(pieces(written)) <= 2
    if part <= size // MIB:
        assert written.endswith(b"a" + b"b" * 1000)
