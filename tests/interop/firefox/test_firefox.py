"""Firefox: its pages as clients of our server, and its WebDriver BiDi as a server for our client."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

import websockets
from ws_deflate import ServerPerMessageDeflateFactory

if TYPE_CHECKING:
    from tests.interop.conftest import Program
    from tests.interop.firefox.conftest import Driver, Serve

as_client = pytest.mark.interop(peer="Firefox", role="client", compression="deflate")
as_server = pytest.mark.interop(peer="Firefox", role="server")
compressions = pytest.mark.parametrize("compression", ["none", "deflate"])
transports = pytest.mark.parametrize("transport", ["plain", "tls"])

MESSAGES: list[str | bytes] = [
    "text: ¥ 👍",
    b"\x00\x01\xfe\xff",
    "",
    b"",
    "64 KiB! " * 2**13,
    bytes(range(256)) * 2**8,
    "1 MiB!! " * 2**17,
    bytes(range(256)) * 2**12,
]

# What a server can want of Firefox, which offers the extension without parameters.
AGREED: list[dict[str, Any]] = [
    {},
    {"server_no_context_takeover": True},
    {"client_no_context_takeover": True},
    {"server_no_context_takeover": True, "client_no_context_takeover": True},
    {"server_max_window_bits": 9},
]


def in_json(message: str | bytes, binary: str = "binary") -> dict[str, str]:
    if isinstance(message, str):
        return {"text": message}
    return {binary: base64.b64encode(message).decode()}


def items(value: str) -> set[str]:
    return {item.strip() for item in value.split(";")}


def expected(agreed: dict[str, Any]) -> set[str]:
    values = (name if value is True else f"{name}={value}" for name, value in agreed.items())
    return {"permessage-deflate", *values}


@as_client
@transports
@compressions
@pytest.mark.parametrize("binary", ["binary", "blob"])
async def test_a_page_talks_to_our_server(
    driver: Driver, serve: Serve, transport: str, compression: str, binary: str
) -> None:
    options: dict[str, Any] = {"compression": None if compression == "none" else compression}
    async with serve(transport, **options) as server:
        messages = [in_json(message, binary) for message in MESSAGES]
        seen = await driver.talk(server.url, messages, 4002, "that was all: ¥")
        assert await server.ends.get() == (4002, "that was all: ¥")
    assert seen.pop("came") == [in_json(message) for message in MESSAGES]
    assert seen == {
        "events": ["open"],
        "extensions": "" if compression == "none" else "permessage-deflate",
        "protocol": "chat",
        "code": 4002,
        "reason": "that was all: ¥",
        "wasClean": True,
    }
    assert server.seen == MESSAGES
    (request,) = server.requests
    assert items(request["Sec-WebSocket-Extensions"]) == {"permessage-deflate"}
    assert request["Origin"] == server.url.rstrip("/")


@as_client
@pytest.mark.parametrize("agreed", AGREED, ids=lambda agreed: ",".join(agreed) or "none")
async def test_a_page_compresses_as_the_server_wants(
    driver: Driver, serve: Serve, agreed: dict[str, Any]
) -> None:
    messages = [f"alike, but not the same {n % 3}" * 100 for n in range(10)]
    async with serve(extensions=[ServerPerMessageDeflateFactory(**agreed)]) as server:
        seen = await driver.talk(server.url, [in_json(each) for each in messages], 1000)
    assert seen["came"] == [in_json(message) for message in messages]
    assert seen["extensions"] == "permessage-deflate"  # it leaves out the parameters
    assert items(server.extensions[0]) == expected(agreed)
    assert server.seen == messages


@as_client
@transports
async def test_a_page_is_closed(driver: Driver, serve: Serve, transport: str) -> None:
    async with serve(transport) as server:
        seen = await driver.talk(server.url, [in_json("close me")])
        assert await server.ends.get() == (4001, "as you wish: ¥")
    assert (seen["code"], seen["reason"]) == (4001, "as you wish: ¥")
    assert seen["wasClean"] is True
    assert seen["events"] == ["open"]


@as_client
@transports
async def test_a_page_notices_that_tcp_is_lost(
    driver: Driver, serve: Serve, transport: str
) -> None:
    async with serve(transport) as server:
        seen = await driver.talk(server.url, [in_json("drop me")])
        assert await server.ends.get() == (1006, "")
    assert (seen["code"], seen["wasClean"]) == (1006, False)
    assert seen["events"][0] == "open"


@as_client
async def test_firefox_answers_pings_and_puts_fragments_together(
    driver: Driver, serve: Serve
) -> None:
    async with serve() as server:
        seen = await driver.talk(server.url, [in_json("ping me")], 1000)
    assert seen["came"] == [in_json("pong seen")]


@as_client
async def test_a_page_is_told_that_its_message_is_too_big(driver: Driver, serve: Serve) -> None:
    async with serve(max_size=1000) as server:
        seen = await driver.talk(server.url, [in_json("x" * 1001)])
    assert seen["code"] == 1009
    assert server.seen == []


@as_client
async def test_a_page_of_another_origin_is_refused(driver: Driver, serve: Serve) -> None:
    async with serve(origins=["https://example.com"]) as server:
        seen = await driver.talk(server.url, [])
    assert (seen["code"], seen["wasClean"]) == (1006, False)
    assert seen["events"] == ["error"]
    assert len(server.requests) == 1


@as_client
async def test_a_page_that_is_left_says_so(driver: Driver, serve: Serve) -> None:
    async with serve() as server:
        await driver.open(server.url)
        await driver.evaluate(
            "new Promise((resolve) => {"
            " window.ws = new WebSocket(location.href.replace('http', 'ws'));"
            " ws.onopen = resolve; })"
        )
        await driver.open("about:blank")
        assert await server.ends.get() == (1001, "")


# Its WebDriver BiDi, and our client.

NEW_SESSION = '{"id": 1, "method": "session.new", "params": {"capabilities": {}}}'


@as_server
async def test_our_client_drives_firefox(driver: Driver) -> None:
    assert driver.ws.response_headers["Server"] == "httpd.js"
    big = "¥" * 2**20
    assert await driver.evaluate(f"'{big}'") == big
    numbers = await asyncio.gather(*(driver.evaluate(f"'{n}'") for n in range(100)))
    assert numbers == [str(n) for n in range(100)]
    assert await (await driver.ws.ping("are you there")) > 0
    assert await (await driver.ws.ping(b"x" * 125)) > 0


@as_server
async def test_firefox_puts_our_fragments_together(bidi: str) -> None:
    async with websockets.connect(bidi) as ws:
        await ws.send(['{"id": 1, "method"', ': "session.status", ', "", '"params": {}}'])
        assert json.loads(await ws.recv())["result"]["ready"] is True


@as_server
async def test_firefox_refuses_with_a_status(bidi: str) -> None:
    with pytest.raises(websockets.InvalidStatusCode, match="400"):
        await websockets.connect(bidi, origin="http://example.com")
    with pytest.raises(websockets.InvalidStatusCode, match="404"):
        await websockets.connect(bidi + "/nowhere")


@as_server
async def test_our_client_closes(bidi: str) -> None:
    ws = await websockets.connect(bidi)
    await ws.close(4000, "that was all")
    assert (ws.close_code, ws.close_reason) == (4000, "that was all")


@as_server
async def test_our_client_notices_that_firefox_ends(another: tuple[Program, str]) -> None:
    _, uri = another
    async with websockets.connect(uri) as ws:
        await ws.send(NEW_SESSION)
        await ws.recv()
        await ws.send('{"id": 2, "method": "browser.close", "params": {}}')
        assert json.loads([message async for message in ws][-1])["id"] == 2
    assert (ws.close_code, ws.close_reason) == (1000, "")


@as_server
async def test_our_client_notices_that_firefox_is_killed(another: tuple[Program, str]) -> None:
    program, uri = another
    async with websockets.connect(uri) as ws:
        await ws.send(NEW_SESSION)
        await ws.recv()
        program.process.kill()
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (1006, "")
