"""From frames that extensions made to messages (RFC 6455 §9, RFC 7692 §6)."""

from __future__ import annotations

from collections.abc import Sequence

from .exceptions import PayloadTooBig, PolicyViolation, ProtocolError, detached
from .extensions import Extension, taking_messages
from .frames import Data, Frame
from .message import MessageBuffer, decode_text
from .opcodes import RSV1, RSV2, RSV3, Opcode, name_of

__all__ = ["Decoder"]

# As for those that are empty on the wire, which a parser counts. Somebody who compresses may
# cut what comes out anywhere, so that up to some hundreds of one byte inflate to nothing.
MAX_EMPTY_FRAGMENTS = 1000


class Decoder:
    """Undo the extensions, frame by frame, and put messages together.

    ``max_size`` holds for what comes out: each extension is told what is left of it.
    """

    __slots__ = (
        "_empty_fragments",
        "_error",
        "_extensions",
        "_marks",
        "_message",
        "_whole",
        "max_size",
    )

    def __init__(self, extensions: Sequence[Extension], *, max_size: int | None) -> None:
        self._extensions = tuple(reversed(extensions))
        self._whole = taking_messages(extensions)
        self._marks = () if self._whole is None else marks_of(self._whole)
        self._error: Exception | None = None
        self.max_size = max_size
        self._message: MessageBuffer | None = None
        self._empty_fragments = 0  # in a row

    def decode(self, frame: Frame) -> Data | None:
        """Take the next frame; return the message if it is the last one.

        Raises ProtocolError, PayloadTooBig, PolicyViolation and InvalidUTF8.
        """
        if self._error is not None:
            raise self._error
        whole = self._whole
        if whole is not None and frame.fin and frame[3:] == self._marks and self._message is None:
            return self._decode_whole(whole, frame.opcode, frame.data)
        frame = self._undo_extensions(frame)
        if frame.fin or frame.data:
            self._empty_fragments = 0
        else:
            self._empty_fragments += 1
            if self._empty_fragments > MAX_EMPTY_FRAGMENTS:
                raise PolicyViolation(f"more than {MAX_EMPTY_FRAGMENTS} empty fragments in a row")
        if self._message is None:
            if frame.fin:
                return decode_text(frame.data) if frame.opcode == Opcode.TEXT else frame.data
            self._message = MessageBuffer(frame.opcode)
        self._message.add(frame.data)
        if not frame.fin:
            return None
        message, self._message = self._message, None
        return message.finish()

    def try_decode(self, frame: Frame) -> Data | Frame | None:
        """Do the same, and return the frame where :meth:`decode` would raise, and then will."""
        try:
            return self.decode(frame)
        except (ProtocolError, PayloadTooBig) as exc:
            self._error = detached(exc)
        except Exception as exc:  # noqa: BLE001 - whatever an extension raises
            self._error = exc  # with its traceback, which tells where
        return frame

    def _decode_whole(self, extension: Extension, opcode: Opcode, data: bytes) -> Data:
        data = extension.decode_message(data, self.max_size)
        if self.max_size is not None and len(data) > self.max_size:
            raise self._too_big(len(data))
        return decode_text(data) if opcode is Opcode.TEXT else data

    def _undo_extensions(self, frame: Frame) -> Frame:
        have = len(self._message or b"")
        # It may have been made less than what is there already.
        left = None if self.max_size is None else max(self.max_size - have, 0)
        for extension in self._extensions:
            frame = extension.decode(frame, max_size=left)
        rsv = frame.rsv1 << 2 | frame.rsv2 << 1 | frame.rsv3
        if rsv:
            raise ProtocolError(f"reserved bits {rsv:03b} in a {name_of(frame.opcode)} frame")
        if self.max_size is not None and have + len(frame.data) > self.max_size:
            raise self._too_big(have + len(frame.data))
        return frame

    def _too_big(self, size: int) -> PayloadTooBig:
        return PayloadTooBig(f"message of {size} bytes or more, at most {self.max_size} allowed")


def marks_of(extension: Extension) -> tuple[bool, ...]:
    """Give the end of a frame with all reserved bits of an extension, and no others."""
    rsv = extension.rsv
    assert rsv is not None  # see taking_messages()
    return tuple([bool(rsv & bit) for bit in (RSV1, RSV2, RSV3)])
