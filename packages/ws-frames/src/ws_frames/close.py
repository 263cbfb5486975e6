"""The body of a close frame (RFC 6455 §5.5.1)."""

from __future__ import annotations

from typing import NamedTuple

from .codes import MAY_BE_SENT, CloseCode, describe_close
from .exceptions import InvalidUTF8, ProtocolError
from .opcodes import MAX_CONTROL_SIZE

__all__ = ["Close"]

MAX_REASON_SIZE = MAX_CONTROL_SIZE - 2


class Close(NamedTuple):
    """Status code and reason of a close frame.

    A close frame without a body reads as ``Close(1005, "")``, and this one is
    written without a body.
    """

    code: int
    reason: str = ""

    def __str__(self) -> str:
        return describe_close(self.code, self.reason)

    @classmethod
    def parse(cls, data: bytes) -> Close:
        """Read the body of a close frame.

        Raises ProtocolError for a body of one byte or a code that must not be on
        the wire, InvalidUTF8 for a reason that is not UTF-8.
        """
        if not data:
            return cls(CloseCode.NO_STATUS_RCVD)
        # "If there is a body, the first two bytes of the body MUST be a 2-byte
        # unsigned integer (in network byte order)".
        if len(data) < 2:
            raise ProtocolError("close frame with a body of 1 byte")
        code = int.from_bytes(data[:2], "big")
        check_code(code)
        try:
            return cls(code, data[2:].decode())
        except UnicodeDecodeError as exc:
            position = exc.start
        raise InvalidUTF8(f"invalid UTF-8 in the reason of a close frame at byte {position}")

    def serialize(self) -> bytes:
        """Make the body of a close frame.

        Raises ProtocolError for a code that must not be on the wire or a reason
        longer than 123 bytes of UTF-8, TypeError for a code that is no number.
        """
        if not isinstance(self.code, int):
            raise TypeError(f"close code must be int, not {type(self.code).__name__}")
        if self.code == CloseCode.NO_STATUS_RCVD and not self.reason:
            return b""
        check_code(self.code)
        reason = self.reason.encode()
        if len(reason) > MAX_REASON_SIZE:
            raise ProtocolError(
                f"reason of {len(reason)} bytes in a close frame, at most {MAX_REASON_SIZE} fit"
            )
        return int(self.code).to_bytes(2, "big") + reason


def check_code(code: int) -> None:
    """Raise ProtocolError unless the code may be on the wire (RFC 6455 §7.4.2)."""
    # 3000-3999 are registered by libraries and frameworks, 4000-4999 private;
    # below 3000 only what a specification defines.
    if code not in MAY_BE_SENT and not 3000 <= code < 5000:
        raise ProtocolError(f"close code {code} must not be sent")
