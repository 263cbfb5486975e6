"""One frame as it is on the wire (RFC 6455 §5.2)."""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import NamedTuple, Union

from .close import Close
from .exceptions import WebSocketException
from .opcodes import FIN, RSV1, RSV2, RSV3, Opcode, name_of

__all__ = ["BytesLike", "Data", "Frame", "Payload", "to_bytes"]

#: A message that was received: str for text, bytes for binary.
Data = Union[str, bytes]

#: What is accepted where bytes are sent.
BytesLike = Union[bytes, bytearray, memoryview]

#: A message to send: str for text, anything else for binary.
Payload = Union[str, bytes, bytearray, memoryview]

UTF8Decoder = getincrementaldecoder("utf-8")

# How much of a payload is worth showing in a log.
SHOWN = 32


class Frame(NamedTuple):
    """A frame: ``data`` is the payload, unmasked; ``fin`` is False for all fragments but the last.

    The reserved bits belong to the extensions that the handshake agreed on.
    """

    fin: bool
    opcode: Opcode
    data: bytes
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False

    @property
    def head(self) -> int:
        """The first byte on the wire: FIN, reserved bits and opcode."""
        return (
            self.opcode
            | (FIN if self.fin else 0)
            | (RSV1 if self.rsv1 else 0)
            | (RSV2 if self.rsv2 else 0)
            | (RSV3 if self.rsv3 else 0)
        )

    def __str__(self) -> str:
        flags = [f"rsv{n}" for n, bit in enumerate(self[3:], 1) if bit]
        if not self.fin:
            flags.insert(0, "continued")
        flags.append(f"{len(self.data)} byte{'' if len(self.data) == 1 else 's'}")
        shown = show_close(self.data) if self.opcode == Opcode.CLOSE else show_payload(self)
        return f"{name_of(self.opcode)} [{', '.join(flags)}]" + (f" {shown}" if shown else "")


def to_bytes(data: BytesLike) -> bytes:
    """Copy what is bytes-like, as its bytes; anything else is a TypeError.

    ``bytes`` would take an integer too, and make that many zeroes.
    """
    return data if type(data) is bytes else memoryview(data).tobytes()


def show_close(data: bytes) -> str:
    try:
        return str(Close.parse(data))
    except WebSocketException as exc:
        return str(exc)


def show_payload(frame: Frame) -> str:
    """Show the first bytes: as text where they are, else in hexadecimal."""
    head = frame.data[:SHOWN]
    cut = "…" if len(frame.data) > SHOWN else ""
    if frame.opcode != Opcode.BINARY and not (frame.rsv1 or frame.rsv2 or frame.rsv3):
        try:
            # Without "final", a character that the cut halves is left out.
            text = UTF8Decoder().decode(head, final=not cut)
        except UnicodeDecodeError:
            pass
        else:
            # repr() escapes control characters.
            return repr(text) + cut if text else ""
    return head.hex(" ") + cut
