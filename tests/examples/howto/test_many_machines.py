"""The guide to many machines: several servers, with a Redis and a NATS of the test's own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from interop.install import Missing, apt
from ws_asyncio import connect
from ws_frames import ConnectionClosedError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide, Program

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(sys.platform != "linux", reason="Redis and NATS come from Debian"),
]


class Servers:
    """Servers of one program, on all of the ports."""

    def __init__(self, guide: Guide, ports: list[int], environment: dict[str, str]) -> None:
        self._guide = guide
        self._environment = environment
        self.ports = ports
        self.programs: list[Program] = []

    async def start(self, file: str) -> None:
        for port in self.ports:
            program = await self._guide.start(file, str(port), environment=self._environment)
            await program.listens(port)
            self.programs.append(program)

    def connect(self, number: int, path: str = "/") -> connect:
        return connect(f"ws://127.0.0.1:{self.ports[number]}{path}")


class Redis(NamedTuple):
    """A Redis that runs."""

    program: Program
    command: list[str]
    url: str


def install(request: pytest.FixtureRequest, package: str, program: str) -> None:
    """See to it that a package of Debian is there; skip the test, with the reason, where it isn't."""
    try:
        apt(package, program, install=request.config.getoption("--install-peers"))
    except Missing as exc:
        pytest.skip(str(exc))


@pytest.fixture
async def redis(guide: Guide, request: pytest.FixtureRequest, tmp_path: Path) -> Redis:
    """A Redis that keeps nothing, at a Unix socket."""
    install(request, "redis-server", "redis-server")
    path = tmp_path / "r"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--dir", str(tmp_path)]
    command += ["--save", "", "--appendonly", "no"]
    program = await guide.launch(*command)
    await program.expect("eady to accept connections")
    return Redis(program, command, f"unix://{path}")


@pytest.fixture
async def nats(guide: Guide, request: pytest.FixtureRequest) -> str:
    """A NATS on a port that was free; gives its URL."""
    install(request, "nats-server", "/usr/sbin/nats-server")
    program = await guide.launch("/usr/sbin/nats-server", "--addr", "127.0.0.1", "--port", "-1")
    line = await program.expect("Listening for client connections on")
    await program.expect("Server is ready")
    return f"nats://{line.split()[-1]}"


@pytest.fixture
async def servers(guide: Guide, free_ports: list[int], redis: Redis) -> AsyncIterator[Servers]:
    """Servers that have this Redis in common."""
    pytest.importorskip("redis", reason="there is no client of Redis: pip install redis")
    servers = Servers(guide, free_ports, {"REDIS_URL": redis.url})
    yield servers
    for program in servers.programs:
        await program.end(signal.SIGTERM)


async def test_what_is_said_at_one_server_is_heard_at_all(servers: Servers) -> None:
    await servers.start("pubsub.py")
    await hear_each_other(servers)


async def hear_each_other(servers: Servers) -> None:
    one = servers.connect(0, "/red")
    other = servers.connect(1, "/red")
    elsewhere = servers.connect(1, "/a%20b.*")
    async with one as ada, other as grace, elsewhere as eve:
        for ws in (ada, grace, eve):
            await (await ws.ping())
        await ada.send("Hello")
        assert [await ws.recv() for ws in (ada, grace)] == ["Hello", "Hello"]
        await grace.send("Hi ¥")
        assert [await ws.recv() for ws in (ada, grace)] == ["Hi ¥", "Hi ¥"]
        await eve.send("alone")
        assert await eve.recv() == "alone"


async def test_without_redis_a_client_is_asked_to_try_again(
    guide: Guide, servers: Servers, redis: Redis
) -> None:
    guide.change("pubsub.py", "sleep(1)", "sleep(0.01)")
    await servers.start("pubsub.py")
    async with servers.connect(0) as ws:
        assert await redis.program.end() == 0
        await servers.programs[0].expect("no Redis: ")
        await ws.send("Hello?")
        assert await closed_with(ws) == (1013, "try again later")
    again = await guide.launch(*redis.command)
    await again.expect("eady to accept connections")
    # Subscribed again: what is said at one is heard at the other, after as many tries as it takes.
    async with servers.connect(0) as ada, servers.connect(1) as grace:
        await hear_at_last(ada, grace)


async def closed_with(ws: Any) -> tuple[int, str]:
    with pytest.raises(ConnectionClosedError) as info:
        await ws.recv()
    return info.value.code, info.value.reason


async def hear_at_last(ada: Any, grace: Any) -> None:
    for number in range(1000):
        await ada.send(str(number))
        try:
            await asyncio.wait_for(grace.recv(), 0.1)
        except asyncio.TimeoutError:
            continue
        return
    pytest.fail("nothing was heard")


async def test_who_comes_back_gets_what_was_said_meanwhile(servers: Servers) -> None:
    await servers.start("resume.py")
    async with servers.connect(0) as ada, servers.connect(1) as grace:
        for ws in (ada, grace):
            await (await ws.ping())
        await ada.send("one")
        first = json.loads(await grace.recv())
        assert first["text"] == "one"
        os.kill(servers.programs[1].process.pid, signal.SIGKILL)
        await grace.wait_closed()
        assert grace.close_code == 1006
        for text in ("two", "three"):
            await ada.send(text)
        assert [json.loads(await ada.recv())["text"] for _ in range(3)] == ["one", "two", "three"]
        async with servers.connect(0, f"/?after={first['id']}") as back:
            await ada.send("four")
            heard = [json.loads(await back.recv())["text"] for _ in range(3)]
            assert heard == ["two", "three", "four"]
        async with servers.connect(0) as new:  # without an id, from now on
            await (await new.ping())
            await ada.send("five")
            assert json.loads(await new.recv())["text"] == "five"


async def test_nothing_is_missed_or_comes_twice_while_much_is_said(servers: Servers) -> None:
    await servers.start("resume.py")
    async with servers.connect(0) as ada:
        await (await ada.ping())
        await ada.send("0")
        start = json.loads(await ada.recv())["id"]
        for number in range(1, 200):
            await ada.send(str(number))
            if number % 20 == 0:
                async with servers.connect(1, f"/?after={start}") as ws:
                    heard = [json.loads(await ws.recv())["text"] for _ in range(number)]
                    assert heard == [str(each) for each in range(1, number + 1)]


@pytest.mark.parametrize("file", ["pubsub.py", "resume.py"])
async def test_a_binary_message_ends_its_own_connection_only(servers: Servers, file: str) -> None:
    await servers.start(file)
    async with servers.connect(1) as ada:
        await (await ada.ping())
        async with servers.connect(0) as eve:
            await eve.send(b"\xff")
            assert await closed_with(eve) == (1003, "text only")
        async with servers.connect(0) as grace:
            await (await grace.ping())
            await grace.send("Hello")
            for ws in (ada, grace):
                assert "Hello" in str(await ws.recv())


@pytest.mark.parametrize("after", ["x", "1", "-1", "1-1x", f"{2**64}-0", "%D9%A1-1"])
async def test_what_is_no_id_is_refused(servers: Servers, after: str) -> None:
    await servers.start("resume.py")
    async with servers.connect(0, f"/?after={after}") as ws:
        assert await closed_with(ws) == (1008, "after is no id")


async def test_what_was_said_is_read_a_page_at_a_time(guide: Guide, servers: Servers) -> None:
    guide.change("resume.py", "PAGE = 100 ", "PAGE = 2 ")
    await servers.start("resume.py")
    async with servers.connect(0) as ada:
        await (await ada.ping())
        for number in range(5):
            await ada.send(str(number))
        heard = [json.loads(await ada.recv()) for _ in range(5)]
        async with servers.connect(0, f"/?after={heard[0]['id']}") as back:
            assert [json.loads(await back.recv()) for _ in range(4)] == heard[1:]


async def test_a_server_that_resumes_reads_again_when_redis_is_back(
    guide: Guide, servers: Servers, redis: Redis
) -> None:
    guide.change("resume.py", "sleep(1)", "sleep(0.01)")
    await servers.start("resume.py")
    async with servers.connect(0) as ws:
        await ws.send("Hello?")
        await ws.recv()
        assert await redis.program.end() == 0
        await servers.programs[0].expect("no Redis: ")
        await ws.send("Hello?")
        assert await closed_with(ws) == (1013, "try again later")
    again = await guide.launch(*redis.command)
    await again.expect("eady to accept connections")
    async with servers.connect(0) as ada, servers.connect(1) as grace:
        for ws in (ada, grace):
            await (await ws.ping())
        await ada.send("Hello")
        assert json.loads(await grace.recv())["text"] == "Hello"


async def test_who_is_there_is_known_everywhere_and_forgotten_when_a_server_dies(
    guide: Guide, servers: Servers
) -> None:
    guide.change("presence.py", "BEAT = 10 ", "BEAT = 0.1")
    guide.change("presence.py", "EXPIRY = 30", "EXPIRY = 3")
    await servers.start("presence.py")
    async with servers.connect(0, "/ada") as ada, servers.connect(1, "/grace") as grace:
        for ws in (ada, grace):
            await ws.send("who?")
            await ws.recv()
        await ada.send("who?")
        assert json.loads(await ada.recv()) == ["ada", "grace"]
        async with servers.connect(0, "/eve") as eve:
            await eve.send("who?")
            assert json.loads(await eve.recv()) == ["ada", "eve", "grace"]
        os.kill(servers.programs[1].process.pid, signal.SIGKILL)
        present = ["grace"]
        while "grace" in present:  # for three seconds
            await ada.send("who?")
            present = json.loads(await ada.recv())
        assert present == ["ada"]


async def test_who_leaves_one_server_is_still_at_another(servers: Servers) -> None:
    await servers.start("presence.py")
    async with servers.connect(1, "/ada") as ada:
        await ada.send("who?")
        assert json.loads(await ada.recv()) == ["ada"]
        async with servers.connect(0, "/eve") as eve, servers.connect(0, "/ada") as again:
            for ws in (again, eve):
                await ws.send("who?")
                await ws.recv()
        present = ["eve"]
        while "eve" in present:  # who left behind the other one
            await ada.send("who?")
            present = json.loads(await ada.recv())
        assert present == ["ada"]


async def test_nats_does_as_well(guide: Guide, free_ports: list[int], nats: str) -> None:
    pytest.importorskip("nats", reason="there is no client of NATS: pip install nats-py")
    servers = Servers(guide, free_ports, {"NATS_URL": nats})
    await servers.start("with_nats.py")
    await hear_each_other(servers)
    async with servers.connect(0) as eve:
        await eve.send(b"\xff")
        assert await closed_with(eve) == (1003, "text only")


def test_the_numbers_are_those_of_the_programs(guide: Guide) -> None:
    text = guide.folder.joinpath("presence.py").read_text(encoding="utf-8")
    beat, expiry = re.findall(r"^(?:BEAT|EXPIRY) = (\d+)", text, re.MULTILINE)
    assert guide.says(f"every {beat} s")
    assert guide.says(f"after {expiry} s")
