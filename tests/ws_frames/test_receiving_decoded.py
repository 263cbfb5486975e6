"""Frames that are decoded as they arrive, before anything else is done with them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.ends import Whole
from tests.ws_frames.receivers import CLOSE, PING, Done, End, Oops, Recorder, fail, texts
from ws_frames import (
    Close,
    Connection,
    Data,
    Extension,
    Failure,
    Frame,
    Opcode,
    PayloadTooBig,
    Ping,
    ProtocolError,
    Role,
)
from ws_frames.decoder import Decoder


def marked(*payloads: str) -> bytes:
    """The frames of short messages that an extension is to decode."""
    return texts(*payloads).replace(b"\x81", b"\xc1")


def take_all(inbox: Any) -> list[Data]:
    return [inbox.pop() for _ in range(len(inbox))]


class Filled:
    """An inbox, and what fills it."""

    def __init__(
        self, twin: ModuleType, extension: Extension | None = None, **limits: int | None
    ) -> None:
        self.parser = twin.Parser(masked=False, rsv=0x40)
        self.decoder = Decoder([extension or Whole()], max_size=1 << 20)
        self.inbox = twin.Inbox(**limits)

    def fill(self, data: bytes) -> Any:
        return self.inbox.fill(self.parser, data, self.decoder)


# ---------------------------------------------------------------------------
# Filling


def test_what_is_decoded_goes_in_in_order(twin: ModuleType) -> None:
    filled = Filled(twin)
    assert filled.fill(marked("ab", "cd") + texts("ef") + marked("gh") + texts("ij")) is None
    assert take_all(filled.inbox) == ["ba", "dc", "ef", "hg", "ij"]


def test_without_a_decoder_frames_are_left(twin: ModuleType) -> None:
    frame = Frame(True, Opcode.TEXT, b"ab", rsv1=True)
    for decoder in ((), (None,)):
        filled = Filled(twin)
        left = filled.inbox.fill(filled.parser, texts("a") + marked("ab"), *decoder)
        assert left == [frame]
        assert take_all(filled.inbox) == ["a"]
    with pytest.raises(TypeError):
        filled.inbox.fill(filled.parser, b"", None, None)


def test_fragments_are_joined(twin: ModuleType) -> None:
    filled = Filled(twin)
    assert filled.fill(b"\x41\x02ab\x00\x00\x80\x02cd" + marked("ef") + b"\x42\x01") is None
    assert filled.fill(b"a\x80\x00") is None
    assert take_all(filled.inbox) == ["badc", "fe", b"a"]


@pytest.mark.parametrize("control", [PING, CLOSE, b"\x8a\x00"])
def test_control_frames_and_what_follows_are_left(twin: ModuleType, control: bytes) -> None:
    filled = Filled(twin)
    (left, *rest) = filled.fill(marked("ab") + control + marked("cd"))
    assert left.opcode.is_control
    # Nothing counts behind a close frame.
    assert rest == ([] if control is CLOSE else [Frame(True, Opcode.TEXT, b"cd", rsv1=True)])
    assert take_all(filled.inbox) == ["ba"]


def test_what_has_no_room_is_left_as_it_is(twin: ModuleType) -> None:
    extension = Whole()
    filled = Filled(twin, extension, max_queue=2)
    left = filled.fill(marked("ab", "cd", "ef") + texts("gh"))
    assert left == [Frame(True, Opcode.TEXT, b"ef", rsv1=True), "gh"]
    assert len(extension.received) == 2
    assert filled.fill(marked("ij")) == [Frame(True, Opcode.TEXT, b"ij", rsv1=True)]
    assert take_all(filled.inbox) == ["ba", "dc"]
    assert filled.fill(texts("1", "2", "3")) == ["3"]


def test_what_comes_of_it_counts_for_the_room(twin: ModuleType) -> None:
    class Inflating(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            return b"a" * 1000

    filled = Filled(twin, Inflating(), max_queue=None, max_bytes=5000)
    left = filled.fill(marked(*"abcdef"))
    # Half of the limit, and one message beyond it.
    assert (len(filled.inbox), len(left)) == (3, 3)
    filled.inbox.pop()
    assert len(filled.fill(marked("g"))) == 1


def test_messages_before_the_first_frame_go_in_together(twin: ModuleType) -> None:
    for behind in (b"", PING, marked("ab")):
        filled = Filled(twin, max_queue=4, max_bytes=10)
        left = filled.fill(texts("1", "2", "3") + behind) or []
        assert take_all(filled.inbox) == ["1", "2", "3"]
        assert len(left) == (behind != b"")
    filled = Filled(twin, max_queue=4, max_bytes=10)
    assert len(filled.fill(marked("ab") + texts("1", "2"))) == 2


def test_so_much_is_decoded_at_a_time(twin: ModuleType) -> None:
    class Inflating(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            return b"a" * int(data)

    filled = Filled(twin, Inflating())
    left = filled.fill(marked("0", "4095", "4096", "409600", "626688", "0", "0"))
    assert filled.inbox.work == 1 + 1 + 2 + 101 + 154 == 259
    assert [frame.data for frame in left] == [b"0", b"0"]
    assert filled.fill(texts("plain")) is None
    assert [frame.data for frame in filled.fill(marked("1"))] == [b"1"]
    assert len(take_all(filled.inbox)) == 6
    filled.inbox.work = 0
    assert filled.fill(marked("1")) is None
    assert filled.inbox.work == 1


def test_fragments_are_work_too(twin: ModuleType) -> None:
    filled = Filled(twin)
    left = filled.fill(b"\x41\x00" + b"\x00\x01a" * 300)
    assert filled.inbox.work == 256
    assert len(left) == 45


@pytest.mark.parametrize("error", [ProtocolError, PayloadTooBig, Oops])
def test_a_frame_that_can_not_be_decoded_is_left(twin: ModuleType, error: type[Exception]) -> None:
    class Failing(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            if data == b"bad":
                raise error("bad")
            return super().decode_message(data, max_size)

    filled = Filled(twin, Failing())
    left = filled.fill(marked("ab", "bad", "cd"))
    assert [frame.data for frame in left] == [b"bad", b"cd"]
    assert take_all(filled.inbox) == ["ba"]
    assert filled.inbox.work == 1
    for frame in left:
        with pytest.raises(error, match="bad"):
            filled.decoder.decode(frame)


def test_what_interrupts_passes_through(twin: ModuleType) -> None:
    class Interrupted(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            raise KeyboardInterrupt

    filled = Filled(twin, Interrupted())
    with pytest.raises(KeyboardInterrupt):
        filled.fill(marked("ab"))


def test_a_decoder_is_one(twin: ModuleType) -> None:
    filled = Filled(twin)
    with pytest.raises(AttributeError):
        filled.inbox.fill(filled.parser, marked("ab"), object())
    assert filled.inbox.fill(filled.parser, texts("ab"), object()) is None


# ---------------------------------------------------------------------------
# Receiving


def decoding(twin: ModuleType, extension: Extension | None = None, **limits: int) -> End:
    """One end, with an extension that takes messages."""
    connection = Connection(Role.CLIENT, extensions=[extension or Whole()])
    connection._parser = twin.Parser(masked=False, max_size=1 << 20, rsv=0x40)
    return End(twin, connection, **limits)


def test_who_waits_gets_what_is_decoded_at_once(twin: ModuleType) -> None:
    end = decoding(twin)
    end.task()
    del end.asked[:]
    for data in (marked("ab"), marked("cd") + texts("ef"), b"\x41\x01a", b"\x80\x01b"):
        end.receive(data)
    assert end.events == ["ba", "dc", "ef", "ab"]
    assert "pump" not in end.asked


def test_what_can_not_be_decoded_is_told_by_the_connection(twin: ModuleType) -> None:
    end = decoding(twin)
    end.receive(marked("ab", "bad") + texts("never"))
    end.task()
    failure, *rest = end.events  # which the source saw before the task began
    assert isinstance(failure, Failure)
    assert str(failure.error) == "bad data"
    assert rest == ["ba", Done]


def test_events_come_in_order(twin: ModuleType) -> None:
    end = decoding(twin)
    end.receive(marked("ab") + PING + marked("cd") + CLOSE)
    end.task()
    assert [event for event in end.events if isinstance(event, str)] == ["ba", "dc"]
    assert [event for event in end.events if isinstance(event, (Ping, Close))] == [
        Ping(b""),
        Close(1000, ""),
    ]


def test_work_is_noted_before_who_waits_goes_on(twin: ModuleType) -> None:
    end = decoding(twin)
    end.task()
    seen: list[int] = []
    end.hooks["work"] = lambda: seen.append(len(end.events))
    for _ in range(63):
        end.receive(marked("ab"))
    assert seen == []
    end.receive(marked("ab", "cd"))
    assert seen == [63]
    assert ("work", 65) in end.asked
    assert len(end.events) == 65
    assert end.inbox.work == 0


def test_a_source_that_fails_to_note_work_is_an_error(twin: ModuleType) -> None:
    end = decoding(twin)
    end.hooks["work"] = fail
    with pytest.raises(Oops):
        end.receive(marked(*"a" * 64))
    assert len(end.inbox) == 64


def test_nothing_is_kept_of_a_connection_that_fails_meanwhile(twin: ModuleType) -> None:
    class Ending(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            connection.fail(1011)
            return data

    connection = Connection(Role.CLIENT, extensions=[Ending()])
    connection._parser = twin.Parser(masked=False, rsv=0x40)
    end = End(twin, connection)
    end.receive(marked("ab") + PING + texts("never"))
    assert take_all(end.inbox) == ["ab"]
    assert not connection.pending
    assert connection.next_event() is None


@pytest.mark.parametrize("decoder", [5, object()])
def test_an_odd_decoder_is_an_error(twin: ModuleType, decoder: object) -> None:
    parser = twin.Parser(masked=False, rsv=0x40)
    end = End(twin, Recorder(twin, _parser=parser, _decoder=decoder))
    end.receive(texts("ab"))
    with pytest.raises(AttributeError):
        end.receive(marked("cd"))
    assert take_all(end.inbox) == ["ab"]


def test_without_a_decoder_frames_are_left_to_the_source(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=0x40)
    end = End(twin, Recorder(twin, _parser=parser, _decoder=None))
    end.hooks["pump"] = fail
    with pytest.raises(Oops):
        end.receive(marked("ab"))
    assert end.connection._parsed == [Frame(True, Opcode.TEXT, b"ab", rsv1=True)]
    assert end.connection.pending is True
