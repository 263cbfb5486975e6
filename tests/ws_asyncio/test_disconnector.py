"""The end of TCP, within a time limit."""

from __future__ import annotations

import asyncio
import socket
import struct

from ws_asyncio.disconnector import Disconnector


class Recorder(asyncio.Protocol):
    """A protocol that notes when TCP ends."""

    def __init__(self) -> None:
        self.lost = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


async def test_lingering_on_a_connection_that_the_peer_has_reset_ends_it() -> None:
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
