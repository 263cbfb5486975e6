from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ws_asyncio import WebSocketServerProtocol
from ws_asyncio.testing import MemoryTransport, connected_pair, memory_transports
from ws_frames import ConnectionClosedError
from ws_http import InvalidOrigin, InvalidStatusCode


class Recorder(asyncio.Protocol):
    """Notes what a transport calls."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.calls.append("made")

    def data_received(self, data: bytes) -> None:
        self.calls.append(data)

    def eof_received(self) -> None:
        self.calls.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append(("lost", type(exc)))

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")


def ends() -> tuple[MemoryTransport, Recorder, MemoryTransport, Recorder]:
    left, right = memory_transports()
    left_protocol, right_protocol = Recorder(), Recorder()
    left.attach(left_protocol, right)
    right.attach(right_protocol, left)
    return left, left_protocol, right, right_protocol


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_pair_talks_both_ways() -> None:
    async with connected_pair() as (client, server):
        await client.send("ping")
        assert await server.recv() == "ping"
        await server.send(b"pong")
        assert await client.recv() == b"pong"
    assert client.close_code == server.close_code == 1000


async def test_a_handler_runs_on_the_servers_side() -> None:
    async def handler(ws: WebSocketServerProtocol, path: str) -> None:
        await ws.send(path)

    async with connected_pair(handler, path="/chat") as (client, _):
        assert await client.recv() == "/chat"


async def test_the_error_of_a_handshake_is_raised() -> None:
    with pytest.raises(InvalidStatusCode, match="HTTP 403"):
        async with connected_pair(
            client_options={"origin": "http://evil.example"},
            server_options={"origins": ["http://good.example"]},
        ):
            pytest.fail("there is no connection")
    assert issubclass(InvalidOrigin, Exception)


async def test_a_lost_connection_ends_both_sides() -> None:
    async with connected_pair() as (client, server):
        client.transport.abort()
        with pytest.raises(ConnectionClosedError) as caught:
            await server.recv()
        assert isinstance(caught.value.__cause__, ConnectionResetError)
        with pytest.raises(ConnectionClosedError):
            await client.recv()


async def test_addresses_are_those_of_documentation() -> None:
    async with connected_pair() as (client, server):
        assert client.local_address == server.remote_address == ("192.0.2.1", 1)
        assert client.remote_address == server.local_address == ("192.0.2.2", 2)


async def test_what_is_written_arrives_in_the_next_turn() -> None:
    left, _, _, protocol = ends()
    left.write(b"a")
    left.writelines([b"b", b"c"])
    assert protocol.calls == ["made"]
    await settle()
    assert protocol.calls == ["made", b"abc"]


async def test_nothing_arrives_while_reading_is_paused() -> None:
    left, _, right, protocol = ends()
    right.pause_reading()
    assert not right.is_reading()
    left.write(b"a")
    await settle()
    assert protocol.calls == ["made"]
    assert left.get_write_buffer_size() == 1
    right.resume_reading()
    assert right.is_reading()
    await settle()
    assert protocol.calls == ["made", b"a"]
    assert left.get_write_buffer_size() == 0


async def test_a_full_buffer_pauses_the_writer() -> None:
    left, protocol, right, _ = ends()
    left.set_write_buffer_limits(3)
    right.pause_reading()
    left.write(b"abcd")
    left.write(b"efgh")
    assert protocol.calls == ["made", "pause"]
    right.resume_reading()
    await settle()
    assert protocol.calls == ["made", "pause", "resume"]


async def test_the_default_limit_is_that_of_asyncio() -> None:
    left, protocol, right, _ = ends()
    left.set_write_buffer_limits(3)
    left.set_write_buffer_limits()
    right.pause_reading()
    left.write(bytes(65_536))
    assert protocol.calls == ["made"]
    left.write(b"a")
    assert protocol.calls == ["made", "pause"]


async def test_half_closing_ends_both_ways_unless_the_other_end_stays() -> None:
    left, left_protocol, right, right_protocol = ends()
    left.write(b"a")
    left.write_eof()
    left.write_eof()  # harmless
    with pytest.raises(RuntimeError):
        left.write(b"b")
    await settle()
    assert right_protocol.calls == ["made", b"a", "eof", ("lost", type(None))]
    assert left_protocol.calls == ["made", "eof", ("lost", type(None))]
    assert left.is_closing()
    assert right.is_closing()


async def test_closing_lets_what_was_written_arrive() -> None:
    left, left_protocol, _, right_protocol = ends()
    left.write(b"a")
    left.close()
    left.close()  # harmless
    left.abort()  # too late
    await settle()
    assert left_protocol.calls == ["made", ("lost", type(None))]
    assert right_protocol.calls == ["made", b"a", "eof", ("lost", type(None))]


async def test_aborting_resets_the_other_end() -> None:
    left, left_protocol, right, right_protocol = ends()
    left.write(b"a")
    left.abort()
    right.reset()  # too late
    right.write(b"b")
    await settle()
    assert left_protocol.calls == ["made", ("lost", type(None))]
    assert right_protocol.calls == ["made", ("lost", ConnectionResetError)]
    assert right.get_write_buffer_size() == 0


async def test_a_transport_hands_out_its_protocol() -> None:
    left, protocol, _, _ = ends()
    assert left.get_protocol() is protocol
    assert left.can_write_eof()
