"""What becomes of a connection whose server closes: open, refused, or not there yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.ws_asyncio.clients import request
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_frames import Close, ConnectionClosedOK
from ws_http import Headers

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Accept


async def test_an_open_connection_is_closed_as_the_server_says(accept: Accept) -> None:
    client = accept()
    await client.open()
    client.protocol.shut_down(1012, "restart")
    client.protocol.shut_down(1001, "")
    assert client.peer.closes == [Close(1012, "restart")]
    await client.peer.send(client.peer.close(1012))
    await client.protocol.handler_task


@pytest.mark.parametrize("started", [False, True])
async def test_a_connection_without_a_request_is_refused(
    accept: Accept, clock: Clock, started: bool
) -> None:
    client = accept()
    if started:
        await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 503
    await client.protocol.handler_task
    assert clock.now == pytest.approx(1001)  # in case its request is on its way


async def test_a_connection_that_comes_when_the_server_closes_is_refused(accept: Accept) -> None:
    client = accept(closing=True)
    assert await client.get_status() == 503


async def test_a_request_that_came_in_the_same_turn_is_refused(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()
    client.protocol.data_received(request())
    client.protocol.shut_down(1001, "")
    await client.peer.turn()
    assert await client.get_status() == 503


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_request_that_the_application_considers_is_refused(
    accept: Accept, stubborn: bool
) -> None:
    async def decide(path: str, headers: Headers) -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            if not stubborn:
                raise

    client = accept(process_request=decide)
    await client.peer.send(request())
    await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 503
    await client.peer.send_eof()
    await client.protocol.handler_task


async def test_a_server_may_close_because_of_a_request(accept: Accept) -> None:
    class Closing(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Headers) -> None:
            self.shut_down(1001, "")

    client = accept(make=Closing)
    await client.peer.send(request())
    assert await client.get_status() == 503
    assert not client.transport.aborted
    await client.peer.send_eof()
    await client.protocol.handler_task


async def test_a_request_that_was_refused_stays_so(accept: Accept) -> None:
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 426


async def test_a_handler_sees_that_the_server_closes(accept: Accept) -> None:
    seen = []

    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        with pytest.raises(ConnectionClosedOK) as caught:
            await connection.recv()
        seen.append(caught.value.code)

    client = accept(handler)
    await client.open()
    client.protocol.shut_down(1001, "")
    await client.peer.send(client.peer.close(1001))
    await client.protocol.handler_task
    assert seen == [1001]
