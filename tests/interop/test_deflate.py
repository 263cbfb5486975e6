"""permessage-deflate with each of its parameters, and peers of other makes at the other end."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets
from ws_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory

if TYPE_CHECKING:
    from tests.interop.conftest import Browser, Node

pytestmark = pytest.mark.interop

PEERS = Path(__file__).parent / "peers"

WORDS = [random.Random(n).randbytes(6).hex() for n in range(50)]

# Alike from one to the next, so that a window that differs at the two ends shows; empty;
# longer than any window; nothing to gain.
MESSAGES = [
    "Hello",
    "Hello, Hello",
    "",
    *(" ".join(random.Random(n).choices(WORDS, k=200)) for n in range(8)),
    " ".join(random.Random(9).choices(WORDS, k=8000)),
    random.Random(10).randbytes(3000).hex(),
    "Hello",
]

PARAMETERS: list[dict[str, Any]] = [
    {},
    {"server_no_context_takeover": True},
    {"client_no_context_takeover": True},
    {"server_no_context_takeover": True, "client_no_context_takeover": True},
    *({"server_max_window_bits": bits} for bits in (9, 12, 15)),
    *({"client_max_window_bits": bits} for bits in (9, 12, 15)),
    {
        "server_no_context_takeover": True,
        "client_no_context_takeover": True,
        "server_max_window_bits": 10,
        "client_max_window_bits": 11,
    },
]

parameters = pytest.mark.parametrize(
    "agreed",
    PARAMETERS,
    ids=lambda agreed: ",".join(f"{k}={v}" for k, v in agreed.items()) or "none",
)


def header(agreed: dict[str, Any]) -> set[str]:
    """What the response has to say, as a set: its order is free."""
    values = (name if value is True else f"{name}={value}" for name, value in agreed.items())
    return {"permessage-deflate", *values}


def items(value: str) -> set[str]:
    return {item.strip() for item in value.split(";")}


def camel(agreed: dict[str, Any]) -> dict[str, Any]:
    """The options of npm's ws."""
    return {
        "".join(part.capitalize() if n else part for n, part in enumerate(name.split("_"))): value
        for name, value in agreed.items()
    }


@asynccontextmanager
async def serve(agreed: dict[str, Any]) -> AsyncIterator[tuple[str, list[str]]]:
    """An echo server of ours; gives its URI, and the extension headers that it sends."""
    sent: list[str] = []

    async def echo(ws: websockets.WebSocketServerProtocol) -> None:
        sent.append(ws.response_headers["Sec-WebSocket-Extensions"])
        async for message in ws:
            await ws.send(message)

    factories = [ServerPerMessageDeflateFactory(**agreed)]
    async with websockets.serve(echo, "127.0.0.1", 0, extensions=factories) as server:
        assert server.sockets is not None
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", sent


TALK = """
new Promise((resolve) => {
  const left = MESSAGES;
  const came = [];
  const ws = new WebSocket("URI");
  const next = () => {
    if (left.length) ws.send(left.shift());
    else { resolve({extensions: ws.extensions, came}); ws.close(); }
  };
  ws.onopen = next;
  ws.onmessage = (event) => { came.push(event.data); next(); };
  ws.onclose = (event) => resolve({code: event.code, reason: event.reason, came});
})
"""


@pytest.mark.interop(peer="Chromium", role="client", compression="deflate")
@parameters
async def test_chromium_talks_to_our_server(browser: Browser, agreed: dict[str, Any]) -> None:
    page = await browser.new_page()
    async with serve(agreed) as (uri, sent):
        script = TALK.replace("URI", uri).replace("MESSAGES", json.dumps(MESSAGES))
        result = await page.evaluate(script)
    assert result["came"] == MESSAGES
    assert items(result["extensions"]) == items(sent[0]) == header(agreed)


@pytest.mark.interop(peer="ws (npm)", role="client", compression="deflate")
@parameters
async def test_ws_of_npm_talks_to_our_server(node: Node, agreed: dict[str, Any]) -> None:
    async with serve(agreed) as (uri, sent):
        peer = node(PEERS / "deflate_client.cjs", uri, "{}", json.dumps(MESSAGES))
        try:
            result = json.loads(await in_thread(peer, "saw "))
        finally:
            peer.end()
    assert result["came"] == MESSAGES
    assert items(sent[0]) == header(agreed)


@pytest.mark.interop(peer="ws (npm)", role="client", compression="deflate")
@parameters
async def test_our_server_does_what_ws_of_npm_asks_for(node: Node, agreed: dict[str, Any]) -> None:
    async with serve({}) as (uri, sent):
        options = json.dumps(camel(agreed))
        peer = node(PEERS / "deflate_client.cjs", uri, options, json.dumps(MESSAGES))
        try:
            result = json.loads(await in_thread(peer, "saw "))
        finally:
            peer.end()
    assert result["came"] == MESSAGES
    for name, value in agreed.items():
        # What a client says of its own messages is a hint, and need not be answered.
        if name.startswith("server_"):
            assert (name if value is True else f"{name}={value}") in items(sent[0])


@pytest.mark.interop(peer="ws (npm)", role="server", compression="deflate")
@pytest.mark.parametrize("who", ["offered", "answered"])
@parameters
async def test_our_client_talks_to_ws_of_npm(node: Node, agreed: dict[str, Any], who: str) -> None:
    ours, theirs = (agreed, {}) if who == "offered" else ({}, agreed)
    peer = node(PEERS / "deflate_server.cjs", json.dumps(camel(theirs)))
    factories = [ClientPerMessageDeflateFactory(**ours)]
    try:
        uri = f"ws://127.0.0.1:{peer.expect('listening on ')}/"
        async with websockets.connect(uri, extensions=factories) as ws:
            answer = items(ws.response_headers["Sec-WebSocket-Extensions"])
            for message in MESSAGES:
                await ws.send(message)
                assert await ws.recv() == message
            await ws.send([message.encode() for message in MESSAGES])
            assert await ws.recv() == "".join(MESSAGES).encode()
    finally:
        peer.end()
    if who == "answered":
        assert answer == header(agreed)


async def in_thread(peer: Any, words: str) -> str:
    loop = asyncio.get_running_loop()
    line: str = await loop.run_in_executor(None, lambda: peer.expect(words))
    return line
