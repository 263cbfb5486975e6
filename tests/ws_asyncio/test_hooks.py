"""The steps of opening a connection that a subclass may change."""

from __future__ import annotations

from typing import Any

import pytest

from ws_asyncio import (
    Connect,
    Serve,
    WebSocketClientProtocol,
    WebSocketServer,
    WebSocketServerProtocol,
    serve,
)
from ws_asyncio.testing import connected_pair
from ws_http import (
    ClientHandshake,
    Headers,
    HeadersLike,
    InvalidStatusCode,
    Opening,
    Origin,
    Response,
    ServerHandshake,
    WebSocketURI,
)


class AnyOrigin(ServerHandshake):
    def check_origin(self, headers: Headers) -> Origin | None:
        return Origin("checked")


class AnyResponse(ClientHandshake):
    def check_status(self, response: Response) -> None:
        response.headers["X-Step"] = "check"


class Server(WebSocketServerProtocol):
    steps: list[str]
    origin: Origin | None
    _handshake_class = AnyOrigin

    def _make_handshake(self) -> ServerHandshake:
        self.steps = ["make"]
        return super()._make_handshake()

    async def _ask(self, path: str, request_headers: Headers) -> Any:
        self.steps.append("ask")
        return await super()._ask(path, request_headers)

    def _accept(self, extra_headers: HeadersLike | None) -> None:
        self.steps.append("accept")
        super()._accept([("X-Step", "accept")])
        self.origin = self._handshake.origin

    def _write_response(self, data: bytes) -> None:
        self.steps.append("write")
        super()._write_response(data)

    def _handshake_done(self, opening: Opening) -> None:
        self.steps.append("done")
        super()._handshake_done(opening)


class Client(WebSocketClientProtocol):
    steps: list[str]
    _handshake_class = AnyResponse

    def _make_handshake(self, uri: WebSocketURI) -> ClientHandshake:
        self.steps = ["make"]
        return super()._make_handshake(uri)

    def _write_request(self, data: bytes) -> None:
        self.steps.append("write")
        super()._write_request(data)

    async def _read_response(self) -> None:
        await super()._read_response()
        self.steps.append("read")

    def _handshake_done(self, opening: Opening) -> None:
        self.steps.append("done")
        super()._handshake_done(opening)


async def test_a_server_goes_through_each_step() -> None:
    async with connected_pair(create_server=Server, create_client=Client) as (client, server):
        assert isinstance(server, Server)
        assert server.steps == ["make", "ask", "accept", "write", "done"]
        assert server.origin == "checked"
        assert client.response_headers.get_all("X-Step")[0] == "accept"


async def test_a_client_goes_through_each_step() -> None:
    async with connected_pair(create_server=Server, create_client=Client) as (client, _):
        assert isinstance(client, Client)
        assert client.steps == ["make", "write", "read", "done"]
        assert client.response_headers.get_all("X-Step")[-1] == "check"


async def test_a_refusal_is_written_in_the_same_step() -> None:
    class Refusing(Server):
        async def process_request(self, path: str, request_headers: Headers) -> Any:
            return 404, [], b""

    made: list[Refusing] = []

    def create(*args: Any, **kwargs: Any) -> Refusing:
        made.append(Refusing(*args, **kwargs))
        return made[-1]

    async with serve(lambda ws: ws.wait_closed(), "127.0.0.1", 0, create_protocol=create) as server:
        assert server.sockets
        _, port = server.sockets[0].getsockname()
        with pytest.raises(InvalidStatusCode):
            await Connect(f"ws://127.0.0.1:{port}")
    assert made[0].steps == ["make", "ask", "write"]


async def test_who_opens_the_tcp_connection_may_say_how_to_shake_hands() -> None:
    class Elsewhere(Connect):
        async def _shake_hands(self, protocol: WebSocketClientProtocol, uri: WebSocketURI) -> None:
            await protocol.handshake(uri._replace(resource_name="/elsewhere"))

    async with serve(lambda ws: ws.wait_closed(), "127.0.0.1", 0) as server:
        assert server.sockets
        _, port = server.sockets[0].getsockname()
        async with Elsewhere(f"ws://127.0.0.1:{port}") as client:
            assert client.path == "/elsewhere"


async def test_a_server_may_be_of_another_class() -> None:
    class Other(WebSocketServer):
        pass

    class ServeOther(Serve):
        def _make_server(self) -> WebSocketServer:
            return Other()

    async with ServeOther(lambda ws: ws.wait_closed(), "127.0.0.1", 0) as server:
        assert type(server) is Other
