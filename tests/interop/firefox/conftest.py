"""Firefox, driven, and a server of ours for its pages."""

from __future__ import annotations

import asyncio
import http
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

import websockets

if TYPE_CHECKING:
    from tests.interop.conftest import Kit, Program, Start

PROGRAM = Path("/usr/bin/firefox-esr")
MAX_SIZE = 2**21
PAGE = Path(__file__).with_name("page.html").read_bytes()


class Driver:
    """Drives a tab by WebDriver BiDi (W3C): commands, and their results."""

    def __init__(self, ws: websockets.WebSocketClientProtocol) -> None:
        self.ws = ws
        self.version = ""
        self._tab = ""
        self._ids = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}

    async def receive(self) -> None:
        async for text in self.ws:
            message = json.loads(text)
            if "id" in message:
                self._calls.pop(message["id"]).set_result(message)

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        self._calls[number] = asyncio.get_running_loop().create_future()
        await self.ws.send(json.dumps({"id": number, "method": method, "params": params}))
        answer = await self._calls[number]
        assert answer["type"] == "success", answer
        return answer["result"]

    async def begin(self) -> None:
        capabilities = {"alwaysMatch": {"acceptInsecureCerts": True}}
        session = await self.call("session.new", capabilities=capabilities)
        self.version = session["capabilities"]["browserVersion"]
        self._tab = (await self.call("browsingContext.create", type="tab"))["context"]

    async def open(self, url: str) -> None:
        """Go to a URL, and wait until the page has loaded."""
        await self.call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """Give the value of an expression in JavaScript; of a promise, once it is there."""
        target = {"context": self._tab}
        answer = await self.call(
            "script.evaluate", expression=expression, target=target, awaitPromise=True
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    async def talk(
        self, url: str, messages: list[dict[str, str]], code: int = 0, reason: str = ""
    ) -> Any:
        """Let the page at a URL talk with its server; gives what it saw."""
        await self.open(url)
        arguments = ", ".join(json.dumps(each) for each in (messages, code, reason))
        return json.loads(await self.evaluate(f"talk({arguments})"))

    async def end(self) -> None:
        await self.call("browsingContext.close", context=self._tab)
        await self.call("session.end")


def launch(start: Start, profile: Path) -> Program:
    """Start Firefox without a window."""
    command = [PROGRAM, "--headless", "--no-remote", "--remote-debugging-port=0"]
    program: Program = start(*command, "--profile", profile, HOME=str(profile))
    return program


def bidi_of(program: Program) -> str:
    """Wait until it can be driven; gives the URI for that."""
    return program.expect("WebDriver BiDi listening on") + "/session"


@pytest.fixture(scope="session")
def bidi(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI to drive a browser by that is there for all tests."""
    kit.apt("firefox-esr", PROGRAM)
    program = launch(kit.start, tmp_path_factory.mktemp("firefox"))
    try:
        yield bidi_of(program)
    finally:
        program.end()


@pytest.fixture
def another(kit: Kit, start: Start, tmp_path: Path) -> tuple[Program, str]:
    """A browser for one test, which may end it; and the URI to drive it by."""
    kit.apt("firefox-esr", PROGRAM)
    program = launch(start, tmp_path)
    return program, bidi_of(program)


@pytest.fixture
async def driver(
    bidi: str, record_property: Callable[[str, object], None]
) -> AsyncIterator[Driver]:
    """Drives a new tab."""
    async with websockets.connect(bidi, max_size=None) as ws:
        driver = Driver(ws)
        receiving = asyncio.create_task(driver.receive())
        await driver.begin()
        record_property("version", driver.version)
        yield driver
        await driver.end()
        await receiving


# Its pages, and our server.


class Server:
    """An echo server of ours, which has the page too, and notes what it sees."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[websockets.Headers] = []
        self.extensions: list[str] = []
        self.seen: list[str | bytes] = []
        #: Code and reason of connections that ended.
        self.ends: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()

    async def page(self, path: str, headers: websockets.Headers) -> Any:
        if "Upgrade" in headers:
            self.requests.append(headers)
            return None
        return http.HTTPStatus.OK, [("Content-Type", "text/html; charset=utf-8")], PAGE

    async def echo(self, ws: websockets.WebSocketServerProtocol) -> None:
        self.extensions.append(ws.response_headers.get("Sec-WebSocket-Extensions", ""))
        try:
            async for message in ws:
                self.seen.append(message)
                await self.answer(ws, message)
        except websockets.ConnectionClosed:
            pass
        await ws.wait_closed()
        self.ends.put_nowait((ws.close_code, ws.close_reason))

    async def answer(self, ws: websockets.WebSocketServerProtocol, message: str | bytes) -> None:
        if message == "close me":
            await ws.close(4001, "as you wish: ¥")
        elif message == "drop me":
            ws.transport.abort()
        elif message == "ping me":
            await (await ws.ping("are you there"))
            await ws.send(["pong", " ", "seen"])
        else:
            await ws.send(message)


#: Start a server, with TLS or without, and with arguments of ``serve()``.
Serve = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture
def serve(certificate: Path) -> Serve:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    @asynccontextmanager
    async def serve(transport: str = "plain", **options: Any) -> AsyncIterator[Server]:
        server = Server()
        scheme, context = {"plain": ("http", None), "tls": ("https", tls)}[transport]
        options = {"subprotocols": ["chat"], "max_size": MAX_SIZE, "ssl": context, **options}
        async with websockets.serve(
            server.echo, "127.0.0.1", 0, process_request=server.page, **options
        ) as listener:
            assert listener.sockets is not None
            server.url = f"{scheme}://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
            yield server

    return serve
