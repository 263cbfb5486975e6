"""One connection after its opening handshake, RFC 6455 §5, §6 and §7."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.ends import (
    Marking,
    body,
    both_roles,
    connection_in,
    events_of,
    peer_sends,
    unwire,
)
from ws_frames import (
    Connection,
    InvalidState,
    Phase,
    Role,
    State,
)
from ws_frames.phases import Step

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
