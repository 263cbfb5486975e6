"""Pings that wait for their pong, and those that are sent to see whether the peer is there."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ws_asyncio.keepalive import Keepalive, PongWaiters

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock


class Lost(Exception):
    """The connection has ended."""


@pytest.fixture
async def waiters(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> PongWaiters:
    monkeypatch.setattr("ws_asyncio.keepalive.perf_counter", clock.time)
    return PongWaiters(asyncio.get_running_loop())


# Waiting for pongs


async def test_a_pong_completes_its_ping_with_the_latency(waiters: PongWaiters) -> None:
    assert waiters.latency == 0.0
    future = waiters.add(b"a")
    await asyncio.sleep(0.25)
    waiters.answer((b"a",))
    assert await future == pytest.approx(0.25)
    assert waiters.latency == pytest.approx(0.25)


async def test_a_pong_completes_earlier_pings_too(waiters: PongWaiters) -> None:
    first = waiters.add(b"a")
    await asyncio.sleep(1)
    second = waiters.add(b"b")
    third = waiters.add(b"c")
    await asyncio.sleep(2)
    waiters.answer((b"a", b"b"))
    assert await first == pytest.approx(3)
    assert await second == pytest.approx(2)
    assert waiters.latency == pytest.approx(2)
    assert not third.done()


async def test_a_pong_that_answers_nothing_changes_nothing(waiters: PongWaiters) -> None:
    future = waiters.add(b"a")
    waiters.answer(())
    assert not future.done()
    assert waiters.latency == 0.0


async def test_a_ping_that_nobody_waits_for_is_answered_all_the_same(waiters: PongWaiters) -> None:
    waiters.add(b"a").cancel()
    await asyncio.sleep(1)
    waiters.answer((b"a",))
    assert waiters.latency == pytest.approx(1)


async def test_the_end_of_the_connection_completes_them_with_an_exception_each(
    waiters: PongWaiters,
) -> None:
    futures = [waiters.add(b"a"), waiters.add(b"b"), waiters.add(b"c")]
    futures[1].cancel()
    waiters.fail(Lost)
    exceptions = [futures[0].exception(), futures[2].exception()]
    assert [type(exception) for exception in exceptions] == [Lost, Lost]
    assert exceptions[0] is not exceptions[1]
    waiters.fail(Lost)


async def test_nobody_hears_of_the_exception_of_a_ping_that_was_dropped(
    waiters: PongWaiters, loop_errors: list[str]
) -> None:
    waiters.add(b"a")
    waiters.fail(Lost)
    gc.collect()
    await asyncio.sleep(0)
    assert loop_errors == []


# Keepalive


class Line:
    """A line to a peer that answers pings after a while."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.loop = asyncio.get_running_loop()
        #: How many seconds the pongs take, one by one, and then each of them.
        self.delays: Iterator[float] = iter(())
        self.delay: float | None = 0
        #: When pings were sent, and when a pong was missed, in seconds from the start.
        self.pings: list[float] = []
        self.missed: list[float] = []

    def ping(self) -> asyncio.Future[float]:
        self.pings.append(self.clock.now - 1000)
        pong: asyncio.Future[float] = self.loop.create_future()
        delay = next(self.delays, self.delay)
        if delay is not None:
            self.loop.call_later(delay, pong.set_result, delay)
        return pong

    def report(self) -> None:
        self.missed.append(self.clock.now - 1000)

    def keep_alive(self, interval: float, timeout: float | None) -> Keepalive:
        return Keepalive(
            self.loop, interval=interval, timeout=timeout, ping=self.ping, report=self.report
        )


@pytest.fixture
async def line(clock: Clock) -> Line:
    return Line(clock)


@pytest.mark.parametrize(
    ("interval", "timeout"), [(20, None), (20, 20), (20, 5), (20, 0.5), (20, 60), (20, 1e9)]
)
@pytest.mark.parametrize("delay", [0, 0.1])
async def test_a_ping_goes_out_each_interval(
    line: Line, interval: float, timeout: float | None, delay: float
) -> None:
    line.delay = delay
    keepalive = line.keep_alive(interval, timeout)
    await asyncio.sleep(90)
    keepalive.stop()
    await asyncio.sleep(90)
    assert line.pings == pytest.approx([20, 40, 60, 80])
    assert line.missed == []


@pytest.mark.parametrize(
    ("interval", "timeout", "missed"),
    [(20, 20, 40), (20, 5, 25), (20, 60, 80), (20, 50, 70), (1, 30, 31)],
)
async def test_a_peer_that_is_silent_is_reported_after_the_timeout(
    line: Line, interval: float, timeout: float, missed: float
) -> None:
    line.delay = None
    line.keep_alive(interval, timeout)
    await asyncio.sleep(1000)
    assert line.pings == pytest.approx([interval])
    assert line.missed == pytest.approx([missed])


async def test_a_pong_is_in_time_until_the_timeout(line: Line) -> None:
    line.delays = iter([4.9, 5.1])
    line.keep_alive(20, 5)
    await asyncio.sleep(100)
    assert line.pings == pytest.approx([20, 40])
    assert line.missed == pytest.approx([45])


async def test_a_pong_may_take_longer_than_the_interval(line: Line) -> None:
    line.delays = iter([45])
    keepalive = line.keep_alive(20, 50)
    await asyncio.sleep(119)
    keepalive.stop()
    assert line.missed == []
    # The second goes out when the first is known to be answered.
    assert line.pings == pytest.approx([20, 70, 90, 110])


async def test_without_a_timeout_a_peer_may_be_silent(line: Line) -> None:
    line.delay = None
    keepalive = line.keep_alive(20, None)
    await asyncio.sleep(70)
    keepalive.stop()
    assert line.pings == pytest.approx([20, 40, 60])
    assert line.missed == []


async def test_nothing_happens_after_it_is_stopped(line: Line) -> None:
    line.delay = None
    keepalive = line.keep_alive(20, 10)
    await asyncio.sleep(25)  # a ping is under way
    keepalive.stop()
    await asyncio.sleep(1000)
    assert line.pings == pytest.approx([20])
    assert line.missed == []


async def test_stopping_it_twice_does_nothing(line: Line) -> None:
    keepalive = line.keep_alive(20, 10)
    keepalive.stop()
    keepalive.stop()


async def test_a_ping_that_somebody_cancelled_counts_as_answered(line: Line) -> None:
    line.delay = None
    keepalive = line.keep_alive(20, 10)
    await asyncio.sleep(25)
    assert keepalive._pong is not None
    keepalive._pong.cancel()
    await asyncio.sleep(10)
    assert line.missed == []
    keepalive.stop()


@pytest.mark.usefixtures("no_gc")
async def test_a_stopped_one_holds_on_to_nothing(clock: Clock) -> None:
    line = Line(clock)
    keepalive = line.keep_alive(20, 10)
    await asyncio.sleep(25)
    keepalive.stop()
    reference = weakref.ref(line)
    del line, keepalive
    assert reference() is None
