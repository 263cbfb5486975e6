"""Messages and frames on their way out, by both twins."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.ws_frames.boxes import GATHER_SIZE, MAX_PIECES, Cancelled, Number, Outgoing, Sink
from ws_frames import pure

SLICE = 1_048_576


# ---------------------------------------------------------------------------
# Gathering


def test_what_is_written_goes_out_at_once(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a")
    outgoing.outbox.write(b"b", False)
    assert outgoing.writes == [b"a", b"b"]
    assert outgoing.turns.due == []


def test_what_is_gathered_goes_out_in_one_at_the_end_of_the_turn(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b", True)
    assert outgoing.writes == []
    assert len(outgoing.turns.due) == 1
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.write(b"c", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab", b"c"]


def test_what_is_gathered_goes_out_when_it_is_flushed(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b", True)
    outgoing.outbox.flush()
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.flush()
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab"]


def test_what_is_written_goes_out_behind_what_was_gathered(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b")
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.write(b"c")
    assert outgoing.writes == [b"ab", b"c"]


def test_only_so_much_is_gathered(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a" * (GATHER_SIZE - 1), True)
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    assert list(map(len, outgoing.writes)) == [GATHER_SIZE]
    outgoing.outbox.write(b"c", True)
    assert len(outgoing.writes) == 1
    outgoing.turns.turn()
    assert outgoing.writes[1:] == [b"c"]


def test_only_so_many_pieces_are_gathered(outgoing: Outgoing) -> None:
    for _ in range(MAX_PIECES - 1):
        outgoing.outbox.write(b"a", True)
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    assert outgoing.writes == [b"a" * (MAX_PIECES - 1) + b"b"]


@pytest.mark.parametrize(
    ("limit", "gathered"), [(10, 10), (0, 1), (-1, 1), (1 << 20, GATHER_SIZE), (1 << 70, 65_536)]
)
def test_no_more_is_gathered_than_the_sink_may_hold(
    twin: ModuleType, limit: int, gathered: int
) -> None:
    outgoing = Outgoing(twin, limit=limit)
    outgoing.outbox.write(b"a" * (gathered - 1), gathered > 1)
    assert outgoing.writes == ([] if gathered > 1 else [b""])
    outgoing.outbox.write(b"b", True)
    assert b"".join(outgoing.writes) == b"a" * (gathered - 1) + b"b"


def test_a_limit_may_be_anything_that_stands_for_an_int(twin: ModuleType) -> None:
    outgoing = Outgoing(twin, limit=Number(2))
    outgoing.outbox.write(b"a", True)
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    assert outgoing.writes == [b"ab"]


def test_what_is_gathered_goes_out_before_the_end(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]


def test_what_was_gathered_can_be_forgotten(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.discard()
    outgoing.turns.turn()
    outgoing.outbox.finish()
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"b"]


def test_what_is_large_goes_out_in_slices(outgoing: Outgoing) -> None:
    data = bytes(range(256)) * 10_000
    outgoing.outbox.write(data)
    assert [len(piece) for piece in outgoing.sink.writes] == [SLICE, SLICE, len(data) - 2 * SLICE]
    assert b"".join(outgoing.sink.writes) == data
    outgoing.outbox.write(data[:SLICE])
    assert outgoing.sink.writes[3:] == [data[:SLICE]]


def test_a_full_sink_gets_the_next_slice_when_there_is_room(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (2 * SLICE + 1))
    outbox.write(b"b")
    assert [len(piece) for piece in writes] == [SLICE]
    assert outbox.backlog == SLICE + 2
    outbox.flush()
    assert len(writes) == 1
    for rest in (2, 1, 0):
        outbox.paused = False
        outbox.flush()
        assert outbox.backlog == rest
    assert b"".join(writes[1:]) == b"a" * (SLICE + 1) + b"b"


def test_what_is_left_of_something_large_goes_out_before_the_end(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (3 * SLICE))
    outbox.write(b"b")
    outbox.finish()
    assert writes[1:] == [b"a" * (2 * SLICE), b"b"]
    outbox.write(b"c")
    assert len(writes) == 3


def test_what_is_left_of_something_large_can_be_forgotten(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (3 * SLICE))
    outbox.discard()
    assert outbox.backlog == 0
    outbox.paused = False
    outbox.write(b"b")
    assert writes[1:] == [b"b"]


def test_no_slice_is_written_to_a_sink_that_closes(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = lambda: setattr(outgoing.sink, "closing", True)
    outgoing.outbox.write(b"a" * (3 * SLICE))
    assert len(outgoing.sink.writes) == 1
    assert outgoing.outbox.paused


def test_an_end_of_turn_may_come_at_any_time(outgoing: Outgoing) -> None:
    outgoing.outbox.end_turn()
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.end_turn()
    assert outgoing.writes == [b"a"]


def test_a_call_soon_may_call_at_once(twin: ModuleType) -> None:
    sink = Sink()
    outbox = twin.Outbox(sink, lambda function: function(), twin.Inbox())
    outbox.write(b"a", True)
    outbox.write(b"b", True)
    assert sink.writes == [b"a", b"b"]


def test_a_call_soon_that_fails_is_asked_again(outgoing: Outgoing) -> None:
    outgoing.turns.error = Cancelled()
    for _ in range(2):
        with pytest.raises(Cancelled):
            outgoing.outbox.write(b"a", True)
    outgoing.turns.error = None
    outgoing.outbox.write(b"b", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"aab"]


def test_only_bytes_are_gathered(twin: ModuleType, outgoing: Outgoing) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its caller promised")
    for data in ("text", bytearray(b"a"), 5, None):
        with pytest.raises(TypeError, match="data must be bytes"):
            outgoing.outbox.write(data, True)
    outgoing.outbox.flush()
    assert outgoing.writes == []


def test_arguments_that_do_not_fit_are_refused(twin: ModuleType, outgoing: Outgoing) -> None:
    for name, count in (("write", 0), ("write", 3), ("send", 1), ("send", 4)):
        with pytest.raises(TypeError):
            getattr(outgoing.outbox, name)(*[b""] * count)
    with pytest.raises(TypeError):
        outgoing.outbox.open(None)
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print)
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print, twin.Inbox(), limit="1")
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print, twin.Inbox(), limit=1.0)


def test_a_truth_that_can_not_be_told_is_an_error(twin: ModuleType) -> None:
    outgoing, released = Outgoing(twin), memoryview(b"")
    released.release()
    with pytest.raises(ValueError, match="released"):
        outgoing.outbox.write(b"a", released)
    outgoing.sink.is_closing = lambda: released  # type: ignore[assignment, return-value]
    with pytest.raises(ValueError, match="released"):
        outgoing.outbox.write(b"a")
    assert outgoing.writes == []


def test_a_c_outbox_belongs_to_a_c_inbox(twin: ModuleType) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes whatever has a length")
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print, pure.Inbox())


# ---------------------------------------------------------------------------
# Backpressure


def test_nothing_is_handed_over_while_the_sink_is_full(outgoing: Outgoing) -> None:
    outbox = outgoing.outbox
    assert (outbox.paused, outbox.backlog) == (False, 0)
    outbox.paused = True
    outbox.write(b"b")
    outbox.write(b"c" * GATHER_SIZE, True)
    outbox.flush()
    outbox.end_turn()
    assert outgoing.writes == []
    assert outbox.backlog == 1 + GATHER_SIZE
    outbox.paused = False
    assert outbox.backlog == 0
    outbox.flush()
    assert outgoing.writes == [b"b" + b"c" * GATHER_SIZE]


def test_what_is_gathered_and_not_waiting_for_the_sink_is_no_backlog(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    assert outgoing.outbox.backlog == 0


def test_at_the_end_all_is_handed_over_even_to_a_full_sink(outgoing: Outgoing) -> None:
    outgoing.outbox.paused = True
    outgoing.outbox.write(b"a")
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]
    assert (outgoing.outbox.paused, outgoing.outbox.backlog) == (True, 0)


def test_a_sink_that_closes_is_written_to_no_more(outgoing: Outgoing) -> None:
    outgoing.sink.closing = True
    outgoing.outbox.write(b"a")
    assert outgoing.outbox.paused
    outgoing.outbox.write(b"b")
    outgoing.outbox.finish()
    assert outgoing.writes == []
    assert (outgoing.outbox.paused, outgoing.outbox.backlog) == (True, 0)


def test_a_sink_may_pause_the_outbox_while_it_is_written_to(outgoing: Outgoing) -> None:
    def pause() -> None:
        outgoing.outbox.paused = True
        outgoing.outbox.write(b"more")

    outgoing.sink.on_write = pause
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.flush()
    assert outgoing.writes == [b"a"]
    assert outgoing.outbox.backlog == 4


def test_what_a_sink_writes_while_it_is_written_to_goes_behind(outgoing: Outgoing) -> None:
    again = [b"b", b"c"]
    outgoing.sink.on_write = lambda: again and outgoing.outbox.write(again.pop(0), len(again) > 0)
    outgoing.outbox.write(b"a")
    outgoing.outbox.flush()
    assert b"".join(outgoing.writes) == b"abc"


@pytest.mark.parametrize("more", [False, True])
def test_a_sink_that_fails_is_an_error(outgoing: Outgoing, more: bool) -> None:
    def fail() -> None:
        raise Cancelled

    outgoing.sink.on_write = fail
    outgoing.outbox.write(b"", True)
    with pytest.raises(Cancelled):
        outgoing.outbox.write(b"a" * GATHER_SIZE, more)
    outgoing.sink.on_write = lambda: None
    outgoing.outbox.finish()  # what failed isn't written again
    assert list(map(len, outgoing.writes)) == [GATHER_SIZE]


def test_a_sink_without_methods_is_an_error(twin: ModuleType) -> None:
    with pytest.raises(AttributeError, match="is_closing"):
        twin.Outbox(None, print, twin.Inbox()).write(b"a")


def test_a_piece_may_write_when_it_is_forgotten(outgoing: Outgoing) -> None:
    class Piece(bytes):
        def __del__(self) -> None:
            outgoing.outbox.write(b"b" * 300, True)

    outgoing.outbox.write(Piece(b"a"), True)
    outgoing.outbox.discard()
    outgoing.outbox.write(b"c", True)
    outgoing.outbox.finish()
    assert b"".join(outgoing.writes) in (b"b" * 300 + b"c", b"c")
    outgoing.outbox.finish()


def test_switches_are_true_or_false(outgoing: Outgoing) -> None:
    for name in ("paused", "held", "traced"):
        assert getattr(outgoing.outbox, name) is False
        setattr(outgoing.outbox, name, True)
        assert getattr(outgoing.outbox, name) is True
