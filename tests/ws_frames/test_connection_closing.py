"""How a connection is closed, and fails, RFC 6455 §7.1."""

from __future__ import annotations

import pytest

from tests.ws_frames.ends import (
    body,
    both_roles,
    connection_in,
    events_of,
    other,
    peer_sends,
    sent,
    unwire,
    wire,
)
from ws_frames import (
    Close,
    CloseCode,
    Connection,
    Failure,
    Phase,
    Ping,
    Pong,
    ProtocolError,
    Role,
)

# ---------------------------------------------------------------------------
# The closing handshake (§7.1)


@both_roles
def test_a_close_frame_is_echoed(role: Role) -> None:
    connection = Connection(role)
    assert peer_sends(connection, (0x88, body(1001, "bye"))) == [Close(1001, "bye")]
    assert sent(connection) == [(0x88, body(1001, "bye"))]
    assert connection.phase is Phase.CLOSE_EXCHANGED
    assert connection.close_received == connection.close_sent == Close(1001, "bye")
    assert connection.may_disconnect is (role is Role.SERVER)
    connection.receive_eof()
    assert (connection.close_code, connection.close_reason) == (1001, "bye")


@both_roles
def test_a_close_frame_without_a_body_is_echoed_as_one(role: Role) -> None:
    connection = Connection(role)
    assert peer_sends(connection, (0x88, b"")) == [Close(1005)]
    assert sent(connection) == [(0x88, b"")]
    connection.receive_eof()
    assert (connection.close_code, connection.close_reason) == (1005, "")


@both_roles
def test_the_echo_of_our_close_frame_ends_the_handshake(role: Role) -> None:
    connection = Connection(role)
    assert unwire(connection.send_close(1001, "bye")) == [(0x88, body(1001, "bye"))]
    assert connection.close_sent == Close(1001, "bye")
    assert not connection.may_disconnect
    assert peer_sends(connection, (0x81, b"late"), (0x88, body(1001))) == ["late", Close(1001)]
    assert sent(connection) == []
    assert connection.phase is Phase.CLOSE_EXCHANGED
    connection.receive_eof()
    assert (connection.close_code, connection.close_reason) == (1001, "")


def test_close_frames_may_cross() -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    from_client, from_server = client.send_close(1001), server.send_close(1012)
    assert events_of(server, from_client) == [Close(1001)]
    assert events_of(client, from_server) == [Close(1012)]
    assert client.data_to_send() == server.data_to_send() == b""
    for connection in (client, server):
        assert connection.phase is Phase.CLOSE_EXCHANGED
        connection.receive_eof()
    assert (client.close_code, server.close_code) == (1012, 1001)


@both_roles
def test_a_close_without_a_status_may_be_sent(role: Role) -> None:
    assert unwire(Connection(role).send_close(1005)) == [(0x88, b"")]


@pytest.mark.parametrize(("code", "reason"), [(1006, ""), (999, ""), (5000, ""), (1000, "x" * 124)])
def test_a_close_that_cannot_be_sent_leaves_the_connection_open(code: int, reason: str) -> None:
    connection = Connection(Role.SERVER)
    with pytest.raises(ProtocolError):
        connection.send_close(code, reason)
    assert connection.phase is Phase.OPEN
    assert connection.close_sent is None


@both_roles
def test_a_pong_goes_out_before_the_echo_of_a_close_frame(role: Role) -> None:
    connection = Connection(role)
    peer_sends(connection, (0x89, b"p"), (0x88, b""))
    assert sent(connection) == [(0x8A, b"p"), (0x88, b"")]


@both_roles
def test_a_close_frame_may_come_between_fragments(role: Role) -> None:
    connection = Connection(role)
    assert peer_sends(connection, (0x01, b"a"), (0x88, body(1000))) == [Close(1000)]
    assert sent(connection) == [(0x88, body(1000))]


@both_roles
def test_nothing_counts_after_a_close_frame(role: Role) -> None:
    connection = Connection(role)
    assert peer_sends(connection, (0x88, b""), (0xFF, b"")) == [Close(1005)]
    assert peer_sends(connection, (0xFF, b"")) == []
    assert connection.error is None


@both_roles
def test_the_end_of_tcp_alone_is_an_abnormal_closure(role: Role) -> None:
    connection = connection_in(Phase.CLOSED, role)
    assert (connection.close_code, connection.close_reason) == (CloseCode.ABNORMAL_CLOSURE, "")


@both_roles
def test_the_end_of_tcp_after_our_close_frame_alone_is_one_too(role: Role) -> None:
    connection = connection_in(Phase.CLOSE_SENT, role)
    connection.receive_eof()
    assert (connection.close_code, connection.close_reason) == (1006, "")


@both_roles
def test_what_waits_is_handed_out_after_the_end_of_tcp(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    connection.receive_data(wire(peer, 0x81, b"a") + wire(peer, 0x88, body(1001)))
    connection.receive_eof()
    # The peer's close frame counts, whether or not it was taken.
    assert (connection.close_code, connection.close_reason) == (1001, "")
    assert [connection.next_event() for _ in range(3)] == ["a", Close(1001), None]
    assert (connection.close_sent, connection.data_to_send()) == (None, b"")
    assert connection.phase is Phase.CLOSED


@both_roles
def test_a_fault_that_waits_is_told_after_the_end_of_tcp(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    connection.receive_data(wire(peer, 0x81, b"a") * 2000 + wire(peer, 0xFF))
    connection.receive_eof()
    assert connection.ready_messages(3000) == ["a"] * 2000
    event = connection.next_event()
    assert isinstance(event, Failure)
    assert connection.next_event() is None
    assert (connection.phase, connection.data_to_send()) == (Phase.CLOSED, b"")
    assert (connection.close_code, connection.error) == (1006, event.error)


# ---------------------------------------------------------------------------
# Failures (§7.1.7)


@both_roles
@pytest.mark.parametrize(
    ("frame", "code", "text"),
    [
        ((0xFF, b""), 1002, "reserved opcode 0xf"),
        ((0x81, b"a\xff"), 1007, "invalid UTF-8 in a text message at byte 1"),
        ((0x88, b"\x03\xee"), 1002, "close code 1006 must not be sent"),
        ((0x88, b"\x03\xe8\xff"), 1007, "invalid UTF-8 in the reason of a close frame at byte 0"),
    ],
)
def test_a_fault_fails_the_connection_with_its_code(
    role: Role, frame: tuple[int, bytes], code: int, text: str
) -> None:
    connection = Connection(role)
    (event,) = peer_sends(connection, frame, (0x81, b"never seen"))
    assert isinstance(event, Failure)
    assert str(event.error) == text
    assert connection.error is event.error
    assert sent(connection) == [(0x88, body(code, text))]
    assert connection.close_sent == Close(code, text)
    assert connection.phase is Phase.FAILED
    assert connection.may_disconnect
    connection.receive_eof()
    assert (connection.close_code, connection.close_reason) == (1006, "")


def test_client_fails_the_connection_on_a_masked_frame() -> None:
    connection = Connection(Role.CLIENT)
    (event,) = events_of(connection, wire(Role.CLIENT, 0x81))
    assert isinstance(event, Failure)
    assert str(event.error) == "masked frame from the server"


def test_server_fails_the_connection_on_an_unmasked_frame() -> None:
    connection = Connection(Role.SERVER)
    (event,) = events_of(connection, wire(Role.SERVER, 0x81))
    assert isinstance(event, Failure)
    assert str(event.error) == "unmasked frame from the client"


@both_roles
def test_what_came_before_a_fault_comes_out_before_it(role: Role) -> None:
    connection = Connection(role)
    *before, last = peer_sends(connection, (0x81, b"a"), (0x89, b"p"), (0x8A, b""), (0xFF, b""))
    assert before == ["a", Ping(b"p"), Pong(b"", ())]
    assert isinstance(last, Failure)
    assert [head for head, _ in sent(connection)] == [0x8A, 0x88]


@both_roles
def test_a_fault_is_told_once(role: Role) -> None:
    connection = Connection(role)
    assert len(peer_sends(connection, (0xFF, b""))) == 1
    assert peer_sends(connection, (0xFF, b""), (0x81, b"a")) == []
    connection.receive_eof()
    assert connection.next_event() is None


@both_roles
def test_a_connection_knows_which_end_began_to_close(role: Role) -> None:
    connection = Connection(role)
    assert not connection.began_closing
    peer_sends(connection, (0x88, body(1000)))
    assert not connection.began_closing
    connection = connection_in(Phase.CLOSE_SENT, role)
    peer_sends(connection, (0x88, body(1000)))
    assert connection.began_closing
    assert not connection_in(Phase.CLOSED, role).began_closing
    assert connection_in(Phase.FAILED, role).began_closing


@both_roles
def test_a_fault_after_our_close_frame_sends_no_second_one(role: Role) -> None:
    connection = connection_in(Phase.CLOSE_SENT, role)
    (event,) = peer_sends(connection, (0xFF, b""))
    assert isinstance(event, Failure)
    assert sent(connection) == []
    assert connection.phase is Phase.FAILED
    assert connection.close_sent == Close(1000)


@both_roles
def test_failing_drops_what_waits(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    connection.receive_data(wire(peer, 0x81, b"a") * 3000 + wire(peer, 0x88, body(1000)))
    assert connection.next_event() == "a"
    assert connection.fail(1008, "enough")
    assert not connection.pending
    assert (connection.next_event(), connection.ready_messages(9)) == (None, [])
    connection.receive_eof()
    assert not connection.pending
    assert (connection.next_event(), connection.ready_messages(9)) == (None, [])
    assert connection.close_code == 1006


@both_roles
def test_a_fault_behind_messages_waits_to_be_taken(role: Role) -> None:
    connection = Connection(role)
    connection.receive_data(wire(other(role), 0x81, b"a") + wire(other(role), 0xFF))
    assert connection.next_event() == "a"
    assert connection.pending
    assert isinstance(connection.next_event(), Failure)
    assert not connection.pending


@both_roles
def test_failing_drops_a_fault_that_waits(role: Role) -> None:
    connection = Connection(role)
    connection.receive_data(wire(other(role), 0xFF))
    connection.fail(1011)
    connection.receive_eof()
    assert connection.next_event() is None
    assert connection.error is None


@both_roles
def test_the_reason_of_a_failure_is_cut_to_fit(role: Role) -> None:
    connection = Connection(role)
    ((_, data),) = unwire(connection.fail(1011, "x" * 122 + "é"))
    assert data == body(1011, "x" * 122)
    assert connection.close_sent == Close(1011, "x" * 122)


def test_the_reason_of_a_failure_may_be_no_unicode() -> None:
    assert unwire(Connection(Role.SERVER).fail(1011, "\ud800")) == [(0x88, body(1011, "?"))]


@both_roles
def test_failing_with_a_code_that_cannot_be_sent_is_refused(role: Role) -> None:
    connection = Connection(role)
    with pytest.raises(ProtocolError, match=r"^close code 1006 must not be sent$"):
        connection.fail(1006)
    assert connection.phase is Phase.OPEN
