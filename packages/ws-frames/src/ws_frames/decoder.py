"""From frames that extensions made to messages (RFC 6455 §9, RFC 7692 §6)."""

from __future__ import annotations

from collections.abc import Sequence

from .exceptions import PayloadTooBig, ProtocolError
from .extensions import Extension
from .frames import Data, Frame
from .message import MessageBuffer, decode_text
from .opcodes import Opcode, name_of

__all__ = ["Decoder"]


class Decoder:
    """Undo the extensions, frame by frame, and put messages together.

    ``max_size`` holds for what comes out: each extension is told what is left of it.
    """

    __slots__ = ("_extensions", "_message", "max_size")

    def __init__(self, extensions: Sequence[Extension], *, max_size: int | None) -> None:
        self._extensions = tuple(reversed(extensions))
        self.max_size = max_size
        self._message: MessageBuffer | None = None

    def decode(self, frame: Frame) -> Data | None:
        """Take the next frame; return the message if it is the last one.

        Raises ProtocolError, PayloadTooBig and InvalidUTF8.
        """
        frame = self._undo_extensions(frame)
        if self._message is None:
            if frame.fin:
                return decode_text(frame.data) if frame.opcode == Opcode.TEXT else frame.data
            self._message = MessageBuffer(frame.opcode)
        self._message.add(frame.data)
        if not frame.fin:
            return None
        message, self._message = self._message, None
        return message.finish()

    def _undo_extensions(self, frame: Frame) -> Frame:
        have = len(self._message or b"")
        left = None if self.max_size is None else self.max_size - have
        for extension in self._extensions:
            frame = extension.decode(frame, max_size=left)
        rsv = frame.rsv1 << 2 | frame.rsv2 << 1 | frame.rsv3
        if rsv:
            raise ProtocolError(f"reserved bits {rsv:03b} in a {name_of(frame.opcode)} frame")
        if left is not None and len(frame.data) > left:
            raise PayloadTooBig(
                f"message of {have + len(frame.data)} bytes or more, at most {self.max_size} allowed"
            )
        return frame
