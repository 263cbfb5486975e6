"""Chromium's WebSocket at the other end, over TCP and TLS, with and without compression."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.conftest import Browser, Page

PATIENCE = 20
CHAT = websockets.Subprotocol("chat")
SIZES = [0, 1, 125, 126, 65535, 65536, 1 << 20]

pytestmark = [
    pytest.mark.interop(peer="Chromium", role="client"),
    pytest.mark.parametrize("transport", ["plain", "tls"]),
    pytest.mark.parametrize("compression", ["none", "deflate"]),
]

# Echoes, until it is asked to close; then says what it has seen.
ECHO = """
window.ended = new Promise((resolve) => {
  const ws = new WebSocket("URI", ["chat"]);
  ws.binaryType = "arraybuffer";
  ws.onmessage = ({data}) => {
    if (data === "close me") ws.close(4002, "that was all");
    else ws.send(data);
  };
  ws.onclose = ({code, reason}) =>
    resolve([code, reason, ws.protocol, ws.extensions.includes("permessage-deflate")]);
});
0
"""


@asynccontextmanager
async def meet(
    page: Page, certificate: Path, transport: str, compression: str
) -> AsyncIterator[websockets.WebSocketServerProtocol]:
    arrived: asyncio.Future[websockets.WebSocketServerProtocol]
    arrived = asyncio.get_running_loop().create_future()

    async def handle(ws: websockets.WebSocketServerProtocol) -> None:
        arrived.set_result(ws)
        await ws.wait_closed()

    options: dict[str, Any] = {"compression": None if compression == "none" else "deflate"}
    if transport == "tls":
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options["ssl"].load_cert_chain(certificate)
        await page.call("Security.setIgnoreCertificateErrors", ignore=True)
    async with websockets.serve(handle, "127.0.0.1", 0, subprotocols=[CHAT], **options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        scheme = "wss" if transport == "tls" else "ws"
        await page.evaluate(ECHO.replace("URI", f"{scheme}://127.0.0.1:{port}/"))
        yield await asyncio.wait_for(arrived, PATIENCE)


async def test_messages_come_back_and_it_sees_our_close(
    browser: Browser, certificate: Path, transport: str, compression: str
) -> None:
    page = await browser.new_page()
    async with meet(page, certificate, transport, compression) as ws:
        for size in SIZES:
            for message in ("x" * size, b"\xff" * size):
                await ws.send(message)
                came = await ws.recv()
                assert (type(came), len(came)) == (type(message), size)
                assert (came == message) is True
        await ws.send(["in ", "", "pie", "ces"])
        assert await ws.recv() == "in pieces"
        assert await (await ws.ping("are you there")) >= 0
        await ws.close(4001, "as you wish")
        assert ws.close_code == 4001
    ended = await page.evaluate("window.ended")
    assert ended == [4001, "as you wish", "chat", compression == "deflate"]


async def test_we_see_its_close(
    browser: Browser, certificate: Path, transport: str, compression: str
) -> None:
    page = await browser.new_page()
    async with meet(page, certificate, transport, compression) as ws:
        await ws.send("close me")
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (4002, "that was all")
