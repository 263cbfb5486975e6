"""The chat of ``docs/examples/redis``: several servers, and a real Redis between them."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Callable

import pytest

import ws_asyncio
from interop.install import Missing, apt
from ws_frames import ConnectionClosedError
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.conftest import TakePort
    from tests.examples.conftest import Example, RunExample

PATIENCE = 20

pytest.importorskip("redis", reason="there is no client of Redis: pip install redis")


class Redis:
    """A Redis of our own, on a Unix socket, which keeps nothing."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder, "redis.sock")
        self.url = f"unix://{self.path}"
        self.process: Process | None = None

    async def start(self) -> None:
        command = f"redis-server --port 0 --unixsocket {self.path} --dir {self.path.parent}"
        self.process = await asyncio.create_subprocess_exec(
            *command.split(), "--save", "", stdin=DEVNULL, stdout=PIPE
        )
        assert self.process.stdout is not None
        while b"eady to accept connections" not in (line := await self.line()):
            assert line, "Redis has ended"

    async def line(self) -> bytes:
        assert self.process is not None
        assert self.process.stdout is not None
        return await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.communicate()


@pytest.fixture
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    try:
        install = request.config.getoption("--install-peers")
        apt("redis-server", "redis-server", install=install)
    except Missing as exc:
        pytest.skip(str(exc))
    # The path of a Unix socket is short: pytest's own folders may be too deep.
    with TemporaryDirectory() as folder:
        redis = Redis(folder)
        await redis.start()
        yield redis
        await redis.end()


RunServer = Callable[[], Awaitable["Example"]]


@pytest.fixture
def run_server(run_example: RunExample, take_port: TakePort, redis: Redis) -> RunServer:
    async def run() -> Example:
        port = take_port()
        return await run_example("redis/server.py", port, redis.url, port=port, ready="is open")

    return run


def enter(server: Example, room: str, name: str) -> ws_asyncio.Connect:
    return ws_asyncio.connect(f"ws://localhost:{server.port}/{room}?name={name}")


async def reads(ws: ws_asyncio.WebSocketClientProtocol, *lines: str) -> None:
    for line in lines:
        assert await ws.recv() == line


async def test_members_at_two_servers_talk(run_server: RunServer) -> None:
    first, second = await run_server(), await run_server()
    async with enter(first, "tea", "Ada") as ada:
        await reads(ada, "* Ada came into tea")
        async with enter(second, "tea", "Grace") as grace, enter(second, "x", "Linus") as linus:
            await reads(linus, "* Linus came into x")
            for ws in (ada, grace):
                await reads(ws, "* Grace came into tea")
            await grace.send("hello \x1b[2J")
            for ws in (ada, grace):
                await reads(ws, "Grace: hello  [2J")
            await ada.send("hello yourself")
            for ws in (ada, grace):
                await reads(ws, "Ada: hello yourself")
            await linus.send("nobody here")
            await reads(linus, "Linus: nobody here")
        await reads(ada, "* Grace left")
    await first.stop()
    await second.stop()


async def test_without_redis_members_are_sent_away_until_it_is_back(
    run_server: RunServer, redis: Redis
) -> None:
    server = await run_server()
    async with enter(server, "tea", "Ada") as ada:
        await reads(ada, "* Ada came into tea")
        await redis.end()
        await ada.wait_closed()
        assert (ada.close_code, ada.close_reason) == (1013, "no Redis, try again later")
    async with enter(server, "tea", "Ada") as ada:
        await ada.wait_closed()
        assert ada.close_code == 1013
    await redis.start()
    # The server comes back to Redis by itself.
    async for ws in ws_asyncio.connect(f"ws://localhost:{server.port}/tea?name=Ada"):
        try:
            assert await ws.recv() == "* Ada came into tea"
            break
        except ConnectionClosedError as exc:
            if exc.code != 1013:
                raise
    await ws.close()
    await server.stop()


async def test_the_page_is_that_of_the_chat(run_server: RunServer) -> None:
    server = await run_server()
    head, body = await server.get("/")
    assert head.startswith("HTTP/1.1 200 ")
    assert "<title>Chat</title>" in body
    await server.stop()


async def test_only_pages_of_its_own_may_connect(run_server: RunServer) -> None:
    server = await run_server()
    uri = f"ws://localhost:{server.port}/"
    for host in ("localhost", "127.0.0.1", "[::1]"):
        async with ws_asyncio.connect(uri, origin=Origin(f"http://{host}:{server.port}")):
            pass
    for origin in ("http://evil.example", f"http://evil.example:{server.port}", "null"):
        with pytest.raises(InvalidStatusCode) as info:
            await ws_asyncio.connect(uri, origin=Origin(origin))
        assert info.value.status_code == 403
    await server.stop()
