"""A transport and the peer behind it, in the hands of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Callable, TypeVar, cast

from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import Close, Frame, Opcode, Role, apply_mask, encode_frame

FIN = 0x80

T = TypeVar("T")


class FakeTransport(asyncio.Transport):
    """Records what a protocol does to it; as strict as the strictest event loop.

    While it is stalled nothing leaves it: what is written stays in its buffer.
    """

    def __init__(self) -> None:
        super().__init__({"sockname": ("192.0.2.1", 1), "peername": ("192.0.2.2", 2)})
        self.loop = asyncio.get_running_loop()
        self.protocol: asyncio.Protocol | None = None
        #: What was written, one item a call.
        self.writes: list[bytes] = []
        self.reading = True
        self.stalled = False
        self.eof = False
        self.closing = False
        self.aborted = False
        self.lost = False
        self.has_eof = True
        self.high_water = 65_536
        self._buffered = 0
        self._full = False

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast("asyncio.BaseProtocol", self.protocol)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def write(self, data: Any) -> None:
        self._check_alive()
        if self.eof:
            raise RuntimeError("cannot write after write_eof()")
        if self.closing:
            return
        assert type(data) is bytes
        assert data
        self.writes.append(data)
        if self.stalled:
            self._buffered += len(data)
            if self._buffered > self.high_water and not self._full:
                self._full = True
                self._the_protocol.pause_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high is not None
        self.high_water = high

    def can_write_eof(self) -> bool:
        return self.has_eof

    def write_eof(self) -> None:
        self._check_alive()
        assert self.has_eof
        self.eof = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            if not self._buffered:
                self.loop.call_soon(self.lose)

    def abort(self) -> None:
        self.aborted = True
        if not self.lost:
            self.closing = True
            self.loop.call_soon(self.lose)

    def pause_reading(self) -> None:
        self._check_alive()
        assert self.reading or self.closing
        self.reading = False

    def resume_reading(self) -> None:
        self._check_alive()
        self.reading = True

    # What the test does

    def stall(self) -> None:
        """Let nothing leave the buffer, as with a peer that doesn't read."""
        self.stalled = True

    def flow(self, *, only_once: bool = False) -> None:
        """Let everything leave the buffer."""
        self.stalled = only_once
        self._buffered = 0
        if self._full:
            self._full = False
            self._the_protocol.resume_writing()
        if self.closing:
            self.loop.call_soon(self.lose)

    def lose(self, exc: Exception | None = None) -> None:
        """End TCP."""
        if self.lost:
            return
        self.lost = self.closing = True
        protocol, self.protocol = self._the_protocol, None
        protocol.connection_lost(exc)

    @property
    def _the_protocol(self) -> asyncio.Protocol:
        assert self.protocol is not None
        return self.protocol

    def _check_alive(self) -> None:
        if self.lost:
            raise RuntimeError("the transport is closed")


class ClientSide(WebSocketCommonProtocol):
    """A client's side that begins with an open connection."""

    is_client = True
    side = "client"
    _role = Role.CLIENT

    def _receive_handshake_eof(self) -> None:
        """The handshake is over, even where it is not seen to be."""


class ServerSide(WebSocketCommonProtocol):
    """A server's side that begins with an open connection."""

    is_client = False
    side = "server"
    _role = Role.SERVER

    def _receive_handshake_eof(self) -> None:
        """The handshake is over, even where it is not seen to be."""


SIDES = {Role.CLIENT: ClientSide, Role.SERVER: ServerSide}


class Peer:
    """The other end of a connection under test: says what arrives, sees what was written."""

    def __init__(self, protocol: WebSocketCommonProtocol, transport: FakeTransport) -> None:
        self.protocol = protocol
        self.transport = transport
        self._masks = protocol.role is Role.SERVER

    def frame(
        self, opcode: Opcode, payload: str | bytes = b"", *, fin: bool = True, bits: int = 0
    ) -> bytes:
        """Encode a frame of the peer's."""
        return encode_frame((FIN if fin else 0) | bits | opcode, payload, self._masks)

    def text(self, payload: str, *, fin: bool = True) -> bytes:
        return self.frame(Opcode.TEXT, payload, fin=fin)

    def cont(self, payload: str, *, fin: bool = True) -> bytes:
        return self.frame(Opcode.CONT, payload, fin=fin)

    def ping(self, payload: bytes = b"") -> bytes:
        return self.frame(Opcode.PING, payload)

    def pong(self, payload: bytes = b"") -> bytes:
        return self.frame(Opcode.PONG, payload)

    def close(self, code: int = 1000, reason: str = "") -> bytes:
        return self.frame(Opcode.CLOSE, Close(code, reason).serialize())

    async def call(self, function: Callable[..., object], *args: object) -> None:
        """Call a function as the event loop does: while no task is running."""
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def call() -> None:
            try:
                function(*args)
            finally:
                called.set_result(None)

        asyncio.get_running_loop().call_soon(call)
        await called

    async def start(self, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task, and let it come to where it waits."""
        task = asyncio.ensure_future(coro)
        await self.turn()
        return task

    async def turn(self, number: int = 3) -> None:
        """Let the event loop turn a few times; no time passes."""
        for _ in range(number):
            await asyncio.sleep(0)

    async def send(self, *frames: bytes) -> None:
        """Let all the frames arrive in one read."""
        await self.call(self.protocol.data_received, b"".join(frames))

    async def send_eof(self) -> None:
        def end() -> None:
            if not self.protocol.eof_received():
                self.transport.close()

        await self.call(end)

    async def lose(self, exc: Exception | None = None) -> None:
        """End TCP."""
        await self.call(self.transport.lose, exc)

    async def flow(self) -> None:
        """Read all that was written, and go on reading."""
        await self.call(self.transport.flow)

    @property
    def frames(self) -> list[Frame]:
        """What the connection wrote until now."""
        return parse_frames(b"".join(self.transport.writes), masked=not self._masks)

    @property
    def writes(self) -> list[list[Frame]]:
        """What the connection wrote until now, write by write."""
        return [parse_frames(data, masked=not self._masks) for data in self.transport.writes]

    @property
    def closes(self) -> list[Close]:
        """The close frames among what was written."""
        return [Close.parse(frame.data) for frame in self.frames if frame.opcode is Opcode.CLOSE]


def parse_frames(data: bytes, *, masked: bool) -> list[Frame]:
    """Read frames as they are, whatever their order; nothing may be left over."""
    frames = []
    while data:
        head, length = data[0], data[1] & 0x7F
        assert bool(data[1] & 0x80) is masked
        start = {126: 4, 127: 10}.get(length, 2)
        if start > 2:
            length = int.from_bytes(data[2:start], "big")
        mask = data[start : start + 4] if masked else bytes(4)
        start += 4 * masked
        payload, data = data[start : start + length], data[start + length :]
        assert len(payload) == length
        rsv = bool(head & 0x40), bool(head & 0x20), bool(head & 0x10)
        frames.append(Frame(bool(head & FIN), Opcode(head & 0xF), apply_mask(payload, mask), *rsv))
    return frames
