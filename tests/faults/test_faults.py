"""TCP breaks, at each byte of each stage: what either end makes of it, and what is left.

One end speaks: a message, one in fragments, a ping, a close frame. The other one listens, and
gets a number of bytes of that, the handshake included, before TCP breaks in one of several ways.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fault_proxy import Fault, Plan, Proxy, Trickle, Way, open_proxy
from ws_asyncio import (
    WebSocketClientProtocol,
    WebSocketServer,
    WebSocketServerProtocol,
    connect,
    serve,
)
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import ConnectionClosed, Data
from ws_http import InvalidHandshake, InvalidMessage

if TYPE_CHECKING:
    from tests.faults.conftest import Leftovers, Run, Skipping

CERTIFICATE = Path(__file__).parents[1] / "ws_asyncio" / "localhost.pem"

MESSAGES = ["one", "two"]

#: How an end is called, and the way to it.
WAYS = {"client": Way.DOWN, "server": Way.UP}


@dataclass
class Seen:
    """What an end came to see."""

    opened: bool = False
    messages: list[Data] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def code(self) -> int | None:
        return self.error.code if isinstance(self.error, ConnectionClosed) else None

    @property
    def cause(self) -> BaseException | None:
        return None if self.error is None else self.error.__cause__


async def listen(connection: WebSocketCommonProtocol, seen: Seen) -> None:
    while True:
        seen.messages.append(await connection.recv())


async def speak(connection: WebSocketCommonProtocol, seen: Seen) -> None:
    await connection.send("one")
    await connection.send(["t", "w", "o"])
    await connection.ping()
    await connection.close(1000, "bye")
    await connection.recv()  # raises how that went


async def close_at_once(connection: WebSocketCommonProtocol, seen: Seen) -> None:
    await connection.close(1000, "bye")
    await connection.recv()


#: What the end under test does, and the other one.
SCRIPTS = {"listens": (listen, speak), "closes": (close_at_once, listen)}


class Stage:
    """A client and a server with a proxy between them, to be run through again and again."""

    proxy: Proxy
    server: WebSocketServer
    uri: str

    def __init__(self, role: str, script: str, context: ssl.SSLContext | None) -> None:
        tested, other = SCRIPTS[script]
        self._client, self._server = (tested, other) if role == "client" else (other, tested)
        self.context = context
        self.seen: dict[str, Seen] = {}

    async def handle(self, connection: WebSocketServerProtocol) -> None:
        seen = self.seen["server"]
        seen.opened = True
        try:
            await self._server(connection, seen)
        except ConnectionClosed as exc:
            seen.error = exc
            raise

    async def _use_client(self) -> None:
        seen = self.seen["client"]
        try:
            client = await connect(self.uri, create_protocol=self._client_class, ssl=self.context)
        except (OSError, InvalidHandshake, asyncio.TimeoutError) as exc:
            seen.error = exc
            return
        seen.opened = True
        try:
            await self._client(client, seen)
        except ConnectionClosed as exc:
            seen.error = exc
        assert client.closed

    async def play(self, plan: Plan | None) -> dict[Way, bytes]:
        """Run through it once; gives what the proxy passed on each way."""
        self.proxy.plan = plan
        self.seen = {"client": Seen(), "server": Seen()}
        await self._use_client()
        while self.server.connections:
            await asyncio.wait([each.handler_task for each in self.server.connections])
        (relay,) = await self.proxy.wait_closed()
        return {way: bytes(data) for way, data in relay.passed.items()}

    # What tells the proxy what has arrived

    def _client_class(self, **options: Any) -> WebSocketClientProtocol:
        proxy = self.proxy

        class Client(WebSocketClientProtocol):
            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                proxy.note_arrival(Way.DOWN, len(data))

        return Client(**options)

    def server_class(self, *arguments: Any, **options: Any) -> WebSocketServerProtocol:
        proxy = self.proxy

        class Server(WebSocketServerProtocol):
            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                proxy.note_arrival(Way.UP, len(data))

        return Server(*arguments, **options)


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


@asynccontextmanager
async def open_stage(role: str, script: str, *, tls: bool = False) -> AsyncIterator[Stage]:
    server_context, client_context = tls_contexts() if tls else (None, None)
    stage = Stage(role, script, client_context)
    async with serve(
        stage.handle,
        "127.0.0.1",
        0,
        ssl=server_context,
        create_protocol=stage.server_class,
    ) as stage.server:
        assert stage.server.sockets is not None
        port = stage.server.sockets[0].getsockname()[1]
        async with open_proxy(port, sees_arrivals=not tls) as (stage.proxy, port):
            stage.uri = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
            yield stage


# What is to be expected of the end under test


@dataclass
class Script:
    """Where in the bytes that an end receives its stages end."""

    opened: int
    messages: list[int]
    closed: int

    @classmethod
    def of(cls, data: bytes) -> Script:
        """Take apart what an end receives of a connection that nothing breaks."""
        opened = position = data.index(b"\r\n\r\n") + 4
        messages = []
        while position < len(data):
            masked, length = bool(data[position + 1] & 0x80), data[position + 1] & 0x7F
            head, position = data[position], position + 2 + 4 * masked + length
            if head & 0x80 and head & 0xF < 8:
                messages.append(position)
        assert position == len(data)
        return cls(opened, messages, position)


#: The class of the cause of an abnormal end.
CAUSES = {
    Fault.CUT: type(None),
    Fault.HALF: type(None),
    Fault.RESET: ConnectionResetError,
    Fault.STALL: asyncio.TimeoutError,
}


def judge(seen: Seen, role: str, script: Script, plan: Plan) -> None:
    """See that an end came to see what it must of so many bytes, and of the fault."""
    assert seen.opened is (plan.after >= script.opened)
    assert seen.messages == [
        message for message, end in zip(MESSAGES, script.messages) if plan.after >= end
    ]
    if not seen.opened:
        if role == "client":
            judge_handshake(seen, plan)
    elif plan.after < script.closed:
        assert seen.code == 1006
        assert type(seen.cause) is CAUSES[plan.fault]
    else:  # the code is there, whatever becomes of TCP
        assert str(seen.error) == "code = 1000 (OK), reason = bye"
        assert type(seen.cause) in (type(None), CAUSES[plan.fault])


def judge_handshake(seen: Seen, plan: Plan) -> None:
    if plan.fault is Fault.STALL:
        assert type(seen.error) is asyncio.TimeoutError
    else:
        assert isinstance(seen.error, InvalidMessage)
        assert type(seen.cause) is CAUSES[plan.fault]


def judge_other(seen: Seen) -> None:
    """See that the end whose bytes don't arrive gets over it too."""
    if seen.opened:
        assert seen.code in (1000, 1006)
        assert seen.messages in ([], *([MESSAGES[:count] for count in (1, 2)]))
    else:
        assert seen.code is None


roles = pytest.mark.parametrize("role", WAYS)
scripts = pytest.mark.parametrize("script", SCRIPTS)


async def break_after(stage: Stage, role: str, fault: Fault, whole: Script, after: int) -> None:
    plan = Plan(WAYS[role], after, fault)
    await stage.play(plan)
    judge(stage.seen[role], role, whole, plan)
    judge_other(stage.seen["server" if role == "client" else "client"])


@pytest.mark.usefixtures("quiet")
@roles
@scripts
@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.HALF, Fault.RESET], ids=lambda fault: fault.name
)
def test_tcp_may_break_after_any_byte(
    run: Run[None], leftovers: type[Leftovers], role: str, script: str, fault: Fault
) -> None:
    async def main() -> None:
        async with open_stage(role, script) as stage:
            whole = Script.of((await stage.play(None))[WAYS[role]])
            before = leftovers()
            for after in range(whole.closed + 1):
                await break_after(stage, role, fault, whole, after)
                await before.see_none()

    run(main())


@pytest.mark.usefixtures("quiet")
@roles
@scripts
async def test_a_peer_may_fall_silent_after_any_byte(
    skipping: type[Skipping], leftovers: type[Leftovers], role: str, script: str
) -> None:
    loop = asyncio.get_running_loop()
    async with open_stage(role, script) as stage:
        whole = Script.of((await stage.play(None))[WAYS[role]])
        before = leftovers()
        # What is in the handshake makes no difference before its last byte.
        for after in [*range(0, whole.opened, 40), *range(whole.opened - 1, whole.closed + 1)]:
            clock = skipping(loop)
            stage.proxy.stalled = clock.start
            started = loop.time()
            try:
                await break_after(stage, role, Fault.STALL, whole, after)
                assert loop.time() - started < 70  # two intervals of pings, three stages
            finally:
                clock.stop()
            await before.see_none()


@pytest.mark.usefixtures("quiet")
@roles
@scripts
@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
def test_bytes_may_arrive_one_by_one(
    run: Run[None], leftovers: type[Leftovers], role: str, script: str, tls: bool
) -> None:
    async def main() -> None:
        async with open_stage(role, script, tls=tls) as stage:
            await stage.play(None)
            before = leftovers()
            stage.proxy.relay = Trickle
            await stage.play(None)
            await before.see_none()
        listens = script == "listens"
        assert [seen.code for seen in stage.seen.values()] == [1000, 1000]
        assert stage.seen[role].messages == (MESSAGES if listens else [])

    run(main())


# Inside of TLS


def judge_within_tls(seen: Seen, role: str) -> None:
    """See that all is as documented, where only TLS knows what has arrived."""
    if not seen.opened:
        assert (seen.error is None) is (role == "server")
        return
    assert seen.messages == MESSAGES[: len(seen.messages)]
    assert seen.code == 1006 or seen.messages == MESSAGES
    assert seen.code in (1000, 1006)
    assert seen.cause is None or isinstance(seen.cause, OSError)


@pytest.mark.usefixtures("quiet")
@roles
@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.HALF, Fault.RESET], ids=lambda fault: fault.name
)
def test_tls_may_be_truncated_anywhere(
    run: Run[None], leftovers: type[Leftovers], role: str, fault: Fault
) -> None:
    async def main() -> None:
        opened = set()
        async with open_stage(role, "listens", tls=True) as stage:
            size = len((await stage.play(None))[WAYS[role]])
            before = leftovers()
            # The handshake of TLS in some places, what is inside of it in more.
            for after in [*range(0, size, 97), *range(size - 300, size + 1, 5)]:
                await stage.play(Plan(WAYS[role], after, fault))
                judge_within_tls(stage.seen[role], role)
                opened.add(stage.seen[role].opened)
                judge_other(stage.seen["server" if role == "client" else "client"])
                await before.see_none()
        assert opened == {True, False}

    run(main())


@pytest.mark.usefixtures("quiet")
@roles
async def test_a_peer_may_fall_silent_within_tls(
    skipping: type[Skipping], leftovers: type[Leftovers], role: str
) -> None:
    loop = asyncio.get_running_loop()
    async with open_stage(role, "listens", tls=True) as stage:
        size = len((await stage.play(None))[WAYS[role]])
        before = leftovers()
        for after in [*range(0, size, 397), *range(size - 300, size + 1, 31)]:
            clock = skipping(loop)
            stage.proxy.stalled = clock.start
            try:
                await stage.play(Plan(WAYS[role], after, Fault.STALL))
                seen = stage.seen[role]
                if seen.code == 1006:
                    assert type(seen.cause) is asyncio.TimeoutError
                elif seen.opened:
                    assert (seen.code, seen.messages) == (1000, MESSAGES)
                elif role == "client":
                    assert type(seen.error) is asyncio.TimeoutError
            finally:
                clock.stop()
            await before.see_none()
