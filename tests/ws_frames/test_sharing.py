"""Large messages, which go out without a copy of most of them, by both twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import RSV1, Connection, Extension, Frame, Role, apply_mask, pure, speedups

SLICE = 1_048_576
COPIED = 262_144
LARGE = bytes(range(256)) * (5 * SLICE // 512)  # two slices and a half

Piece = Union[bytes, memoryview]


class Oops(Exception):
    """What goes wrong here."""


def fail() -> None:
    raise Oops


class Sink:
    """Keeps what is written, and does what it is told to when that happens."""

    def __init__(self) -> None:
        self.writes: list[Piece] = []
        self.on_write: Callable[[], object] = lambda: None

    def write(self, data: Piece) -> None:
        self.on_write()
        self.writes.append(data)

    def is_closing(self) -> bool:
        return False


class Sender:
    """Counts how often it is asked to wait."""

    def __init__(self) -> None:
        self.drains = 0

    async def _send_slowly(self, message: object, compress: bool) -> None:
        raise NotImplementedError

    async def _drain(self) -> None:
        self.drains += 1


class Outgoing:
    """An outbox and all that it has to do with."""

    def __init__(self, twin: ModuleType, *, masked: bool | None = False, **options: Any) -> None:
        self.twin, self.masked, self.sender = twin, masked, Sender()
        self.connection = Connection(Role.CLIENT if masked else Role.SERVER, **options)
        self.due: list[Callable[[], object]] = []
        self.inbox = twin.Inbox()
        self.replace(Sink())

    def replace(self, sink: Sink) -> None:
        """Write to another sink."""
        self.sink = sink
        self.outbox = self.twin.Outbox(sink, self.due.append, self.inbox)
        self.outbox.open(self.connection, self.masked)

    def send(self, message: Any) -> None:
        with pytest.raises(StopIteration):
            self.outbox.send(self.sender, message).send(None)

    def pause(self) -> None:
        self.outbox.paused = True

    def resume(self) -> None:
        self.outbox.paused = False
        self.outbox.flush()

    @property
    def sizes(self) -> list[int]:
        return [len(piece) for piece in self.sink.writes]

    @property
    def data(self) -> bytes:
        return b"".join(self.sink.writes)


@pytest.fixture
def outgoing(twin: ModuleType) -> Outgoing:
    return Outgoing(twin)


def frame(message: bytes) -> bytes:
    return Connection(Role.SERVER).send_message(message)


def copies(pieces: Sequence[Piece], message: bytes) -> list[int]:
    """The sizes of the pieces that aren't parts of this message, but of a copy."""
    shared = [isinstance(piece, memoryview) and piece.obj is message for piece in pieces]
    return [len(piece) for piece, is_part in zip(pieces, shared) if not is_part]


# ---------------------------------------------------------------------------
# What is shared


def test_only_the_start_of_a_large_message_is_copied(outgoing: Outgoing) -> None:
    outgoing.send(LARGE)
    assert outgoing.data == frame(LARGE)
    assert copies(outgoing.sink.writes, LARGE) == [10 + COPIED]
    assert outgoing.sizes[1:] == [SLICE, SLICE, len(LARGE) - COPIED - 2 * SLICE]
    assert outgoing.due == []


@pytest.mark.parametrize("size", [COPIED - 1, COPIED, COPIED + 1])
def test_a_message_is_large_from_a_size_on(outgoing: Outgoing, size: int) -> None:
    outgoing.send(LARGE[:size])
    assert outgoing.sizes == ([10 + COPIED, 1] if size > COPIED else [10 + size])
    outgoing.outbox.finish()  # nothing is left, not even a piece without bytes
    assert outgoing.data == frame(LARGE[:size])
    assert len(outgoing.sink.writes) == 1 + (size > COPIED)


@pytest.mark.parametrize("rest", [SLICE - 1, SLICE, SLICE + 1, 2 * SLICE])
def test_the_rest_goes_out_in_slices(outgoing: Outgoing, rest: int) -> None:
    message = LARGE[: COPIED + rest]
    outgoing.send(message)
    assert outgoing.data == frame(message)
    assert outgoing.sizes[1:] == ([rest] if rest <= SLICE else [SLICE, rest - SLICE])
    assert outgoing.outbox.backlog == 0


def test_more_messages_may_follow(outgoing: Outgoing) -> None:
    for message in (LARGE, b"small", LARGE, LARGE):
        outgoing.send(message)
    assert outgoing.data == b"".join(map(frame, (LARGE, b"small", LARGE, LARGE)))
    assert outgoing.sender.drains == 0


def test_received_messages_that_wait_do_not_hold_it_up(outgoing: Outgoing) -> None:
    outgoing.inbox.put(["a"])
    outgoing.send(LARGE)
    assert outgoing.data == frame(LARGE)


# What isn't


class Bytes(bytes):
    """A subclass, which may do something when it goes."""


def change(message: Any) -> None:
    message[:] = bytes(len(message))


@pytest.mark.parametrize("kind", [bytearray, lambda data: memoryview(bytearray(data))])
def test_what_may_change_is_copied(outgoing: Outgoing, kind: Callable[[bytes], Any]) -> None:
    message = kind(LARGE)
    outgoing.send(message)
    change(message)
    assert outgoing.data == frame(LARGE)


def test_what_may_change_is_copied_where_it_has_to_wait(outgoing: Outgoing) -> None:
    message = bytearray(LARGE)
    outgoing.pause()
    outgoing.send(message)
    change(message)
    outgoing.resume()
    assert outgoing.data == frame(LARGE)


@pytest.mark.parametrize("kind", [Bytes, memoryview])
def test_other_kinds_are_copied(outgoing: Outgoing, kind: Callable[[bytes], Any]) -> None:
    message = kind(LARGE)
    outgoing.send(message)
    assert outgoing.data == frame(LARGE)
    assert len(copies(outgoing.sink.writes, LARGE)) == len(outgoing.sink.writes)
    assert outgoing.sizes[0] == SLICE


def test_a_large_text_is_copied(outgoing: Outgoing) -> None:
    outgoing.send("a" * (COPIED + 1))
    assert outgoing.data == Connection(Role.SERVER).send_message("a" * (COPIED + 1))
    assert len(outgoing.sink.writes) == 1


def test_a_large_message_of_a_client_is_masked(twin: ModuleType) -> None:
    outgoing = Outgoing(twin, masked=True)
    outgoing.send(LARGE)
    data = outgoing.data
    assert data[1] & 0x80
    assert apply_mask(data[14:], data[10:14]) == LARGE
    assert copies(outgoing.sink.writes, LARGE) == outgoing.sizes


class Marking(Extension):
    """Changes what is sent."""

    name = "x-mark"
    rsv = RSV1

    def encode(self, frame: Frame) -> Frame:
        return frame._replace(data=b"<" + frame.data)

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        return frame


def test_an_extension_sees_a_large_message(twin: ModuleType) -> None:
    outgoing = Outgoing(twin, masked=None, extensions=[Marking()])
    outgoing.send(LARGE)
    assert outgoing.data == frame(b"<" + LARGE)


# ---------------------------------------------------------------------------
# What waits


def test_a_large_message_goes_behind_what_was_gathered(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"before", True)
    outgoing.send(LARGE)
    assert outgoing.data == b"before" + frame(LARGE)


def test_a_large_message_waits_for_a_full_sink(outgoing: Outgoing) -> None:
    outgoing.pause()
    outgoing.send(LARGE)
    assert (outgoing.sink.writes, outgoing.outbox.backlog) == ([], len(LARGE) + 10)
    assert outgoing.sender.drains == 1
    outgoing.resume()
    assert outgoing.data == frame(LARGE)


def test_a_full_sink_gets_the_rest_when_there_is_room(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = outgoing.pause
    outgoing.send(LARGE)
    assert outgoing.sizes == [10 + COPIED]
    assert outgoing.sender.drains == 1
    left = len(LARGE) - COPIED
    assert outgoing.outbox.backlog == left
    outgoing.send(b"small")
    outgoing.send(LARGE)
    behind = len(frame(b"small") + frame(LARGE))
    while left:
        left -= min(left, SLICE)
        outgoing.resume()
        if left:
            assert outgoing.outbox.backlog == left + behind
    for _ in range(5):
        outgoing.resume()
    assert outgoing.data == frame(LARGE) + frame(b"small") + frame(LARGE)
    assert outgoing.outbox.backlog == 0


def test_a_large_message_goes_behind_what_is_left_of_another(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = outgoing.pause
    outgoing.send(LARGE)
    outgoing.sink.on_write = lambda: None
    outgoing.outbox.paused = False  # and not flushed yet
    outgoing.send(LARGE)
    assert outgoing.data == frame(LARGE) * 2


def test_bytes_of_one_slice_are_written_as_they_are(outgoing: Outgoing) -> None:
    outgoing.outbox.write(LARGE[:SLICE])
    outgoing.outbox.write(LARGE[: SLICE + 1])
    assert [type(piece) for piece in outgoing.sink.writes] == [bytes, memoryview, memoryview]


def test_what_is_left_goes_out_before_the_end(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = outgoing.pause
    outgoing.send(LARGE)
    outgoing.send(b"small")
    outgoing.outbox.finish()
    assert outgoing.data == frame(LARGE) + frame(b"small")
    assert outgoing.sizes[1:] == [len(LARGE) - COPIED, len(frame(b"small"))]


def test_what_is_left_can_be_forgotten(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = outgoing.pause
    outgoing.send(LARGE)
    outgoing.outbox.discard()
    outgoing.resume()
    assert outgoing.sizes == [10 + COPIED]
    assert outgoing.outbox.backlog == 0


# What happens in between


def test_what_a_sink_writes_while_it_is_written_to_goes_behind(outgoing: Outgoing) -> None:
    again = [b"a", LARGE[: COPIED + 5], b"b"]
    taken: list[bytes] = []

    class Taking(Sink):
        def write(self, data: Piece) -> None:
            super().write(data)
            if again:
                taken.append(again.pop(0))
                outgoing.send(taken[-1])

    outgoing.replace(Taking())
    outgoing.send(LARGE)
    outgoing.outbox.flush()
    assert outgoing.data == frame(LARGE) + b"".join(map(frame, taken))
    assert len(taken) == 3


def test_a_sink_may_have_the_rest_forgotten(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = outgoing.outbox.discard
    outgoing.send(LARGE)
    assert outgoing.sizes == [10 + COPIED]


def test_a_sink_may_have_all_of_the_rest_written(outgoing: Outgoing) -> None:
    class Finishing(Sink):
        def write(self, data: Piece) -> None:
            super().write(data)
            outgoing.outbox.finish()

    outgoing.replace(Finishing())
    outgoing.send(LARGE)
    assert outgoing.data == frame(LARGE)
    assert outgoing.sizes == [10 + COPIED, len(LARGE) - COPIED]


@pytest.mark.parametrize("written", [0, 1, 2])
def test_nothing_is_written_of_a_message_behind_what_a_sink_refused(
    outgoing: Outgoing, written: int
) -> None:
    def refuse() -> None:
        if len(outgoing.sink.writes) == written:
            raise Oops

    outgoing.sink.on_write = refuse
    with pytest.raises(Oops):
        outgoing.outbox.send(outgoing.sender, LARGE).send(None)
    start = outgoing.data
    assert start == frame(LARGE)[: len(start)]
    outgoing.sink.on_write = lambda: None
    outgoing.outbox.flush()
    outgoing.outbox.finish()
    outgoing.send(b"small")
    assert outgoing.data == start + frame(b"small")


def test_nothing_is_written_of_other_bytes_behind_what_a_sink_refused(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = fail
    with pytest.raises(Oops):
        outgoing.outbox.write(LARGE)
    outgoing.sink.on_write = lambda: None
    outgoing.outbox.write(b"small")
    outgoing.outbox.finish()
    assert outgoing.data == b"small"


def test_a_sink_that_closes_gets_no_more(outgoing: Outgoing) -> None:
    closing: list[bool] = []
    outgoing.sink.is_closing = lambda: bool(closing)  # type: ignore[method-assign]
    outgoing.sink.on_write = lambda: closing.append(True)
    outgoing.send(LARGE)
    assert outgoing.sizes == [10 + COPIED]
    assert outgoing.outbox.paused
    assert outgoing.sender.drains == 1


# ---------------------------------------------------------------------------
# One against the other

LENGTHS = [0, 7, COPIED, COPIED + 1, COPIED + SLICE, COPIED + SLICE + 1, len(LARGE)]
messages = st.sampled_from([LARGE[:size] for size in LENGTHS])
sent: Any = st.one_of(messages, messages.map(bytearray), messages.map(Bytes))
operations = st.one_of(
    st.tuples(st.just("send"), sent),
    st.tuples(st.sampled_from(["write", "gather"]), messages),
    st.tuples(st.sampled_from(["pausing", "failing", "turn", "resume", "finish"]), st.none()),
)


class Player(Outgoing):
    """Does one operation after the other, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, masked: bool | None) -> None:
        super().__init__(twin, masked=masked)
        self.pausing = self.failing = False
        self.sink.on_write = self.on_write

    def on_write(self) -> None:
        self.outbox.paused |= self.pausing
        if self.failing:
            self.failing = False
            raise Oops

    def play(self, name: str, argument: Any) -> object:
        error = None
        try:
            self.do(name, argument)
        except Oops:
            error = Oops
        return error, self.sizes, self.outbox.paused, self.outbox.backlog, self.sender.drains

    def do(self, name: str, argument: Any) -> None:
        if name == "send":
            try:
                self.outbox.send(self.sender, argument).send(None)
            except StopIteration:
                return
        elif name in ("write", "gather"):
            self.outbox.write(argument, name == "gather")
        elif name in ("pausing", "failing"):
            setattr(self, name, not getattr(self, name))
        elif name == "resume":
            self.resume()
        elif name == "finish":
            self.outbox.finish()
        else:
            while self.due:
                self.due.pop(0)()


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(st.sampled_from([None, False]), st.lists(operations, max_size=8))
def test_the_twins_do_alike(masked: bool | None, played: Sequence[tuple[str, Any]]) -> None:
    from ws_frames import _speedups

    players = [Player(each, masked) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, (operation[0], len(operation[1] or ()))
    assert players[0].data == players[1].data


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: one that shares and one that doesn't are not alike."""
    seen = [Player(pure, masked).play("send", LARGE) for masked in (None, False)]
    assert seen[0] != seen[1]
