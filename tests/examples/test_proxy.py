"""The proxy of ``docs/examples/proxy``, between our client and servers of all kinds."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
from ws_frames import Connection, ConnectionClosedError, Role
from ws_http import InvalidStatusCode, Subprotocol

if TYPE_CHECKING:
    from tests.examples.conftest import Example, LoadExample, RunExample

PROXY = Path(__file__).resolve().parents[2] / "docs" / "examples" / "proxy" / "server.py"

PATIENCE = 20


async def echo(ws: ws_asyncio.WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


class Proxied:
    """A proxy in front of a server of the test."""

    def __init__(self, proxy: Example) -> None:
        self.proxy = proxy
        self.uri = f"ws://localhost:{proxy.port}/"

    async def logs(self, words: str) -> None:
        await self.proxy.expect(words)


@pytest.fixture
def behind_proxy(run_example: RunExample, take_port: Any) -> Any:
    @asynccontextmanager
    async def run(handler: Any, **options: Any) -> AsyncIterator[Proxied]:
        async with ws_asyncio.serve(handler, "127.0.0.1", 0, **options) as server:
            assert server.sockets is not None
            upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            port = take_port()
            proxy = await run_example(
                "proxy/server.py", port, upstream, ready="leads to", port=port
            )
            yield Proxied(proxy)
            await proxy.stop()

    return run


def test_it_is_made_of_the_two_packages_alone() -> None:
    tree = ast.parse(PROXY.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert {name for name in imported if name.startswith(("ws_", "websockets"))} == {
        "ws_frames",
        "ws_http",
    }


async def test_messages_go_both_ways_and_are_logged(behind_proxy: Any) -> None:
    async with behind_proxy(echo) as proxied:
        async with ws_asyncio.connect(proxied.uri + "path?query") as ws:
            await proxied.logs("[1] GET /path?query")
            for message in ("héllo", b"\x00\xff", "x" * 65_536, ""):
                await ws.send(message)
                assert await ws.recv() == message
            await proxied.logs("[1] client: 5 characters")
            await proxied.logs("[1] server: 5 characters")
            await proxied.logs("[1] server: 2 bytes")
            await ws.ping()
            assert "permessage-deflate" not in str(ws.response_headers)
        await proxied.logs("[1] client closes: code = 1000 (OK), no reason")
        await proxied.logs("[1] closed")


async def test_the_client_learns_how_the_server_closes(behind_proxy: Any) -> None:
    async def close(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        await ws.send("last words")
        await ws.close(4321, "enough")

    async with behind_proxy(close) as proxied, ws_asyncio.connect(proxied.uri) as ws:
        assert await ws.recv() == "last words"
        with pytest.raises(ConnectionClosedError) as info:
            await ws.recv()
        assert (info.value.code, info.value.reason) == (4321, "enough")


async def test_the_server_learns_how_the_client_closes(behind_proxy: Any) -> None:
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def wait(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        await ws.wait_closed()
        ended.set_result((ws.close_code, ws.close_reason))

    async with behind_proxy(wait) as proxied:
        ws = await ws_asyncio.connect(proxied.uri)
        await ws.close(4001, "bye")
        assert await asyncio.wait_for(ended, PATIENCE) == (4001, "bye")


async def test_long_messages_end_the_connection_at_both_ends(behind_proxy: Any) -> None:
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def wait(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        await ws.wait_closed()
        ended.set_result((ws.close_code, ws.close_reason))

    async with behind_proxy(wait) as proxied:
        async with ws_asyncio.connect(proxied.uri) as ws:
            await ws.send("x" * 65_537)
            await ws.wait_closed()
            assert ws.close_code == 1009
        assert await asyncio.wait_for(ended, PATIENCE) == (1009, "the client failed")


async def test_a_client_that_is_lost_does_not_leave_the_server_waiting(behind_proxy: Any) -> None:
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def wait(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        await ws.wait_closed()
        ended.set_result((ws.close_code, ws.close_reason))

    async with behind_proxy(wait) as proxied:
        ws = await ws_asyncio.connect(proxied.uri)
        ws.transport.abort()
        assert await asyncio.wait_for(ended, PATIENCE) == (1014, "the client is lost")
        await proxied.logs("[1] closed")


async def test_a_server_that_is_lost_does_not_leave_the_client_waiting(behind_proxy: Any) -> None:
    async def vanish(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        ws.transport.abort()

    async with behind_proxy(vanish) as proxied, ws_asyncio.connect(proxied.uri) as ws:
        await ws.wait_closed()
        assert (ws.close_code, ws.close_reason) == (1014, "the server is lost")


async def test_headers_and_subprotocols_go_through(behind_proxy: Any) -> None:
    async def show(ws: ws_asyncio.WebSocketServerProtocol) -> None:
        headers = ws.request_headers
        await ws.send(f"{headers['Host']} {headers['Cookie']} {headers['X-Forwarded-For']}")

    options: dict[str, Any] = {"subprotocols": ["b", "c"], "extra_headers": {"Set-Cookie": "d=e"}}
    async with (
        behind_proxy(show, **options) as proxied,
        ws_asyncio.connect(
            proxied.uri,
            subprotocols=[Subprotocol("a"), Subprotocol("b")],
            extra_headers={"Cookie": "k=v", "X-Forwarded-For": "192.0.2.1"},
        ) as ws,
    ):
        assert ws.subprotocol == "b"
        assert ws.response_headers["Set-Cookie"] == "d=e"
        client = ws.local_address[0]  # that of localhost may be ::1
        assert await ws.recv() == f"localhost:{proxied.proxy.port} k=v {client}"


async def test_what_the_server_refuses_is_refused(behind_proxy: Any) -> None:
    def refuse(path: str, headers: Any) -> Any:
        return 403, {"X-Why": "because"}, b"not you\n"

    async with behind_proxy(echo, process_request=refuse) as proxied:
        with pytest.raises(InvalidStatusCode) as info:
            await ws_asyncio.connect(proxied.uri)
        assert info.value.status_code == 403
        assert info.value.headers["X-Why"] == "because"
        assert info.value.body == b"not you\n"
        await proxied.logs("[1] refused with 403")


async def test_plain_http_is_refused(behind_proxy: Any) -> None:
    async with behind_proxy(echo) as proxied:
        head, _ = await proxied.proxy.get("/")
        assert head.startswith("HTTP/1.1 426 ")


async def test_a_server_that_is_not_there_is_a_bad_gateway(
    run_example: RunExample, take_port: Any
) -> None:
    port, nobody = take_port(), take_port()
    proxy = await run_example("proxy/server.py", port, f"ws://127.0.0.1:{nobody}/", ready="leads")
    with pytest.raises(InvalidStatusCode) as info:
        await ws_asyncio.connect(f"ws://localhost:{port}/")
    assert info.value.status_code == 502
    await proxy.stop()


class Source:
    """A neighbour that has ten messages to say."""

    name = "source"

    def __init__(self) -> None:
        self.connection = Connection(Role.SERVER)
        self.peer = Connection(Role.CLIENT)
        self.reader = self  # as a Leg has one
        self.reads = 0

    async def read(self, size: int) -> bytes:
        self.reads += 1
        await asyncio.sleep(0)
        return self.peer.send_message("hello") if self.reads <= 10 else b""

    async def flush(self) -> None:
        pass


class Sink:
    """A neighbour that takes one message, and then no more."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.full = asyncio.Event()

    def send(self, message: Any) -> None:
        self.messages.append(message)

    def send_close(self, code: int, reason: str) -> None:
        self.messages.append((code, reason))

    async def flush(self) -> None:
        if self.messages:
            self.full.set()
            await asyncio.get_running_loop().create_future()


async def test_it_does_not_read_more_than_the_other_end_takes(load_example: LoadExample) -> None:
    module = load_example("proxy/server.py")
    source, sink = Source(), Sink()
    pump = asyncio.create_task(module.pump(1, source, sink))
    await asyncio.wait_for(sink.full.wait(), PATIENCE)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (source.reads, sink.messages) == (1, ["hello"])
    pump.cancel()
