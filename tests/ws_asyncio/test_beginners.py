"""Mistakes that beginners make, and the messages on the page that tells what to do about them.

Each heading of docs/howto/errors.md has a case of its name here, and below the heading the
message that the case produces.
"""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import ssl
import sys
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Callable

import pytest

from tests.ws_asyncio.applications import echo
from ws_asyncio import WebSocketServer, connect, serve

CERTIFICATE = Path(__file__).with_name("localhost.pem")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "errors.md"
SECTION = re.compile(r"^### (?P<mistake>.+)\n\n```\n(?P<message>.+)\n```$", re.MULTILINE)

#: A mistake; raises what comes of it, or gives it where it isn't raised.
Mistake = Callable[[], Awaitable[object]]

MISTAKES: dict[str, Mistake] = {}


def mistake(heading: str) -> Callable[[Mistake], Mistake]:
    def add(function: Mistake) -> Mistake:
        MISTAKES[heading] = function
        return function

    return add


def port_of(server: WebSocketServer) -> int:
    assert server.sockets is not None
    port: int = server.sockets[0].getsockname()[1]
    return port


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[int]:
    """The port of a server that sends the answers, a connection each, and hangs up."""
    pending = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(pending.pop(0))
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def echoing(*, tls: bool = False) -> AsyncIterator[int]:
    """The port of a WebSocket server that echoes."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    async with serve(echo, "127.0.0.1", 0, ssl=context) as server:
        yield port_of(server)


@asynccontextmanager
async def connected() -> AsyncIterator[Any]:
    async with echoing() as port, connect(f"ws://127.0.0.1:{port}") as ws:
        yield ws


async def run_elsewhere(awaitable: Any) -> object:
    """What asyncio.run() gives or raises in another thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, asyncio.run, awaitable)


# Connecting


@mistake("The URI begins with http://")
async def http_scheme() -> object:
    return await connect("http://localhost:8765/")


@mistake("The URI is only a host and a port")
async def no_scheme() -> object:
    return await connect("localhost:8765")


@mistake("No server listens there")
async def nobody_listens() -> object:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    return await connect(f"ws://127.0.0.1:{port}")


@mistake("The host does not exist")
async def no_such_host() -> object:
    async def getaddrinfo(*args: object, **kwargs: object) -> object:
        # No question leaves this machine; and what answers it gets differ.
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        return await connect("ws://locahost:8765/")


@mistake("The server is silent")
async def silence() -> object:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        return await connect(f"ws://127.0.0.1:{port}", open_timeout=0.01)


PAGE_OF_HTML = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"


@mistake("A web server listens there, not a WebSocket server")
async def web_page() -> object:
    async with answering(PAGE_OF_HTML) as port:
        return await connect(f"ws://127.0.0.1:{port}/")


@mistake("The path is wrong")
async def wrong_path() -> object:
    async with answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as port:
        return await connect(f"ws://127.0.0.1:{port}/chat")


@mistake("The server redirects to a web page")
async def redirect() -> object:
    moved = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /login\r\n\r\n"
    async with answering(moved, PAGE_OF_HTML) as port:
        return await connect(f"ws://127.0.0.1:{port}/")


@mistake("The server speaks HTTP/2 only")
async def http_2() -> object:
    settings = bytes([0, 0, 6, 4, 0, 0, 0, 0, 0]) + bytes([0, 3, 0, 0, 0, 128])
    async with answering(settings) as port:
        return await connect(f"ws://127.0.0.1:{port}/")


@mistake("The await before connect() is missing")
async def connect_not_awaited() -> object:
    ws: Any = connect("ws://localhost:8765")
    return await ws.send("Hello")


@mistake("The async before with is missing")
async def connect_in_with() -> object:
    connecting: Any = connect("ws://localhost:8765")
    with connecting as ws:
        return await ws.recv()


@mistake("connect() is given to asyncio.run()")
async def connect_in_run() -> object:
    connecting: Any = connect("ws://localhost:8765")
    if sys.version_info >= (3, 14):
        return f"ValueError: a coroutine was expected, got {connecting!r}"
    return await run_elsewhere(connecting)


# TLS


@mistake("The URI is ws:// and the server expects TLS")
async def plain_to_tls() -> object:
    async with echoing(tls=True) as port:
        return await connect(f"ws://localhost:{port}")


@mistake("The URI is wss:// and the server speaks no TLS")
async def tls_to_plain() -> object:
    async with echoing() as port:
        return await connect(f"wss://localhost:{port}")


@mistake("The certificate is self-signed")
async def self_signed() -> object:
    async with echoing(tls=True) as port:
        return await connect(f"wss://localhost:{port}")


@mistake("ssl= is given for a ws:// URI")
async def ssl_for_ws() -> object:
    return await connect("ws://localhost:8765", ssl=ssl.create_default_context())


@mistake("ssl=False is given for a wss:// URI")
async def no_ssl_for_wss() -> object:
    return await connect("wss://localhost:8765", ssl=False)


# Serving


@mistake("The port is in use")
async def port_in_use() -> object:
    async with echoing() as port:
        return await serve(echo, "127.0.0.1", port)


@mistake("The handler is called instead of passed")
async def handler_called() -> object:
    async def handler(ws: Any = None) -> None: ...

    coroutine: Any = handler()
    return await serve(coroutine, "localhost", 8765)


@mistake("The handler takes no argument")
async def handler_of_none() -> object:
    handler: Any = lambda: None
    return await serve(handler, "localhost", 8765)


@mistake("The handler takes three arguments")
async def handler_of_three() -> object:
    handler: Any = lambda ws, path, database: None
    return await serve(handler, "localhost", 8765)


@mistake("The handler is a generator")
async def handler_with_yield() -> object:
    async def handler(ws: Any) -> AsyncIterator[str]:
        yield "Hello"

    generator: Any = handler
    return await serve(generator, "localhost", 8765)


@mistake("The await before serve() is missing")
async def serve_not_awaited() -> object:
    server: Any = serve(echo, "localhost", 8765)
    return server.close()


# Sending and receiving


@mistake("The await before send() is missing")
async def send_not_awaited() -> object:
    async with connected() as ws:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RuntimeWarning)
            ws.send("Hello")
            gc.collect()
    return caught[0].message


@mistake("The async before for is missing")
async def for_without_async() -> object:
    async with connected() as ws:
        return list(ws)  # a for loop does the same


@mistake("A dict is sent")
async def send_dict() -> object:
    async with connected() as ws:
        return await ws.send({"type": "greeting"})


@mistake("None is sent")
async def send_none() -> object:
    async with connected() as ws:
        return await ws.send(None)


@mistake("A list of numbers is sent")
async def send_numbers() -> object:
    async with connected() as ws:
        return await ws.send([1, 2, 3])


@mistake("Two coroutines receive at once")
async def receive_twice() -> object:
    async with connected() as ws:
        first = asyncio.ensure_future(ws.recv())
        await asyncio.sleep(0)
        try:
            return await ws.recv()
        finally:
            await ws.send("Hello")
            assert await first == "Hello"


@mistake("The connection is closed already")
async def send_after_close() -> object:
    async with connected() as ws:
        await ws.close()
        return await ws.send("Hello")


@mistake("The connection belongs to another event loop")
async def other_loop() -> object:
    async with connected() as ws:
        return await run_elsewhere(ws.recv())


# What the log of a server says


async def log_of_tls_to_plain(caplog: pytest.LogCaptureFixture) -> str:
    with caplog.at_level("INFO", "websockets.server"):
        async with echoing() as port:
            with pytest.raises(ssl.SSLError):
                await connect(f"wss://localhost:{port}")
    (record,) = [each for each in caplog.records if each.name == "websockets.server"]
    return record.getMessage()


async def log_of_plain_function(caplog: pytest.LogCaptureFixture) -> str:
    handler: Any = lambda ws: None
    async with serve(handler, "127.0.0.1", 0) as server:
        async with connect(f"ws://127.0.0.1:{port_of(server)}") as ws:
            await ws.wait_closed()
        assert ws.close_code == 1011
    return caplog.text.strip().splitlines()[-1]


LOGGED = {
    "The log of a server says that TLS arrives": log_of_tls_to_plain,
    "The handler is no coroutine function": log_of_plain_function,
}


# The page

# What differs between systems, and between versions of Python and OpenSSL.
ALIKE = [
    (re.compile(r"(?<=\('127\.0\.0\.1', )\d+"), "8765"),
    (re.compile(r"(?i)\[errno \d+\] (?=address already)"), ""),
    (re.compile(r"\[Errno \d+\]"), "[Errno N]"),
    (re.compile(r" \(_ssl\.c:\d+\)"), ""),
    (re.compile("self signed"), "self-signed"),
    (re.compile(r"RECORD_LAYER_FAILURE\] record layer failure"), "WRONG_VERSION_NUMBER] wrong version number"),
    (re.compile(r"^asyncio\.exceptions\.TimeoutError"), "TimeoutError"),
    (re.compile(r"Task <.*> got Future <.*> attached"), "Task ... got Future ... attached"),
]  # fmt: skip


def alike(text: str) -> str:
    for pattern, replacement in ALIKE:
        text = pattern.sub(replacement, text)
    return text


def shown(outcome: object) -> str:
    """The last line of a traceback, or what a warning says."""
    if not isinstance(outcome, BaseException):
        return str(outcome)
    return traceback.format_exception_only(type(outcome), outcome)[-1].strip()


def on_page() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    return {match["mistake"]: match["message"] for match in SECTION.finditer(text)}


def test_each_mistake_on_the_page_is_made_here() -> None:
    headings = re.findall("^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted([*MISTAKES, *LOGGED])
    assert sorted(on_page()) == sorted(headings)


@pytest.mark.parametrize("heading", MISTAKES)
async def test_a_mistake_is_told_as_on_the_page(heading: str) -> None:
    outcome = (await asyncio.gather(MISTAKES[heading](), return_exceptions=True))[0]
    assert alike(shown(outcome)) == alike(on_page()[heading])


@pytest.mark.parametrize("heading", LOGGED)
async def test_a_mistake_is_logged_as_on_the_page(
    heading: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert alike(await LOGGED[heading](caplog)) == alike(on_page()[heading])
