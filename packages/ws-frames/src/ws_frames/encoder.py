"""From messages to frames: opcodes, fragments, extensions (RFC 6455 §5.4, §6.1)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .exceptions import InvalidState
from .extensions import Extension, taking_messages
from .frames import BytesLike, Frame, Payload, to_bytes
from .opcodes import FIN, MAX_CONTROL_SIZE, Opcode
from .prepared import PreparedMessage
from .speedups import encode_frame

__all__ = ["Encoder"]

# First byte of a message in one frame. What is of a subclass takes the longer way.
WHOLE = {
    str: FIN | Opcode.TEXT,
    bytes: FIN | Opcode.BINARY,
    bytearray: FIN | Opcode.BINARY,
    memoryview: FIN | Opcode.BINARY,
}


class Encoder:
    """Encode what one end of a connection sends; ``masked`` is True for the client's."""

    __slots__ = (
        "_chain",
        "_extensions",
        "_fragmented",
        "_key",
        "_masked",
        "_required",
        "_rsv",
        "_whole",
    )

    def __init__(self, *, masked: bool, extensions: Sequence[Extension] = ()) -> None:
        self._masked = masked
        self._extensions = tuple(extensions)
        self._required = tuple(
            each for each in self._extensions if not getattr(each, "compresses", False)
        )
        self._whole = taking_messages(self._extensions)
        self._rsv = (self._whole and self._whole.rsv) or 0
        self._key = None if masked else sharing_key(self._extensions)
        self._fragmented: Opcode | None = None  # the kind of the message under way
        self._chain = self._extensions  # what the message under way passes through

    @property
    def in_message(self) -> bool:
        """Whether a fragmented message has begun and not ended."""
        return self._fragmented is not None

    def message(self, payload: Payload, compress: bool = True) -> bytes:
        """Encode a message in one frame; not compressed unless ``compress``.

        Raises TypeError for what is neither str nor bytes-like, InvalidState while a
        fragmented message is under way.
        """
        if self._fragmented is not None:
            raise InvalidState("a fragmented message is under way")
        head = WHOLE.get(type(payload)) or FIN | kind_of(payload)
        chain = self._extensions if compress else self._required
        if not chain:
            return encode_frame(head, payload, self._masked)
        data = bytes_of(payload)
        if self._whole is None:
            self._chain = chain
            return self._frame(True, kind_of(payload), data)
        encoded = self._whole.encode_message(data)
        if encoded is None:
            return encode_frame(head, data, self._masked)
        return encode_frame(head | self._rsv, encoded, self._masked)

    def fragment(self, payload: Payload, *, fin: bool, compress: bool = True) -> bytes:
        """Encode the next fragment of a message, the last one if ``fin``.

        ``compress`` counts for the first one. Raises TypeError for what is neither str
        nor bytes-like, or of another kind than the first fragment.
        """
        kind = kind_of(payload)
        if self._fragmented is not None and kind is not self._fragmented:
            raise TypeError(f"{kind.name} fragment in a {self._fragmented.name} message")
        opcode = Opcode.CONT
        if self._fragmented is None:
            opcode = kind
            self._chain = self._extensions if compress else self._required
        data = self._frame(fin, opcode, bytes_of(payload))
        self._fragmented = None if fin else kind
        return data

    def prepared(self, message: PreparedMessage) -> bytes:
        """Encode a message that is sent on other connections too.

        Raises what :meth:`message` does.
        """
        key = self._key
        if key is None or self._fragmented is not None:
            return self.message(message.payload)
        data = message.encodings.get(key)
        if data is None:
            self._forget()
            data = message.encodings[key] = self.message(message.payload)
        if self._extensions:
            self._forget()
        return data

    def control(self, opcode: Opcode, data: BytesLike) -> bytes:
        """Encode a control frame. Raises ValueError over 125 bytes."""
        body = to_bytes(data)
        if len(body) > MAX_CONTROL_SIZE:
            raise ValueError(
                f"{opcode.name} frame of {len(body)} bytes, at most {MAX_CONTROL_SIZE} are allowed"
            )
        return encode_frame(FIN | opcode, body, self._masked)

    def _frame(self, fin: bool, opcode: Opcode, data: bytes) -> bytes:
        frame = Frame(fin, opcode, data)
        # "extensions are listed in the order in which they apply" to what is sent (§9.1).
        for extension in self._chain:
            frame = extension.encode(frame)
        return encode_frame(frame.head, frame.data, self._masked)

    def _forget(self) -> None:
        for extension in self._extensions:
            extension.forget()


def sharing_key(extensions: Sequence[Extension]) -> Hashable | None:
    """Equal for those who make the same bytes of a message; None for nobody else.

    It isn't for clients: each of their frames has a mask of its own.
    """
    keys = tuple([getattr(extension, "encoding_key", None) for extension in extensions])
    return None if None in keys else keys


def bytes_of(payload: Payload) -> bytes:
    return payload.encode() if isinstance(payload, str) else to_bytes(payload)


def kind_of(payload: Payload) -> Opcode:
    if isinstance(payload, str):
        return Opcode.TEXT
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return Opcode.BINARY
    raise TypeError(f"message must be str or bytes-like, not {type(payload).__name__}")
