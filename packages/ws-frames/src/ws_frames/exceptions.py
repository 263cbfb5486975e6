"""What can go wrong once the connection is open.

Everything that a peer does wrong is a :exc:`ProtocolError` or a
:exc:`PayloadTooBig`; each carries the status code with which RFC 6455 wants the
connection to be failed.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar, Union

from .codes import CloseCode, describe_close

__all__ = [
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidState",
    "InvalidUTF8",
    "PayloadTooBig",
    "PolicyViolation",
    "ProtocolError",
    "WebSocketException",
    "detached",
]


class WebSocketException(Exception):
    """Base of every exception that this stack defines."""


class ConnectionClosed(WebSocketException):
    """The connection is closed, so nothing can be received or sent any more.

    ``code`` and ``reason`` are those of the close frame that was received, or
    1006 and ``""`` where none was (RFC 6455 §7.1.5 and §7.1.6). The cause, if it
    is known, is chained as ``__cause__``.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return describe_close(self.code, self.reason)


class ConnectionClosedError(ConnectionClosed):
    """The connection ended with an error: any status code but 1000 and 1001."""


class ConnectionClosedOK(ConnectionClosed):
    """The connection ended as it should: with status code 1000 or 1001."""


class InvalidState(WebSocketException, AssertionError):
    """A call is not possible in the state that the connection is in."""


class PayloadTooBig(WebSocketException):
    """A message is longer than ``max_size`` bytes."""

    close_code: ClassVar[CloseCode] = CloseCode.MESSAGE_TOO_BIG


class ProtocolError(WebSocketException):
    """The peer broke a rule of RFC 6455, or of an extension agreed on."""

    close_code: ClassVar[CloseCode] = CloseCode.PROTOCOL_ERROR


class InvalidUTF8(ProtocolError):
    """A text message or the reason of a close frame is not UTF-8 (RFC 6455 §8.1)."""

    close_code: ClassVar[CloseCode] = CloseCode.INVALID_DATA


class PolicyViolation(ProtocolError):
    """The peer keeps to the letter of RFC 6455 but does what only an attacker does."""

    close_code: ClassVar[CloseCode] = CloseCode.POLICY_VIOLATION


Error = TypeVar("Error", bound=Union[ProtocolError, PayloadTooBig])


def detached(error: Error) -> Error:
    """Cut an error, and what caused it, off the frames that raised it.

    Where a parser or a connection keeps the error, those frames would keep the parser or
    the connection, and all that it holds, until the garbage collector comes.
    """
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link.__context__ = link.__cause__
        link = link.__cause__
    return error
