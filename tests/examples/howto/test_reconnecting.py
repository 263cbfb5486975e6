"""The guide to reconnecting: what is tried again, what isn't, and a client that loses nothing."""

from __future__ import annotations

import json
import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import WebSocketServerProtocol, connect, reconnection, serve

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


async def test_it_connects_again_and_subscribes_again(guide: Guide) -> None:
    async def handler(ws: WebSocketServerProtocol) -> None:
        await ws.send(str(await ws.recv()) + "d")
        if ends:
            code, reason = ends.pop()
            await ws.close(code, reason)
        await ws.wait_closed()

    ends = [(1000, ""), (1012, "restart")]
    client = await guide.start("client.py")
    line = await client.expect("connecting failed, next try in")
    said = line.partition("INFO:websockets.client:")[2].replace(str(guide.port), "8765")
    assert "[Errno 111] Connect call failed ('127.0.0.1', 8765)" in said
    assert guide.says(said.partition(": ")[2])
    async with serve(handler, "127.0.0.1", guide.port):
        await client.expect("subscribed")
        await client.expect("lost: code = 1012 (service restart), reason = restart")
        await client.expect("subscribed")
        await client.expect("subscribed")  # behind 1000 nothing is said
        await client.end()
    assert client.output.count("lost") == 1


async def test_nothing_is_lost_when_connections_are(guide: Guide) -> None:
    received: dict[int, str] = {}
    clients: set[str] = set()
    connections = 0

    async def handler(ws: WebSocketServerProtocol) -> None:
        nonlocal connections
        connections += 1
        async for message in ws:
            content = json.loads(message)
            clients.add(content["client"])
            if connections < 4:  # received, but the acknowledgement is lost; or not even that
                if connections == 2:
                    received[content["number"]] = content["text"]
                ws.transport.abort()
                return
            received[content["number"]] = content["text"]
            await ws.send(json.dumps({"acknowledged": content["number"]}))

    async with serve(handler, "127.0.0.1", guide.port):
        assert await guide.run("outbox.py", "one", "two", "three") == "all have arrived\n"
    assert connections == 4
    assert len(clients) == 1
    assert received == {1: "one", 2: "two", 3: "three"}


async def test_it_gives_up_after_some_tries(guide: Guide) -> None:
    guide.change("patience.py", "TRIES = 5", "TRIES = 2")
    client = await guide.start("patience.py", guide.uri())
    assert await client.end(None) == 1
    assert client.output.startswith("not connected: [Errno 111] Connect call failed")


async def test_a_connection_that_is_lost_is_no_reason_to_give_up(guide: Guide) -> None:
    connections = 0

    async def handler(ws: WebSocketServerProtocol) -> None:
        nonlocal connections
        connections += 1
        await ws.send(f"connection {connections}")
        if connections == 1:
            await ws.recv()
            await ws.close(1012, "restart")

    guide.change("patience.py", "print(message)", "print(message); await ws.send('got it')")
    async with serve(handler, "127.0.0.1", guide.port):
        output = await guide.run("patience.py", guide.uri())
    assert output.splitlines() == [
        "connection 1",
        "lost: code = 1012 (service restart), reason = restart",
        "connection 2",
    ]


async def test_it_gives_up_at_once_for_a_certificate(guide: Guide, certificate: Path) -> None:
    async def handler(ws: object) -> None: ...

    guide.change("patience.py", "TRIES = 5", "TRIES = 1000")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with serve(handler, "127.0.0.1", guide.port, ssl=context):
        uri = f"wss://127.0.0.1:{guide.port}"
        client = await guide.start("patience.py", uri)
        assert await client.end(None) == 1
    assert "CERTIFICATE_VERIFY_FAILED" in client.output


async def test_a_status_is_not_tried_again(guide: Guide) -> None:
    async def handler(ws: object) -> None: ...

    async def refuse(path: str, headers: object) -> Any:
        return 404, {}, b""

    async with serve(handler, "127.0.0.1", guide.port, process_request=refuse):
        client = await guide.start("patience.py", guide.uri())
        assert await client.end(None) == 1
    assert client.output == "not connected: server rejected WebSocket connection: HTTP 404\n"


async def test_a_server_that_closes_at_once_is_given_time(
    guide: Guide, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(ws: object) -> None: ...

    caplog.set_level(logging.INFO, "websockets.client")
    monkeypatch.setattr("random.uniform", lambda low, high: 0.3 if high == 1 else 0)
    async with serve(handler, "127.0.0.1", guide.port):
        connections = connect(guide.uri()).__aiter__()
        ws = await connections.__anext__()
        await ws.wait_closed()
        await connections.__anext__()
    (message,) = [record.getMessage() for record in caplog.records if "next" in record.getMessage()]
    assert guide.says(message)


def test_the_bounds_are_those_of_the_page(guide: Guide) -> None:
    assert (reconnection.FIRST_DELAY, reconnection.LAST_DELAY) == (1, 64)
    assert guide.says("up to 1 s at first, then up to 2, 4, … 64 s")
    assert reconnection.SHORT == 5
    assert guide.says("within 5 s after it was made")
    assert reconnection.TRANSIENT_STATUSES == (500, 502, 503, 504)
    assert guide.says("HTTP 500, 502, 503 and 504")
