"""A TCP proxy that breaks connections where it is told to, at a byte and in a way."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from functools import partial
from typing import Callable, NamedTuple, cast

__all__ = ["Fault", "Plan", "Proxy", "Relay", "Trickle", "Way", "open_proxy"]


class Way(Enum):
    """A direction through the proxy."""

    UP = "to the server"
    DOWN = "to the client"


class Fault(Enum):
    """What becomes of TCP."""

    CUT = "both ends see the end of TCP"
    HALF = "one end sees the end of TCP, and may still be heard"
    RESET = "both ends are reset"
    STALL = "nothing arrives any more"


class Plan(NamedTuple):
    """What happens once so many bytes have gone one way."""

    way: Way
    after: int
    fault: Fault


class Leg(asyncio.Protocol):
    """One of the two TCP connections of a relay."""

    transport: asyncio.Transport

    def __init__(self, relay: Relay, way: Way) -> None:
        self.relay = relay
        self.way = way
        self.other: Leg
        self.eof = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self.way is Way.UP:
            self.relay.accepted(self)

    def data_received(self, data: bytes) -> None:
        self.relay.once_connected(partial(self.relay.forward, self, data))

    def eof_received(self) -> bool:
        self.eof = True
        self.relay.once_connected(partial(self.relay.forward_eof, self))
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        self.relay.forward_loss(self)

    def end(self) -> None:
        """End our side, and go on reading."""
        if not self.transport.is_closing():
            self.transport.write_eof()

    def reset(self) -> None:
        if not self.transport.is_closing():
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()


class Relay:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.plan = proxy.plan
        self.client, self.server = Leg(self, Way.UP), Leg(self, Way.DOWN)
        self.client.other, self.server.other = self.server, self.client
        self.passed = {way: bytearray() for way in Way}
        self.arrived = dict.fromkeys(Way, 0)
        self.stopped: set[Way] = set()
        self.struck = False
        self.connecting: asyncio.Task[None] | None = None
        self._early: list[Callable[[], object]] | None = []  # what comes before it is done

    def accepted(self, leg: Leg) -> None:
        self.proxy.relays.append(self)
        self.connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.server, *self.proxy.target)
        if self.plan is not None and self.plan.after == 0:
            self._stop(self.plan)
        early, self._early = self._early, None
        for action in early or ():
            action()

    def once_connected(self, action: Callable[[], object]) -> None:
        if self._early is None:
            action()
        else:
            self._early.append(action)

    # Forwarding

    def forward(self, leg: Leg, data: bytes) -> None:
        if leg.way in self.stopped:
            return
        plan = self.plan
        if plan is not None and plan.way is leg.way:
            data = data[: plan.after - len(self.passed[leg.way])]
        self.passed[leg.way] += data
        if not leg.other.transport.is_closing():
            leg.other.transport.write(data)
        if plan is not None and len(self.passed[plan.way]) == plan.after:
            self._stop(plan)

    def forward_eof(self, leg: Leg) -> None:
        if leg.way not in self.stopped:
            leg.other.end()
        if self.client.eof and self.server.eof and not self.stalled:
            self.client.transport.close()
            self.server.transport.close()

    def forward_loss(self, leg: Leg) -> None:
        if not self.stalled and hasattr(leg.other, "transport"):
            leg.other.reset()

    # The fault

    @property
    def stalled(self) -> bool:
        return self.plan is not None and self.struck and self.plan.fault is Fault.STALL

    def note_arrival(self, way: Way, size: int) -> None:
        """What was forwarded has arrived: not before that the fault happens."""
        self.arrived[way] += size
        self._strike_in_time()

    def _stop(self, plan: Plan) -> None:
        self.stopped |= {plan.way} if plan.fault is Fault.HALF else set(Way)
        self._strike_in_time()

    def _strike_in_time(self) -> None:
        plan = self.plan
        if plan is None or self.struck or plan.way not in self.stopped:
            return
        if self.proxy.sees_arrivals and self.arrived[plan.way] < plan.after:
            return
        self.struck = True
        asyncio.get_running_loop().call_soon(self._strike, plan)

    def _strike(self, plan: Plan) -> None:
        legs = [self.client, self.server]
        if plan.fault is Fault.HALF:
            legs[plan.way is Way.UP].end()
        elif plan.fault is Fault.CUT:
            for leg in legs:
                leg.end()
        elif plan.fault is Fault.RESET:
            for leg in legs:
                leg.reset()
        else:
            self.proxy.stalled()

    async def wait_closed(self) -> None:
        assert self.connecting is not None
        await self.connecting
        if self.stalled:
            self.client.reset()
            self.server.reset()
        await asyncio.wait([self.client.lost, self.server.lost])


class Trickle(Relay):
    """Passes on one byte in a turn of the event loop."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._waiting = {way: bytearray() for way in Way}

    def forward(self, leg: Leg, data: bytes) -> None:
        waiting = self._waiting[leg.way]
        if not waiting:
            asyncio.get_running_loop().call_soon(self._pass_byte, leg)
        waiting += data

    def forward_eof(self, leg: Leg) -> None:
        if not self._waiting[leg.way]:
            super().forward_eof(leg)

    def _pass_byte(self, leg: Leg) -> None:
        waiting = self._waiting[leg.way]
        super().forward(leg, bytes(waiting[:1]))
        del waiting[:1]
        if waiting:
            asyncio.get_running_loop().call_soon(self._pass_byte, leg)
        elif leg.eof:
            super().forward_eof(leg)


class Proxy:
    """Passes the bytes of TCP connections on to a server, as long as the plan says.

    With ``sees_arrivals`` the ends tell what has arrived, by :meth:`note_arrival`, and
    the fault waits for that: else a reset may overtake bytes.
    """

    def __init__(self, port: int, *, sees_arrivals: bool) -> None:
        self.target = "127.0.0.1", port
        self.sees_arrivals = sees_arrivals
        self.plan: Plan | None = None
        #: The connections there were since the last :meth:`wait_closed`.
        self.relays: list[Relay] = []
        #: Called when nothing will arrive any more.
        self.stalled: Callable[[], object] = lambda: None
        #: What the next connections are made of.
        self.relay: type[Relay] = Relay

    async def start(self) -> int:
        """Listen; gives the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self.relay(self).client, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def note_arrival(self, way: Way, size: int) -> None:
        self.relays[-1].note_arrival(way, size)

    async def wait_closed(self) -> list[Relay]:
        """Wait for the end of all connections; gives them."""
        relays, self.relays = self.relays, []
        for relay in relays:
            await relay.wait_closed()
        return relays

    def close(self) -> None:
        self._server.close()


@asynccontextmanager
async def open_proxy(port: int, *, sees_arrivals: bool) -> AsyncIterator[tuple[Proxy, int]]:
    proxy = Proxy(port, sees_arrivals=sees_arrivals)
    own_port = await proxy.start()
    try:
        yield proxy, own_port
    finally:
        proxy.close()
