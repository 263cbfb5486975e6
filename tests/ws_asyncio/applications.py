"""What applications do with a connection in these tests, and what is seen of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import ConnectionClosed, Extension, Frame, Opcode

if TYPE_CHECKING:
    from tests.ws_asyncio.peers import Peer


def shapes(frames: list[Frame]) -> list[tuple[Opcode, bytes]]:
    return [(frame.opcode, frame.data) for frame in frames]


async def echo(connection: WebSocketCommonProtocol) -> None:
    async for message in connection:
        await connection.send(message)


async def receive(peer: Peer) -> ConnectionClosed:
    with pytest.raises(ConnectionClosed) as caught:
        await peer.protocol.recv()
    return caught.value


async def agen(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0.1)
        yield item


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class Faulty(Extension):
    """An extension that can't decode one message."""

    name = "faulty"

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if frame.data == b"bad":
            raise ZeroDivisionError("mine")
        return frame

    def encode(self, frame: Frame) -> Frame:
        return frame
