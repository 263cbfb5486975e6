"""How a connection ends: by a closing handshake, a failure, a pong that is missing."""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import TYPE_CHECKING

import pytest

from ws_frames import (
    Close,
    ConnectionClosedError,
    ConnectionClosedOK,
    Opcode,
    PayloadTooBig,
    PreparedMessage,
    Role,
    State,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Establish

from tests.ws_asyncio.applications import Faulty, receive, shapes

TEXT, PING, CLOSE = Opcode.TEXT, Opcode.PING, Opcode.CLOSE


# Closing, in every order


async def test_we_close_and_the_peer_answers(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close(1001, "bye"))
    assert (peer.closes, peer.transport.closing) == ([Close(1001, "bye")], False)
    await peer.send(peer.close(1001, "bye"))
    assert peer.transport.eof is (role is Role.SERVER)
    await peer.send_eof()
    await task
    assert clock.now == 1000
    assert not peer.transport.aborted
    exc = await receive(peer)
    assert (type(exc), exc.code, exc.reason) == (ConnectionClosedOK, 1001, "bye")
    assert exc.__cause__ is None


async def test_the_peer_closes_and_we_answer(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(receive(peer))
    await peer.send(peer.close(4000, "mine"))
    assert peer.closes == [Close(4000, "mine")]
    assert peer.transport.eof is (role is Role.SERVER)
    await peer.send_eof()
    exc = await task
    assert (type(exc), exc.code, exc.reason) == (ConnectionClosedError, 4000, "mine")
    assert clock.now == 1000


async def test_a_close_without_a_code_is_answered_alike(establish: Establish, role: Role) -> None:
    peer = establish(role)
    await peer.send(peer.frame(CLOSE))
    assert shapes(peer.frames) == [(CLOSE, b"")]
    await peer.lose()
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1005)


async def test_two_closes_cross(establish: Establish, role: Role) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close(1001))
    await peer.send(peer.close(4000))
    assert peer.closes == [Close(1001)]
    await peer.lose()
    await task
    assert (await receive(peer)).code == 4000


async def test_a_dead_peer_is_given_up_after_the_time_for_its_close(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    await peer.protocol.close()
    assert clock.now == pytest.approx(1010)
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, asyncio.TimeoutError)
    assert str(exc.__cause__) == "no close frame within 10 s"


async def test_a_dead_peer_with_a_full_transport_is_given_up_after_two_stages(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role, write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    await peer.protocol.close()
    assert clock.now == pytest.approx(1020)
    assert peer.transport.aborted
    assert peer.closes == [Close(1000)]


async def test_a_server_that_doesnt_end_tcp_is_given_up(establish: Establish, clock: Clock) -> None:
    peer = establish(Role.CLIENT)
    await peer.send(peer.close())
    await peer.protocol.close()
    assert clock.now == pytest.approx(1010)
    assert (await receive(peer)).code == 1000


async def test_a_client_that_doesnt_end_tcp_after_a_failure_is_given_up(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    peer.protocol.fail_connection(1011)
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1010)
    assert peer.transport.aborted


async def test_without_a_time_limit_closing_takes_as_long_as_the_peer_wants(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, close_timeout=None)
    task = await peer.start(peer.protocol.close())
    await asyncio.sleep(1e6)
    assert not task.done()
    await peer.lose()
    await task


@pytest.mark.parametrize("exc", [None, ConnectionResetError(104, "reset")])
@pytest.mark.parametrize("stage", ["open", "close sent", "close received", "failed"])
async def test_tcp_is_lost_at_any_stage(
    establish: Establish, role: Role, stage: str, exc: Exception | None, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(receive(peer))
    if stage == "close sent":
        await peer.start(peer.protocol.close())
    elif stage == "close received":
        peer.transport.stall()
        await peer.send(peer.close())
    elif stage == "failed":
        peer.protocol.fail_connection(1011, "mine")
    peer.transport.lose(exc)
    closed = await task
    assert closed.code == (1000 if stage == "close received" else 1006)
    assert closed.__cause__ is exc
    assert (peer.protocol.state, peer.protocol.closed) == (State.CLOSED, True)
    await asyncio.sleep(60)
    assert clock.now == 1060


@pytest.mark.parametrize("stage", ["open", "close sent", "close received", "failed"])
@pytest.mark.parametrize("stalled", [False, True])
async def test_the_peer_ends_its_side_of_tcp_at_any_stage(
    establish: Establish, role: Role, stage: str, stalled: bool, clock: Clock
) -> None:
    peer = establish(role, write_limit=10)
    if stalled:
        peer.transport.stall()
        peer.protocol.push(PreparedMessage(b"x" * 20))
    if stage == "close sent":
        await peer.start(peer.protocol.close())
    elif stage == "close received":
        await peer.send(peer.close())
    elif stage == "failed":
        peer.protocol.fail_connection(1011, "mine")
    if not peer.transport.closing:
        await peer.send_eof()
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1010 if stalled else 1000)
    assert peer.transport.aborted is stalled


async def test_what_was_gathered_goes_out_when_the_peer_has_ended_its_side(
    establish: Establish,
) -> None:
    peer = establish(write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    task = await peer.start(peer.protocol.send("a"))
    await peer.send_eof()
    await peer.flow()
    assert shapes(peer.frames)[1:] == [(TEXT, b"a")]
    with pytest.raises(ConnectionClosedError):
        await task


# Failing


async def test_a_failure_names_its_cause(
    establish: Establish, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, max_size=10)
    caplog.set_level(logging.INFO)
    await peer.send(peer.text("a" * 11))
    await peer.lose(ConnectionResetError())
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, PayloadTooBig)
    assert caplog.messages == [
        "failing the connection: message of 11 bytes or more, at most 10 allowed"
    ]
    assert caplog.records[0].levelname == "INFO"


async def test_nothing_counts_after_a_failure(establish: Establish, role: Role) -> None:
    peer = establish(role)
    peer.protocol.fail_connection(1011, "mine")
    await peer.send(peer.text("a"), peer.ping(), peer.close())
    assert peer.closes == [Close(1011, "mine")]
    peer.protocol.fail_connection(1002)
    await peer.lose()
    assert (await receive(peer)).code == 1006
    assert len(peer.frames) == 1
    peer.protocol.fail_connection(1002)


async def test_failing_without_a_code_aborts(establish: Establish, role: Role) -> None:
    peer = establish(role)
    peer.protocol.fail_connection()
    assert (peer.transport.aborted, peer.frames) == (True, [])
    await peer.protocol.wait_closed()
    assert peer.protocol.close_code == 1006


async def test_failing_while_our_close_waits_for_an_answer_ends_tcp(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close())
    peer.protocol.fail_connection(1011)
    assert (peer.closes, peer.transport.eof) == ([Close(1000)], True)
    await peer.send_eof()
    await task
    assert clock.now == 1000


async def test_failing_stops_the_keepalive(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=1, ping_timeout=1, close_timeout=30)
    peer.protocol.fail_connection(1011)
    await asyncio.sleep(20)
    assert [opcode for opcode, _ in shapes(peer.frames)] == [CLOSE]
    await peer.lose()


@pytest.mark.parametrize("max_queue", [1, 32])
async def test_a_fault_of_an_extension_fails_the_connection(
    establish: Establish, role: Role, max_queue: int, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, extensions=(Faulty(),), max_queue=max_queue)
    await peer.send(peer.text("good"), peer.text("bad"), peer.text("never"))
    assert await peer.protocol.recv() == "good"
    task = await peer.start(receive(peer))
    assert [close.code for close in peer.closes] == [1011]
    await peer.lose()
    exc = await task
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, ZeroDivisionError)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.name == f"websockets.{role.value}"
    assert record.message == "extension failed"
    assert record.exc_info is not None


async def test_a_fault_of_an_extension_after_the_end_of_tcp_is_raised_to_nobody(
    establish: Establish, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, extensions=(Faulty(),), max_queue=1)
    await peer.send(peer.text("good"), peer.text("bad"), peer.text("bad"))
    await peer.lose()
    await peer.protocol.wait_closed()
    assert await peer.protocol.recv() == "good"
    assert isinstance((await receive(peer)).__cause__, ZeroDivisionError)


@pytest.mark.usefixtures("no_gc")
async def test_a_fault_of_an_extension_leaves_no_cyclic_garbage(
    establish: Establish, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # records hold on to exceptions
    peer = establish(extensions=(Faulty(),))
    await peer.send(peer.text("bad"))
    await peer.lose()
    reference = weakref.ref(peer.protocol)
    del peer
    await asyncio.sleep(0)
    assert reference() is None


# Keepalive


async def test_pings_go_out_each_interval(
    establish: Establish, role: Role, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ws_asyncio.keepalive.perf_counter", clock.time)
    peer = establish(role, ping_interval=20, ping_timeout=20)
    for _ in range(3):
        await asyncio.sleep(20.5)
        await peer.send(peer.pong(peer.frames[-1].data))
    assert [opcode for opcode, _ in shapes(peer.frames)] == [PING, PING, PING]
    assert peer.protocol.latency == pytest.approx(1.5)


@pytest.mark.parametrize("received", [True, False])
async def test_a_missing_pong_fails_the_connection(
    establish: Establish,
    role: Role,
    clock: Clock,
    received: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    peer = establish(role, ping_interval=20, ping_timeout=5)
    task = await peer.start(receive(peer))
    await asyncio.sleep(24)
    if received:
        await peer.send(peer.text("not a pong"), peer.pong(b"nor an answer"))
        with pytest.raises(pytest.fail.Exception):
            await task
        task = await peer.start(receive(peer))
    assert peer.closes == []
    await asyncio.sleep(2)
    assert peer.closes == [Close(1011, "no pong in time")]
    exc = await task
    assert clock.now == pytest.approx(1035)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, asyncio.TimeoutError)
    assert str(exc.__cause__) == "no pong within 5 s"
    assert caplog.messages == ["failing the connection: no pong within 5 s"]


async def test_without_an_interval_no_pings_go_out(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=None, ping_timeout=5)
    await asyncio.sleep(1e6)
    assert peer.frames == []


async def test_without_a_timeout_pongs_may_be_missing(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=20, ping_timeout=None)
    await asyncio.sleep(105)
    assert [opcode for opcode, _ in shapes(peer.frames)] == [PING] * 5
    await peer.lose()


@pytest.mark.parametrize("end", ["close", "close received", "lost", "bad"])
async def test_no_more_pings_go_out_at_the_end(
    establish: Establish, role: Role, end: str, clock: Clock
) -> None:
    peer = establish(role, ping_interval=1, ping_timeout=60, close_timeout=30)
    if end == "close":
        await peer.start(peer.protocol.close())
    elif end == "close received":
        peer.transport.stall()
        await peer.send(peer.close())
    elif end == "bad":
        await peer.send(b"\xf0")
    else:
        await peer.lose()
    await asyncio.sleep(20)
    assert PING not in [opcode for opcode, _ in shapes(peer.frames)]
    await peer.lose()


async def test_a_peer_that_vanishes_while_reading_is_paused_is_noticed(
    establish: Establish, clock: Clock
) -> None:
    peer = establish(max_queue=1, ping_interval=20, ping_timeout=20)
    await peer.send(peer.text("a"), peer.text("b"))
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1050)
