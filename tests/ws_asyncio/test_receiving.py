"""Receiving messages: recv() and async for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from ws_frames import (
    Close,
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    Opcode,
    ProtocolError,
    Role,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Establish


from tests.ws_asyncio.applications import cancel, shapes

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
PING, CLOSE = Opcode.PING, Opcode.CLOSE


async def test_text_is_received_as_str_and_binary_as_bytes(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)
    await peer.send(peer.text("héllo"), peer.frame(BINARY, b"\xff"), peer.text(""))
    received = [await peer.protocol.recv() for _ in range(3)]
    assert received == ["héllo", b"\xff", ""]


async def test_receiving_waits_for_a_message(establish: Establish, role: Role) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.recv())
    await peer.send(peer.text("a", fin=False))
    assert not task.done()
    await peer.send(peer.cont("b"))
    assert await task == "ab"


async def test_only_one_may_receive_at_a_time(establish: Establish) -> None:
    peer = establish()
    task = await peer.start(peer.protocol.recv())
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.recv()
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.__aiter__().__anext__()
    peer.protocol.data_received(peer.text("a"))  # wakes the first, which goes on later
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.recv()
    assert await task == "a"
    await peer.send(peer.text("b"))
    assert await peer.protocol.recv() == "b"


async def test_cancelling_loses_no_message(establish: Establish) -> None:
    peer = establish()
    for _ in range(2):
        await cancel(await peer.start(peer.protocol.recv()))
    await peer.send(peer.text("a"))
    assert await peer.protocol.recv() == "a"


@pytest.mark.parametrize("cancel_first", [True, False])
@pytest.mark.parametrize("outside", [True, False])
async def test_a_message_that_comes_in_the_turn_of_a_cancellation_is_not_lost(
    establish: Establish, cancel_first: bool, outside: bool
) -> None:
    peer = establish()
    received: list[Data] = []

    async def read() -> None:
        received.append(await peer.protocol.recv())

    def both() -> None:
        if cancel_first:
            task.cancel()
        peer.protocol.data_received(peer.text("a"))
        task.cancel()

    task = await peer.start(read())
    if outside:
        await peer.call(both)
    else:
        both()
    with suppress(asyncio.CancelledError):
        await task
    if not received:
        received.append(await peer.protocol.recv())
    assert received == ["a"]


async def test_a_timeout_loses_no_message(establish: Establish) -> None:
    peer = establish()
    received: list[Data] = []
    for number in range(20):
        call = asyncio.get_running_loop().call_later
        call(0.1 * number, peer.protocol.data_received, peer.text(str(number)))
    while len(received) < 20:
        with suppress(asyncio.TimeoutError):
            received.append(await asyncio.wait_for(peer.protocol.recv(), 0.1))
    assert received == [*map(str, range(20))]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_messages_before_a_close_are_received_first(
    establish: Establish, role: Role, code: int
) -> None:
    peer = establish(role)
    await peer.send(*[peer.text(str(number)) for number in range(3)], peer.close(code, "bye"))
    await peer.lose()
    assert [await peer.protocol.recv() for _ in range(3)] == ["0", "1", "2"]
    for _ in range(2):
        with pytest.raises(ConnectionClosedOK) as caught:
            await peer.protocol.recv()
        assert (caught.value.code, caught.value.reason) == (code, "bye")


@pytest.mark.parametrize("max_queue", [1, 3, 32])
async def test_messages_before_the_loss_of_tcp_are_received_first(
    establish: Establish, role: Role, max_queue: int
) -> None:
    peer = establish(role, max_queue=max_queue)
    reset = ConnectionResetError(104, "reset")
    await peer.send(*[peer.text(str(number)) for number in range(100)])
    await peer.lose(reset)
    assert [await peer.protocol.recv() for _ in range(100)] == [*map(str, range(100))]
    with pytest.raises(ConnectionClosedError) as caught:
        await peer.protocol.recv()
    assert caught.value.code == 1006
    assert caught.value.__cause__ is reset


async def test_a_close_behind_a_full_queue_counts_when_tcp_is_lost(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=1)
    await peer.send(peer.text("a"), peer.text("b"), peer.close(1000, "bye"))
    await peer.lose()
    assert [await peer.protocol.recv() for _ in range(2)] == ["a", "b"]
    with pytest.raises(ConnectionClosedOK):
        await peer.protocol.recv()


async def test_a_failure_behind_a_full_queue_counts_when_tcp_is_lost(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=1)
    await peer.send(peer.text("a"), peer.text("b"), b"\xf0")
    await peer.lose(ConnectionResetError())
    assert [await peer.protocol.recv() for _ in range(2)] == ["a", "b"]
    with pytest.raises(ConnectionClosedError) as caught:
        await peer.protocol.recv()
    assert isinstance(caught.value.__cause__, ProtocolError)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_iteration_ends_with_the_connection(establish: Establish, code: int) -> None:
    peer = establish()
    await peer.send(peer.text("a"), peer.text("b"), peer.close(code))
    assert [message async for message in peer.protocol] == ["a", "b"]
    assert [message async for message in peer.protocol] == []


@pytest.mark.parametrize("code", [1002, 1005, 1006, 1011, 3000, 4999])
async def test_iteration_raises_where_the_connection_ended_with_an_error(
    establish: Establish, code: int
) -> None:
    peer = establish()
    received = []

    async def read() -> None:
        async for message in peer.protocol:
            received.append(message)

    await peer.send(peer.text("a"))
    if code == 1006:
        await peer.lose()
    else:
        await peer.send(peer.frame(CLOSE) if code == 1005 else peer.close(code))
    with pytest.raises(ConnectionClosedError) as caught:
        await read()
    assert caught.value.code == code
    assert received == ["a"]


async def test_a_handler_may_do_anything_inside_its_step(establish: Establish) -> None:
    peer = establish()

    async def handle() -> str:
        assert await peer.protocol.recv() == "a"
        await peer.protocol.send("b")
        await peer.protocol.ping(b"c")
        await peer.protocol.send(["d", "e"])
        assert await peer.protocol.recv() == "f"
        closing = asyncio.ensure_future(peer.protocol.close())
        await asyncio.sleep(0)
        assert await peer.protocol.recv() == "g"
        await closing
        with pytest.raises(ConnectionClosedOK):
            await peer.protocol.recv()
        return "done"

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.text("f"))
    await peer.send(peer.text("g"), peer.close())
    assert await task == "done"
    assert [opcode for opcode, _ in shapes(peer.frames)] == [TEXT, PING, TEXT, CONT, CONT, CLOSE]


async def test_closing_inside_a_step_sees_what_came_with_the_message(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)

    async def handle() -> None:
        await peer.protocol.recv()
        await peer.protocol.close(1001)

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.text("b"), peer.close(1000))
    await peer.lose()
    await task
    assert peer.closes == [Close(1001)]
    assert (peer.protocol.close_code, clock.now) == (1000, 1000)


async def test_failing_inside_a_step_drops_what_came_with_the_message(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)

    async def handle() -> None:
        await peer.protocol.recv()
        peer.protocol.fail_connection(1011)
        await peer.protocol.recv()

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.ping(), peer.close(1000))
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await task
    assert shapes(peer.frames) == [(CLOSE, b"\x03\xf3")]
