"""What the client under test does in a round of mixed traffic, and sees to come back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Union

from ws_asyncio import WebSocketClientProtocol, connect
from ws_frames import ConnectionClosed
from ws_http import InvalidHandshake

__all__ = ["KINDS", "Traffic"]

Message = Union[str, bytes]

#: So many at a time.
PARALLEL = 8

#: On both sides of where the length of a frame is written differently, and of buffers.
SIZES = [0, 1, 7, 125, 126, 127, 1_000, 4_096, 65_535, 65_536, 65_537, 262_144, 1_000_000]

#: For the words of texts: one to four bytes of UTF-8 a character.
LETTERS = "aé€😀 "

#: More than a machine that is busy with something else keeps a process waiting.
PATIENT = {"open_timeout": 300, "ping_interval": 1, "ping_timeout": 300, "close_timeout": 60}

#: For connections that may fail anyhow, and others that have to be given up.
IMPATIENT = {"open_timeout": 1.5, "ping_interval": 0.5, "ping_timeout": 1, "close_timeout": 1}

#: What may become of a connection that somebody breaks.
BROKEN = (ConnectionClosed, InvalidHandshake, OSError, EOFError, asyncio.TimeoutError)

KINDS = [
    "echo one at a time",
    "echo in flight",
    "fragments both ways",
    "pings both ways",
    "broadcast to a room",
    "broadcast to a peer that never reads",
    "slow reader",
    "closed by the server",
    "handler that fails",
    "aborted by the client",
    "cancelled client",
]


class Wrong(Exception):
    """Something came back that should not have."""


class Traffic:
    """A round: each kind of traffic once, in an order drawn from a seed.

    Args:
        port: of the server under test.
        impatient: of another one, for connections that nothing but a ping sees the end of.
        proxies: ports of proxies in front of it, each of which breaks a connection.
        rogues: ports of servers that break the rules, each for one connection.
        seed: what sizes, contents and order are drawn from.
    """

    def __init__(
        self,
        *,
        port: int,
        impatient: int,
        proxies: list[int],
        rogues: list[int],
        seed: int,
    ) -> None:
        self.port = port
        self.impatient = impatient
        draw = random.Random(seed)
        jobs: list[tuple[str, int]] = [(kind, port) for kind in KINDS]
        jobs += [("through a broken TCP", each) for each in proxies]
        jobs += [("to a rogue server", each) for each in rogues]
        draw.shuffle(jobs)
        self.jobs = iter([(*job, random.Random(draw.getrandbits(64))) for job in jobs])
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.rooms = 0

    async def run(self) -> dict[str, Any]:
        """Do it all; gives how often what was done, and what went wrong."""
        await asyncio.gather(*[self._work() for _ in range(PARALLEL)])
        return {"done": self.done, "wrong": self.wrong}

    async def _work(self) -> None:
        for kind, port, draw in self.jobs:
            job = getattr(self, kind.replace(" ", "_"))
            try:
                await job(draw) if port == self.port else await job(draw, port)
            except Exception as exc:  # noqa: BLE001 - whatever it is, it is to be told
                self.wrong.append(f"{kind}: {type(exc).__name__}: {exc}")
            self.done[kind] += 1

    def connect(self, draw: random.Random, path: str, port: int = 0, **more: Any) -> connect:
        compression = draw.choice([None, "deflate"])
        uri = f"ws://127.0.0.1:{port or self.port}/{path}"
        return connect(uri, compression=compression, **{**PATIENT, **more})

    async def exchange(self, ws: WebSocketClientProtocol, message: Message) -> None:
        await ws.send(message)
        self.compare(await ws.recv(), message)

    def compare(self, received: Message, sent: Message) -> None:
        self.done["messages"] += 1
        self.done["bytes"] += len(sent)
        if received != sent:
            raise Wrong(f"an echo of {len(received)} to a message of {len(sent)}")

    # Traffic as it should be

    async def echo_one_at_a_time(self, draw: random.Random) -> None:
        async with self.connect(draw, "echo") as ws:
            for size in draw.sample(SIZES, 4):
                await self.exchange(ws, message_of(draw, size))

    async def echo_in_flight(self, draw: random.Random) -> None:
        messages = [message_of(draw, draw.choice(SIZES[:9])) for _ in range(64)]
        async with self.connect(draw, "echo") as ws:
            sending = asyncio.ensure_future(send_all(ws, messages))
            for message in messages:
                self.compare(await ws.recv(), message)
            await sending

    async def fragments_both_ways(self, draw: random.Random) -> None:
        step = draw.choice([1, 100, 10_000])
        async with self.connect(draw, f"fragments?size={step}") as ws:
            for _ in range(3):
                message = message_of(draw, draw.randrange(1, 50 * step))
                starts = range(0, len(message), step)
                parts = [message[start : start + step] for start in starts]
                await ws.send(parts if draw.random() < 0.5 else slowly(parts))
                self.compare(await ws.recv(), message)

    async def pings_both_ways(self, draw: random.Random) -> None:
        count = draw.randrange(1, 20)
        async with self.connect(draw, f"pings?count={count}") as ws:
            waiting = [await ws.ping() for _ in range(count)]
            await asyncio.gather(*waiting)
            self.compare(await ws.recv(), str(count))

    def enter(self, draw: random.Random) -> str:
        self.rooms += 1
        return f"room?name={self.rooms}"

    async def broadcast_to_a_room(self, draw: random.Random) -> None:
        path = self.enter(draw)
        async with contextlib.AsyncExitStack() as stack:
            members: list[WebSocketClientProtocol] = []
            for _ in range(4):
                ws = await stack.enter_async_context(self.connect(draw, path))
                await self.count_members(ws, len(members) + 1)
                members.append(ws)
            for size in draw.sample(SIZES, 3):
                message = message_of(draw, size)
                await draw.choice(members).send(message)
                for ws in members:
                    self.compare(await ws.recv(), message)

    async def count_members(self, ws: WebSocketClientProtocol, expected: int) -> None:
        await ws.send("?")
        self.compare(await ws.recv(), str(expected))

    # Peers that are slow, or go

    async def broadcast_to_a_peer_that_never_reads(self, draw: random.Random) -> None:
        path = self.enter(draw)
        async with self.connect(draw, path) as ws:
            await self.count_members(ws, 1)
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
            async with self.connect(draw, path, sock=sock, max_queue=1, close_timeout=1):
                # Random, so that it takes as much when compressed.
                message = draw.randbytes(262_144)
                for _ in range(100):
                    await self.exchange(ws, message)
                    await ws.send("?")
                    if await ws.recv() == "1":
                        return
        raise Wrong("who never reads was kept")

    async def slow_reader(self, draw: random.Random) -> None:
        count, size = 30, draw.choice(SIZES[:11])
        path = f"flood?count={count}&size={size}"
        async with self.connect(draw, path, max_queue=1, read_limit=4096) as ws:
            for number in range(count):
                message = await ws.recv()
                self.compare(message, number.to_bytes(4, "big") + bytes(size))
                await asyncio.sleep(draw.random() * 0.01)

    async def closed_by_the_server(self, draw: random.Random) -> None:
        code = draw.choice([1000, 1001, 1008, 3000, 4999])
        await self.expect_end(draw, f"leave?code={code}", code)

    async def handler_that_fails(self, draw: random.Random) -> None:
        await self.expect_end(draw, "fail", 1011)

    async def expect_end(self, draw: random.Random, path: str, code: int) -> None:
        async with self.connect(draw, path) as ws:
            await ws.send(message_of(draw, 1_000))
            with contextlib.suppress(ConnectionClosed):
                received = await ws.recv()
                raise Wrong(f"a message of {len(received)} instead of the end")
            if ws.close_code != code:
                raise Wrong(f"closed with {ws.close_code}, not with {code}")

    async def aborted_by_the_client(self, draw: random.Random) -> None:
        # Who holds it doesn't read, so nobody hears of the end before a ping is missed.
        path, port = draw.choice([("echo", self.port), ("hold", self.impatient)])
        async with self.connect(draw, path, port) as ws:
            for _ in range(draw.randrange(10)):
                await ws.send(message_of(draw, draw.choice(SIZES)))
            ws.transport.abort()

    async def cancelled_client(self, draw: random.Random) -> None:
        task = asyncio.ensure_future(self.do_everything(draw))
        if draw.random() < 0.5:
            for _ in range(draw.randrange(60)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(draw.random() * 0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def do_everything(self, draw: random.Random) -> None:
        async with self.connect(draw, "echo") as ws:
            while True:
                await self.exchange(ws, message_of(draw, draw.choice(SIZES)))
                await ws.send(slowly(["Hello", ", ", "world!"]))
                self.compare(await ws.recv(), "Hello, world!")
                await (await ws.ping())

    # Where others break what they can

    async def through_a_broken_TCP(self, draw: random.Random, port: int) -> None:
        with contextlib.suppress(*BROKEN):
            async with self.connect(draw, "echo", port, **IMPATIENT) as ws:
                for _ in range(20):
                    await self.exchange(ws, message_of(draw, draw.choice(SIZES[:9])))

    async def to_a_rogue_server(self, draw: random.Random, port: int) -> None:
        with contextlib.suppress(*BROKEN):
            async with self.connect(draw, "echo", port) as ws:
                while True:
                    await ws.recv()


async def send_all(ws: WebSocketClientProtocol, messages: list[Message]) -> None:
    for message in messages:
        await ws.send(message)


async def slowly(parts: list[Any]) -> AsyncIterator[Any]:
    for part in parts:
        yield part
        await asyncio.sleep(0)


def message_of(draw: random.Random, size: int) -> Message:
    """Draw a text of ``size`` characters, or as many bytes."""
    if draw.random() < 0.5:
        block = draw.randbytes(min(size, 4_096))
        return (block * (size // len(block) + 1))[:size] if size else b""
    letters = draw.choice([LETTERS[:1], LETTERS])
    text = "".join(draw.choices(letters, k=min(size, 1_000)))
    # Within what a message may take: four bytes a character.
    size = min(size, 250_000)
    return (text * (size // len(text) + 1))[:size] if size else ""
