"""Reading and writing frames one at a time (RFC 6455 §5), and what goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Callable, Protocol, Union

from ws_frames import (
    RSV1,
    RSV2,
    RSV3,
    BytesLike,
    Close,
    Extension,
    Opcode,
    Payload,
    PayloadTooBig,
    ProtocolError,
    apply_mask,
    encode_frame,
)
from ws_frames import Frame as PlainFrame

__all__ = [
    "OP_BINARY",
    "OP_CLOSE",
    "OP_CONT",
    "OP_PING",
    "OP_PONG",
    "OP_TEXT",
    "Frame",
    "check_close",
    "encode_data",
    "parse_close",
    "prepare_data",
    "read_frame",
    "serialize_close",
    "write_frame",
]

OP_CONT = Opcode.CONT
OP_TEXT = Opcode.TEXT
OP_BINARY = Opcode.BINARY
OP_CLOSE = Opcode.CLOSE
OP_PING = Opcode.PING
OP_PONG = Opcode.PONG

# The bits of the first two bytes (RFC 6455 §5.2).
FIN = MASKED = 0x80
LENGTH = 0x7F

# Bytes that the length takes where seven bits don't do.
EXTENDED = {126: 2, 127: 8}

MAX_CONTROL_SIZE = 125

#: Reads exactly that many bytes, as ``StreamReader.readexactly`` does.
ReadExactly = Callable[[int], Awaitable[bytes]]


class Stream(Protocol):
    """What has a ``write``, as a ``StreamWriter`` does."""

    def write(self, data: bytes, /) -> object: ...


Write = Union[Callable[[bytes], object], Stream]


class Frame(PlainFrame):
    """A frame that reads and writes itself."""

    __slots__ = ()

    @classmethod
    async def read(
        cls,
        reader: ReadExactly,
        *,
        mask: bool,
        max_size: int | None = None,
        extensions: Sequence[Extension] | None = None,
    ) -> Frame:
        """Read a frame.

        ``reader`` reads exactly as many bytes as it is asked for; ``mask`` says whether
        the frame has to be masked: on a server. Raises ProtocolError, and PayloadTooBig
        over ``max_size`` bytes.
        """
        head, second = await reader(2)
        if bool(second & MASKED) is not bool(mask):
            raise ProtocolError(f"frame is {'not ' if mask else ''}masked")
        size = second & LENGTH
        if size in EXTENDED:
            size = int.from_bytes(await reader(EXTENDED[size]), "big")
        if max_size is not None and size > max_size:
            raise PayloadTooBig(f"frame of {size} bytes, over {max_size}")
        key = await reader(4) if mask else bytes(4)
        data = apply_mask(await reader(size), key)
        frame = PlainFrame(bool(head & FIN), parse_opcode(head & 0x0F), data, *rsv(head))
        for extension in reversed(extensions or ()):
            frame = extension.decode(frame, max_size=max_size)
        read = cls(*frame)
        read.check()
        return read

    def write(
        self, write: Write, *, mask: bool, extensions: Sequence[Extension] | None = None
    ) -> None:
        """Write the frame.

        ``write`` takes bytes, or has a method ``write`` that does; ``mask`` says whether
        to mask it: on a client.
        """
        self.check()
        frame: PlainFrame = self
        for extension in extensions or ():
            frame = extension.encode(frame)
        send: Any = getattr(write, "write", write)
        send(encode_frame(frame.head, frame.data, mask))

    def check(self) -> None:
        """Raise ProtocolError for reserved bits, and for a control frame in pieces or too long."""
        if self.rsv1 or self.rsv2 or self.rsv3:
            raise ProtocolError("reserved bits are set")
        if not parse_opcode(self.opcode).is_control:
            return
        if not self.fin:
            raise ProtocolError("fragmented control frame")
        if len(self.data) > MAX_CONTROL_SIZE:
            raise ProtocolError(f"control frame of {len(self.data)} bytes")


def parse_opcode(number: int) -> Opcode:
    try:
        return Opcode(number)
    except ValueError:
        raise ProtocolError(f"reserved opcode {number:#x}") from None


def rsv(head: int) -> tuple[bool, bool, bool]:
    return bool(head & RSV1), bool(head & RSV2), bool(head & RSV3)


async def read_frame(reader: ReadExactly, mask: bool, *, max_size: int | None = None) -> Frame:
    """Read a frame; see :meth:`Frame.read`."""
    return await Frame.read(reader, mask=mask, max_size=max_size)


def write_frame(frame: PlainFrame, writer: Write, mask: bool) -> None:
    """Write a frame; see :meth:`Frame.write`."""
    Frame(*frame).write(writer, mask=mask)


def prepare_data(data: Payload) -> tuple[Opcode, bytes]:
    """Give the opcode and the payload of a message. Raises TypeError for what is none."""
    return (OP_TEXT if isinstance(data, str) else OP_BINARY), encode_data(data)


def encode_data(data: Payload) -> bytes:
    """Give the payload of a ping or a pong. Raises TypeError for what is none."""
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"data must be str or bytes-like, not {type(data).__name__}")


def parse_close(data: BytesLike) -> tuple[int, str]:
    """Give the code and the reason in the payload of a close frame; 1005 for an empty one.

    Raises ProtocolError.
    """
    code, reason = Close.parse(bytes(data))
    return code, reason


def serialize_close(code: int, reason: str) -> bytes:
    """Make the payload of a close frame. Raises ProtocolError for a code that can't be sent."""
    check_close(code)
    return Close(code, reason).serialize()


def check_close(code: int) -> None:
    """Raise ProtocolError for a code that must not be sent (RFC 6455 §7.4)."""
    Close(code, "-").serialize()
