"""One outbox against the other: whatever is done with both, they do alike."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.boxes import GATHER_SIZE, MAX_PIECES, Cancelled, Outgoing
from ws_frames import Connection, Role, pure, speedups

sizes = st.sampled_from([0, 1, 7, 400, 30_000, GATHER_SIZE])
whole = st.sampled_from(["", "text", "é" * 70, b"", b"b" * 200, bytearray(b"c"), "\ud800"])
nothing = st.just(0)
operations = st.one_of(
    st.tuples(st.sampled_from(["write", "gather", "gather"]), sizes),
    st.tuples(st.just("many"), st.just(MAX_PIECES // 3)),
    st.tuples(st.sampled_from(["flush", "finish", "discard", "end_turn", "turn"]), nothing),
    st.tuples(st.sampled_from(["paused", "held", "traced"]), st.booleans()),
    st.tuples(st.sampled_from(["closing", "pending", "pausing", "failing"]), st.booleans()),
    st.tuples(st.sampled_from(["put", "pop", "close"]), nothing),
    st.tuples(st.just("open"), st.sampled_from([None, False])),
    st.tuples(st.just("send"), whole | st.just(["fragments"])),
    st.tuples(st.sampled_from(["step", "throw", "end"]), nothing),
)


class Player(Outgoing):
    """Does one operation after the other with an outbox, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, limit: int) -> None:
        super().__init__(twin, limit=limit)
        self.sink.on_write = self.on_write
        self.sender.blockers = ["wait"]
        self.connection = Connection(Role.SERVER)
        self.coroutines: list[Any] = []
        self.pausing = self.failing = False

    def on_write(self) -> None:
        self.outbox.paused |= self.pausing
        if self.failing:
            raise StopIteration("sink")

    def play(self, name: str, argument: Any) -> object:
        try:
            result = self.do(name, argument)
        except BaseException as exc:  # noqa: BLE001 - what happens is compared, whatever it is
            result = type(exc), str(exc)
        outbox = self.outbox
        seen = outbox.paused, outbox.held, outbox.traced, outbox.backlog, len(self.turns.due)
        return result, seen, list(self.writes), list(self.sender.asked)

    def do(self, name: str, argument: Any) -> object:
        outbox = self.outbox
        if name in ("write", "gather"):
            return outbox.write(b"w" * argument, name == "gather")
        if name in ("flush", "finish", "discard", "end_turn"):
            return getattr(outbox, name)()
        if name in ("paused", "held", "traced"):
            setattr(outbox, name, argument)
            return None
        if name in ("pausing", "failing"):
            setattr(self, name, argument)
            return None
        return getattr(self, f"do_{name}")(argument)

    def do_many(self, count: int) -> None:
        for _ in range(count):
            self.outbox.write(b"m", True)

    def do_turn(self, _: object) -> None:
        self.turns.turn()

    def do_closing(self, value: bool) -> None:
        self.sink.closing = value

    def do_pending(self, value: bool) -> None:
        self.connection.pending = value

    def do_put(self, _: object) -> None:
        self.inbox.put(["a"])

    def do_pop(self, _: object) -> object:
        return self.inbox.pop()

    def do_close(self, _: object) -> object:
        return self.connection.send_close(1000, "")

    def do_open(self, masked: bool | None) -> None:
        self.open(self.connection, masked=masked)

    def do_send(self, message: object) -> object:
        self.coroutines.append(self.send(message))
        return self.do_step(None)

    def do_step(self, _: object) -> object:
        return self.coroutines and self.coroutines[-1].send(None)

    def do_throw(self, _: object) -> object:
        return self.coroutines and self.coroutines.pop(0).throw(Cancelled)

    def do_end(self, _: object) -> object:
        return self.coroutines and self.coroutines.pop().close()


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(st.sampled_from([0, 1, 1000, 1 << 17]), st.lists(operations, max_size=40))
def test_the_twins_do_alike(limit: int, played: Sequence[tuple[str, Any]]) -> None:
    from ws_frames import _speedups

    players = [Player(each, limit) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two outboxes with other limits are not alike."""
    seen = [Player(pure, limit).play("gather", 7) for limit in (1, 1000)]
    assert seen[0] != seen[1]
