"""The steps of a server's handshake, as frameworks and older subclasses override them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_asyncio.servers import uri_of
from tests.ws_compat.pairs import old_pair
from ws_asyncio import connect
from ws_asyncio.testing import connected_pair, memory_transports
from ws_compat import WebSocketClientProtocol, WebSocketServer, WebSocketServerProtocol, serve
from ws_deflate import ServerPerMessageDeflateFactory
from ws_frames import Extension, Role
from ws_http import (
    AbortHandshake,
    Headers,
    HeadersLike,
    InvalidOrigin,
    InvalidStatusCode,
    Origin,
    Subprotocol,
    check_request,
    parse_uri,
)

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

CHAT, SUPERCHAT = Subprotocol("chat"), Subprotocol("superchat")


async def idle(connection: Any, path: str) -> None:
    await connection.wait_closed()


# Arguments


def test_an_empty_origin_is_none(deprecated: Deprecated) -> None:
    with deprecated('"" in origins is deprecated; use None', at="origins="):
        connection = WebSocketServerProtocol(idle, WebSocketServer(), origins=[""])
    assert connection.origins == [None]


async def test_a_function_as_process_request_works_and_is_deprecated(
    deprecated: Deprecated,
) -> None:
    def process_request(path: str, headers: Headers) -> Any:
        return None if path == "/" else (404, [], b"")

    def create(*args: Any, **kwargs: Any) -> WebSocketServerProtocol:
        text = "process_request as a function is deprecated; define it with async def"
        with deprecated(text, at="process_request="):
            return WebSocketServerProtocol(*args, process_request=process_request, **kwargs)

    async with connected_pair(create_server=create):
        pass
    with pytest.raises(InvalidStatusCode, match="404"):
        async with connected_pair(create_server=create, path="/elsewhere"):
            pass


async def test_a_function_as_the_method_works_and_is_deprecated(deprecated: Deprecated) -> None:
    text = "process_request() as a function is deprecated; define it with async def"
    with deprecated(text, at="class Own"):

        class Own(WebSocketServerProtocol):
            def process_request(self, path: str, request_headers: Headers) -> Any:
                if path == "/":
                    return super().process_request(path, request_headers)
                return 404, [], b""

    async with connected_pair(create_server=Own):
        pass
    with pytest.raises(InvalidStatusCode, match="404"):
        async with connected_pair(create_server=Own, path="/elsewhere"):
            pass


async def test_a_coroutine_is_not(deprecated: Deprecated) -> None:
    async def process_request(path: str, headers: Headers) -> Any:
        return 404, [], b""

    def create(*args: Any, **kwargs: Any) -> WebSocketServerProtocol:
        with deprecated():
            return WebSocketServerProtocol(*args, process_request=process_request, **kwargs)

    with pytest.raises(InvalidStatusCode, match="404"):
        async with connected_pair(create_server=create):
            pass


# Steps


async def test_the_steps_do_what_the_handshake_does() -> None:
    connection = WebSocketServerProtocol(idle, WebSocketServer())
    headers = Headers(
        {
            "Origin": "http://localhost",
            "Sec-WebSocket-Protocol": "superchat, chat",
            "Sec-WebSocket-Extensions": "permessage-deflate",
        }
    )
    assert connection.process_origin(headers) == "http://localhost"
    with pytest.raises(InvalidOrigin):
        connection.process_origin(headers, [Origin("http://example.com")])
    assert connection.process_subprotocol(headers, [CHAT]) == CHAT
    assert connection.process_subprotocol(headers, None) is None
    factories = [ServerPerMessageDeflateFactory()]
    header, extensions = connection.process_extensions(headers, factories)
    assert header == "permessage-deflate"
    assert [extension.name for extension in extensions] == ["permessage-deflate"]
    assert connection.process_extensions(headers, None) == (None, [])


async def test_the_steps_are_taken_with_what_serve_was_given() -> None:
    origin = Origin("http://localhost")
    options = {"origins": [origin], "subprotocols": [CHAT]}
    async with connected_pair(
        create_server=WebSocketServerProtocol,
        client_options={"origin": origin, "subprotocols": [SUPERCHAT, CHAT]},
        server_options={**options, "extra_headers": lambda path, headers: {"X-Path": path}},
        path="/a?b",
    ) as (client, server):
        assert isinstance(server, WebSocketServerProtocol)
        assert server.origin == origin
        assert server.subprotocol == client.subprotocol == CHAT
        assert client.response_headers["X-Path"] == "/a?b"
        assert server.path == "/a?b"


async def test_a_subclass_may_override_each_step(deprecated: Deprecated) -> None:
    texts = [
        "overriding handshake() of a server is deprecated; override process_request()",
        "overriding process_extensions() of a server is deprecated; pass extensions to serve()",
        "overriding process_origin() of a server is deprecated; pass origins to serve()",
        "overriding process_subprotocol() of a server is deprecated; override select_subprotocol()",
        "overriding read_http_request() of a server is deprecated; override process_request()",
        "overriding write_http_response() of a server is deprecated; pass extra_headers to serve()",
    ]
    steps: list[str] = []
    with deprecated(*texts, at="class Own"):

        class Own(WebSocketServerProtocol):
            async def handler(self) -> None:
                steps.append("handler")
                await super().handler()
                steps.append("end")

            async def handshake(self, *args: Any, **kwargs: Any) -> str:
                steps.append(f"handshake {sorted(kwargs)}")
                return await super().handshake(*args, **kwargs)

            async def read_http_request(self) -> tuple[str, Headers]:
                path, headers = await super().read_http_request()
                steps.append(f"read_http_request {path}")
                headers["X-Own"] = "1"
                return "/elsewhere", headers

            async def process_request(self, path: str, request_headers: Headers) -> Any:
                steps.append(f"process_request {path} {request_headers['X-Own']}")

            @staticmethod
            def process_origin(headers: Headers, origins: Any = None) -> Origin | None:
                steps.append(f"process_origin {origins}")
                return Origin("own")

            @staticmethod
            def process_extensions(
                headers: Headers, available_extensions: Sequence[Any] | None
            ) -> tuple[str | None, Sequence[Extension]]:
                steps.append(f"process_extensions {len(available_extensions or ())}")
                return None, []

            def process_subprotocol(
                self, headers: Headers, available_subprotocols: Sequence[Subprotocol] | None
            ) -> Subprotocol | None:
                steps.append(f"process_subprotocol {available_subprotocols}")
                return SUPERCHAT

            def write_http_response(
                self, status: HTTPStatus, headers: HeadersLike, body: bytes | None = None
            ) -> None:
                steps.append(f"write_http_response {status:d} {body!r}")
                super().write_http_response(status, {**Headers(headers), "X-Own": "2"}, body)

            def connection_open(self) -> None:  # type: ignore[override]
                steps.append("connection_open")
                super().connection_open()

    async with connected_pair(
        create_server=Own,
        client_options={"subprotocols": [CHAT, SUPERCHAT]},
        server_options={
            "subprotocols": [CHAT],
            "origins": ["http://localhost"],
            "extensions": [ServerPerMessageDeflateFactory()],
        },
    ) as (client, server):
        assert isinstance(server, Own)
        assert client.subprotocol == SUPERCHAT
        assert client.response_headers["X-Own"] == "2"
        assert (server.path, server.origin) == ("/elsewhere", "own")
        assert server.request_headers["X-Own"] == "1"
    assert steps == [
        "handler",
        "handshake ['available_extensions', 'available_subprotocols', 'extra_headers', 'origins']",
        "read_http_request /",
        "process_request /elsewhere 1",
        "process_origin ['http://localhost']",
        "process_extensions 1",
        "process_subprotocol ['chat']",
        "write_http_response 101 None",
        "connection_open",
        "end",
    ]


async def test_a_refusal_goes_through_the_same_step() -> None:
    written: list[Any] = []

    class Refusing(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Headers) -> Any:
            return HTTPStatus.IM_A_TEAPOT, {"X-A": "b"}, b"short and stout"

    with pytest.deprecated_call():

        class Own(Refusing):
            def write_http_response(
                self, status: HTTPStatus, headers: HeadersLike, body: bytes | None = None
            ) -> None:
                written.append((status, Headers(headers)["X-A"], body))
                super().write_http_response(status, headers, body)

    for create in (Refusing, Own):
        with pytest.raises(InvalidStatusCode) as info:
            async with connected_pair(create_server=create):
                pass
        assert info.value.status_code == 418
        assert info.value.body == b"short and stout"
    assert written == [(418, "b", b"short and stout")]


async def test_a_step_may_refuse() -> None:
    with pytest.deprecated_call():

        class Own(WebSocketServerProtocol):
            async def handshake(self, *args: Any, **kwargs: Any) -> str:
                await self.read_http_request()
                raise AbortHandshake(HTTPStatus.PAYMENT_REQUIRED, [])

    with pytest.raises(InvalidStatusCode, match="402"):
        async with connected_pair(create_server=Own):
            pass


# Frameworks


class Framework:
    """A server that has nothing to do with ours."""

    def __init__(self) -> None:
        self.serving = True
        self.connections: list[WebSocketServerProtocol] = []
        self.steps: list[str] = []

    def register(self, connection: WebSocketServerProtocol) -> None:
        self.steps.append("register")
        self.connections.append(connection)

    def unregister(self, connection: WebSocketServerProtocol) -> None:
        self.steps.append("unregister")

    def is_serving(self) -> bool:
        return self.serving


class HTTP(asyncio.Protocol):
    """Its HTTP side: reads requests, and hands over its transport to upgrade one."""

    def __init__(self, framework: Framework, **options: Any) -> None:
        self.framework = framework
        self.options = options

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        connection = WebSocketServerProtocol(
            ws_handler=self.handle, ws_server=self.framework, **self.options
        )
        connection.connection_made(self.transport)
        connection.data_received(data)
        self.transport.set_protocol(connection)

    async def handle(self, connection: WebSocketServerProtocol, path: str) -> None:
        async for message in connection:
            await connection.send(f"{path} {message!r}")


async def dial(http: HTTP) -> WebSocketClientProtocol:
    client = WebSocketClientProtocol()
    client_end, server_end = memory_transports()
    server_end.attach(http, client_end)
    client_end.attach(client, server_end)
    await client.handshake(parse_uri("ws://localhost/path"))
    return client


async def test_a_framework_hands_over_a_transport() -> None:
    framework = Framework()
    client = await dial(HTTP(framework))
    await client.send("Hello")
    assert await client.recv() == "/path 'Hello'"
    await client.close()
    await asyncio.wait([framework.connections[0].handler_task])
    assert framework.steps == ["register", "unregister"]


async def test_a_framework_that_stops_serving_refuses_with_503() -> None:
    framework = Framework()
    framework.serving = False
    with pytest.raises(InvalidStatusCode, match="503"):
        await dial(HTTP(framework))


async def test_a_framework_need_not_say_whether_it_serves() -> None:
    class Silent(Framework):
        is_serving = None  # type: ignore[assignment]

    framework = Silent()
    client = await dial(HTTP(framework))
    await client.close()
    await asyncio.wait([framework.connections[0].handler_task])


async def test_a_framework_decides_while_the_request_waits() -> None:
    """In the manner of an ASGI server, whose application accepts, and sets headers."""

    class ASGI(WebSocketServerProtocol):
        extra_headers: list[tuple[str, str]]

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.transport = None  # type: ignore[assignment]
            self.logger = None
            self.started = asyncio.Event()
            super().__init__(*args, extra_headers=[], **kwargs)

        async def process_request(self, path: str, request_headers: Headers) -> Any:
            check_request(request_headers)
            asyncio.get_running_loop().call_soon(self.accept)
            await self.started.wait()

        def accept(self) -> None:
            self.extra_headers.append(("X-Accepted", "yes"))
            self.started.set()

    async with connected_pair(create_server=ASGI) as (client, server):
        assert client.response_headers["X-Accepted"] == "yes"
        assert server.logger is None


async def test_closing_the_server_interrupts_process_request() -> None:
    asked = asyncio.Event()

    async def process_request(path: str, request_headers: Headers) -> None:
        asked.set()
        await asyncio.Event().wait()

    server = await serve(idle, "127.0.0.1", 0, process_request=process_request)
    assert server.sockets
    port = server.sockets[0].getsockname()[1]
    connecting = asyncio.ensure_future(connect(f"ws://127.0.0.1:{port}"))
    await asked.wait()
    server.close()
    with pytest.raises(InvalidStatusCode, match="503"):
        await connecting
    await server.wait_closed()


async def test_a_connection_that_has_ended_is_freed_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        options: Any = {
            "create_client": WebSocketClientProtocol,
            "create_server": WebSocketServerProtocol,
        }
        async with connected_pair(**options) as (client, server):
            ended: list[Any] = [weakref.ref(client), weakref.ref(server)]
        del client, server
        await asyncio.sleep(0)
        assert [reference() for reference in ended] == [None, None]
    finally:
        gc.enable()


# Names that came later


async def test_names_that_came_later_belong_to_the_program_if_it_wants_them() -> None:
    class Own(WebSocketServerProtocol):
        role = "admin"  # type: ignore[assignment]
        accepted_at = open_timeout = "yesterday"

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.accepted_at = self.open_timeout = "today"

        def shut_down(self) -> None:  # type: ignore[override]
            raise AssertionError

    serving = serve(idle, "127.0.0.1", 0, create_protocol=Own)
    async with serving as server, connect(uri_of(server)) as client:
        (connection,) = server.connections
        assert isinstance(connection, Own)
        assert connection.role == "admin"
        assert connection.accepted_at == connection.open_timeout == "today"
        server.close()
        await client.wait_closed()
        assert client.close_code == 1001


async def test_those_of_the_library_can_be_looked_at() -> None:
    async with old_pair() as (client, server):
        assert (client.role, server.role) == (Role.CLIENT, Role.SERVER)
        assert (server.accepted_at, server.open_timeout) == (None, 10)
