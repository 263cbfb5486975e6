"""Messages that wait to be taken, by both twins."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.boxes import Cancelled, Number, anext_of, filled, take_all
from tests.ws_frames.ends import Whole
from ws_frames import (
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    Frame,
    Opcode,
    ProtocolError,
    pure,
    speedups,
)
from ws_frames.decoder import Decoder

HELLO = b"\x81\x05Hello"
PING = b"\x89\x00"


# ---------------------------------------------------------------------------
# The queue


def test_messages_are_taken_in_order(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    inbox.put(("a", b"b"))
    inbox.put(["c"])
    assert len(inbox) == 3
    assert take_all(inbox) == ["a", b"b", "c"]
    assert not inbox


def test_order_is_kept_whatever_is_taken_between(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    taken, put = [], 0
    for size in (5, 1, 9, 30, 2, 3000, 1):
        inbox.put([str(number) for number in range(put, put + size)])
        put += size
        taken += [inbox.pop() for _ in range((len(inbox) + 1) // 2)]
    taken += take_all(inbox)
    assert taken == [str(number) for number in range(put)]
    inbox.put(["again"])
    assert take_all(inbox) == ["again"]


def test_an_empty_one_has_nothing_to_take(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    inbox.pop()
    with pytest.raises(IndexError, match="no message is there"):
        inbox.pop()


def test_what_is_no_sequence_is_not_put(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    with pytest.raises(TypeError):
        inbox.put(5)
    assert len(inbox) == 0


def test_it_lets_go_of_what_nobody_takes(twin: ModuleType) -> None:
    class Text(str):
        """A message with weak references."""

    texts = [Text("a"), Text("b")]
    references = [weakref.ref(text) for text in texts]
    inbox = filled(twin, *texts)
    del texts
    assert inbox.pop() == "a"
    assert references[0]() is None
    assert references[1]() is not None
    del inbox
    assert references[1]() is None


# ---------------------------------------------------------------------------
# How full it is


def test_it_has_room_up_to_a_number_of_messages(twin: ModuleType) -> None:
    inbox = twin.Inbox(max_queue=3)
    rooms = []
    for _ in range(4):
        rooms.append(inbox.room)
        inbox.put(("a",))
    assert rooms == [3, 2, 1, 0]
    assert inbox.room == 0


def test_it_has_room_up_to_a_number_of_bytes(twin: ModuleType) -> None:
    inbox = filled(twin, "a" * 4900, max_queue=100, max_bytes=10_000)
    assert inbox.room == 99
    inbox.put((b"",))
    assert inbox.room == 98
    inbox.put((b"b" * 100,))
    assert inbox.room == 0


@pytest.mark.parametrize("message", ["a", "é", "漢", "😀", "\x00", b"a", b""])
def test_it_counts_what_a_message_takes_in_memory(twin: ModuleType, message: Data) -> None:
    message *= 2000
    size = sys.getsizeof(message)
    assert filled(twin, message, max_queue=10, max_bytes=2 * size).room == 9
    assert filled(twin, message, max_queue=10, max_bytes=2 * size - 1).room == 0


def test_it_has_room_again_once_its_bytes_were_taken(twin: ModuleType) -> None:
    inbox = filled(twin, "a" * 4900, "b" * 100, max_queue=100, max_bytes=10_000)
    inbox.pop()
    assert inbox.room == 0
    inbox.pop()
    assert inbox.room == 100
    inbox.put(("a" * 4900,))
    assert inbox.room == 99


def test_it_counts_anew_once_its_messages_were_taken(twin: ModuleType) -> None:
    message = "a" * 2000
    inbox = filled(twin, message, max_queue=10, max_bytes=2 * sys.getsizeof(message))
    inbox.pop()
    assert inbox.room == 10
    inbox.put((message,))
    assert inbox.room == 9


def test_without_limits_it_has_room_for_ever(twin: ModuleType) -> None:
    assert filled(twin, *"a" * 100_000).room > 1 << 30
    assert filled(twin, "a", max_queue=2**70, max_bytes=2**70).room > 1 << 30


@pytest.mark.parametrize(
    ("max_queue", "max_bytes"), [(0, None), (-1, None), (0, 0), (5, 0), (None, 0), (None, -1)]
)
def test_an_empty_one_always_has_room(
    twin: ModuleType, max_queue: int | None, max_bytes: int | None
) -> None:
    inbox = twin.Inbox(max_queue=max_queue, max_bytes=max_bytes)
    assert inbox.room >= 1
    inbox.put(("a",))
    assert inbox.room == 0
    inbox.pop()
    assert inbox.room >= 1


def test_it_has_no_room_after_its_end(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    inbox.end()
    assert inbox.room == 0
    assert take_all(inbox) == ["a"]
    assert inbox.room == 0


def test_limits_may_be_anything_that_stands_for_an_int(twin: ModuleType) -> None:
    assert filled(twin, "a", max_queue=Number(3)).room == 2
    assert filled(twin, "a", max_queue=Number(-3)).room == 0
    size = sys.getsizeof("a" * 100)
    assert filled(twin, "a" * 100, max_queue=9, max_bytes=Number(2 * size)).room == 8
    assert filled(twin, "a" * 100, max_queue=9, max_bytes=Number(2 * size - 1)).room == 0


@pytest.mark.parametrize("limit", ["5", 5.0, 5.5])
def test_limits_are_numbers_given_by_name(twin: ModuleType, limit: object) -> None:
    for name in ("max_queue", "max_bytes"):
        options: dict[str, Any] = {name: limit}
        with pytest.raises(TypeError):
            twin.Inbox(**options)
    with pytest.raises(TypeError):
        twin.Inbox(5)


# ---------------------------------------------------------------------------
# Filling it with what arrives


def test_messages_go_in_and_nothing_is_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    assert inbox.fill(parser, HELLO + b"\x82\x01a" + b"\x81") is None
    assert inbox.fill(parser, b"\x01") is None
    assert inbox.fill(parser, b"b") is None
    assert take_all(inbox) == ["Hello", b"a", "b"]


def test_a_frame_and_what_follows_it_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    left = inbox.fill(parser, HELLO + PING + HELLO)
    assert left == [Frame(True, Opcode.PING, b""), "Hello"]
    assert take_all(inbox) == ["Hello"]
    assert inbox.fill(parser, PING) == [Frame(True, Opcode.PING, b"")]


def test_messages_without_room_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(max_queue=2), twin.Parser(masked=False)
    assert inbox.fill(parser, b"\x81\x01a\x81\x01b\x81\x01c") == ["c"]
    assert inbox.fill(parser, b"\x81\x01d") == ["d"]
    inbox.pop()
    assert inbox.fill(parser, b"\x81\x01e") is None
    inbox.end()
    inbox.pop()
    assert inbox.fill(parser, b"\x81\x01f") == ["f"]
    assert take_all(inbox) == ["e"]


def test_bytes_that_wait_in_the_parser_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    count, left = 0, inbox.fill(parser, HELLO * 3000)
    while left is not None:
        assert (left, parser.waiting) == ([], True)
        count += 1
        left = inbox.fill(parser, b"")
    assert count >= 1
    assert take_all(inbox) == ["Hello"] * 3000


def test_an_error_is_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    assert inbox.fill(parser, HELLO + b"\xff") == []
    assert type(parser.error) is ProtocolError
    assert take_all(inbox) == ["Hello"]
    assert inbox.fill(parser, HELLO) == []


def test_it_is_filled_by_a_parser_with_bytes(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    for data in (bytearray(HELLO), memoryview(HELLO)):
        assert inbox.fill(parser, data) is None
    with pytest.raises(TypeError):
        inbox.fill(parser, "text")
    with pytest.raises((TypeError, AttributeError)):
        inbox.fill(None, HELLO)
    with pytest.raises(TypeError):
        inbox.fill(parser)
    assert take_all(inbox) == ["Hello"] * 2


# ---------------------------------------------------------------------------
# One against the other

messages = st.sampled_from(["", "a", "é" * 50, "漢" * 200, "😀" * 999, b"", b"b" * 3000])
MARKED, BAD = b"\xc1\x02ab", b"\xc1\x03bad"
wires = st.sampled_from([HELLO, HELLO * 7, PING, HELLO + PING + HELLO, b"\x82\x01", b"b", b"\xff"])
marked_wires = st.sampled_from(
    [MARKED, HELLO * 3 + MARKED * 4 + HELLO, MARKED + PING + MARKED, HELLO + BAD, b"\x41\x01a"]
)
operations = st.one_of(
    st.tuples(st.just("put"), st.lists(messages, max_size=12)),
    st.tuples(st.just("fill"), wires | marked_wires),
    st.tuples(st.sampled_from(["pop", "pop", "recv", "anext", "step", "wake"]), st.none()),
    st.tuples(st.sampled_from(["throw", "close", "drop", "refuse", "end"]), st.none()),
    st.tuples(st.just("answer"), st.sampled_from(["wait", "find", "none", "ok", "error", "stop"])),
)
limits = st.none() | st.integers(-1, 9) | st.integers(0, 20_000)


class Player:
    """Does one operation after the other with an inbox, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, max_queue: int | None, max_bytes: int | None) -> None:
        self.inbox = twin.Inbox(max_queue=max_queue, max_bytes=max_bytes)
        self.parser = twin.Parser(masked=False, rsv=0x40)
        self.decoder = Decoder([Whole()], max_size=5)
        self.messages = self.inbox.messages(self)
        self.coroutines: list[Any] = []
        self.answer = "wait"

    def _wait_for_message(self) -> object | None:
        answer, self.answer = self.answer, "wait"
        if answer == "find":
            self.inbox.put(["found"])
        elif answer == "ok":
            raise ConnectionClosedOK(1000, "")
        elif answer == "error":
            raise ConnectionClosedError(1006, "")
        elif answer == "stop":
            raise StopIteration("stop")
        return "wait" if answer == "wait" else None

    def play(self, name: str, argument: Any) -> object:
        try:
            result = self.do(name, argument)
        except BaseException as exc:  # noqa: BLE001 - what happens is compared, whatever it is
            result = type(exc), str(exc), getattr(exc, "value", None)
        seen = self.inbox
        state = len(seen), min(seen.room, 1 << 30), seen.taken, seen.work
        return result, state, str(self.parser.error)

    def do(self, name: str, argument: Any) -> object:
        if name == "put" or name == "fill":
            return self.inbox.put(argument) if name == "put" else self.fill(argument)
        if name == "pop" or name == "end":
            return getattr(self.inbox, name)()
        if name == "recv":
            self.coroutines.append(self.inbox.recv(self))
        elif name == "anext":
            self.coroutines.append(anext_of(self.messages))
        elif name == "answer":
            self.answer = argument
        elif name == "refuse":
            return self.coroutines and self.coroutines[-1].send("value")
        return self.use(name) if self.coroutines else None

    def fill(self, data: bytes) -> object:
        return self.inbox.fill(self.parser, data, self.decoder)

    def use(self, name: str) -> object:
        if name in ("recv", "anext", "step"):
            return self.coroutines[-1].send(None)
        if name == "wake":
            return self.coroutines[0].send(None)
        if name == "throw":
            return self.coroutines.pop(0).throw(Cancelled)
        if name == "close":
            return self.coroutines.pop().close()
        if name == "drop":
            self.coroutines.pop(0).close()
        return None


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(limits, limits, st.lists(operations, max_size=40))
def test_the_twins_do_alike(
    max_queue: int | None, max_bytes: int | None, played: Sequence[tuple[str, Any]]
) -> None:
    from ws_frames import _speedups

    players = [Player(each, max_queue, max_bytes) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two inboxes with other limits are not alike."""
    seen = [Player(pure, limit, None).play("put", ["a"]) for limit in (1, 2)]
    assert seen[0] != seen[1]
