"""``async for`` over ``connect()``: one connection after the other."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import threading
from collections.abc import Coroutine, Iterator, Sequence
from itertools import islice
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.ws_asyncio.servers import serving
from ws_asyncio import Connect, WebSocketClientProtocol, WebSocketServerProtocol, connect
from ws_asyncio.reconnection import SHORT, Reconnections, backoff_delays, is_transient
from ws_frames import Close, ConnectionClosedError, Opcode, Role
from ws_http import (
    Headers,
    InvalidMessage,
    InvalidStatusCode,
    InvalidUpgrade,
    InvalidURI,
    SecurityError,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Establish
    from tests.ws_asyncio.peers import Peer

Response = Any


@pytest.mark.parametrize(
    "exc",
    [
        ConnectionRefusedError(),
        OSError("no route"),
        EOFError(),
        asyncio.TimeoutError(),
        InvalidMessage("connection closed before the response"),
        InvalidStatusCode(500),
        InvalidStatusCode(502),
        InvalidStatusCode(503),
        InvalidStatusCode(504),
    ],
    ids=repr,
)
def test_what_may_pass_is_worth_a_retry(exc: Exception) -> None:
    assert is_transient(exc)


@pytest.mark.parametrize(
    "exc",
    [
        InvalidStatusCode(401),
        InvalidStatusCode(404),
        InvalidStatusCode(501),
        InvalidUpgrade("Upgrade", "h2c"),
        InvalidURI("http://localhost"),
        SecurityError("redirect from wss to ws"),
        SSLCertVerificationError("self-signed certificate"),
        ValueError(),
    ],
    ids=repr,
)
def test_what_stays_wrong_is_not(exc: Exception) -> None:
    assert not is_transient(exc)


def test_delays_are_random_below_a_bound_that_doubles() -> None:
    bounds = [1, 2, 4, 8, 16, 32, 64, 64, 64]
    runs = [list(islice(backoff_delays(), len(bounds))) for _ in range(200)]
    for delays in runs:
        assert all(0 <= delay <= bound for delay, bound in zip(delays, bounds))
    # Random: no two clients come back at the same moments, and some come late.
    assert len({tuple(delays) for delays in runs}) == len(runs)
    assert max(delays[8] for delays in runs) > 32


# The loop


async def first(connections: Connect) -> WebSocketClientProtocol:
    async for ws in connections:
        return ws
    raise AssertionError("the loop never ends by itself")


async def test_an_iteration_may_be_gone_on_with() -> None:
    async with serving() as uri:
        connections = connect(uri).__aiter__()
        ids = set()
        for _ in range(2):  # aiter() came with Python 3.10
            async for ws in connections:
                ids.add(ws.id)
                break
    assert len(ids) == 2


async def test_iterating_gives_a_new_connection_each_time() -> None:
    ids = set()
    async with serving() as uri:
        async for ws in connect(uri):
            ids.add(ws.id)
            await ws.send("Hello")
            assert await ws.recv() == "Hello"
            if len(ids) == 3:
                break
            await ws.close()
    assert len(ids) == 3


async def test_a_connection_is_closed_when_the_body_of_the_loop_ends() -> None:
    seen: list[WebSocketClientProtocol] = []
    async with serving() as uri:
        async for ws in connect(uri):
            assert all(earlier.closed for earlier in seen)
            seen.append(ws)
            if len(seen) == 2:
                break


async def test_errors_worth_a_retry_are_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Response] = [(503, {}, b""), (502, {}, b""), None]

    async def process_request(path: str, headers: Headers) -> Response:
        return answers.pop(0)

    monkeypatch.setattr("ws_asyncio.reconnection.backoff_delays", lambda: iter([0.0, 0.0]))
    async with serving(process_request=process_request) as uri:
        async for ws in connect(uri):
            await ws.send("Hello")
            break
    assert answers == []


async def test_other_errors_end_the_loop() -> None:
    async def process_request(path: str, headers: Headers) -> Response:
        return 401, {}, b""

    async with serving(process_request=process_request) as uri:
        with pytest.raises(InvalidStatusCode, match="HTTP 401"):
            await first(connect(uri))


async def test_a_hook_decides_what_is_worth_a_retry() -> None:
    asked = []

    def retry_on(exc: Exception) -> bool:
        asked.append(exc)
        return False

    async def process_request(path: str, headers: Headers) -> Response:
        return 503, {}, b""

    async with serving(process_request=process_request) as uri:
        with pytest.raises(InvalidStatusCode, match="HTTP 503"):
            await first(connect(uri, retry_on=retry_on))
    assert [type(exc) for exc in asked] == [InvalidStatusCode]


async def test_errors_in_the_body_of_the_loop_are_not_retried() -> None:
    async def fail(ws: WebSocketServerProtocol) -> None:
        await ws.close(1011)

    async def receive(uri: str) -> None:
        async for ws in connect(uri):
            await ws.recv()

    async with serving(fail) as uri:
        with pytest.raises(ConnectionClosedError):
            await receive(uri)


# Connections that their server ends


class Connecting:
    """Makes a connection, to a peer in the hands of the test, each time that it is awaited."""

    def __init__(self, establish: Establish) -> None:
        self.peers: list[Peer] = []
        self._establish = establish

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        self.peers.append(self._establish(Role.CLIENT))
        return self.peers[-1].protocol


@pytest.fixture
def connecting(establish: Establish) -> Connecting:
    return Connecting(establish)


@pytest.fixture
def connections(connecting: Connecting, monkeypatch: pytest.MonkeyPatch) -> Reconnections:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    return Reconnections(connecting, is_transient)


async def close(peer: Peer) -> None:
    await peer.send(peer.close(1000))
    await peer.lose()


async def lose(peer: Peer) -> None:
    await peer.lose()


async def break_a_rule(peer: Peer) -> None:
    await peer.send(peer.frame(Opcode.CONT))
    await peer.lose()


async def leave_open(peer: Peer) -> None:
    asyncio.get_running_loop().call_later(0, peer.transport.lose)


async def be_closed(peer: Peer) -> None:
    closing = await peer.start(peer.protocol.close())
    await peer.send(peer.close(1000))
    await peer.lose()
    await closing


End = Callable[["Peer"], Coroutine[Any, Any, None]]


async def delays_after(
    ends: Sequence[tuple[End, float]], connecting: Connecting, connections: Reconnections
) -> list[float]:
    """How long it takes to connect again, after each end of so many seconds."""
    loop = asyncio.get_running_loop()
    await connections.__anext__()
    delays = []
    for end, lasting in ends:
        await asyncio.sleep(lasting)
        await end(connecting.peers[-1])
        begin = loop.time()
        await connections.__anext__()
        delays.append(loop.time() - begin)
    return delays


@pytest.mark.parametrize("end", [close, lose, break_a_rule])
async def test_a_server_that_ends_connections_at_once_is_given_time(
    end: End, connecting: Connecting, connections: Reconnections
) -> None:
    ends = [(end, 0.0), (end, SHORT / 2), (end, 0.0)]
    assert await delays_after(ends, connecting, connections) == pytest.approx([1, 2, 4])


@pytest.mark.parametrize("end", [close, lose])
async def test_a_connection_that_lasted_is_followed_by_another_at_once(
    end: End, connecting: Connecting, connections: Reconnections
) -> None:
    ends = [(end, 0.0), (end, SHORT), (end, 0.0)]
    assert await delays_after(ends, connecting, connections) == pytest.approx([1, 0, 1])


@pytest.mark.parametrize("end", [leave_open, be_closed])
async def test_so_is_one_that_the_body_of_the_loop_ends(
    end: End, connecting: Connecting, connections: Reconnections
) -> None:
    assert await delays_after([(end, 0.0)] * 3, connecting, connections) == [0, 0, 0]


async def test_why_it_takes_time_is_logged(
    connecting: Connecting, connections: Reconnections, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "websockets.client")
    await delays_after([(lose, 0.25)], connecting, connections)
    assert caplog.messages == ["next try in 1.0 s: the last connection lasted 0.2 s"]


# The end of the loop


async def test_a_loop_that_is_left_closes_its_connection() -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def handler(ws: WebSocketServerProtocol) -> None:
        await ws.wait_closed()
        codes.put_nowait(ws.close_code)

    async with serving(handler) as uri:
        ws = await first(connect(uri))
        await ws.wait_closed()
        assert ws.close_code == await codes.get() == 1000


async def test_its_connection_can_be_closed_at_once(
    connecting: Connecting, connections: Reconnections
) -> None:
    await connections.aclose()  # there is none
    await connections.__anext__()
    peer = connecting.peers[0]
    closing = await peer.start(connections.aclose())
    await close(peer)
    await closing
    assert peer.closes == [Close(1000)]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URI of a server that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = serving()
    uri = loop.run_until_complete(server.__aenter__())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield uri
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def leave(uri: str, seen: list[WebSocketClientProtocol]) -> None:
    async for ws in connect(uri):
        seen.append(ws)
        raise SystemExit


def test_an_event_loop_that_ends_waits_for_its_connection(elsewhere: str) -> None:
    seen: list[WebSocketClientProtocol] = []
    with pytest.raises(SystemExit):
        asyncio.run(leave(elsewhere, seen))
    assert seen[0].closed
    assert seen[0].close_code == 1000


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("turns", range(4))
def test_one_that_is_closed_without_waiting_complains_of_no_task(
    elsewhere: str, turns: int, loop_errors: list[str]
) -> None:
    async def main() -> None:
        with contextlib.suppress(SystemExit):
            await leave(elsewhere, [])
        for _ in range(turns):
            await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    gc.collect()
    assert loop_errors == []
