"""The steps of a client's handshake, as older subclasses override them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
import ws_compat
from ws_asyncio.testing import connected_pair
from ws_compat import Connect, WebSocketClientProtocol, serve
from ws_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from ws_frames import Extension
from ws_http import (
    Headers,
    InvalidMessage,
    NegotiationError,
    Origin,
    Subprotocol,
)

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

CHAT, SUPERCHAT = Subprotocol("chat"), Subprotocol("superchat")


async def idle(connection: Any, path: str) -> None:
    await connection.wait_closed()


async def test_the_steps_do_what_the_handshake_does() -> None:
    options = {"subprotocols": [CHAT], "extensions": [ClientPerMessageDeflateFactory()]}
    server_options = {"subprotocols": [CHAT], "extensions": [ServerPerMessageDeflateFactory()]}
    async with connected_pair(
        create_client=WebSocketClientProtocol,
        client_options={"origin": "http://localhost", **options},
        server_options=server_options,
    ) as (client, _):
        assert isinstance(client, WebSocketClientProtocol)
        # Called by hand, handshake() knows nothing but what it is given.
        assert (client.subprotocol, client.extensions, client.origin) == (None, [], None)
        headers = Headers({"Sec-WebSocket-Protocol": "chat"})
        assert client.process_subprotocol(headers, [CHAT]) == CHAT
        assert client.process_subprotocol(Headers(), None) is None
        with pytest.raises(NegotiationError):
            client.process_subprotocol(headers, [SUPERCHAT])
        headers = Headers({"Sec-WebSocket-Extensions": "permessage-deflate"})
        (extension,) = client.process_extensions(headers, [ClientPerMessageDeflateFactory()])
        assert extension.name == "permessage-deflate"
        with pytest.raises(NegotiationError):
            client.process_extensions(headers, None)


async def test_connect_gives_the_handshake_what_it_knows() -> None:
    origin = Origin("http://localhost")
    async with serve(idle, "127.0.0.1", 0, subprotocols=[CHAT], origins=[origin]) as server:
        assert server.sockets
        port = server.sockets[0].getsockname()[1]
        async with Connect(
            f"ws://127.0.0.1:{port}",
            origin=origin,
            subprotocols=[CHAT],
            extra_headers={"X-A": "b"},
        ) as client:
            assert client.subprotocol == CHAT
            assert [extension.name for extension in client.extensions] == ["permessage-deflate"]
            assert client.request_headers["X-A"] == "b"


async def test_a_subclass_may_override_each_step(deprecated: Deprecated) -> None:
    texts = [
        "overriding handshake() of a client is deprecated; pass what it changes to connect()",
        "overriding process_extensions() of a client is deprecated; pass extensions to connect()",
        "overriding process_subprotocol() of a client is deprecated; look at subprotocol once connected",
        "overriding read_http_response() of a client is deprecated; look at response_headers once connected",
        "overriding write_http_request() of a client is deprecated; pass extra_headers to connect()",
    ]
    steps: list[str] = []
    with deprecated(*texts, at="class Own"):

        class Own(WebSocketClientProtocol):
            async def handshake(self, *args: Any, **kwargs: Any) -> None:
                steps.append("handshake")
                assert sorted(kwargs) == [
                    "available_extensions",
                    "available_subprotocols",
                    "extra_headers",
                    "origin",
                ]
                await super().handshake(*args, **kwargs)

            def write_http_request(self, path: str, headers: Headers) -> None:
                steps.append("write_http_request")
                headers["X-Own"] = path
                super().write_http_request(path, headers)

            async def read_http_response(self) -> tuple[int, Headers]:
                status, headers = await super().read_http_response()
                steps.append(f"read_http_response {status}")
                return status, headers

            @staticmethod
            def process_extensions(
                headers: Headers, available_extensions: Sequence[Any] | None
            ) -> Sequence[Extension]:
                steps.append(f"process_extensions {len(available_extensions or ())}")
                return []

            @staticmethod
            def process_subprotocol(
                headers: Headers, available_subprotocols: Sequence[Subprotocol] | None
            ) -> Subprotocol | None:
                steps.append(f"process_subprotocol {available_subprotocols}")
                return SUPERCHAT

            def connection_open(self) -> None:  # type: ignore[override]
                steps.append("connection_open")
                super().connection_open()

    async with serve(idle, "127.0.0.1", 0) as server:
        assert server.sockets
        port = server.sockets[0].getsockname()[1]
        async with Connect(f"ws://127.0.0.1:{port}/own", create_protocol=Own) as client:
            assert client.subprotocol == SUPERCHAT
            (connection,) = server.connections
            assert connection.request_headers["X-Own"] == "/own"
    assert steps == [
        "handshake",
        "write_http_request",
        "read_http_response 101",
        "process_subprotocol None",
        "process_extensions 1",
        "connection_open",
    ]


async def test_a_response_that_is_none_is_what_it_always_is() -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        writer.close()

    server = await asyncio.start_server(garbage, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(InvalidMessage, match="malformed status line"):
        await Connect(f"ws://127.0.0.1:{port}")
    server.close()
    await server.wait_closed()


async def test_a_connection_of_ws_asyncio_shakes_hands_its_own_way() -> None:
    async with serve(idle, "127.0.0.1", 0) as server:
        assert server.sockets
        port = server.sockets[0].getsockname()[1]
        uri = f"ws://127.0.0.1:{port}"
        create = ws_asyncio.WebSocketClientProtocol
        async with Connect(uri, create_protocol=create, extra_headers={"X-A": "b"}) as client:
            assert type(client) is create
            assert client.request_headers["X-A"] == "b"


async def test_host_and_port_are_those_of_the_uri() -> None:
    client = WebSocketClientProtocol()
    async with connected_pair(create_client=lambda **options: client):
        with pytest.deprecated_call():
            assert (client.host, client.port, client.secure) == ("localhost", 80, False)
    with pytest.deprecated_call():
        client = WebSocketClientProtocol(host="example.com", port=8080, secure=True)
    async with connected_pair(create_client=lambda **options: client):
        with pytest.deprecated_call():
            assert (client.host, client.port, client.secure) == ("example.com", 8080, True)


async def test_a_client_calls_itself_what_a_program_has_assigned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(vars(ws_compat), "USER_AGENT", "program/1.0")
    async with connected_pair(create_client=WebSocketClientProtocol) as (client, _):
        assert client.request_headers["User-Agent"] == "program/1.0"
