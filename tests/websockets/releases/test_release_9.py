"""9.0, in development."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Running

# Where the changelog says that things were before 9.0, in the words of the programs.
MOVED = """
from websockets.client import connect
from websockets.server import serve
from websockets.auth import basic_auth_protocol_factory
from websockets.protocol import WebSocketCommonProtocol
from websockets.exceptions import ConnectionClosed
from websockets.framing import OP_TEXT, Frame, encode_data, parse_close, prepare_data
from websockets.framing import serialize_close
from websockets.handshake import build_request, build_response, check_request, check_response
from websockets.headers import build_extension, parse_extension
from websockets.http import Headers, MultipleValuesError, read_request, read_response
from websockets.uri import parse_uri, WebSocketURI
from websockets.typing import Data, Origin, Subprotocol
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.legacy.client import connect
from websockets.legacy.handshake import check_request
from websockets import parse_uri, WebSocketURI, WebSocketProtocolError
"""


@pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")
@pytest.mark.parametrize("line", MOVED.strip().splitlines())
def test_what_moved_is_still_where_it_was(line: str) -> None:
    # "Version 9.0 moves or deprecates several APIs. Aliases provide backwards compatibility for
    # all previously public APIs."
    exec(line, {})  # noqa: S102


async def test_iris_are_supported(running: Running) -> None:
    # "Added support for IRIs in addition to URIs."
    paths: list[str] = []

    async def handler(websocket: Any, path: str) -> None:
        paths.append(path)
        paths.append(websocket.request_headers["Host"])

    async with running(handler) as uri:
        host, port = uri[5:-1].split(":")
        iri = "ws://bücher.example/café?q=thé"
        async with websockets.connect(iri, host=host, port=int(port)) as websocket:
            await websocket.wait_closed()
    assert paths == ["/caf%C3%A9?q=th%C3%A9", "xn--bcher-kva.example"]


async def test_close_codes_1012_to_1014(running: Running) -> None:
    # "Added close codes 1012, 1013, and 1014."
    async with running() as uri:
        for code, words in [
            (1012, "service restart"),
            (1013, "try again later"),
            (1014, "bad gateway"),
        ]:
            websocket = await websockets.connect(uri)
            await websocket.close(code)
            with pytest.raises(websockets.ConnectionClosedError) as info:
                await websocket.recv()
            assert str(info.value) == f"code = {code} ({words}), no reason"


async def test_a_dict_is_not_sent(running: Running) -> None:
    # "Raised an error when passing a dict to send()."
    async with running() as uri, websockets.connect(uri) as websocket:
        with pytest.raises(TypeError, match="dict"):
            await websocket.send({"a": 1})
        await websocket.send("still open")
        assert await websocket.recv() == "still open"


async def test_fragmented_messages_are_compressed(running: Running) -> None:
    # "Fixed sending fragmented, compressed messages."
    async def fragments() -> AsyncIterator[str]:
        for _ in range(3):
            yield "x" * 1000

    async def handler(websocket: Any, path: str) -> None:
        async for message in websocket:
            await websocket.send([message[:1000], message[1000:]])

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        assert [extension.name for extension in websocket.extensions] == ["permessage-deflate"]
        for _ in range(3):  # compression goes on where it was
            await websocket.send(fragments())
            assert await websocket.recv() == "x" * 3000


async def test_the_host_header_has_brackets_around_ipv6(running: Running) -> None:
    # "Fixed Host header sent when connecting to an IPv6 address."
    async with running() as uri:
        host, port = uri[5:-1].split(":")
        for address, header in [("[::1]", "[::1]"), ("[2001:db8::1]:8765", "[2001:db8::1]:8765")]:
            elsewhere = websockets.connect(f"ws://{address}/", host=host, port=int(port))
            async with elsewhere as websocket:
                assert websocket.request_headers["Host"] == header


async def test_a_unix_server_takes_an_existing_socket() -> None:
    # "Fixed starting a Unix server listening on an existing socket."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        async with (
            websockets.unix_serve(handler, sock=sock),
            websockets.unix_connect(path) as websocket,
        ):
            assert await websocket.recv() == "Hello"


async def test_the_largest_cookie_of_a_browser_is_taken(running: Running) -> None:
    # "Aligned maximum cookie size with popular web browsers."
    cookie = "a=" + "x" * 4096
    async with (
        running() as uri,
        websockets.connect(uri, extra_headers={"Cookie": cookie}) as websocket,
    ):
        assert websocket.request_headers["Cookie"] == cookie


async def test_cancellation_propagates(running: Running) -> None:
    # "Ensured cancellation always propagates, even on Python versions where CancelledError
    # inherits Exception."
    async def waiting(websocket: Any, path: str) -> None:
        await websocket.wait_closed()

    async with running(waiting) as uri:
        websocket = await websockets.connect(uri)
        for operation in (
            websocket.recv(),
            websocket.wait_closed(),
            websocket.ping(),
            websocket.__aiter__().__anext__(),
            websocket.close(),
        ):
            task = asyncio.ensure_future(operation)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await websocket.close()
        connecting = asyncio.ensure_future(websockets.connect(uri))
        await asyncio.sleep(0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting


async def test_errors_of_a_handler_are_reported_once(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # "Improved error reporting."
    async def failing(websocket: Any, path: str) -> None:
        raise RuntimeError("as you wish")

    async with running(failing) as uri, websockets.connect(uri) as websocket:
        with pytest.raises(websockets.ConnectionClosedError, match="code = 1011"):
            await websocket.recv()
    (record,) = [record for record in caplog.records if record.exc_info]
    assert (record.name, record.levelname) == ("websockets.server", "ERROR")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "as you wish"
