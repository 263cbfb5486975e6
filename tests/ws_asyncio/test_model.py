"""Both ends of a connection, over memory that cuts and holds back bytes, against a model."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ws_asyncio import testing
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_asyncio.testing import MemoryTransport, connected_pair
from ws_frames import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, Data

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock

#: More of them with `--thorough`.
EXAMPLES = settings().max_examples // 2

ACTIONS = ["send", "fragments", "ping", "receive", "cancel", "pause", "resume", "turns"]
ENDS = ["close", "fail", "abort", "eof"]

sides = st.sampled_from([0, 1])
steps = st.tuples(sides, st.sampled_from(ACTIONS), st.integers(1, 12))
ends = st.tuples(sides, st.sampled_from(ENDS), st.integers(1, 12))


class Talk:
    """What both ends do, and what has to come of it."""

    def __init__(self, ends: tuple[WebSocketCommonProtocol, WebSocketCommonProtocol]) -> None:
        self.ends = ends
        self.begun: tuple[list[Data], list[Data]] = ([], [])
        self.received: tuple[list[Data], list[Data]] = ([], [])
        self.tasks: list[asyncio.Task[None]] = []
        self.receiving: list[asyncio.Task[None]] = []

    def start(self, coro: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.ensure_future(coro))

    async def send(self, side: int, number: int) -> None:
        message = f"{len(self.begun[side])}:" + "x" * (100 * number)
        self.begun[side].append(message)
        await self.ends[side].send(message)

    async def fragments(self, side: int, number: int) -> None:
        message = f"{len(self.begun[side])}:" + "x" * number
        self.begun[side].append(message)
        await self.ends[side].send(list(message))

    async def ping(self, side: int, number: int) -> None:
        await (await self.ends[side].ping())

    async def receive(self, side: int, number: int) -> None:
        for _ in range(number):
            self.received[side].append(await self.ends[side].recv())

    async def close(self, side: int, number: int) -> None:
        await self.ends[side].close(4000 + side)

    async def act(self, side: int, action: str, number: int) -> None:
        transport = self.ends[side].transport
        if action == "turns":
            for _ in range(number):
                await asyncio.sleep(0)
        elif action == "cancel":
            if self.tasks:
                self.tasks[number % len(self.tasks)].cancel()
        elif action == "fail":
            self.ends[side].fail_connection(4000 + side)
        elif action == "abort":
            transport.abort()
        elif action == "eof":
            transport.close()
        elif action in ("pause", "resume"):
            assert isinstance(transport, Slow)
            transport.held = action == "pause"
            transport._schedule()
        else:
            self.start(getattr(self, action)(side, number))
            if action == "receive":
                self.receiving.append(self.tasks[-1])


class Slow(MemoryTransport):
    """Lets bytes arrive a few at a time, and none while it is held."""

    size = 7
    held = False

    def _deliver(self) -> None:
        if self.held:
            self._scheduled = False
            return
        protocol, data = self._protocol, bytes(self._incoming[: self.size])
        if (
            protocol is None
            or self._closing
            or not self._reading
            or not self._incoming[self.size :]
        ):
            super()._deliver()
            return
        self._scheduled = False
        del self._incoming[: self.size]
        assert self._peer is not None
        self._peer._note_room()
        protocol.data_received(data)
        self._schedule()


async def play(talk: Talk, actions: list[tuple[int, str, int]]) -> None:
    """Do all that, then see that the connection comes to its end, and all tasks with it."""
    for action in actions:
        await talk.act(*action)
    for side in (0, 1):
        await talk.act(side, "resume", 0)
        talk.start(talk.ends[side].close())
    await asyncio.wait(talk.tasks)
    for side in (0, 1):
        with suppress(ConnectionClosed):
            while True:
                talk.received[side].append(await talk.ends[side].recv())


def see_what_came(talk: Talk) -> None:
    errors = {type(task.exception()) for task in talk.tasks if not task.cancelled()}
    assert errors <= {type(None), ConnectionClosedOK, ConnectionClosedError, RuntimeError}
    for side, end in enumerate(talk.ends):
        assert end.closed
        assert end.close_code in (1000, 1006, 1011, 4000, 4001)
        assert end.backlog == 0
        # In order, whole, and none of them twice; what was cancelled need not be there.
        begun = iter(talk.begun[1 - side])
        assert all(message in begun for message in talk.received[side])


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    life=st.lists(steps, max_size=30),
    end=ends,
    rest=st.lists(steps | ends, max_size=10),
    max_queue=st.sampled_from([1, 32]),
)
async def test_both_ends_agree_whatever_they_do(
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    life: list[tuple[int, str, int]],
    end: tuple[int, str, int],
    rest: list[tuple[int, str, int]],
    max_queue: int,
) -> None:
    monkeypatch.setattr(testing, "MemoryTransport", Slow)
    options = {"max_queue": max_queue, "write_limit": 300}
    async with connected_pair(client_options=options, server_options=options) as pair:
        talk = Talk(pair)
        await play(talk, [*life, end, *rest])
    see_what_came(talk)


@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=st.lists(steps.filter(lambda step: step[1] != "cancel"), max_size=30))
async def test_nothing_is_lost_before_an_orderly_end(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, life: list[tuple[int, str, int]]
) -> None:
    monkeypatch.setattr(testing, "MemoryTransport", Slow)
    async with connected_pair(
        client_options={"max_queue": None}, server_options={"max_queue": None}
    ) as pair:
        talk = Talk(pair)
        for action in life:
            await talk.act(*action)
        for side in (0, 1):
            await talk.act(side, "resume", 0)
        sending = [each for each in talk.tasks if each not in talk.receiving]
        if sending:
            await asyncio.wait(sending)
        await play(talk, [])
    see_what_came(talk)
    assert talk.received == (talk.begun[1], talk.begun[0])
