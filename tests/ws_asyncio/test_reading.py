"""The sizes of reads: what they follow, and what they don't."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_asyncio.reading import ReadSize

KIB = 1024


class Transport(asyncio.Transport):
    """One that has a size of reads, as asyncio's own for TCP."""

    max_size = 256 * KIB


def sizes_after(reads: list[int], least: int = 64 * KIB) -> list[int]:
    """The sizes that a transport is given, one for each read."""
    transport: Any = Transport()
    reading = ReadSize(transport, least)
    sizes = []
    for read in reads:
        larger = reading.adapt(read)
        assert larger is (transport.max_size > max(least, 1))
        sizes.append(transport.max_size)
    return sizes


def test_it_begins_with_the_least() -> None:
    transport: Any = Transport()
    ReadSize(transport, 64 * KIB)
    assert transport.max_size == 64 * KIB


def test_full_reads_make_it_larger_up_to_four_times_the_least() -> None:
    assert sizes_after([64 * KIB, 124 * KIB, 256 * KIB]) == [124 * KIB, 256 * KIB, 256 * KIB]


def test_the_end_of_a_message_leaves_it_as_it_is() -> None:
    reads = [64 * KIB, 14, 64 * KIB + 14, 64 * KIB + 14]
    assert sizes_after(reads) == [124 * KIB] * 4


def test_two_small_reads_in_a_row_make_it_smaller() -> None:
    reads = [64 * KIB, 124 * KIB, 100, 100, 100, 100, 100]
    expected = [124, 256, 256, 124, 124, 64, 64]
    assert sizes_after(reads) == [size * KIB for size in expected]


def test_a_small_limit_is_kept() -> None:
    assert sizes_after([1, 1, 1], least=0) == [1, 1, 1]
    assert sizes_after([64 * KIB - 1] * 3, least=64 * KIB - 1) == [64 * KIB - 1] * 3


def test_a_large_limit_is_followed() -> None:
    reads = [1024 * KIB, 2048 * KIB]
    assert sizes_after(reads, least=1024 * KIB) == [2048 * KIB, 4096 * KIB]


def test_other_transports_have_no_such_size() -> None:
    transport = asyncio.Transport()
    assert ReadSize(transport, 64 * KIB).adapt(64 * KIB)
    assert not hasattr(transport, "max_size")


@pytest.mark.parametrize(
    ("read_limit", "least", "most"),
    [(0, 1, 1), (1000, 1000, 1000), (2**16, 2**16, 2**18)],
)
async def test_a_large_message_is_read_by_up_to_four_times_the_limit(
    monkeypatch: pytest.MonkeyPatch, read_limit: int, least: int, most: int
) -> None:
    monkeypatch.setattr("ws_asyncio.transports.chosen", "loop")
    sizes: list[int] = []

    class Noting(WebSocketServerProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.note()

        def _receive_slowly(self, data: bytes) -> None:
            super()._receive_slowly(data)
            self.note()

        def note(self) -> None:
            transport: Any = self.transport  # of asyncio's own, which has such a size
            sizes.append(transport.max_size)

    options: dict[str, Any] = {"read_limit": read_limit, "compression": None}
    server = await serve(echo, "127.0.0.1", 0, create_protocol=Noting, **options)
    async with server, connect(uri_of(server)) as ws:
        # The reads of a large one may be larger from the first on that is full.
        for message in ("x" * 20_000, "x" * 2**20, "x"):
            await ws.send(message)
            assert await ws.recv() == message
    assert sizes[0] == least
    assert max(sizes) <= most
