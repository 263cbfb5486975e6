"""Bytes that go into an inbox which knows its connection, and who is woken, by both twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.receivers import (
    CLOSE,
    HELLO,
    LARGE_READ,
    PING,
    WRONG,
    Bytes,
    Done,
    End,
    Loop,
    Oops,
    Task,
    fail,
    only_c,
    texts,
)
from ws_frames import Close, Connection, Failure, Ping, Role, pure, speedups

# ---------------------------------------------------------------------------
# Receiving


def test_who_waits_has_the_message_before_the_call_returns(end: End) -> None:
    end.task()
    end.receive(HELLO)
    assert end.events == ["Hello"]
    end.receive(texts("a", "b") + b"\x82\x01c")
    assert end.events == ["Hello", "a", "b", b"c"]
    assert (end.loop.due, len(end.inbox)) == ([], 0)
    assert [what for what in end.asked if what != "wait"] == []


def test_while_a_task_runs_the_message_is_taken_in_the_next_turn(end: End) -> None:
    end.task()
    end.loop.current = object()
    end.receive(HELLO)
    assert (end.events, len(end.inbox)) == ([], 1)
    end.loop.turn()
    assert end.events == ["Hello"]


def test_a_message_that_nobody_waits_for_is_kept(end: End) -> None:
    end.receive(texts("a", "b"))
    assert (len(end.inbox), end.asked) == (2, ["pump"])
    end.task()
    assert end.events == ["a", "b"]


def test_a_part_of_a_message_wakes_nobody(end: End) -> None:
    task = end.task()
    del end.asked[:]
    end.receive(HELLO[:3])
    assert (end.events, end.asked) == ([], [])
    assert (task.steps, task.blocked_by) == (1, end.waiter)
    end.receive(HELLO[3:])
    assert (end.events, end.asked[:1]) in ((["Hello"], []), (["Hello"], ["wait"]))


def test_no_bytes_are_nothing(end: End) -> None:
    end.receive(b"")
    assert (end.asked, len(end.inbox)) == ([], 0)


def test_what_is_no_message_is_acted_on_after_what_stands_before_it(end: End) -> None:
    end.task()
    end.receive(HELLO + PING + texts("a"))
    assert end.events == ["Hello", Ping(b""), "a"]
    assert end.connection.data_to_send()[:1] == b"\x8a"


def test_what_is_no_message_is_acted_on_where_nobody_waits(end: End) -> None:
    end.receive(PING)
    assert (end.events, end.asked) == ([Ping(b"")], ["pump"])
    assert not end.connection.pending


def test_an_error_is_acted_on(end: End) -> None:
    end.task()
    end.receive(HELLO + WRONG)
    assert alike(end.events) == ["Hello", Failure, Done]
    end.receive(HELLO)
    assert end.asked[-1] == ("slowly", HELLO)
    assert len(end.events) == 3


def send_close(end: End) -> None:
    end.connection.send_close(1000, "")


def trace(end: End) -> None:
    end.inbox.traced = True


def leave_something(end: End) -> None:
    end.connection.receive_data(texts("before"))


@pytest.mark.parametrize("prepare", [send_close, trace, leave_something])
def test_bytes_that_need_more_are_received_slowly(end: End, prepare: Callable[[End], None]) -> None:
    prepare(end)
    end.receive(HELLO)
    assert end.asked == [("slowly", HELLO)]
    end.task()
    assert [event for event in end.events if isinstance(event, str)][-1] == "Hello"


@pytest.mark.parametrize("data", [bytearray(HELLO), memoryview(HELLO), Bytes(HELLO)])
def test_what_is_not_exactly_bytes_is_received_slowly(end: End, data: Any) -> None:
    end.receive(data)
    assert len(end.asked) == 1
    assert end.asked[0][1] is data
    end.task()
    assert end.events == ["Hello"]


@pytest.mark.parametrize("size", [LARGE_READ - 1, LARGE_READ, LARGE_READ + 1])
def test_large_reads_are_noted_before_who_waits_goes_on(end: End, size: int) -> None:
    payload = b"x" * (size - 4)
    data = b"\x82\x7e" + len(payload).to_bytes(2, "big") + payload
    assert len(data) == size
    end.task()
    before: list[list[Any]] = []
    end.hooks["large"] = lambda: before.append(list(end.events))
    end.receive(data)
    assert end.events == [payload]
    assert [what for what in end.asked if what != "wait"] == [("large", size)] * len(before)
    assert before == ([[]] if size >= LARGE_READ else [])


def test_nothing_is_received_before_it_is_open(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    assert inbox.receive(HELLO) is None
    assert len(inbox) == 0


def test_nothing_is_received_after_it_was_closed(end: End) -> None:
    for _ in range(2):
        end.inbox.close()
        end.receive(HELLO)
    assert (end.asked, len(end.inbox), end.connection.pending) == ([], 0, False)


def test_messages_are_taken_after_it_was_closed(end: End) -> None:
    end.receive(texts("a"))
    end.inbox.close()
    task = end.task()
    assert (end.events, end.asked) == (["a"], ["pump", "wait"])
    assert task.blocked_by is end.waiter


def test_it_can_be_opened_anew(twin: ModuleType, end: End) -> None:
    other = End(twin)
    end.inbox.open(other, other.connection, other.waiter, other.outbox)
    end.receive(PING)
    assert (end.asked, other.asked) == ([], ["pump"])
    assert other.events == [Ping(b"")]


def test_switches_are_true_or_false(end: End) -> None:
    for name in ("stopped", "traced"):
        assert getattr(end.inbox, name) is False
        setattr(end.inbox, name, True)
        assert getattr(end.inbox, name) is True


def test_a_c_inbox_belongs_to_a_c_waiter_and_outbox(twin: ModuleType, end: End) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its caller promised")
    loop, inbox = Loop(), pure.Inbox()
    strangers = (
        (end, end.connection, pure.Waiter(loop, Loop.current_task), end.outbox),
        (end, end.connection, end.waiter, pure.Outbox(end.sink, loop.call_soon, inbox)),
        (end, end.connection, end.waiter),
    )
    for arguments in strangers:
        with pytest.raises(TypeError):
            end.inbox.open(*arguments)
    end.receive(PING)  # by what it was opened with before
    assert end.events == [Ping(b"")]


# ---------------------------------------------------------------------------
# Waiting


def test_who_waits_has_gathered_bytes_written(end: End) -> None:
    end.outbox.write(b"a", True)
    end.outbox.write(b"b", True)
    end.task()
    assert end.sink.writes == [b"ab"]


def test_a_write_that_fails_is_an_error_of_who_waits(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = fail
    task = end.task()
    assert (end.events, task.blocked_by) == ([Oops], None)
    assert not end.inbox.taken


def test_what_is_written_may_bring_the_message(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = lambda: end.receive(HELLO)
    end.task()
    assert (end.events, len(end.inbox)) == ([], 1)
    end.loop.turn()
    assert end.events == ["Hello"]


def test_what_is_written_may_close_the_inbox(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = end.inbox.close
    task = end.task()
    assert task.blocked_by is end.waiter
    end.receive(HELLO)
    assert end.events == []


def test_a_source_that_stopped_is_asked(end: End) -> None:
    end.inbox.stopped = True
    end.task()
    assert end.asked == ["wait"]


def test_a_source_whose_connection_ends_is_asked(end: End) -> None:
    end.connection.receive_eof()
    end.task()
    assert (end.asked, end.events) == (["wait"], [Done])


def test_what_was_received_before_the_end_is_taken(end: End) -> None:
    end.receive(texts("a", "b") + PING)
    end.connection.receive_eof()
    end.inbox.close()
    end.task()
    assert end.events == [Ping(b""), "a", "b", Done]


# ---------------------------------------------------------------------------
# More messages than there is room for

BEHIND = {
    "nothing": b"",
    "a ping": PING,
    "a close frame": CLOSE,
    "an error": WRONG,
    "a part": HELLO[:4],
    "more": PING + texts("x", "y", "z") + PING + CLOSE,
    "more than is parsed at once": texts("x") * 5000,
}


def after_all(behind: bytes) -> list[Any]:
    """What comes of bytes, by a connection alone."""
    connection, events = Connection(Role.CLIENT), []
    connection.receive_data(behind)
    while (event := connection.next_event()) is not None:
        events.append(event)
        if isinstance(event, (Close, Failure)):
            break
    return events


def alike(events: Sequence[Any]) -> list[Any]:
    return [type(event) if isinstance(event, Failure) else event for event in events]


@pytest.mark.parametrize("waiting", [False, True], ids=["nobody waits", "somebody waits"])
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_messages_without_room_are_taken_in_order(
    twin: ModuleType, behind: bytes, waiting: bool
) -> None:
    end, numbers = End(twin, max_queue=2), [str(number) for number in range(9)]
    if waiting:
        end.task()
    end.receive(texts(*numbers) + behind)
    if not waiting:
        assert len(end.inbox) == 2
        assert end.connection.pending
        end.task()
    received = [event for event in end.events if event is not Done]
    assert alike(received) == alike(numbers + after_all(behind))
    assert not end.connection.pending
    end.receive(HELLO[len(HELLO[:4]) if behind == HELLO[:4] else 0 :])
    assert (end.events[-1] == "Hello") == (behind not in (CLOSE, WRONG, BEHIND["more"]))


def test_bytes_that_come_while_others_wait_are_behind_them(twin: ModuleType) -> None:
    end = End(twin, max_queue=2)
    end.receive(texts("1", "2", "3", "4", "5"))
    end.receive(texts("6", "7") + PING)
    end.receive(texts("8"))
    end.task()
    assert end.events == ["1", "2", "3", "4", "5", "6", "7", Ping(b""), "8"]
    assert not end.connection.pending


def test_a_full_inbox_is_filled_again_as_far_as_there_is_room(twin: ModuleType) -> None:
    end = End(twin, max_queue=2)
    end.receive(texts(*"12345678"))
    taken = []
    for left in (1, 0, 1, 0, 1, 0, 1, 0):
        coroutine = end.inbox.recv(end)
        with pytest.raises(StopIteration) as stopped:
            coroutine.send(None)
        taken.append(stopped.value.value)
        assert len(end.inbox) == left
    assert taken == [*"12345678"]
    assert not end.connection.pending


def test_an_inbox_that_ended_is_not_filled_again(twin: ModuleType) -> None:
    end = End(twin, max_queue=1)
    end.receive(texts("1", "2"))
    end.inbox.end()
    assert end.inbox.pop() == "1"
    coroutine = end.inbox.recv(end)
    assert coroutine.send(None) is end.waiter
    assert end.asked[-1] == "wait"
    coroutine.close()


def test_the_source_need_not_be_asked(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=2)
    end.task()
    end.receive(texts(*"1234567"))
    assert end.events == [*"1234567"]
    assert "wait" not in end.asked


def test_the_source_is_asked_for_what_it_received_itself(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=1)
    end.connection.receive_data(texts("1", "2"))
    end.task()
    assert end.events == ["1", "2"]
    assert end.asked == ["wait", "wait"]


def test_the_source_is_asked_for_more_than_was_received_at_once(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=1)
    end.receive(texts("1", "2", "3"))
    end.connection.receive_data(texts("4"))
    for text in ("1", "2", "3"):
        with pytest.raises(StopIteration, match=text):
            end.inbox.recv(end).send(None)
    assert end.asked == ["pump"]
    with pytest.raises(StopIteration, match="4"):
        end.inbox.recv(end).send(None)
    assert end.asked == ["pump", "wait"]


# ---------------------------------------------------------------------------
# One against the other

frames = st.sampled_from(
    [
        HELLO,
        texts("a"),
        texts(*"bcdef"),
        PING,
        b"\x82\x01x",
        b"\x01\x01f",
        b"\x80\x01g",
        CLOSE,
        WRONG,
    ]
)
operations = st.one_of(
    st.tuples(st.just("receive"), st.lists(frames, max_size=6).map(b"".join)),
    st.tuples(st.just("cut"), st.integers(1, 9)),
    st.tuples(st.sampled_from(["take", "busy", "turn", "close", "traced", "stopped"]), st.none()),
)


class Player(End):
    """Does one operation after the other, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, max_queue: int) -> None:
        super().__init__(twin, max_queue=max_queue)
        self.rest = b""
        self.tasks: list[Task] = []

    def play(self, name: str, argument: Any) -> object:
        if name == "receive":
            self.rest += argument
            self.flush(len(self.rest))
        elif name == "cut":
            self.rest += HELLO * 2
            self.flush(argument)
        elif name == "take" and not self.inbox.taken:
            self.tasks.append(self.task())
        elif name == "busy":
            self.loop.current = None if self.loop.current else self
        elif name == "turn":
            self.loop.turn()
        elif name == "close":
            self.inbox.close()
        elif name in ("traced", "stopped"):
            setattr(self.inbox, name, not getattr(self.inbox, name))
        return alike(self.events), len(self.inbox), self.inbox.taken, self.connection.phase

    def flush(self, size: int) -> None:
        data, self.rest = self.rest[:size], self.rest[size:]
        self.receive(data)


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(st.integers(1, 5), st.lists(operations, max_size=30))
def test_the_twins_do_alike(max_queue: int, played: Sequence[tuple[str, Any]]) -> None:
    from ws_frames import _speedups

    players = [Player(each, max_queue) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two inboxes with other limits are not alike."""
    seen = [Player(pure, limit).play("receive", HELLO * 3) for limit in (1, 2)]
    assert seen[0] != seen[1]
