"""Messages and pings of a connection, RFC 6455 §5.4, §5.5.2 and §5.5.3."""

from __future__ import annotations

import array

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
    Connection,
    Data,
    Failure,
    Inbox,
    PayloadTooBig,
    Phase,
    Ping,
    Pong,
    Role,
)

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
