"""Extensions of a connection, RFC 6455 §9."""

from __future__ import annotations

import pytest

from tests.ws_frames.ends import (
    Marking,
    Secretive,
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
