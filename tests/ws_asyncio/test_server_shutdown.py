"""The shutdown of a server, and what it waits for."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import Any, Callable

import pytest

from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServer, WebSocketServerProtocol, connect, serve
from ws_frames import ConnectionClosed, ConnectionClosedOK, ProtocolError
from ws_http import Headers, InvalidMessage, InvalidStatusCode


async def test_closing_sends_1001_and_waits_for_the_handlers() -> None:
    returned = []

    async def handler(ws: WebSocketServerProtocol) -> None:
        async for _ in ws:
            pass
        await asyncio.sleep(0)
        returned.append(ws.close_code)

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        server.close()
        await server.wait_closed()
        assert returned == [1001]
        with pytest.raises(ConnectionClosedOK):
            await ws.recv()
        assert (ws.close_code, ws.close_reason) == (1001, "")


async def test_a_socket_that_is_accepted_while_the_server_closes_is_closed_too() -> None:
    for turns in range(6):
        server = await serve(echo, "127.0.0.1", 0)
        assert server.sockets is not None
        with socket.create_connection(server.sockets[0].getsockname()):
            for _ in range(turns):
                await asyncio.sleep(0)
            server.close()
            await server.wait_closed()
            assert not server.connections
    gc.collect()  # a socket that is left open is an error when it goes


async def test_closing_may_say_another_code_and_a_reason() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        server.close(1012, "new version")
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert (ws.close_code, ws.close_reason) == (1012, "new version")


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (999, "", ProtocolError),
        (1000, "x" * 124, ProtocolError),
        ("1000", "", TypeError),
        (1000, "\ud800", UnicodeEncodeError),
    ],
)
async def test_what_cannot_be_said_closes_nothing(
    code: Any, reason: str, error: type[Exception]
) -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        with pytest.raises(error):
            server.close(code, reason)
        assert server.is_serving()
        await ws.send("a")
        assert await ws.recv() == "a"
        server.close(1012)
        server.close(999)  # it is closing already
        await ws.wait_closed()
        assert ws.close_code == 1012


async def test_a_connection_that_cannot_be_closed_keeps_no_other_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Faulty(WebSocketServerProtocol):
        def _shut_down(self, code: int, reason: str, why: str = "") -> None:
            if self.path == "/faulty":
                raise ZeroDivisionError
            super()._shut_down(code, reason, why)

    async with serve(echo, "127.0.0.1", 0, create_protocol=Faulty) as server:
        clients = [await connect(uri_of(server) + path) for path in ("/faulty", "/", "/faulty")]
        server.close()
        await server.wait_closed()
        for ws in clients:
            await ws.wait_closed()
    assert [ws.close_code for ws in clients] == [1006, 1001, 1006]
    assert caplog.messages == ["closing the connection failed"] * 2


async def test_a_server_that_is_closed_does_not_serve_again() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        server.close()
        for again in (server.start_serving, server.serve_forever):
            with pytest.raises(RuntimeError, match=r"is closed$"):
                await again()
        await server.wait_closed()
        for again in (server.start_serving, server.serve_forever):
            with pytest.raises(RuntimeError, match=r"is closed$"):
                await again()


async def test_handshakes_under_way_get_503() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not server.connections:
            await asyncio.sleep(0)
        server.close()
        assert (await reader.read()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_silent_connection_does_not_hold_up_the_shutdown() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    assert server.sockets is not None
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    while not server.connections:
        await asyncio.sleep(0)
    server.close()
    await asyncio.wait_for(server.wait_closed(), 5)  # half of what each stage may take
    writer.close()
    await writer.wait_closed()


async def test_handshakes_in_process_request_get_503() -> None:
    entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def process_request(path: str, headers: Headers) -> Any:
        entered.set_result(None)
        await asyncio.get_running_loop().create_future()

    async with serve(echo, "127.0.0.1", 0, process_request=process_request) as server:
        task = asyncio.ensure_future(connect(uri_of(server)).__aenter__())
        await entered
        server.close()
        with pytest.raises(InvalidStatusCode, match="HTTP 503"):
            await task


async def test_handlers_that_are_cancelled_as_they_begin_do_not_hold_up_the_shutdown() -> None:
    class Cancelled(WebSocketServerProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.handler_task.cancel()

    server = await serve(echo, "127.0.0.1", 0, create_protocol=Cancelled, max_connections=1)
    for _ in range(2):  # the second has the place of the first
        with pytest.raises(InvalidMessage):
            await connect(uri_of(server))
    server.close()
    await server.wait_closed()


async def test_a_connection_that_arrives_during_shutdown_gets_503() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    assert server.sockets is not None
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    server.close()
    # It is accepted already, or still in the backlog when the listener closes.
    try:
        response = await reader.read()
    except ConnectionResetError:
        response = b""
    assert response == b"" or response.startswith(b"HTTP/1.1 503 ")
    writer.close()
    await server.wait_closed()


async def test_wait_closed_waits_for_close() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    waiting = asyncio.ensure_future(server.wait_closed())
    async with connect(uri_of(server)):
        await asyncio.sleep(0)
        assert not waiting.done()
        server.close()
        server.close()  # harmless
        await waiting
    assert server.connections == set()


def test_a_server_may_be_closed_while_its_loop_is_not_running(
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    loop = loops("asyncio")

    async def start() -> WebSocketServer:
        return await serve(echo, "127.0.0.1", 0)

    server = loop.run_until_complete(start())
    server.close()
    loop.run_until_complete(server.wait_closed())
    assert server.sockets is None
