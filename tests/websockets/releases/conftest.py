"""What the tests of the releases share: servers and clients on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Callable

import pytest

import websockets
from ws_http import build_response

#: Serve a handler with the arguments of serve(); gives the URI. Without a handler, echo.
Running = Callable[..., AbstractAsyncContextManager[str]]

#: Serve bytes: what a server of another kind answers to any request. Gives the URI.
Answering = Callable[[bytes], AbstractAsyncContextManager[str]]

#: Send bytes, and read the answer to its end.
Ask = Callable[[str, bytes], Awaitable[bytes]]


async def echo(ws: Any, path: str) -> None:
    async for message in ws:
        await ws.send(message)


@pytest.fixture
def running() -> Running:
    @asynccontextmanager
    async def running(handler: Any = echo, **options: Any) -> AsyncIterator[str]:
        server = await websockets.serve(handler, "127.0.0.1", 0, **options)
        assert server.sockets
        try:
            yield "ws://{}:{}/".format(*server.sockets[0].getsockname())
        finally:
            server.close()
            # A test that fails may leave a handler waiting.
            await asyncio.wait_for(server.wait_closed(), 20)

    return running


@pytest.fixture
def answering() -> Answering:
    @asynccontextmanager
    async def answering(answer: bytes) -> AsyncIterator[str]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        try:
            yield "ws://{}:{}/".format(*server.sockets[0].getsockname())
        finally:
            server.close()
            await server.wait_closed()

    return answering


@pytest.fixture
async def deaf() -> AsyncIterator[str]:
    """A server that opens connections and then neither reads nor says anything; its URI."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        request = dict(line.split(": ", 1) for line in lines)
        headers = websockets.Headers()
        build_response(headers, request["Sec-WebSocket-Key"])
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n" + headers.serialize())
        await reader.read()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield "ws://{}:{}/".format(*server.sockets[0].getsockname())
    server.close()
    await server.wait_closed()


@pytest.fixture
def ask() -> Ask:
    async def ask(uri: str, request: bytes) -> bytes:
        host, _, port = uri.partition("://")[2].strip("/").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer

    return ask
