"""One connection after its opening handshake, RFC 6455 §5, §6 and §7."""

from __future__ import annotations

import array
import gc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import (
    RSV1,
    RSV_MASK,
    Close,
    CloseCode,
    Connection,
    Data,
    Event,
    Extension,
    Failure,
    Frame,
    Inbox,
    InvalidState,
    InvalidUTF8,
    Opcode,
    PayloadTooBig,
    Phase,
    Ping,
    Pong,
    ProtocolError,
    Role,
    State,
    apply_mask,
)
from ws_frames.phases import Step

ROLES = [Role.CLIENT, Role.SERVER]
both_roles = pytest.mark.parametrize("role", ROLES)


def other(role: Role) -> Role:
    return Role.SERVER if role is Role.CLIENT else Role.CLIENT


def wire(role: Role, head: int, payload: bytes = b"") -> bytes:
    """A short frame as an end of this role sends it, masked with zeroes by a client."""
    if role is Role.CLIENT:
        return bytes([head, 0x80 | len(payload)]) + bytes(4) + payload
    return bytes([head, len(payload)]) + payload


def unwire(data: bytes) -> list[tuple[int, bytes]]:
    """First byte and payload of each of some short frames."""
    frames = []
    while data:
        head, length = data[0], data[1] & 0x7F
        start = 6 if data[1] & 0x80 else 2
        payload = data[start : start + length]
        frames.append((head, apply_mask(payload, data[2:6]) if start == 6 else payload))
        data = data[start + length :]
    return frames


def events_of(connection: Connection, *pieces: bytes) -> list[Event]:
    events: list[Event] = []
    for piece in pieces or (b"",):
        connection.receive_data(piece)
        while (event := connection.next_event()) is not None:
            events.append(event)
    return events


def peer_sends(connection: Connection, *frames: tuple[int, bytes]) -> list[Event]:
    peer = other(connection.role)
    return events_of(connection, b"".join(wire(peer, head, data) for head, data in frames))


def sent(connection: Connection) -> list[tuple[int, bytes]]:
    return unwire(connection.data_to_send())


def body(code: int, reason: str = "") -> bytes:
    return code.to_bytes(2, "big") + reason.encode()


def connection_in(phase: Phase, role: Role) -> Connection:
    connection = Connection(role)
    if phase is Phase.CLOSE_SENT:
        connection.send_close()
    elif phase is Phase.CLOSE_EXCHANGED:
        peer_sends(connection, (0x88, b""))
        connection.data_to_send()
    elif phase is Phase.FAILED:
        connection.fail(1011)
    elif phase is Phase.CLOSED:
        connection.receive_eof()
    assert connection.phase is phase
    return connection


class Marking(Extension):
    """Reverse the payload of messages marked with RSV1."""

    name = "x-marking"
    rsv: int | None = RSV1
    only_marked = True

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if max_size is not None and len(frame.data) > max_size:
            raise PayloadTooBig("too big for the extension")
        if frame.data == b"bad":
            raise ProtocolError("bad data") from ValueError("low level")
        return frame._replace(data=frame.data[::-1], rsv1=False)

    def encode(self, frame: Frame) -> Frame:
        return frame._replace(data=frame.data[::-1], rsv1=frame.opcode is not Opcode.CONT)


class Secretive(Marking):
    """Say nothing about the bits that it uses."""

    rsv = None
    only_marked = False


# ---------------------------------------------------------------------------
# Phases


@both_roles
def test_a_connection_begins_open(role: Role) -> None:
    connection = Connection(role)
    assert (connection.phase, connection.state) == (Phase.OPEN, State.OPEN)
    assert (connection.close_code, connection.close_reason) == (None, None)
    assert (connection.close_received, connection.close_sent) == (None, None)
    assert connection.error is None
    assert not connection.may_disconnect
    assert not connection.pending
    assert connection.next_event() is None
    assert connection.data_to_send() == b""
    assert repr(connection) == f"<Connection {role.value} open>"


CALLS: dict[Step, Callable[[Connection], object]] = {
    Step.SEND_DATA: lambda connection: connection.send_message("a"),
    Step.SEND_PING: lambda connection: connection.send_ping(),
    Step.SEND_PONG: lambda connection: connection.send_pong(),
    Step.SEND_CLOSE: lambda connection: connection.send_close(),
}


#: Which phase follows. Not taken from the table: what it says must be what comes of it (§5.5.1).
POSSIBLE = {
    (Phase.OPEN, Step.SEND_DATA): Phase.OPEN,
    (Phase.OPEN, Step.SEND_PING): Phase.OPEN,
    (Phase.OPEN, Step.SEND_PONG): Phase.OPEN,
    (Phase.OPEN, Step.SEND_CLOSE): Phase.CLOSE_SENT,
    (Phase.CLOSE_SENT, Step.SEND_PONG): Phase.CLOSE_SENT,
}


REASONS = {
    Phase.CLOSE_SENT: "a close frame was sent",
    Phase.CLOSE_EXCHANGED: "close frames were exchanged",
    Phase.FAILED: "the connection has failed",
    Phase.CLOSED: "the connection is closed",
}


@both_roles
@pytest.mark.parametrize("step", CALLS)
@pytest.mark.parametrize("phase", Phase)
def test_a_call_is_possible_in_these_phases(phase: Phase, step: Step, role: Role) -> None:
    connection = connection_in(phase, role)
    after = POSSIBLE.get((phase, step))
    if after is None:
        expected = f"^cannot {step.value}: {REASONS[phase]}$"
        with pytest.raises(InvalidState, match=expected):
            CALLS[step](connection)
        assert connection.phase is phase
    else:
        assert CALLS[step](connection)
        assert connection.phase is after


@both_roles
@pytest.mark.parametrize("phase", Phase)
def test_a_fragment_is_possible_where_a_message_is(phase: Phase, role: Role) -> None:
    connection = connection_in(phase, role)
    if phase is Phase.OPEN:
        assert connection.send_fragment("a", fin=False)
        return
    with pytest.raises(InvalidState, match=r"^cannot send data"):
        connection.send_fragment("a", fin=False)


@both_roles
@pytest.mark.parametrize("phase", Phase)
def test_tcp_may_end_in_any_phase(phase: Phase, role: Role) -> None:
    connection = connection_in(phase, role)
    connection.receive_eof()
    connection.receive_eof()
    assert (connection.phase, connection.state) == (Phase.CLOSED, State.CLOSED)
    assert not connection.may_disconnect
    assert connection.data_to_send() == b""


@both_roles
@pytest.mark.parametrize("phase", Phase)
def test_failing_is_possible_in_any_phase(phase: Phase, role: Role) -> None:
    connection = connection_in(phase, role)
    data = connection.fail(1011, "oops")
    if phase is Phase.OPEN:
        assert unwire(data) == [(0x88, body(1011, "oops"))]
    else:
        assert data == b""
    failed = phase in (Phase.OPEN, Phase.CLOSE_SENT, Phase.FAILED)
    assert connection.phase is (Phase.FAILED if failed else phase)


@both_roles
@pytest.mark.parametrize("phase", Phase)
def test_what_arrives_counts_until_the_peer_closes_or_fails(phase: Phase, role: Role) -> None:
    connection = connection_in(phase, role)
    events = peer_sends(connection, (0x81, b"late"))
    assert events == (["late"] if phase in (Phase.OPEN, Phase.CLOSE_SENT) else [])


# ---------------------------------------------------------------------------
# Messages


@both_roles
def test_messages_are_handed_out_in_their_order(role: Role) -> None:
    connection = Connection(role)
    events = peer_sends(connection, (0x81, b"a"), (0x02, b"b"), (0x8A, b""), (0x80, b"c"))
    assert events == ["a", Pong(b"", ()), b"bc"]


@both_roles
@pytest.mark.parametrize("message", ["Hello", "", b"Hello", b"", "é" * 70000])
def test_what_one_end_sends_the_other_receives(role: Role, message: Data) -> None:
    sender, receiver = Connection(role), Connection(other(role))
    assert events_of(receiver, sender.send_message(message)) == [message]


@both_roles
def test_fragments_that_one_end_sends_are_one_message_for_the_other(role: Role) -> None:
    sender, receiver = Connection(role), Connection(other(role))
    pieces = [
        sender.send_fragment("a", fin=False),
        sender.send_fragment("b", fin=False),
        sender.send_fragment("c", fin=True),
    ]
    assert events_of(receiver, *pieces) == ["abc"]


@both_roles
def test_messages_may_be_had_in_bulk(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    connection.receive_data(
        b"".join(
            [
                *(wire(peer, 0x81, b"%d" % i) for i in range(3000)),
                wire(peer, 0x89),
                wire(peer, 0x81),
            ]
        )
    )
    assert connection.pending
    assert connection.ready_messages(2) == ["0", "1"]
    assert connection.ready_messages(0) == []
    assert connection.next_event() == "2"
    assert connection.ready_messages(10_000) == [str(i) for i in range(3, 3000)]
    assert connection.ready_messages(10) == []  # a ping is next
    assert connection.pending
    assert connection.next_event() == Ping(b"")
    assert connection.ready_messages(10) == [""]
    assert connection.ready_messages(10) == []
    assert not connection.pending


def receive(connection: Connection, data: bytes, limit: int) -> list[Data]:
    """Take bytes, and so many messages, as who has an inbox does."""
    inbox = Inbox(max_queue=limit)
    done = connection.receive_into(inbox, data)
    assert done is not connection.pending
    messages = [inbox.pop() for _ in range(len(inbox))]
    if connection.ready:
        messages += connection.ready_messages(limit - len(messages))
    return messages


@both_roles
def test_fragments_are_parsed_in_portions_for_who_asks_for_ready_messages(role: Role) -> None:
    fragments = [wire(other(role), 0x00, b"x")] * 9000
    data = b"".join([wire(other(role), 0x02), *fragments, wire(other(role), 0x80)])
    message = b"x" * 9000

    connection = Connection(role)
    portions = [receive(connection, data, 10)]
    while connection.pending and not connection.ready:
        portions.append(connection.ready_messages(10))
    assert portions == [[], [], [], [], [message]]
    assert connection.ready

    connection = Connection(role)
    connection.receive_data(data)
    assert (connection.pending, connection.ready) == (True, False)
    assert connection.next_event() == message  # all in one call
    assert (connection.pending, connection.ready) == (False, True)
    assert connection.next_event() is None


@both_roles
def test_messages_may_be_had_in_the_call_that_takes_their_bytes(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    texts = [wire(peer, 0x81, b"%d" % i) for i in range(8)]
    received = []
    for data, limit in [
        (texts[0] + texts[1], 2),
        (texts[2] + texts[3], 1),  # no room for more
        (texts[4] + wire(peer, 0x89), 9),
        (texts[5], 9),  # a ping is next
    ]:
        messages = receive(connection, data, limit)
        received.append((messages, connection.pending))
    assert received == [(["0", "1"], False), (["2"], True), (["3", "4"], True), ([], True)]
    assert connection.next_event() == Ping(b"")
    assert receive(connection, b"", 9) == ["5"]


@both_roles
def test_a_failure_behind_ready_messages_comes_in_its_turn(role: Role) -> None:
    connection = Connection(role)
    peer = other(role)
    text = wire(peer, 0x81, b"a")
    assert receive(connection, text + wire(peer, 0x83), 9) == ["a"]
    assert connection.pending
    assert isinstance(connection.next_event(), Failure)
    assert receive(connection, text, 9) == []


@both_roles
@pytest.mark.parametrize("max_size", [0, 5])
def test_a_message_may_fill_the_limit_and_not_more(role: Role, max_size: int) -> None:
    connection = Connection(role, max_size=max_size)
    assert peer_sends(connection, (0x82, bytes(max_size))) == [bytes(max_size)]
    (event,) = peer_sends(connection, (0x82, bytes(max_size + 1)))
    assert isinstance(event, Failure)
    assert type(event.error) is PayloadTooBig
    assert sent(connection) == [(0x88, body(1009, str(event.error)))]


@both_roles
def test_there_may_be_no_limit(role: Role) -> None:
    sender, receiver = Connection(role), Connection(other(role), max_size=None)
    message = bytes(2**20 + 1)
    assert events_of(receiver, sender.send_message(message)) == [message]


# ---------------------------------------------------------------------------
# Pings (§5.5.2, §5.5.3)


@both_roles
def test_a_ping_is_answered_with_its_data(role: Role) -> None:
    connection = Connection(role)
    assert peer_sends(connection, (0x89, b"data")) == [Ping(b"data")]
    assert sent(connection) == [(0x8A, b"data")]
    assert sent(connection) == []


@both_roles
def test_each_ping_is_answered_where_the_answers_are_taken(role: Role) -> None:
    connection = Connection(role)
    for data in (b"a", b"b"):
        peer_sends(connection, (0x89, data))
        assert sent(connection) == [(0x8A, data)]


@both_roles
def test_only_the_newest_ping_is_answered_where_they_are_not(role: Role) -> None:
    connection = Connection(role)
    pings = [(0x89, b"%d" % i) for i in range(3000)]
    assert peer_sends(connection, *pings) == [Ping(data) for _, data in pings]
    assert sent(connection) == [(0x8A, b"2999")]


@both_roles
def test_a_ping_is_answered_while_a_message_fills_the_limit(role: Role) -> None:
    connection = Connection(role, max_size=4)
    assert peer_sends(connection, (0x01, b"abcd"), (0x89, b"p"), (0x80, b"")) == [
        Ping(b"p"),
        "abcd",
    ]
    assert sent(connection) == [(0x8A, b"p")]


@both_roles
def test_a_ping_is_answered_after_our_close_frame(role: Role) -> None:
    connection = connection_in(Phase.CLOSE_SENT, role)
    assert peer_sends(connection, (0x89, b"p")) == [Ping(b"p")]
    assert sent(connection) == [(0x8A, b"p")]


@both_roles
def test_a_ping_is_not_answered_once_tcp_has_ended(role: Role) -> None:
    connection = Connection(role)
    connection.receive_data(wire(other(role), 0x89, b"p"))
    connection.receive_eof()
    assert connection.next_event() == Ping(b"p")
    assert sent(connection) == []


@both_roles
def test_a_pong_answers_our_pings(role: Role) -> None:
    connection = Connection(role)
    data, written = connection.send_ping()
    assert len(data) == 4
    assert unwire(written) == [(0x89, data)]
    assert connection.send_ping(bytearray(b"b"))[0] == b"b"
    assert connection.send_ping(b"c")[0] == b"c"
    assert peer_sends(connection, (0x8A, b"b")) == [Pong(b"b", (data, b"b"))]
    assert peer_sends(connection, (0x8A, b"b")) == [Pong(b"b", ())]
    assert peer_sends(connection, (0x8A, b"c")) == [Pong(b"c", (b"c",))]


@both_roles
def test_the_data_of_a_ping_is_chosen_anew_each_time(role: Role) -> None:
    connection = Connection(role)
    assert len({connection.send_ping()[0] for _ in range(100)}) == 100


@both_roles
@pytest.mark.parametrize("data", [b"", b"x" * 125, memoryview(b"ab")])
def test_a_pong_may_be_sent_unasked(role: Role, data: bytes) -> None:
    connection = Connection(role)
    assert unwire(connection.send_pong(data)) == [(0x8A, bytes(data))]


@pytest.mark.parametrize("data", [b"x" * 126, memoryview(array.array("H", range(63)))])
def test_control_frames_have_125_bytes_at_most(data: bytes) -> None:
    connection = Connection(Role.SERVER)
    with pytest.raises(ValueError, match=r"^ping of 126 bytes, at most 125 are allowed$"):
        connection.send_ping(data)
    with pytest.raises(ValueError, match=r"^PONG frame of 126 bytes, at most 125 are allowed$"):
        connection.send_pong(data)
    assert connection.phase is Phase.OPEN


@pytest.mark.parametrize("data", [5, "text", [1]])
def test_the_data_of_a_ping_is_bytes(data: bytes) -> None:
    connection = Connection(Role.SERVER)
    with pytest.raises(TypeError):
        connection.send_ping(data)
    with pytest.raises(TypeError):
        connection.send_pong(data)


def test_data_that_waits_for_a_pong_cannot_be_sent_again() -> None:
    connection = Connection(Role.SERVER)
    connection.send_ping(b"a")
    with pytest.raises(ValueError, match="waiting for its pong"):
        connection.send_ping(b"a")


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


# ---------------------------------------------------------------------------
# Extensions (§9)


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
# Memory


def echo_and_close(connection: Connection) -> None:
    peer_sends(connection, (0x81, b"a"), (0x89, b"p"), (0x88, b""))


def fail_in_the_parser(connection: Connection) -> None:
    peer_sends(connection, (0x01, b"a"), (0x80, b"\xff"))


def fail_in_the_extension(connection: Connection) -> None:
    peer_sends(connection, (0xC1, b"bad"))


@pytest.mark.parametrize("use", [echo_and_close, fail_in_the_parser, fail_in_the_extension])
def test_a_connection_leaves_no_cyclic_garbage(use: Callable[[Connection], None]) -> None:
    gc.collect()
    gc.disable()
    try:
        connection = Connection(Role.SERVER, extensions=[Marking()])
        use(connection)
        connection.receive_eof()
        del connection
        assert gc.collect() == 0
    finally:
        gc.enable()


# ---------------------------------------------------------------------------
# Two ends

actions = st.one_of(
    st.text(max_size=9).map(lambda text: lambda c: c.send_message(text)),
    st.binary(max_size=9).map(lambda data: lambda c: c.send_message(data)),
    st.binary(max_size=9).map(lambda data: lambda c: c.send_pong(data)),
    st.just(lambda c: c.send_ping()[1]),
    st.just(lambda c: c.send_close(4000, "bye")),
)


@given(st.lists(st.tuples(st.sampled_from([0, 1]), actions), max_size=12), st.integers(1, 30))
def test_two_ends_always_close_in_agreement(
    plan: list[tuple[int, Callable[[Connection], bytes]]], step: int
) -> None:
    ends = Connection(Role.CLIENT), Connection(Role.SERVER)
    for turn, action in plan:
        end, peer = ends[turn], ends[1 - turn]
        if end.phase is Phase.OPEN:
            data = end.data_to_send() + action(end)
            for i in range(0, len(data), step):
                events_of(peer, data[i : i + step])
    for end, peer in (ends, ends[::-1], ends):
        if end.phase is Phase.OPEN:
            events_of(peer, end.data_to_send() + end.send_close())
        else:
            events_of(peer, end.data_to_send())
    for end in ends:
        assert end.error is None
        assert end.phase is Phase.CLOSE_EXCHANGED
        assert end.close_received is not None
