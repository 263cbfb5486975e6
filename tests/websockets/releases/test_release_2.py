"""2.0 to 2.7, of February 16, 2014 to November 18, 2015."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Ask, Running


async def test_send_ping_and_pong_are_coroutines(running: Running) -> None:
    # 2.0: "you must now write: await websocket.send(message)".
    async with running() as uri, websockets.connect(uri) as websocket:
        waiting = websocket.recv(), websocket.send("Hi"), websocket.ping(), websocket.pong()
        for coroutine in waiting:
            assert asyncio.iscoroutine(coroutine)
            coroutine.close()
        await websocket.send("Hello")
        await (await websocket.ping())
        await websocket.pong()
        assert await websocket.recv() == "Hello"


async def test_sending_waits_for_a_peer_that_does_not_read(running: Running) -> None:
    # 2.0: "Added flow control for outgoing data."
    read = asyncio.Event()

    async def slow(websocket: Any, path: str) -> None:
        await read.wait()
        async for _ in websocket:
            pass

    async def flood(websocket: Any) -> None:
        for _ in range(1000):
            await websocket.send(bytes(2**16))

    async with (
        running(slow, max_queue=1) as uri,
        websockets.connect(uri, compression=None) as websocket,
    ):
        sending = asyncio.ensure_future(flood(websocket))
        try:
            done, _ = await asyncio.wait([sending], timeout=0.1)
            assert not done
        finally:
            read.set()
        await sending


async def test_host_port_and_secure_are_attributes(running: Running) -> None:
    # 2.1: "Added host, port and secure attributes on protocols."
    found: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        with pytest.deprecated_call():
            found.append((websocket.host, websocket.port, websocket.secure))

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        with pytest.deprecated_call():
            assert websocket.port == int(uri.rpartition(":")[2].strip("/"))
            assert not websocket.secure
        await websocket.wait_closed()
        with pytest.deprecated_call():
            assert found == [(websocket.host, websocket.port, False)]


async def test_an_origin_is_sent_and_checked(running: Running) -> None:
    # 2.1: "Added support for providing and checking Origin."
    good, bad = websockets.Origin("http://good.example"), websockets.Origin("http://bad.example")
    async with running(origins=[good]) as uri:
        async with websockets.connect(uri, origin=good) as websocket:
            assert websocket.request_headers["Origin"] == good
        with pytest.raises(websockets.InvalidStatusCode):
            await websockets.connect(uri, origin=bad)


async def test_the_size_of_messages_is_limited(running: Running) -> None:
    # 2.2: "Added support for limiting message size."
    async with running(max_size=10) as uri, websockets.connect(uri) as websocket:
        await websocket.send("x" * 10)
        assert await websocket.recv() == "x" * 10
        await websocket.send("x" * 11)
        with pytest.raises(websockets.ConnectionClosed, match="code = 1009"):
            await websocket.recv()


async def test_close_codes_are_those_of_the_rfc(running: Running) -> None:
    # 2.3: "Improved compliance of close codes."
    async with running() as uri:
        for code in (0, 999, 1006, 1015, 5000):
            async with websockets.connect(uri) as websocket:
                with pytest.raises(websockets.ProtocolError):
                    await websocket.close(code)
        for code in (1000, 1011, 3000, 4999):
            async with websockets.connect(uri) as websocket:
                await websocket.close(code)
                assert websocket.close_code == code


async def test_headers_of_both_ways_can_be_set_and_seen(running: Running) -> None:
    # 2.5: "Provided access to", "Allowed customizing handshake request and response HTTP headers."
    #
    # As a mapping, as pairs, as Headers; the server's also from a function.

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(websocket.request_headers["X-Request"])
        await websocket.send(websocket.response_headers["X-Response"])

    response: Any
    for response in (
        {"X-Response": "r"},
        [("X-Response", "r")],
        websockets.Headers({"X-Response": "r"}),
        lambda path, headers: {"X-Response": headers["X-Request"] and "r"},
    ):
        async with running(handler, extra_headers=response) as uri:
            request: Any
            for request in (
                {"X-Request": "q"},
                [("X-Request", "q")],
                websockets.Headers({"X-Request": "q"}),
            ):
                async with websockets.connect(uri, extra_headers=request) as websocket:
                    assert [await websocket.recv(), await websocket.recv()] == ["q", "r"]
                    assert websocket.request_headers["X-Request"] == "q"
                    assert websocket.response_headers["X-Response"] == "r"


def test_it_runs_on_another_loop_than_the_default_one() -> None:
    # 2.5: "Added support for running on a non-default event loop."

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")

    loop = asyncio.new_event_loop()
    with pytest.deprecated_call(match="the argument loop is deprecated"):
        server = loop.run_until_complete(websockets.serve(handler, "127.0.0.1", 0, loop=loop))
    assert server.sockets
    uri = "ws://{}:{}/".format(*server.sockets[0].getsockname())
    with pytest.deprecated_call(match="the argument loop is deprecated"):
        websocket = loop.run_until_complete(websockets.connect(uri, loop=loop))
    assert loop.run_until_complete(websocket.recv()) == "Hello"
    loop.run_until_complete(websocket.close())
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


async def test_another_origin_gets_403(running: Running, ask: Ask) -> None:
    # 2.5: "Returned a 403 status code instead of 400 when the request Origin isn't allowed."
    request = (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Origin: http://bad.example\r\n\r\n"
    )
    async with running(origins=["http://good.example"]) as uri:
        assert (await ask(uri, request)).startswith(b"HTTP/1.1 403 Forbidden\r\n")


async def test_cancelling_recv_drops_no_message(running: Running) -> None:
    # 2.5: "Canceling recv() no longer drops the next message."
    async with running() as uri, websockets.connect(uri) as websocket:
        receiving = asyncio.ensure_future(websocket.recv())
        await asyncio.sleep(0)
        receiving.cancel()
        await asyncio.wait([receiving])
        await websocket.send("Hello")
        assert await websocket.recv() == "Hello"


async def test_either_side_may_begin_the_closing_handshake(running: Running) -> None:
    # 2.5: "Clarified that the closing handshake can be initiated by the client."
    ends: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        if path == "/server":
            await websocket.close(4000, "server")
        await websocket.wait_closed()
        ends.append((websocket.close_code, websocket.close_reason))

    async with running(handler) as uri:
        async with websockets.connect(uri + "server") as websocket:
            await websocket.wait_closed()
            assert (websocket.close_code, websocket.close_reason) == (4000, "server")
        async with websockets.connect(uri) as websocket:
            await websocket.close(4001, "client")
    assert ends == [(4000, "server"), (4001, "client")]


async def test_code_and_reason_are_there_at_the_end_and_not_before(running: Running) -> None:
    # 2.5: "Set the close code and reason more consistently."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        assert (websocket.close_code, websocket.close_reason) == (None, None)
        await websocket.close()
        assert (websocket.close_code, websocket.close_reason) == (1000, "")
        websocket = await websockets.connect(uri)
        websocket.transport.abort()
        await websocket.wait_closed()
        assert (websocket.close_code, websocket.close_reason) == (1006, "")


async def test_addresses_are_attributes(running: Running) -> None:
    # 2.6: "Added local_address and remote_address attributes on protocols."
    seen: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        seen.append((websocket.local_address, websocket.remote_address))

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        addresses = websocket.remote_address, websocket.local_address
        await websocket.wait_closed()
    assert seen == [addresses]


async def test_closing_the_server_closes_connections_with_1001() -> None:
    # 2.6: "Closed open connections with code 1001 when a server shuts down."

    async def handler(websocket: Any, path: str) -> None:
        await websocket.wait_closed()

    server = await websockets.serve(handler, "127.0.0.1", 0)
    assert server.sockets
    websocket = await websockets.connect("ws://{}:{}".format(*server.sockets[0].getsockname()))
    server.close()
    await websocket.wait_closed()
    assert websocket.close_code == 1001
    await server.wait_closed()


async def test_a_small_message_is_one_write(running: Running) -> None:
    # 2.6: "Avoided TCP fragmentation of small frames."
    async with running() as uri, websockets.connect(uri) as websocket:
        written: list[bytes] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(websocket.transport, "write", written.append)
            await websocket.send("Hello")
        websocket.transport.write(b"".join(written))
        assert await websocket.recv() == "Hello"
        assert len(written) == 1
