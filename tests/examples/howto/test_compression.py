"""The guide to compression: what the server agrees on, and leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from ws_http import NegotiationError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

MEASURED = Path(__file__).resolve().parents[3] / "docs" / "deflate.md"


async def handler(ws: WebSocketServerProtocol) -> None:
    await ws.wait_closed()


async def agreed(guide: Guide) -> str:
    """What a client that offers all there is and the guide's server agree on."""
    async with connect(guide.uri()) as ws:
        return str(ws.response_headers.get("Sec-WebSocket-Extensions", ""))


async def test_the_server_agrees_on_a_large_window(guide: Guide) -> None:
    await guide.serve()
    assert await agreed(guide) == (
        "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15"
    )
    async with connect(guide.uri()) as ws:
        assert isinstance(ws.extensions[0], PerMessageDeflate)
        for message in ("text " * 100, bytes(1000), "short"):
            await ws.send(message)
            assert await ws.recv() == message


async def test_pictures_are_sent_as_they_are(guide: Guide) -> None:
    await guide.serve()
    async with connect(guide.uri()) as ws:
        sizes: dict[str, int] = {}
        receive = ws.data_received

        def count(data: bytes) -> None:
            sizes["now"] = sizes.get("now", 0) + len(data)
            receive(data)

        ws.data_received = count  # type: ignore[method-assign]
        for message in ("x" * 10_000, b"x" * 10_000):
            sizes.clear()
            await ws.send(message)
            await ws.recv()
            assert (sizes["now"] > 10_000) == isinstance(message, bytes)


async def test_without_compression_nothing_is_agreed_on(guide: Guide) -> None:
    async with serve(handler, "127.0.0.1", guide.port, compression=None):
        assert await agreed(guide) == ""
        async with connect(guide.uri()) as ws:
            assert ws.extensions == []


async def test_the_default_is_that_of_the_page(guide: Guide) -> None:
    async with serve(handler, "127.0.0.1", guide.port):
        assert "server_max_window_bits=12; client_max_window_bits=12" in await agreed(guide)
    assert guide.says("44 KiB with the default of 12 bits")


def test_the_messages_are_those_of_the_page(guide: Guide) -> None:
    with pytest.raises(ValueError, match="window") as bits:
        ServerPerMessageDeflateFactory(server_max_window_bits=16)
    with pytest.raises(ValueError, match="compression") as name:
        connect("ws://localhost", compression="gzip")
    for error in (bits, name):
        assert guide.says(f"`ValueError: {error.value}`")


async def test_a_window_of_8_bits_is_a_trap(guide: Guide) -> None:
    silent = ServerPerMessageDeflateFactory(server_max_window_bits=8)
    async with serve(handler, "127.0.0.1", guide.port, extensions=[silent]):
        assert await agreed(guide) == ""
    loud = ServerPerMessageDeflateFactory(client_max_window_bits=8)
    async with serve(handler, "127.0.0.1", guide.port, extensions=[loud]):
        with pytest.raises(NegotiationError) as info:
            await agreed(guide)
    assert guide.says(f"`NegotiationError: {info.value}`")


@pytest.mark.parametrize(("row", "said"), [("| 15 | 8 |", "215"), ("| **12** | **4** |", "44")])
def test_the_figures_are_those_that_were_measured(guide: Guide, row: str, said: str) -> None:
    lines = MEASURED.read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(row))
    assert line.split("|")[3].strip(" *") == said
    assert guide.says(f"{said} KiB with")
