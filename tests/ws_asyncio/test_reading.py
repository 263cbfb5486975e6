"""The sizes of reads: what they follow, and what they don't."""

from __future__ import annotations

import asyncio
from typing import Any

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
