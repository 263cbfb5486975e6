"""7.0, of November 1, 2018."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Answering, Running


async def test_pings_go_out_at_regular_intervals(running: Running) -> None:
    # "websockets now sends Ping frames at regular intervals"
    async with (
        running(ping_interval=None) as uri,
        websockets.connect(uri, ping_interval=0.01) as websocket,
    ):
        while websocket.latency == 0:
            await asyncio.sleep(0.01)
        assert websocket.open


async def test_a_missing_pong_ends_the_connection(deaf: str) -> None:
    # "and closes the connection if it doesn't receive a matching Pong frame."
    options: Any = {"ping_interval": 0.01, "ping_timeout": 0.01, "close_timeout": 0.01}
    websocket = await websockets.connect(deaf, **options)
    with pytest.raises(websockets.ConnectionClosedError) as info:
        await websocket.recv()
    assert isinstance(info.value.__cause__, asyncio.TimeoutError)


async def test_closing_the_server_closes_connections_and_cancels_no_handler() -> None:
    # "Previously, connections handlers were canceled. Now, connections are closed with close
    # code 1001 (going away). [...] This removes the need to prepare for CancelledError".
    seen: list[BaseException] = []

    async def handler(websocket: Any, path: str) -> None:
        try:
            await websocket.recv()
        except BaseException as exc:
            seen.append(exc)
            raise

    server = await websockets.serve(handler, "127.0.0.1", 0)
    assert server.sockets
    websocket = await websockets.connect("ws://{}:{}".format(*server.sockets[0].getsockname()))
    server.close()
    await server.wait_closed()
    assert [type(exc) for exc in seen] == [websockets.ConnectionClosedOK]
    assert websocket.close_code == 1001


async def test_the_previous_behavior_can_be_restored() -> None:
    # "You can restore the previous behavior by adding the following line at the beginning of
    # connection handlers"
    seen: list[BaseException] = []

    async def handler(websocket: Any, path: str) -> None:
        current = asyncio.current_task()
        assert current is not None
        closed = asyncio.ensure_future(websocket.wait_closed())
        closed.add_done_callback(lambda task: current.cancel())
        try:
            await asyncio.Event().wait()
        except BaseException as exc:
            seen.append(exc)
            raise

    server = await websockets.serve(handler, "127.0.0.1", 0)
    assert server.sockets
    websocket = await websockets.connect("ws://{}:{}".format(*server.sockets[0].getsockname()))
    server.close()
    await server.wait_closed()
    assert [type(exc) for exc in seen] == [asyncio.CancelledError]
    assert websocket.close_code == 1001


async def test_timeout_is_close_timeout(running: Running) -> None:
    # "Version 7.0 renames the timeout argument of serve() and connect() to close_timeout. This
    # prevents confusion with ping_timeout. For backwards compatibility, timeout is still
    # supported."
    made: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        made.append(websocket.close_timeout)

    async with (
        running(handler, close_timeout=3) as uri,
        websockets.connect(uri, close_timeout=4) as websocket,
    ):
        await websocket.wait_closed()
        made.append(websocket.close_timeout)
    with pytest.deprecated_call(match="the argument timeout is deprecated; use close_timeout"):
        async with running(handler, timeout=5) as uri:
            websocket = await websockets.connect(uri, timeout=6)
            await websocket.wait_closed()
            made.append(websocket.close_timeout)
    assert made == [3, 4, 5, 6]


async def test_a_ping_without_a_pong_raises_when_the_connection_is_closed(
    running: Running,
) -> None:
    # "The ping [...] used to be canceled when the connection is closed, so that await ping
    # raised CancelledError. Now await ping raises ConnectionClosed like other public APIs."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        waiter = await websocket.ping()
        websocket.transport.abort()
        with pytest.raises(websockets.ConnectionClosed):
            await waiter


async def test_two_may_not_receive_at_a_time(running: Running) -> None:
    # "Version 7.0 raises a RuntimeError exception if two coroutines call recv() concurrently."
    async with running() as uri, websockets.connect(uri) as websocket:
        receiving = asyncio.ensure_future(websocket.recv())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError):
            await websocket.recv()
        await websocket.send("Hello")
        assert await receiving == "Hello"


async def test_a_server_is_customized_without_a_subclass(running: Running) -> None:
    # "Added process_request and select_subprotocol arguments to serve() and
    # WebSocketServerProtocol"
    async def process_request(path: str, request_headers: websockets.Headers) -> Any:
        return (404, [], b"") if path == "/missing" else None

    def select_subprotocol(client: Any, server: Any) -> Any:
        return max(set(client) & set(server))

    a, b = websockets.Subprotocol("a"), websockets.Subprotocol("b")
    async with running(
        process_request=process_request, select_subprotocol=select_subprotocol, subprotocols=[a, b]
    ) as uri:
        with pytest.raises(websockets.InvalidStatusCode, match="404"):
            await websockets.connect(uri + "missing")
        async with websockets.connect(uri, subprotocols=[a, b]) as websocket:
            assert websocket.subprotocol == b


async def test_a_connection_takes_the_arguments_of_the_server(running: Running) -> None:
    # "Added process_request and select_subprotocol arguments to serve() and
    # WebSocketServerProtocol"
    async def process_request(path: str, request_headers: websockets.Headers) -> Any:
        return (404, [], b"") if path == "/missing" else None

    class Server(websockets.WebSocketServerProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs["process_request"] = process_request
            kwargs["select_subprotocol"] = lambda client, server: max(set(client) & set(server))
            super().__init__(*args, **kwargs)

    a, b = websockets.Subprotocol("a"), websockets.Subprotocol("b")
    async with running(create_protocol=Server, subprotocols=[a, b]) as uri:
        with pytest.raises(websockets.InvalidStatusCode, match="404"):
            await websockets.connect(uri + "missing")
        async with websockets.connect(uri, subprotocols=[a, b]) as websocket:
            assert websocket.subprotocol == b


async def test_an_iterable_is_sent_as_fragments(running: Running) -> None:
    # "Added support for sending fragmented messages."
    async with running() as uri, websockets.connect(uri) as websocket:
        await websocket.send(["frag", "men", "ted"])
        assert await websocket.recv() == "fragmented"
        await websocket.send([b"bin", b"ary"])
        assert await websocket.recv() == b"binary"


async def test_one_can_wait_for_the_end(running: Running) -> None:
    # "Added the wait_closed() method to protocols."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        waiting = asyncio.ensure_future(websocket.wait_closed())
        done, _ = await asyncio.wait([waiting], timeout=0.01)
        assert not done
        await websocket.close()
        await waiting


def test_there_is_an_interactive_client() -> None:
    # "Added an interactive client: python -m websockets <uri>."
    command = [sys.executable, "-m", "websockets", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "python -m websockets" in result.stdout


async def test_the_lack_of_an_origin_is_none_and_was_an_empty_one(running: Running) -> None:
    # "Changed the origins argument to represent the lack of an origin with None rather than ''."
    origin = websockets.Origin("http://example.com")
    async with running(origins=[origin]) as uri:
        with pytest.raises(websockets.InvalidStatusCode, match="403"):
            await websockets.connect(uri)
    async with running(origins=[None]) as uri:
        await (await websockets.connect(uri)).close()
        with pytest.raises(websockets.InvalidStatusCode, match="403"):
            await websockets.connect(uri, origin=origin)
    with pytest.deprecated_call(match='"" in origins is deprecated; use None'):
        async with running(origins=[""]) as uri:
            await (await websockets.connect(uri)).close()


async def test_cancelling_recv_at_any_time_loses_nothing(running: Running) -> None:
    # "Fixed a data loss bug in recv(): canceling it at the wrong time could result in messages
    # being dropped."
    async with running() as uri, websockets.connect(uri) as websocket:
        received: list[Any] = []
        for number in range(50):
            await websocket.send(str(number))
        while len(received) < 50:
            try:
                received.append(await asyncio.wait_for(websocket.recv(), 0.0001))
            except asyncio.TimeoutError:
                continue
        assert received == [str(number) for number in range(50)]


def test_headers_may_be_repeated() -> None:
    # "Improved handling of multiple HTTP headers with the same name."
    headers = websockets.Headers([("A", "1"), ("a", "2")])
    with pytest.raises(websockets.MultipleValuesError):
        _ = headers["A"]
    assert headers.get_all("A") == ["1", "2"]


async def test_a_missing_header_is_named(answering: Answering) -> None:
    # "Improved error messages when a required HTTP header is missing."
    response = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n"
    async with answering(response) as uri:
        with pytest.raises(websockets.InvalidUpgrade, match=r"^missing Upgrade header$"):
            await websockets.connect(uri)
