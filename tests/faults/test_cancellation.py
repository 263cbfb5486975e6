"""Cancellation at every await: each test runs its steps again and again, one turn further.

What is received carries numbers, so that what is lost or comes twice is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from itertools import count, groupby
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServer, connect, serve
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_asyncio.testing import connected_pair
from ws_frames import ConnectionClosed, ConnectionClosedError, Data

if TYPE_CHECKING:
    from tests.faults.conftest import Leftovers, Run

pytestmark = pytest.mark.usefixtures("quiet")

#: send() waits for about each message of the tests.
SMALL: dict[str, Any] = {"write_limit": 1000, "max_queue": 2}
SIZE = 3000

NUMBERS = [str(number).zfill(SIZE) for number in range(8)]


async def cancel_after(steps: int, coro: Coroutine[Any, Any, object]) -> bool:
    """Run something for so many turns, then cancel it; tells whether it was done before."""
    task = asyncio.ensure_future(coro)
    for _ in range(steps):
        await asyncio.sleep(0)
    done = task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return done


async def collect(connection: WebSocketCommonProtocol, received: list[Data]) -> None:
    with suppress(ConnectionClosedError):
        async for message in connection:
            received.append(message)


async def send_all(connection: WebSocketCommonProtocol) -> None:
    for number in NUMBERS:
        await connection.send(number)


async def receive_all(connection: WebSocketCommonProtocol, received: list[Data]) -> None:
    while True:
        received.append(await connection.recv())
        if len(received) == len(NUMBERS):
            return


async def iterate_over_all(connection: WebSocketCommonProtocol, received: list[Data]) -> None:
    async for message in connection:
        received.append(message)
        if len(received) == len(NUMBERS):
            return


@pytest.mark.parametrize("receive", [receive_all, iterate_over_all])
async def test_receiving_loses_nothing(
    leftovers: type[Leftovers],
    receive: Callable[[WebSocketCommonProtocol, list[Data]], Coroutine[Any, Any, None]],
) -> None:
    before = leftovers()
    for steps in count():
        received: list[Data] = []
        async with connected_pair(client_options=SMALL, server_options=SMALL) as (client, server):
            sending = asyncio.ensure_future(send_all(server))
            done = await cancel_after(steps, receive(client, received))
            while len(received) < len(NUMBERS):
                received.append(await client.recv())
            await sending
            assert received == NUMBERS
        await before.see_none()
        if done:
            break
    assert steps > 3


async def test_sending_under_backpressure_loses_nothing(leftovers: type[Leftovers]) -> None:
    before = leftovers()
    for steps in count():
        begun = 0
        received: list[Data] = []

        async def send() -> None:
            nonlocal begun
            for number in NUMBERS:
                begun += 1
                await client.send(number)

        async with connected_pair(client_options=SMALL, server_options=SMALL) as (client, server):
            sending = asyncio.ensure_future(cancel_after(steps, send()))
            for _ in range(steps // 2):  # nobody reads at first
                await asyncio.sleep(0)
            collecting = asyncio.ensure_future(collect(server, received))
            done = await sending
            await client.send("end")
            await client.close()
            await collecting
        assert received == [*NUMBERS[:begun], "end"]
        await before.see_none()
        if done:
            break
    assert steps > 3


async def fragments() -> AsyncIterator[str]:
    for fragment in ["a", "b" * SIZE, "c"]:
        await asyncio.sleep(0)
        yield fragment


WHOLE = "a" + "b" * SIZE + "c"


@pytest.mark.parametrize("other_waits", [False, True])
async def test_a_message_half_sent_fails_the_connection(
    leftovers: type[Leftovers], other_waits: bool
) -> None:
    before = leftovers()
    codes = []
    for steps in count():
        received: list[Data] = []
        async with connected_pair(client_options=SMALL, server_options=SMALL) as (client, server):
            collecting = asyncio.ensure_future(collect(server, received))
            sending = asyncio.ensure_future(cancel_after(steps, client.send(fragments())))
            await asyncio.sleep(0)
            others = [asyncio.ensure_future(client.send("x"))] if other_waits else []
            done = await sending
            others.append(asyncio.ensure_future(client.send("y")))
            await asyncio.wait(others)
            await client.close()
            await collecting
        assert server.close_code is not None
        codes.append(server.close_code)
        errors = {type(each.exception()) for each in others}
        if server.close_code == 1011:
            assert server.close_reason == "fragmented message not completed"
            assert set(received) <= {"x"}
            assert errors <= {ConnectionClosedError, type(None)}
            assert type(others[-1].exception()) is ConnectionClosedError
        else:
            assert errors == {type(None)}
            assert [each for each in received if each != "x"] in (["y"], [WHOLE, "y"])
            assert received.count("x") == other_waits
        await before.see_none()
        if done:
            break
    # Not begun, half sent, complete.
    assert [code for code, _ in groupby(codes)] == [1000, 1011, 1000]


async def test_one_who_waits_for_a_message_to_end_may_give_up(leftovers: type[Leftovers]) -> None:
    before = leftovers()
    for steps in count():
        received: list[Data] = []
        async with connected_pair(client_options=SMALL, server_options=SMALL) as (client, server):
            collecting = asyncio.ensure_future(collect(server, received))
            sending = asyncio.ensure_future(client.send(fragments()))
            await asyncio.sleep(0)
            done = await cancel_after(steps, client.send("x"))
            await sending
            await client.send("y")
            await client.close()
            await collecting
        assert received in ([WHOLE, "y"], [WHOLE, "x", "y"], ["x", WHOLE, "y"])
        await before.see_none()
        if done:
            break
    assert received.count("x") == 1


async def test_a_ping_may_be_given_up(leftovers: type[Leftovers]) -> None:
    async def ping() -> None:
        await (await client.ping(b"p"))

    before = leftovers()
    for steps in count():
        async with connected_pair() as (client, _):
            done = await cancel_after(steps, ping())
            # The pong to a later ping answers the earlier one, so its data is free again.
            await (await client.ping(b"q"))
            await (await client.ping(b"p"))
            assert client.latency > 0
        await before.see_none()
        if done:
            break
    assert steps > 1


async def close(connection: WebSocketCommonProtocol) -> None:
    await connection.close(4000, "bye")


async def wait_closed(connection: WebSocketCommonProtocol) -> None:
    asyncio.get_running_loop().call_soon(asyncio.ensure_future, connection.close(4000, "bye"))
    await connection.wait_closed()


@pytest.mark.parametrize("end", [close, wait_closed])
@pytest.mark.parametrize("role", ["client", "server"])
async def test_closing_goes_on(
    leftovers: type[Leftovers],
    end: Callable[[WebSocketCommonProtocol], Coroutine[Any, Any, None]],
    role: str,
) -> None:
    before = leftovers()
    for steps in count():
        async with connected_pair() as (client, server):
            tested, other = (client, server) if role == "client" else (server, client)
            done = await cancel_after(steps, end(tested))
            if steps:  # at 0 it has not begun
                await other.wait_closed()
                assert (other.close_code, other.close_reason) == (4000, "bye")
            else:
                assert tested.open
            await tested.close()
            assert tested.closed
        await before.see_none()
        if done:
            break
    assert steps > 2


# On sockets


def test_closing_a_server_goes_on(run: Run[None], leftovers: type[Leftovers]) -> None:
    async def close(server: WebSocketServer) -> None:
        server.close()
        await server.wait_closed()

    async def main() -> None:
        await close(await serve(echo, "127.0.0.1", 0))  # an event loop may open something itself
        before = leftovers()
        for steps in count():
            server = await serve(echo, "127.0.0.1", 0)
            client = await connect(uri_of(server))
            done = await cancel_after(steps, close(server))
            server.close()
            await server.wait_closed()
            assert not server.connections
            assert server.sockets is None
            await client.wait_closed()
            assert client.close_code == 1001
            await before.see_none()
            if done:
                break
        assert steps > 2

    run(main())


def test_leaving_the_contexts_goes_on(run: Run[None], leftovers: type[Leftovers]) -> None:
    async def talk() -> None:
        async with serve(echo, "127.0.0.1", 0) as server, connect(uri_of(server)) as client:
            await client.send("a")
            assert await client.recv() == "a"

    async def main() -> None:
        await talk()  # an event loop may open something for itself
        before = leftovers()
        for steps in count():
            done = await cancel_after(steps, talk())
            await before.see_none()
            if done:
                break
        assert steps > 10

    run(main())


def test_reconnecting_may_be_given_up(run: Run[None], leftovers: type[Leftovers]) -> None:
    async def talk(uri: str, received: list[Data]) -> None:
        connections = connect(uri).__aiter__()
        try:
            async for client in connections:
                with suppress(ConnectionClosed):
                    await client.send("a")
                    received.append(await client.recv())
                if len(received) == 3:
                    return
        finally:
            await connections.aclose()  # type: ignore[attr-defined]

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0) as server:
            before = leftovers()
            for steps in count():
                received: list[Data] = []
                done = await cancel_after(steps, talk(uri_of(server), received))
                await before.see_none()
                assert not server.connections
                if done:
                    break
            assert received == ["a"] * 3

    run(main())
