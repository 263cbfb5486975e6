"""From messages to frames: opcodes, fragments, extensions (RFC 6455 §5.4, §6.1)."""

from __future__ import annotations

from collections.abc import Sequence

from .exceptions import InvalidState
from .extensions import Extension
from .frames import BytesLike, Frame, Payload, to_bytes
from .opcodes import FIN, MAX_CONTROL_SIZE, Opcode
from .speedups import encode_frame

__all__ = ["Encoder"]


class Encoder:
    """Encode what one end of a connection sends; ``masked`` is True for the client's."""

    def __init__(self, *, masked: bool, extensions: Sequence[Extension] = ()) -> None:
        self._masked = masked
        self._extensions = tuple(extensions)
        self._fragmented: Opcode | None = None  # the kind of the message under way

    @property
    def in_message(self) -> bool:
        """Whether a fragmented message has begun and not ended."""
        return self._fragmented is not None

    def message(self, payload: Payload) -> bytes:
        """Encode a message in one frame.

        Raises TypeError for what is neither str nor bytes-like, InvalidState while a
        fragmented message is under way.
        """
        if self._fragmented is not None:
            raise InvalidState("a fragmented message is under way")
        opcode = kind_of(payload)
        if not self._extensions:
            return encode_frame(FIN | opcode, payload, self._masked)
        return self._frame(True, opcode, payload)

    def fragment(self, payload: Payload, *, fin: bool) -> bytes:
        """Encode the next fragment of a message, the last one if ``fin``.

        Raises TypeError for what is neither str nor bytes-like, or of another kind
        than the first fragment.
        """
        kind = kind_of(payload)
        if self._fragmented is not None and kind is not self._fragmented:
            raise TypeError(f"{kind.name} fragment in a {self._fragmented.name} message")
        opcode = kind if self._fragmented is None else Opcode.CONT
        data = self._frame(fin, opcode, payload)
        self._fragmented = None if fin else kind
        return data

    def control(self, opcode: Opcode, data: BytesLike) -> bytes:
        """Encode a control frame. Raises ValueError over 125 bytes."""
        body = to_bytes(data)
        if len(body) > MAX_CONTROL_SIZE:
            raise ValueError(
                f"{opcode.name} frame of {len(body)} bytes, at most {MAX_CONTROL_SIZE} are allowed"
            )
        return encode_frame(FIN | opcode, body, self._masked)

    def _frame(self, fin: bool, opcode: Opcode, payload: Payload) -> bytes:
        data = payload.encode() if isinstance(payload, str) else to_bytes(payload)
        frame = Frame(fin, opcode, data)
        # "extensions are listed in the order in which they apply" to what is sent (§9.1).
        for extension in self._extensions:
            frame = extension.encode(frame)
        return encode_frame(frame.head, frame.data, self._masked)


def kind_of(payload: Payload) -> Opcode:
    if isinstance(payload, str):
        return Opcode.TEXT
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return Opcode.BINARY
    raise TypeError(f"message must be str or bytes-like, not {type(payload).__name__}")
