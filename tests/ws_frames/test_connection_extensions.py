"""Extensions of a connection, RFC 6455 §9."""

from __future__ import annotations

import pytest

from tests.ws_frames.ends import (
    Marking,
    Secretive,
    Whole,
    body,
    both_roles,
    other,
    peer_sends,
    sent,
    unwire,
    wire,
)
from ws_frames import (
    RSV1,
    RSV_MASK,
    Connection,
    Failure,
    Frame,
    InvalidUTF8,
    PayloadTooBig,
    Phase,
    Ping,
    ProtocolError,
    Role,
)


@both_roles
def test_an_extension_sees_what_is_marked_for_it(role: Role) -> None:
    connection = Connection(role, extensions=[Marking()])
    events = peer_sends(
        connection, (0xC1, b"abc"), (0x81, b"abc"), (0x42, b"ab"), (0x89, b""), (0x80, b"cd")
    )
    assert events == ["cba", "abc", Ping(b""), b"badc"]


@both_roles
def test_an_extension_transforms_what_is_sent(role: Role) -> None:
    connection = Connection(role, extensions=[Marking()])
    assert unwire(connection.send_message("abc")) == [(0xC1, b"cba")]
    assert unwire(connection.send_fragment(b"abc", fin=False)) == [(0x42, b"cba")]
    assert unwire(connection.send_fragment(b"abc", fin=True)) == [(0x80, b"cba")]
    assert unwire(connection.send_pong(b"abc")) == [(0x8A, b"abc")]


@both_roles
def test_an_extension_that_declares_nothing_sees_every_frame(role: Role) -> None:
    connection = Connection(role, extensions=[Secretive()])
    assert peer_sends(connection, (0xC1, b"abc"), (0x81, b"abc")) == ["cba", "cba"]
    (event,) = peer_sends(connection, (0xE1, b""))
    assert isinstance(event, Failure)
    assert str(event.error) == "reserved bits 010 in a TEXT frame"


@both_roles
def test_bits_that_no_extension_declares_are_refused(role: Role) -> None:
    connection = Connection(role, extensions=[Marking()])
    (event,) = peer_sends(connection, (0xA1, b""))
    assert isinstance(event, Failure)


@both_roles
@pytest.mark.parametrize(
    ("frames", "error", "text"),
    [
        ([(0xC1, b"bad")], ProtocolError, "bad data"),
        ([(0xC1, b"abcdef")], PayloadTooBig, "too big for the extension"),
        ([(0x41, b"abcde"), (0x80, b"f")], PayloadTooBig, "too big for the extension"),
        ([(0xC1, b"\xff")], InvalidUTF8, "invalid UTF-8 in a text message at byte 0"),
    ],
)
def test_what_an_extension_finds_wrong_fails_the_connection(
    role: Role, frames: list[tuple[int, bytes]], error: type[ProtocolError], text: str
) -> None:
    connection = Connection(role, max_size=5, extensions=[Marking()])
    events = peer_sends(connection, (0x81, b"good"), *frames, (0x81, b"never"), (0xFF, b""))
    assert events[0] == "good"
    (event,) = events[1:]
    assert isinstance(event, Failure)
    assert type(event.error) is error
    assert sent(connection) == [(0x88, body(error.close_code, text))]
    assert connection.phase is Phase.FAILED


@both_roles
def test_what_an_extension_finds_wrong_after_the_end_of_tcp_is_the_last_event(role: Role) -> None:
    connection = Connection(role, extensions=[Marking()])
    peer = other(role)
    connection.receive_data(wire(peer, 0xC1, b"bad") + wire(peer, 0x81, b"a") * 3000)
    connection.receive_eof()
    assert isinstance(connection.next_event(), Failure)
    assert connection.next_event() is None
    assert not connection.pending


@both_roles
def test_another_error_of_an_extension_passes_through(role: Role) -> None:
    class Broken(Marking):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            raise RuntimeError("broken")

    connection = Connection(role, extensions=[Broken()])
    with pytest.raises(RuntimeError, match="broken"):
        peer_sends(connection, (0xC1, b""))


def test_the_bits_of_all_extensions_are_allowed() -> None:
    class Second(Marking):
        rsv = RSV_MASK ^ RSV1

        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            return frame._replace(rsv2=False, rsv3=False)

    connection = Connection(Role.SERVER, extensions=[Marking(), Second()])
    assert peer_sends(connection, (0xF1, b"abc")) == ["cba"]


# ---------------------------------------------------------------------------
# Messages as a whole


@both_roles
def test_messages_in_one_frame_are_passed_to_an_extension_as_a_whole(role: Role) -> None:
    extension = Whole()
    connection = Connection(role, max_size=100, extensions=[extension])
    assert peer_sends(connection, (0xC1, b"abc"), (0xC2, b"ab"), (0x81, b"ab")) == [
        "cba",
        b"ba",
        "ab",
    ]
    assert extension.received == [(b"abc", 100), (b"ab", 100)]
    for payload in ("abc", bytearray(b"abc"), memoryview(b"aabbcc")[::2]):
        (frame,) = unwire(connection.send_message(payload))
        assert frame == (0xC1 if payload == "abc" else 0xC2, b"cba")
    assert extension.sent == [b"abc"] * 3


@both_roles
def test_an_extension_may_leave_a_message_as_it_is(role: Role) -> None:
    connection = Connection(role, extensions=[Whole()])
    assert unwire(connection.send_message("as it is")) == [(0x81, b"as it is")]
    assert unwire(connection.send_message(b"as it is")) == [(0x82, b"as it is")]


@both_roles
def test_a_message_passes_by_what_compresses_if_it_is_to(role: Role) -> None:
    class Compressing(Whole):
        compresses = True

    connection = Connection(role, extensions=[Compressing()])
    assert unwire(connection.send_message("abc", compress=False)) == [(0x81, b"abc")]
    assert unwire(connection.send_message("abc")) == [(0xC1, b"cba")]
    other_kind = Connection(role, extensions=[Whole()])
    assert unwire(other_kind.send_message("abc", compress=False)) == [(0xC1, b"cba")]


@both_roles
def test_fragments_are_passed_to_an_extension_frame_by_frame(role: Role) -> None:
    extension = Whole()
    connection = Connection(role, extensions=[extension])
    assert peer_sends(connection, (0x41, b"ab"), (0x80, b"cd"), (0x42, b"ab"), (0x80, b"")) == [
        "badc",
        b"ba",
    ]
    assert unwire(connection.send_fragment(b"abc", fin=False)) == [(0x42, b"cba")]
    assert unwire(connection.send_fragment(b"abc", fin=True)) == [(0x80, b"cba")]
    assert not extension.received
    assert not extension.sent


def test_several_extensions_see_frames() -> None:
    class Second(Marking):
        rsv = RSV_MASK ^ RSV1

        def encode(self, frame: Frame) -> Frame:
            return frame._replace(rsv2=True)

        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            return frame._replace(rsv2=False)

    extension = Whole()
    connection = Connection(Role.SERVER, extensions=[extension, Second()])
    assert peer_sends(connection, (0xE1, b"abc")) == ["cba"]
    assert unwire(connection.send_message("abc")) == [(0xE1, b"cba")]
    assert not extension.received
    assert not extension.sent


def test_an_extension_that_does_not_say_its_bits_sees_frames() -> None:
    class Silent(Whole):
        rsv = None
        only_marked = False

    extension = Silent()
    connection = Connection(Role.SERVER, extensions=[extension])
    assert peer_sends(connection, (0xC1, b"abc"), (0x81, b"abc")) == ["cba", "cba"]
    assert unwire(connection.send_message("abc")) == [(0xC1, b"cba")]
    assert not extension.received
    assert not extension.sent


def test_what_stands_before_an_extension_sees_frames() -> None:
    class Counting:
        """Counts what goes through another one, and has nothing else of its own."""

        def __init__(self, extension: Whole) -> None:
            self.extension = extension
            self.counts = [0, 0]

        def __getattr__(self, name: str) -> object:
            return getattr(self.extension, name)

        def encode(self, frame: Frame) -> Frame:
            self.counts[0] += 1
            return self.extension.encode(frame)

        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            self.counts[1] += 1
            return self.extension.decode(frame, max_size=max_size)

    counting = Counting(Whole())
    connection = Connection(Role.SERVER, extensions=[counting])  # type: ignore[list-item]
    assert peer_sends(connection, (0xC1, b"abc")) == ["cba"]
    assert unwire(connection.send_message("abc")) == [(0xC1, b"cba")]
    assert counting.counts == [1, 1]


def test_frames_with_other_bits_are_no_messages_for_it() -> None:
    class Several(Whole):
        rsv = RSV_MASK ^ RSV1
        only_marked = False

        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            return frame._replace(data=b"frame", rsv2=False, rsv3=False)

    extension = Several()
    connection = Connection(Role.SERVER, extensions=[extension])
    events = peer_sends(connection, (0x81, b"a"), (0xA1, b"b"), (0xB1, b"c"), (0x91, b"d"))
    assert events == ["frame"] * 4
    assert [data for data, _ in extension.received] == [b"c"]
    assert unwire(connection.send_message("abc")) == [(0xB1, b"cba")]


@both_roles
@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"bad", ProtocolError, "bad data"),
        (b"abcdef", PayloadTooBig, "too big for the extension"),
        (b"\xff", InvalidUTF8, "invalid UTF-8 in a text message at byte 0"),
        (b"big", PayloadTooBig, "message of 6 bytes or more, at most 5 allowed"),
    ],
)
def test_what_is_wrong_with_a_whole_message_fails_the_connection(
    role: Role, data: bytes, error: type[ProtocolError], text: str
) -> None:
    class Growing(Whole):
        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            return b"a" * 6 if data == b"big" else super().decode_message(data, max_size)

    connection = Connection(role, max_size=5, extensions=[Growing()])
    (event,) = peer_sends(connection, (0xC1, data), (0x81, b"never"))
    assert isinstance(event, Failure)
    assert type(event.error) is error
    assert sent(connection) == [(0x88, body(error.close_code, text))]


def test_a_whole_message_ends_a_row_of_empty_fragments() -> None:
    connection = Connection(Role.SERVER, extensions=[Whole()])
    empty = [(0x41, b"")] + [(0x00, b"")] * 900 + [(0x80, b"")]
    assert peer_sends(connection, *empty, (0xC1, b"abc"), *empty) == ["", "cba", ""]


def test_extensions_by_default_see_frames_alone() -> None:
    extension = Marking()
    assert extension.takes_messages is False
    with pytest.raises(NotImplementedError):
        extension.decode_message(b"", None)
    with pytest.raises(NotImplementedError):
        extension.encode_message(b"")
