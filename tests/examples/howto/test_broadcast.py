"""The guide to broadcasting: rooms, the ticker, and clients that don't read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import WebSocketServerProtocol, broadcast, connect, serve

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


async def test_a_message_is_sent_to_all_in_the_room_and_nobody_else(guide: Guide) -> None:
    await guide.serve()
    red = [await connect(guide.uri("/red")) for _ in range(3)]
    blue = await connect(guide.uri("/blue"))
    await blue.send("anybody here?")
    assert await blue.recv() == "anybody here?"
    for ws in red:
        await (await ws.ping())  # so that its handler has it in the room
    await red[0].send("Hello")
    assert [await ws.recv() for ws in red] == ["Hello"] * 3
    await red[1].close()
    await red[0].send(b"still here?")
    assert [await ws.recv() for ws in (red[0], red[2])] == [b"still here?"] * 2
    await blue.send("still alone")
    assert await blue.recv() == "still alone"
    for ws in (*red, blue):
        await ws.close()


async def test_the_ticker_ticks_for_everybody(guide: Guide) -> None:
    guide.change("ticker.py", "sleep(0.1)", "sleep(0.01)")
    await guide.serve("ticker.py")
    async with connect(guide.uri()) as first, connect(guide.uri()) as second:
        for ws in (first, second):
            number = int(str(await ws.recv()).partition("tick ")[2])
            assert await ws.recv() == f"tick {number + 1}"


async def send_much(*, close_slow: bool) -> WebSocketServerProtocol:
    """Broadcast more than its backlog to a client that doesn't read; gives the server's side."""
    sides: list[WebSocketServerProtocol] = []

    async def handler(ws: WebSocketServerProtocol) -> None:
        sides.append(ws)
        await ws.wait_closed()

    options: dict[str, Any] = {"compression": None, "close_timeout": 0.1}
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        client = await connect(f"ws://127.0.0.1:{port}", max_queue=1, **options)
        await (await client.ping())
        client.transport.pause_reading()
        message = b"\0" * 2**20
        for _ in range(100):
            broadcast(server.connections, message, max_backlog=2**21, close_slow=close_slow)
        (side,) = sides
        assert side.open != close_slow
        if not close_slow:
            assert 2**21 < side.backlog <= 2**21 + 2**20 + 100
        client.transport.abort()
        await client.wait_closed()
        await side.wait_closed()
    return side


async def test_a_slow_client_is_closed_or_misses_messages(guide: Guide) -> None:
    await send_much(close_slow=False)
    side = await send_much(close_slow=True)
    sent = side._ws_connection.close_sent if side._ws_connection is not None else None
    assert sent is not None
    assert (sent.code, sent.reason) == (1013, "too slow")
    assert guide.says(f"code {sent.code} and the reason `{sent.reason}`")


def test_the_message_is_that_of_the_page(guide: Guide) -> None:
    with pytest.raises(TypeError) as info:
        broadcast([], {})  # type: ignore[arg-type]
    assert guide.says(f"TypeError: {info.value}")
