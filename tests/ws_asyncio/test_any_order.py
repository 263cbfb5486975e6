"""A peer and an application that do anything in any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ws_frames import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    Opcode,
    PreparedMessage,
    Role,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Establish
    from tests.ws_asyncio.peers import Peer


TEXT, PING, PONG, CLOSE = Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE


class Play:
    """A connection between a peer and an application that do anything at any time."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.protocol = peer.protocol
        self.transport = peer.transport
        self.sent = 0
        self.in_message = False
        self.received: list[Data] = []
        self.tasks: list[asyncio.Task[Any]] = []

    @property
    def reachable(self) -> bool:
        return self.transport.reading and not self.transport.closing

    async def arrive(self, *frames: bytes) -> None:
        if self.reachable:
            await self.peer.send(*frames)

    def message(self) -> bytes:
        self.sent += 1
        return self.peer.text(str(self.sent - 1))

    async def peer_sends(self, number: int) -> None:
        if not self.in_message and self.reachable:
            await self.arrive(*[self.message() for _ in range(number)])

    async def peer_begins_a_message(self) -> None:
        if not self.in_message and self.reachable:
            self.in_message = True
            await self.arrive(self.peer.text("", fin=False))

    async def peer_ends_a_message(self) -> None:
        if self.in_message and self.reachable:
            self.in_message = False
            self.sent += 1
            await self.arrive(self.peer.cont(str(self.sent - 1)))

    async def peer_pings(self, number: int) -> None:
        await self.arrive(*[self.peer.ping(b"p")] * number)

    async def peer_answers_pings(self) -> None:
        pings = [frame.data for frame in self.peer.frames if frame.opcode is PING]
        await self.arrive(*map(self.peer.pong, pings[-1:]))

    async def peer_closes(self) -> None:
        await self.arrive(self.peer.close())

    async def peer_errs(self) -> None:
        await self.arrive(b"\xf0")

    async def peer_ends_its_side(self) -> None:
        if self.reachable:
            await self.peer.send_eof()

    async def peer_stops_reading(self) -> None:
        self.transport.stall()

    async def peer_reads(self) -> None:
        if not self.transport.lost:
            await self.peer.flow()

    async def tcp_is_lost(self) -> None:
        await self.peer.lose(ConnectionResetError())

    async def time_passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def start(self, coro: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(asyncio.ensure_future(coro))

    async def application_receives(self) -> None:
        async def receive() -> None:
            self.received.append(await self.protocol.recv())

        self.start(receive())

    async def application_iterates(self) -> None:
        async def receive() -> None:
            async for message in self.protocol:
                self.received.append(message)
                await self.protocol.send(message)

        self.start(receive())

    async def application_sends(self, size: int) -> None:
        self.start(self.protocol.send("s" * size))

    async def application_sends_fragments(self, size: int) -> None:
        async def fragments() -> AsyncIterator[str]:
            for _ in range(3):
                await asyncio.sleep(1)
                yield "f" * size

        self.start(self.protocol.send(fragments()))

    async def application_pings(self) -> None:
        async def ping() -> None:
            await (await self.protocol.ping())

        self.start(ping())

    async def application_pushes(self) -> None:
        self.protocol.push(PreparedMessage("s"))

    async def application_closes(self) -> None:
        self.start(self.protocol.close())

    async def application_fails(self, code: int) -> None:
        await self.peer.call(self.protocol.fail_connection, code)

    async def application_cancels(self, number: int) -> None:
        if self.tasks:
            self.tasks[number % len(self.tasks)].cancel()

    async def end(self) -> None:
        """See that all is in order, and that it ends in time."""
        started = self.transport.loop.time()
        self.start(self.protocol.close())
        await asyncio.wait(self.tasks)
        await asyncio.sleep(0)
        assert self.transport.lost
        assert self.transport.loop.time() - started < 25  # two stages, and some fragments
        kinds = {type(task.exception()) for task in self.tasks if not task.cancelled()}
        assert kinds <= {type(None), ConnectionClosedOK, ConnectionClosedError, RuntimeError}
        while len(self.received) < self.sent:
            try:
                self.received.append(await self.protocol.recv())
            except ConnectionClosed:
                break
        assert self.received == [*map(str, range(len(self.received)))]
        self.see_what_was_written()

    def see_what_was_written(self) -> None:
        kinds = [frame.opcode for frame in self.peer.frames]
        if CLOSE in kinds:
            assert set(kinds[kinds.index(CLOSE) + 1 :]) <= {PONG}
        in_message = False
        for frame in self.peer.frames:
            if frame.opcode in (TEXT, Opcode.CONT):
                assert (frame.opcode is Opcode.CONT) is in_message
                in_message = not frame.fin


def operations(*names: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Choose one of the operations, with its arguments."""
    arguments = {
        "peer_sends": st.integers(1, 5),
        "peer_pings": st.sampled_from([1, 100]),
        "time_passes": st.sampled_from([0, 1, 4, 25]),
        "application_sends": st.sampled_from([10, 2000]),
        "application_sends_fragments": st.sampled_from([10, 2000]),
        "application_fails": st.sampled_from([1006, 1011, 1011, 1011]),
        "application_cancels": st.integers(0, 20),
    }
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), *([arguments[name]] if name in arguments else []))
    )


LIFE = (
    "peer_sends",
    "peer_begins_a_message",
    "peer_ends_a_message",
    "peer_pings",
    "peer_answers_pings",
    "peer_stops_reading",
    "peer_reads",
    "time_passes",
    "application_receives",
    "application_iterates",
    "application_sends",
    "application_sends_fragments",
    "application_pings",
    "application_pushes",
    "application_cancels",
)
END = (
    "peer_closes",
    "peer_errs",
    "peer_ends_its_side",
    "tcp_is_lost",
    "application_closes",
    "application_fails",
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    role=st.sampled_from(Role),
    max_queue=st.sampled_from([1, 2, 32]),
    ping_interval=st.sampled_from([None, 3]),
    stalled=st.booleans(),
    life=st.lists(operations(*LIFE), min_size=8, max_size=60),
    end=operations(*END),
    rest=st.lists(operations(*LIFE, *END), min_size=4, max_size=30),
)
async def test_anything_may_happen_in_any_order(
    establish: Establish,
    loop_errors: list[str],
    role: Role,
    max_queue: int,
    ping_interval: float | None,
    stalled: bool,
    life: list[tuple[Any, ...]],
    end: tuple[Any, ...],
    rest: list[tuple[Any, ...]],
) -> None:
    peer = establish(
        role, write_limit=1000, max_queue=max_queue, ping_interval=ping_interval, ping_timeout=10
    )
    if stalled:
        peer.transport.stall()
    play = Play(peer)
    for name, *arguments in [*life, end, *rest]:
        await getattr(play, name)(*arguments)
    await play.end()
    assert loop_errors == []
