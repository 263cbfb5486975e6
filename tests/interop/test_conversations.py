"""
The same conversation with each peer, in each of its roles, over TCP and TLS, compressed or not.

Each peer is a program in ``peers``; ``peers/talk.py`` says what it has to do.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Union

import pytest

import websockets
from ws_deflate import ServerPerMessageDeflateFactory

if TYPE_CHECKING:
    from tests.interop.conftest import Kit, Program

pytestmark = pytest.mark.interop

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"
PATIENCE = 20
CHAT = websockets.Subprotocol("chat")

Connection = Union[websockets.WebSocketClientProtocol, websockets.WebSocketServerProtocol]
Command = tuple[list[Union[str, Path]], dict[str, str]]

#: What the peers in Python need; in an environment without our packages, which clash with one.
REQUIREMENTS = [
    "aiohttp>=3.11",
    "curl_cffi>=0.13",
    "hypercorn>=0.17",
    "picows>=1.9",
    "tornado>=6.4",
    "uvicorn>=0.34",
    "websocket-client>=1.8",
    "websockets>=15",
    "wsproto>=1.2",
]


def python(*script: str) -> Callable[[Kit], Command]:
    def command(kit: Kit) -> Command:
        path, *arguments = script
        interpreter = kit.environment("python-peers", REQUIREMENTS)
        return [interpreter, PEERS / path, *arguments], {"PYTHONPATH": str(ROOT)}

    return command


def node(package: str, script: str) -> Callable[[Kit], Command]:
    def command(kit: Kit) -> Command:
        return ["node", PEERS / script], {"NODE_PATH": str(kit.npm(package))}

    return command


def java(kit: Kit) -> Command:
    kit.apt("openjdk-17-jdk-headless", "javac")
    return ["java", PEERS / "Echo.java"], {}


def libwebsockets(kit: Kit) -> Command:
    kit.apt("libwebsockets-dev", "/usr/include/libwebsockets.h")
    return [kit.compile(PEERS / "lws.c", "-lwebsockets")], {}


@dataclass(frozen=True)
class Peer:
    """A program, and what it cannot do."""

    name: str
    command: Callable[[Kit], Command]
    roles: tuple[str, ...] = ("client", "server")
    compressions: tuple[str, ...] = ("none", "deflate")
    #: What it cannot do, and has no test therefore; and what else where messages are compressed.
    without: tuple[str, ...] = ()
    without_compressed: tuple[str, ...] = ()
    #: It compresses whenever we let it.
    insists: bool = False
    #: What our side has to be told to compress for it.
    compressing: dict[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> str:
        always, compressed = ", ".join(self.without), ", ".join(self.without_compressed)
        return "; ".join(filter(None, [always, compressed and f"compressed: {compressed}"]))

    def lacks(self, compression: str) -> tuple[str, ...]:
        return self.without + (self.without_compressed if compression == "deflate" else ())


FRAGMENTS = "send fragments"
PINGS = "ping, and see the pong"
NAMES = "tell its user the subprotocol"
CODES = "tell its user why we close"
IDLE = "answer pings while no message comes"
MIXTURES = "take pings between fragments"
EMPTY = "return empty messages"
SHORT = "take uncompressed messages and pongs beside compressed messages"
MANY = "take several compressed messages at once"
LONG = "exchange messages that compress to more than 4 KiB"

#: By default, short messages are sent as they are.
ALL_COMPRESSED = {"extensions": [ServerPerMessageDeflateFactory()]}

#: 4.1 fails so with other peers too.
LWS = (EMPTY, MANY, LONG)

LIST = [
    Peer("aiohttp", python("aiohttp_peer.py"), without=(FRAGMENTS,)),
    Peer(
        "Hypercorn",
        python("asgi_peer.py", "hypercorn"),
        roles=("server",),
        without=(FRAGMENTS, PINGS, CODES),
        without_compressed=(MIXTURES,),
        insists=True,
    ),
    Peer(
        "libcurl",
        python("curl_peer.py"),
        ("client",),
        ("none",),
        without=(PINGS, NAMES, EMPTY, IDLE, MIXTURES),
    ),
    Peer("Java", java, ("client",), ("none",)),
    Peer(
        "libwebsockets",
        libwebsockets,
        roles=("client",),
        without_compressed=(*LWS, SHORT, PINGS),
        compressing=ALL_COMPRESSED,
    ),
    Peer("libwebsockets", libwebsockets, roles=("server",), without_compressed=LWS),
    Peer("picows", python("picows_peer.py"), compressions=("none",)),
    Peer("picows.websockets", python("websockets_peer.py", "picows.websockets")),
    Peer(
        "Tornado",
        python("tornado_peer.py"),
        without=(FRAGMENTS,),
        without_compressed=(MIXTURES,),
    ),
    Peer(
        "undici",
        node("undici@7", "undici.cjs"),
        roles=("client",),
        without=(FRAGMENTS, PINGS),
        insists=True,
    ),
    Peer(
        "Uvicorn",
        python("asgi_peer.py", "uvicorn"),
        roles=("server",),
        without=(FRAGMENTS, PINGS),
        without_compressed=(MIXTURES,),
    ),
    Peer("websocket-client", python("websocket_client_peer.py"), ("client",), ("none",)),
    Peer("websockets (PyPI)", python("websockets_peer.py", "websockets")),
    Peer("ws (npm)", node("ws@8", "npm_ws.cjs")),
]


@dataclass(frozen=True)
class Cell:
    """Who is talked with, and how."""

    peer: Peer
    role: str
    transport: str
    compression: str

    def __str__(self) -> str:
        name = self.peer.name.partition(" (")[0]
        return f"{name}-{self.role}-{self.transport}-{self.compression}"

    @property
    def options(self) -> dict[str, Any]:
        """What our side has to be told."""
        if self.compression == "deflate":
            return self.peer.compressing
        return {"compression": None} if self.peer.insists else {}


CELLS = [
    Cell(peer, role, transport, compression)
    for peer in LIST
    for role in peer.roles
    for transport in ("plain", "tls")
    for compression in peer.compressions
]


def with_each(needed: str = "") -> pytest.MarkDecorator:
    """Parametrize with the cells whose peers can do what is needed."""
    params = []
    for cell in CELLS:
        if needed in cell.peer.lacks(cell.compression):
            continue
        marker = pytest.mark.interop(
            peer=cell.peer.name,
            role=cell.role,
            transport=cell.transport,
            compression=cell.compression,
            without=cell.peer.limits,
        )
        params.append(pytest.param(cell, marks=marker, id=str(cell)))
    return pytest.mark.parametrize("running", params, indirect=True, scope="module")


@dataclass
class Running:
    """A peer that has been started."""

    cell: Cell
    program: Program
    certificate: Path
    version: str
    #: Where it listens, if it does.
    uri: str = ""


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, kit: Kit, certificate: Path) -> Iterator[Running]:
    cell: Cell = request.param
    arguments, environment = cell.peer.command(kit)
    server = [cell.transport, cell.compression] if cell.role == "server" else []
    program = kit.start(
        *arguments, cell.role, *server, **environment, INTEROP_CERTIFICATE=str(certificate)
    )
    try:
        running = Running(cell, program, certificate, program.expect("is "))
        if server:
            scheme = "wss" if cell.transport == "tls" else "ws"
            running.uri = f"{scheme}://127.0.0.1:{program.expect('listening on ')}/"
        yield running
    finally:
        program.process.kill()  # some would wait for connections to end
        program.end()
        print("\n".join(program.lines))


class Meeting:
    """Our end of a connection, and what the peer tells of its own."""

    def __init__(self, ws: Connection, program: Program) -> None:
        self.ws = ws
        self._program = program
        self._ended: asyncio.Future[str] | None = None

    async def ended(self) -> str:
        """Wait until the peer has seen the end; gives code and reason as it saw them."""
        if self._ended is None:
            loop = asyncio.get_running_loop()
            self._ended = loop.run_in_executor(None, self._program.expect, "closed ")
        return await self._ended


@asynccontextmanager
async def meet(running: Running, **options: Any) -> AsyncIterator[Meeting]:
    role = be_server if running.cell.role == "client" else be_client
    async with role(running, {**running.cell.options, **options}) as ws:
        meeting = Meeting(ws, running.program)
        try:
            yield meeting
        finally:
            await ws.close()
            await meeting.ended()


@asynccontextmanager
async def be_client(running: Running, options: dict[str, Any]) -> AsyncIterator[Connection]:
    if running.cell.transport == "tls":
        options["ssl"] = ssl.create_default_context(cafile=running.certificate)
    async with websockets.connect(running.uri, subprotocols=[CHAT], **options) as ws:
        yield ws


@asynccontextmanager
async def be_server(running: Running, options: dict[str, Any]) -> AsyncIterator[Connection]:
    arrived: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

    async def handle(ws: websockets.WebSocketServerProtocol) -> None:
        arrived.set_result(ws)
        await ws.wait_closed()

    scheme = "ws"
    if running.cell.transport == "tls":
        scheme = "wss"
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options["ssl"].load_cert_chain(running.certificate)
    async with websockets.serve(handle, "127.0.0.1", 0, subprotocols=[CHAT], **options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        running.program.tell(f"{scheme}://127.0.0.1:{port}/ {running.cell.compression}")
        yield await asyncio.wait_for(arrived, PATIENCE)


# Lengths around those at which the header of a frame changes; and the most that we take.
SIZES = [1, 125, 126, 65535, 65536]
MOST = 1 << 20


def text(size: int) -> str:
    """A text that takes that many bytes."""
    return "x" * (size % 7) + "¥a👍" * (size // 7)


def digest(message: str | bytes) -> tuple[type, int, str]:
    """What tells messages apart, and can be shown."""
    data = message.encode() if isinstance(message, str) else message
    return type(message), len(data), hashlib.sha256(data).hexdigest()


@with_each()
async def test_they_agree(running: Running, record_property: Callable[[str, str], None]) -> None:
    record_property("version", running.version)
    async with meet(running) as meeting:
        assert meeting.ws.subprotocol == "chat"
        agreed = [extension.name for extension in meeting.ws.extensions]
        assert agreed == (["permessage-deflate"] if running.cell.compression == "deflate" else [])


@with_each(NAMES)
async def test_it_knows_the_subprotocol(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.send("which subprotocol")
        assert await meeting.ws.recv() == "chat"


@with_each()
async def test_messages_come_back_as_they_went(running: Running) -> None:
    async with meet(running) as meeting:
        for size in SIZES:
            for message in (text(size), text(size).encode()):
                await meeting.ws.send(message)
                assert digest(await meeting.ws.recv()) == digest(message)


@with_each(LONG)
async def test_long_messages_come_back_too(running: Running) -> None:
    noise = [random.Random(size).randbytes(size) for size in (*SIZES, MOST)]
    messages: list[str | bytes] = [text(MOST), *noise]
    async with meet(running) as meeting:
        for message in messages:
            await meeting.ws.send(message)
            assert digest(await meeting.ws.recv()) == digest(message)


@with_each(EMPTY)
async def test_empty_messages_come_back(running: Running) -> None:
    async with meet(running) as meeting:
        for message in ("", b"", ""):
            await meeting.ws.send(message)
            assert await meeting.ws.recv() == message


@with_each(MANY)
async def test_messages_come_back_in_their_order(running: Running) -> None:
    messages = [text(size) for size in range(1, 30_000, 100)]
    async with meet(running) as meeting:
        sending = asyncio.gather(*(meeting.ws.send(message) for message in messages))
        came = [await meeting.ws.recv() for _ in messages]
        await sending
    assert [digest(message) for message in came] == [digest(message) for message in messages]


@with_each()
async def test_it_puts_our_fragments_together(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.send(["in ", "", "pie", "ces"])
        assert await meeting.ws.recv() == "in pieces"
        await meeting.ws.send([b"\xff" * size for size in SIZES])
        assert digest(await meeting.ws.recv()) == digest(b"\xff" * sum(SIZES))


@with_each(MIXTURES)
async def test_it_answers_our_pings_between_fragments(running: Running) -> None:
    async with meet(running) as meeting:
        ws = meeting.ws

        async def fragments() -> AsyncIterator[str]:
            for size in SIZES:
                yield "x" * size
                await (await ws.ping())

        await ws.send(fragments())
        assert digest(await ws.recv()) == digest("x" * sum(SIZES))


@with_each(FRAGMENTS)
async def test_we_put_its_fragments_together(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.send("fragments")
        assert await meeting.ws.recv() == "fragments"


@with_each(IDLE)
async def test_it_answers_our_pings(running: Running) -> None:
    async with meet(running) as meeting:
        assert await (await meeting.ws.ping("are you there")) >= 0
        assert await (await meeting.ws.ping(b"\xff" * 125)) >= 0


@with_each(PINGS)
async def test_we_answer_its_pings(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.send("ping me")
        assert await meeting.ws.recv() == "pong abc"


@with_each()
async def test_it_answers_our_close(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.close(4001, "as you wish")
        assert meeting.ws.close_code in (4001, 1000)  # some have a code of their own


@with_each(CODES)
async def test_it_sees_our_close(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.close(4001, "as you wish")
        assert await meeting.ended() == "4001 as you wish"


@with_each()
async def test_we_see_its_close(running: Running) -> None:
    async with meet(running) as meeting:
        await meeting.ws.send("close me")
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await meeting.ws.recv()
        assert (info.value.code, info.value.reason) == (4002, "that was all")


@with_each(CODES)
async def test_it_sees_why_we_take_no_more(running: Running) -> None:
    async with meet(running, max_size=1000) as meeting:
        await meeting.ws.send("x" * 1001)
        with pytest.raises(websockets.ConnectionClosedError):
            await meeting.ws.recv()
        assert (await meeting.ended()).startswith("1009")
