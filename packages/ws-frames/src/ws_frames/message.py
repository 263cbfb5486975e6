"""A message as it grows, fragment by fragment (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

from codecs import getincrementaldecoder
from io import BytesIO

from .exceptions import InvalidUTF8
from .frames import Data
from .opcodes import Opcode

__all__ = ["MessageBuffer", "decode_text"]

UTF8Decoder = getincrementaldecoder("utf-8")


class MessageBuffer:
    """One growing buffer for the payloads of a message, whatever their number.

    Text is judged as it arrives, so that a bad byte is found in the piece that
    brings it; what has been judged is not kept twice.
    """

    __slots__ = ("_data", "_decoder")

    def __init__(self, opcode: int) -> None:
        # It hands out its buffer as it is: the message is not there twice.
        self._data = BytesIO()
        self._decoder = UTF8Decoder() if opcode == Opcode.TEXT else None

    def __len__(self) -> int:
        return self._data.tell()

    def add(self, data: bytes) -> None:
        """Append a piece. Raises InvalidUTF8 if it makes a text invalid."""
        self._judge(data)
        self._data.write(data)

    def finish(self) -> Data:
        """Hand out the message. Raises InvalidUTF8 if a text ends inside a character."""
        if self._decoder is None:
            return self._data.getvalue()
        self._judge(b"", final=True)
        return self._data.getvalue().decode()

    def _judge(self, data: bytes, final: bool = False) -> None:
        if self._decoder is None:
            return
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(data, final)
            if not half_surrogate(self._decoder.getstate()[0]):
                return
            position = len(self) + len(data) - 2
        except UnicodeDecodeError as exc:
            position = len(self) - pending + exc.start
        # Out here, so that the error doesn't carry the other one, which holds the data.
        raise invalid_text(position)


def decode_text(data: bytes) -> str:
    """Decode a text message that is in one piece. Raises InvalidUTF8."""
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        position = exc.start
    raise invalid_text(position)


def half_surrogate(pending: bytes) -> bool:
    """Whether bytes that Python would wait to see more of can't become a character.

    Its decoder judges the two bytes that start a surrogate only together with the third.
    """
    return len(pending) == 2 and pending[0] == 0xED and pending[1] >= 0xA0


def invalid_text(position: int) -> InvalidUTF8:
    return InvalidUTF8(f"invalid UTF-8 in a text message at byte {position}")
