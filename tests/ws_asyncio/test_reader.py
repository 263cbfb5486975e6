"""Messages on their way from the network to recv()."""

from __future__ import annotations

import asyncio

import pytest

from ws_asyncio.reader import Reader


def make_reader(max_queue: int | None = None, max_bytes: int | None = None) -> Reader:
    return Reader(asyncio.get_running_loop(), max_queue=max_queue, max_bytes=max_bytes)


async def wait(reader: Reader) -> None:
    await reader.waiter


# How full it is


async def test_it_has_room_up_to_a_number_of_messages() -> None:
    reader = make_reader(max_queue=3)
    rooms = []
    for _ in range(4):
        rooms.append(reader.room)
        reader.put(("a",))
    assert rooms == [3, 2, 1, 0]
    assert reader.room == 0


async def test_it_has_room_up_to_a_number_of_bytes() -> None:
    reader = make_reader(max_queue=100, max_bytes=10_000)
    reader.put(("a" * 4900,))
    assert reader.room == 99
    reader.put((b"",))
    assert reader.room == 98
    reader.put((b"b" * 100,))
    assert reader.room == 0


async def test_it_counts_what_a_text_takes_in_memory() -> None:
    reader = make_reader(max_queue=100, max_bytes=10_000)
    reader.put(("a" * 2000 + "\U0001f600",))
    assert reader.room == 0


async def test_it_has_room_again_once_its_bytes_were_read() -> None:
    reader = make_reader(max_queue=100, max_bytes=10_000)
    reader.put(("a" * 4900, "b" * 100))
    reader.messages.popleft()
    assert reader.room == 0
    reader.messages.popleft()
    assert reader.room == 100
    reader.put(("a" * 4900,))
    assert reader.room == 99


async def test_without_limits_it_has_room_for_ever() -> None:
    reader = make_reader()
    reader.put("a" * 100_000)
    assert reader.room > 0


@pytest.mark.parametrize(("max_queue", "max_bytes"), [(0, None), (0, 0), (5, 0), (None, 0)])
async def test_an_empty_one_always_has_room(max_queue: int | None, max_bytes: int | None) -> None:
    reader = make_reader(max_queue, max_bytes)
    assert reader.room >= 1
    reader.put(("a",))
    assert reader.room == 0
    reader.messages.popleft()
    assert reader.room >= 1


# Who waits


async def test_messages_are_read_in_order() -> None:
    reader = make_reader()
    reader.put(("a", b"b"))
    reader.put(["c"])
    assert list(reader.messages) == ["a", b"b", "c"]


async def test_who_waits_goes_on_when_it_is_woken() -> None:
    reader = make_reader()
    asyncio.get_running_loop().call_soon(reader.wake)
    await reader.waiter
    assert not reader.messages


async def test_only_one_may_wait() -> None:
    reader = make_reader()
    reader.check_alone()
    task = asyncio.ensure_future(wait(reader))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="only one coroutine can receive at a time"):
        reader.check_alone()
    reader.wake()
    with pytest.raises(RuntimeError):
        reader.check_alone()  # woken, but it didn't go on yet
    await task
    reader.check_alone()


async def test_a_cancelled_wait_lets_others_wait() -> None:
    reader = make_reader()
    task = asyncio.ensure_future(wait(reader))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    reader.check_alone()
