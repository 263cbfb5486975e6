"""The end of TCP, within a time limit."""

from __future__ import annotations

import asyncio
import socket
import struct
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_asyncio.disconnector import Disconnector

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.peers import FakeTransport


class Recorder(asyncio.Protocol):
    """A protocol that notes when TCP ends."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


@pytest.fixture
async def disconnector(transport: FakeTransport, clock: Clock) -> Disconnector:
    transport.protocol = Recorder()
    return Disconnector(transport.loop, transport, 10)


async def test_closing_closes_the_transport(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    disconnector.close()
    assert transport.closing
    assert not transport.aborted


async def test_a_transport_is_closed_once(
    disconnector: Disconnector, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport.stall()
    transport.write(b"not read yet")
    disconnector.close()
    monkeypatch.setattr(transport, "close", lambda: pytest.fail("closed again"))
    disconnector.close()


async def test_closing_aborts_after_the_time_limit(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    transport.stall()
    transport.write(b"never read")
    disconnector.close()
    await asyncio.sleep(9.9)
    before = transport.aborted
    await asyncio.sleep(0.2)
    assert (before, transport.aborted) == (False, True)


async def test_lingering_ends_our_side_and_reads_on(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    transport.reading = False
    disconnector.linger()
    assert transport.eof
    assert transport.reading
    assert not transport.closing


async def test_lingering_aborts_after_the_time_limit(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    disconnector.linger()
    await asyncio.sleep(9.9)
    before = transport.aborted
    await asyncio.sleep(0.2)
    assert (before, transport.aborted) == (False, True)


async def test_lingering_may_be_allowed_less_time(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    disconnector.linger(at_most=1)
    await asyncio.sleep(0.9)
    before = transport.aborted
    await asyncio.sleep(0.2)
    assert (before, transport.aborted) == (False, True)


async def test_after_lingering_something_else_can_be_done(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    disconnector.linger(at_most=1, then=disconnector.close)
    await asyncio.sleep(1.1)
    assert (transport.closing, transport.aborted) == (True, False)


async def test_lingering_closes_a_transport_that_cannot_end_one_side(
    disconnector: Disconnector, transport: FakeTransport
) -> None:
    transport.has_eof = False  # TLS
    disconnector.linger()
    assert transport.closing


@pytest.mark.parametrize("kind", ["asyncio", "debug", "uvloop"])
def test_lingering_on_a_connection_that_the_peer_has_reset_ends_it(
    loops: Callable[[str], asyncio.AbstractEventLoop], kind: str
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            transport, recorder = await loop.create_connection(Recorder, *listener.getsockname())
            transport.pause_reading()  # so that the reset isn't noticed
            peer, _ = listener.accept()
            with peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        disconnector = Disconnector(loop, transport, 10)
        disconnector.linger()
        await asyncio.wait_for(recorder.lost, 5)
        disconnector.stop()

    loops(kind).run_until_complete(main())


async def test_a_new_limit_takes_the_place_of_the_old_one(
    disconnector: Disconnector, clock: Clock
) -> None:
    called: dict[str, float] = {}
    disconnector.limit(lambda: called.update(first=clock.now))
    await asyncio.sleep(5)
    disconnector.limit(lambda: called.update(second=clock.now))
    await asyncio.sleep(60)
    assert called == {"second": pytest.approx(1015)}


async def test_many_take_one_timer_of_the_event_loop(
    transport: FakeTransport, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[float] = []
    called: list[int] = []
    call_at = transport.loop.call_at

    def noting(when: float, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        timers.append(when)
        return call_at(when, *args, **kwargs)

    monkeypatch.setattr(transport.loop, "call_at", noting)
    for number in range(50):
        Disconnector(transport.loop, transport, 10).limit(partial(called.append, number))
    assert len(timers) == 1
    await asyncio.sleep(11)
    assert called == list(range(50))


async def test_nothing_is_called_after_it_is_stopped(disconnector: Disconnector) -> None:
    called: list[int] = []
    disconnector.limit(lambda: called.append(1))
    disconnector.stop()
    disconnector.stop()
    await asyncio.sleep(60)
    assert called == []


async def test_none_is_no_limit(transport: FakeTransport, clock: Clock) -> None:
    called: list[int] = []
    disconnector = Disconnector(transport.loop, transport, None)
    disconnector.limit(lambda: called.append(1))
    await asyncio.sleep(1e6)
    assert called == []


@pytest.mark.usefixtures("no_gc")
async def test_a_stopped_one_holds_on_to_nothing(transport: FakeTransport, clock: Clock) -> None:
    class Owner:
        def act(self) -> None:
            """Be referred to by a timer."""

    owner = Owner()
    disconnector = Disconnector(transport.loop, transport, 10)
    disconnector.limit(owner.act)
    disconnector.stop()
    reference = weakref.ref(owner)
    del owner
    assert reference() is None
