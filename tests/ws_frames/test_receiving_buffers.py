"""Bytes that arrive in a buffer, where others will be afterwards, by both twins."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.receivers import (
    CLOSE,
    HELLO,
    LARGE_READ,
    PING,
    WRONG,
    Done,
    End,
    Oops,
    fail,
    texts,
)
from ws_frames import Close, Failure, Ping

READS = {
    "a message": [HELLO],
    "messages": [texts("a", "b"), b"\x82\x01c"],
    "pieces": [HELLO[:1], HELLO[1:4], HELLO[4:]],
    "fragments": [b"\x01\x02ab", b"\x00\x01c" + PING, b"\x80\x01d"],
    "a ping": [PING, HELLO],
    "a close frame": [HELLO, CLOSE],
    "an error": [HELLO, WRONG],
    "more than is parsed at once": [PING * 2500 + HELLO, HELLO],
    "more than there is room for": [texts(*"123456789"), HELLO],
    "nothing": [b"", HELLO, b""],
    "a large one": [b"\x82\x7f" + (70_000).to_bytes(8, "big") + bytes(70_000), HELLO],
}


def read(end: End, data: bytes) -> None:
    """Do as a transport does: fill the buffer and tell of it."""
    buffer: Any = end.inbox.get_buffer(-1)
    assert buffer is end.inbox.buffer
    buffer[: len(data)] = data
    assert end.inbox.buffer_updated(len(data)) is None
    buffer[: len(data)] = b"\xff" * len(data)


@pytest.fixture
def reader(twin: ModuleType) -> End:
    end = End(twin, max_queue=4)
    end.inbox.buffer = memoryview(bytearray(2**17))
    return end


def comparable(things: Sequence[Any]) -> list[Any]:
    return [type(thing) if isinstance(thing, Failure) else thing for thing in things]


@pytest.mark.parametrize("waiting", [False, True], ids=["nobody waits", "somebody waits"])
@pytest.mark.parametrize("reads", READS.values(), ids=READS)
def test_it_is_received_as_what_comes_in_objects(
    twin: ModuleType, reader: End, reads: list[bytes], waiting: bool
) -> None:
    other = End(twin, max_queue=4)
    for end in (reader, other):
        if waiting:
            end.task()
    for data in reads:
        read(reader, data)
        other.receive(data)
        assert reader.asked == other.asked
        assert len(reader.inbox) == len(other.inbox)
    for end in (reader, other):
        if not waiting:
            end.task()
    assert comparable(reader.events) == comparable(other.events)
    assert {type(event) for event in reader.events} <= {str, bytes, Ping, Close, Failure, type}


@pytest.mark.parametrize("size", [LARGE_READ - 1, LARGE_READ])
def test_large_reads_are_noted(reader: End, size: int) -> None:
    read(reader, b"\x82\x7f" + (10**6).to_bytes(8, "big") + bytes(size - 10))
    assert reader.asked == [("large", size)] * (size >= LARGE_READ)


def test_what_is_received_slowly_is_an_object_of_its_own(reader: End) -> None:
    reader.inbox.traced = True
    read(reader, HELLO)
    assert reader.asked == [("slowly", HELLO)]
    assert type(reader.asked[0][1]) is bytes


def test_it_may_be_larger_than_what_arrives(reader: End) -> None:
    reader.inbox.buffer[:] = b"\xff" * len(reader.inbox.buffer)
    read(reader, HELLO)
    assert reader.inbox.pop() == "Hello"
    assert reader.connection.phase.name == "OPEN"


@pytest.mark.parametrize("size", [-1, -(2**70), 2**17 + 1, 2**70])
def test_no_more_can_arrive_than_there_is_room_for(reader: End, size: int) -> None:
    with pytest.raises(ValueError, match="the buffer has 131072"):
        reader.inbox.buffer_updated(size)
    assert reader.asked == []


def test_the_whole_buffer_can_be_filled(reader: End) -> None:
    size = len(reader.inbox.buffer) - 10
    read(reader, b"\x82\x7f" + size.to_bytes(8, "big") + bytes(size))
    assert reader.inbox.pop() == bytes(size)


@pytest.mark.parametrize("size", ["1", None, 1.5])
def test_a_size_is_a_number(reader: End, size: Any) -> None:
    with pytest.raises(TypeError):
        reader.inbox.buffer_updated(size)


def test_there_is_no_buffer_to_begin_with(twin: ModuleType) -> None:
    end = End(twin)
    assert end.inbox.buffer is None
    assert end.inbox.get_buffer(-1) is None
    with pytest.raises(TypeError):
        end.inbox.buffer_updated(0)


def test_nothing_arrives_after_it_was_closed(reader: End) -> None:
    reader.inbox.close()
    read(reader, HELLO)
    assert (reader.asked, len(reader.inbox)) == ([], 0)


def test_a_buffer_that_was_released_is_an_error(reader: End) -> None:
    reader.inbox.buffer.release()
    with pytest.raises(ValueError, match="released"):
        reader.inbox.buffer_updated(1)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python gives buffers since 3.12")
def test_it_may_be_another_one_by_the_time_it_is_looked_at(reader: End) -> None:
    class Fleeting:
        def __buffer__(self, flags: int) -> memoryview:
            reader.inbox.buffer = None
            return memoryview(bytearray(HELLO))

    reader.inbox.buffer = Fleeting()
    reader.inbox.buffer_updated(len(HELLO))
    assert reader.inbox.pop() == "Hello"


@pytest.mark.parametrize("hook", ["slowly", "large", "pump"])
def test_what_a_source_raises_is_raised(reader: End, hook: str) -> None:
    reader.inbox.traced = hook == "slowly"
    reader.hooks[hook] = fail
    data = b"\x82\x7f" + (10**5).to_bytes(8, "big") + bytes(10**5)
    reader.inbox.buffer[: len(data)] = data
    with pytest.raises(Oops):
        reader.inbox.buffer_updated(len(data))


def test_who_is_woken_may_receive_more(reader: End) -> None:
    """As where an event loop runs inside of another one."""
    events: list[Any] = []

    def more() -> None:
        if reader.events and not events:
            events.append(reader.events[-1])
            read(reader, texts("nested"))

    reader.hooks["wait"] = more
    reader.inbox.stopped = True  # so that the source is asked each time
    reader.task()
    read(reader, texts("a") + texts("b"))
    assert events == ["b"]
    assert [event for event in reader.events if event is not Done] == ["a", "b", "nested"]
