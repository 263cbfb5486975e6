"""Clients and servers of other makes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import pytest
import websocket

import websockets

if TYPE_CHECKING:
    from tests.interop.conftest import Node

pytestmark = pytest.mark.interop

PEERS = Path(__file__).parent / "peers"
CHAT = websockets.Subprotocol("chat")
LONG = 70_000  # its length takes 64 bits, and it takes several reads
BIG = 1 << 24

T = TypeVar("T")

compression = pytest.mark.parametrize("compression", ["deflate", None], ids=["deflate", "plain"])


async def in_thread(function: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, function)


class Server:
    """An echo server of ours, which notes how its connections end."""

    def __init__(self) -> None:
        self.uri = ""
        self.ends: list[tuple[int | None, str | None]] = []
        self.origins: list[str | None] = []

    async def echo(self, ws: websockets.WebSocketServerProtocol) -> None:
        self.origins.append(ws.request_headers.get("Origin"))
        try:
            async for message in ws:
                if message == "close me":
                    await ws.close(4001, "as you wish")
                await ws.send(message)
        except websockets.ConnectionClosed:
            pass
        await ws.wait_closed()
        self.ends.append((ws.close_code, ws.close_reason))


@asynccontextmanager
async def serve(**options: Any) -> AsyncIterator[Server]:
    server = Server()
    options = {"max_size": 2 * BIG, "subprotocols": [CHAT], **options}
    async with websockets.serve(server.echo, "127.0.0.1", 0, **options) as listener:
        assert listener.sockets is not None
        server.uri = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        yield server


# websocket-client, of PyPI


@contextmanager
def dial(uri: str) -> Iterator[websocket.WebSocket]:
    ws = websocket.create_connection(
        uri, timeout=20, subprotocols=["chat"], origin="http://example.com"
    )
    try:
        yield ws
    finally:
        ws.shutdown()  # type: ignore[no-untyped-call]


def talk(uri: str) -> None:
    with dial(uri) as ws:
        assert ws.getsubprotocol() == "chat"
        ws.send("text: ¥ 👍")
        assert ws.recv() == "text: ¥ 👍"
        ws.send_binary(b"\x00\x01\xfe\xff")
        assert ws.recv() == b"\x00\x01\xfe\xff"
        ws.send("x" * LONG)
        assert ws.recv() == "x" * LONG
        ws.send_frame(websocket.ABNF.create_frame("frag", websocket.ABNF.OPCODE_TEXT, fin=0))
        ws.ping("between")
        ws.send_frame(websocket.ABNF.create_frame("ments", websocket.ABNF.OPCODE_CONT))
        opcode, pong = ws.recv_data_frame(control_frame=True)
        assert (opcode, pong.data) == (websocket.ABNF.OPCODE_PONG, b"between")
        assert ws.recv() == "fragments"
        ws.close(4002, b"that was all")


async def test_websocket_client_talks_to_our_server() -> None:
    async with serve() as server:
        await in_thread(lambda: talk(server.uri))
    assert server.ends == [(4002, "that was all")]
    assert server.origins == ["http://example.com"]


async def test_websocket_client_sees_our_close() -> None:
    def be_closed() -> tuple[int, bytes]:
        with dial(server.uri) as ws:
            ws.send("close me")
            opcode, frame = ws.recv_data_frame(control_frame=True)
            assert opcode == websocket.ABNF.OPCODE_CLOSE
            return int.from_bytes(frame.data[:2], "big"), frame.data[2:]

    async with serve() as server:
        assert await in_thread(be_closed) == (4001, b"as you wish")
    # It answers with a code of its own.
    assert server.ends == [(1000, "")]


async def test_websocket_client_is_refused_with_a_status() -> None:
    def be_refused() -> int:
        with pytest.raises(websocket.WebSocketBadStatusException) as info, dial(server.uri):
            pass
        status: int = info.value.status_code
        return status

    async with serve(origins=["http://other.example"]) as server:
        assert await in_thread(be_refused) == 403


# ws, of npm


@compression
async def test_ws_of_npm_talks_to_our_server(node: Node, compression: str | None) -> None:
    async with serve(compression=compression) as server:
        peer = node(PEERS / "ws_client.cjs", server.uri, "compressed")
        try:
            seen = [json.loads(await in_thread(lambda: peer.expect("saw "))) for _ in range(9)]
        finally:
            peer.end()
    extensions = seen[0].pop("extensions")
    assert ("permessage-deflate" in extensions) is (compression is not None)
    assert seen == [
        {"subprotocol": "chat"},
        {"text": "text: ¥ 👍"},
        {"binary": "0001feff"},
        {"text": ""},
        {"binary": ""},
        {"text": BIG},
        {"pong": "between"},
        {"text": "fragments"},
        {"code": 4002, "reason": "that was all"},
    ]
    assert server.ends == [(4002, "that was all")]
    assert server.origins == ["http://example.com"]


@pytest.fixture(params=["plain", "compressed"])
def npm_server(
    node: Node, request: pytest.FixtureRequest
) -> Iterator[tuple[str, Callable[[], str]]]:
    """The URI of an echo server, and what tells how its connection ended."""
    peer = node(PEERS / "ws_server.cjs", request.param)
    yield f"ws://127.0.0.1:{peer.expect('listening on ')}", lambda: peer.expect("closed ")
    peer.end()


NpmServer = tuple[str, Callable[[], str]]


@asynccontextmanager
async def connect(uri: str) -> AsyncIterator[websockets.WebSocketClientProtocol]:
    """Connect, and take the first message."""
    options: dict[str, Any] = {"max_size": 2 * BIG, "origin": "http://example.com"}
    async with websockets.connect(uri + "/path?query", subprotocols=[CHAT], **options) as ws:
        greeting = json.loads(await ws.recv())
        assert greeting == {"path": "/path?query", "origin": "http://example.com"}
        yield ws


async def test_our_client_talks_to_ws_of_npm(npm_server: NpmServer) -> None:
    uri, closed = npm_server
    messages: list[str | bytes] = ["text: ¥ 👍", b"\x00\x01\xfe\xff", "", b"", "x" * BIG]
    async with connect(uri) as ws:
        assert ws.subprotocol == "chat"
        for message in messages:
            await ws.send(message)
            assert await ws.recv() == message
        await ws.send(["frag", "men", "ts"])
        assert await ws.recv() == "fragments"
        assert await (await ws.ping()) > 0
        await ws.close(4002, "that was all")
    assert await in_thread(closed) == "4002 that was all"


async def test_our_client_puts_fragments_of_ws_of_npm_together(npm_server: NpmServer) -> None:
    async with connect(npm_server[0]) as ws:
        await ws.send("fragments")
        assert await ws.recv() == "fragments"


async def test_our_client_answers_pings_of_ws_of_npm(npm_server: NpmServer) -> None:
    async with connect(npm_server[0]) as ws:
        await ws.send("ping me")
        assert await ws.recv() == "pong abc"


async def test_our_client_is_closed_by_ws_of_npm(npm_server: NpmServer) -> None:
    uri, closed = npm_server
    async with connect(uri) as ws:
        await ws.send("close me")
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (4001, "as you wish")
    assert await in_thread(closed) == "4001 as you wish"


async def test_our_client_notices_that_ws_of_npm_is_gone(npm_server: NpmServer) -> None:
    async with connect(npm_server[0]) as ws:
        await ws.send("drop me")
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await ws.recv()
    assert info.value.code == 1006
