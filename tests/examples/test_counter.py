"""The counter of ``docs/examples/counter``: what its page gets and may send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.examples.conftest import Example, RunExample


@pytest.fixture
async def server(run_example: RunExample) -> Example:
    return await run_example("counter/server.py", ready="is open")


async def state(ws: ws_asyncio.WebSocketClientProtocol) -> Any:
    return json.loads(await ws.recv())


async def test_all_see_what_one_does(server: Example) -> None:
    uri = f"ws://localhost:{server.port}/"
    async with ws_asyncio.connect(uri) as ada:
        assert await state(ada) == {"number": 0, "visitors": 1}
        async with ws_asyncio.connect(uri) as grace:
            for ws in (ada, grace):
                assert await state(ws) == {"number": 0, "visitors": 2}
            for step, number in [("up", 1), ("up", 2), ("down", 1)]:
                await grace.send(step)
                for ws in (ada, grace):
                    assert await state(ws) == {"number": number, "visitors": 2}
        assert await state(ada) == {"number": 1, "visitors": 1}
    await server.stop()


@pytest.mark.parametrize(
    ("message", "code"), [("sideways", 1003), (b"up", 1003), ("up" * 64, 1009)]
)
async def test_what_it_does_not_know_ends_the_connection(
    server: Example, message: str | bytes, code: int
) -> None:
    async with ws_asyncio.connect(f"ws://localhost:{server.port}/") as ws:
        await ws.send(message)
        await ws.wait_closed()
        assert ws.close_code == code
    await server.stop()


async def test_the_page_comes_over_the_same_port(server: Example) -> None:
    head, body = await server.get("/")
    assert head.startswith("HTTP/1.1 200 ")
    assert "text/html" in head
    assert "<title>The counter</title>" in body
    head, _ = await server.get("/server.py")
    assert head.startswith("HTTP/1.1 404 ")


async def test_only_pages_of_its_own_may_connect(server: Example) -> None:
    uri = f"ws://localhost:{server.port}/"
    for host in ("localhost", "127.0.0.1", "[::1]"):
        async with ws_asyncio.connect(uri, origin=Origin(f"http://{host}:{server.port}")):
            pass
    for origin in ("http://evil.example", f"http://evil.example:{server.port}", "null"):
        with pytest.raises(InvalidStatusCode) as info:
            await ws_asyncio.connect(uri, origin=Origin(origin))
        assert info.value.status_code == 403
    await server.stop()
