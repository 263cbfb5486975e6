"""Status codes of the closing handshake (RFC 6455 §7.4)."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["MAY_BE_SENT", "CloseCode", "describe_close", "describe_code"]


class CloseCode(IntEnum):
    """Registered status codes (RFC 6455 §7.4.1 and IANA's registry).

    1005, 1006 and 1015 are never on the wire: they tell an application how a
    connection ended when no close frame says it.
    """

    NORMAL_CLOSURE = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS_RCVD = 1005
    ABNORMAL_CLOSURE = 1006
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015

    def __str__(self) -> str:
        """Show the number, as Python does by itself from 3.11 on."""
        return str(int(self))

    def __format__(self, spec: str) -> str:
        return format(int(self), spec)


# "1005 is a reserved value and MUST NOT be set as a status code in a Close
# control frame by an endpoint"; the same holds for 1006 and 1015 (§7.4.1).
MAY_BE_SENT = frozenset(
    set(CloseCode) - {CloseCode.NO_STATUS_RCVD, CloseCode.ABNORMAL_CLOSURE, CloseCode.TLS_HANDSHAKE}
)

WORDS = {
    CloseCode.NORMAL_CLOSURE: "OK",
    CloseCode.GOING_AWAY: "going away",
    CloseCode.PROTOCOL_ERROR: "protocol error",
    CloseCode.UNSUPPORTED_DATA: "unsupported type",
    CloseCode.NO_STATUS_RCVD: "no status code [internal]",
    CloseCode.ABNORMAL_CLOSURE: "connection closed abnormally [internal]",
    CloseCode.INVALID_DATA: "invalid data",
    CloseCode.POLICY_VIOLATION: "policy violation",
    CloseCode.MESSAGE_TOO_BIG: "message too big",
    CloseCode.MANDATORY_EXTENSION: "extension required",
    CloseCode.INTERNAL_ERROR: "unexpected error",
    CloseCode.SERVICE_RESTART: "service restart",
    CloseCode.TRY_AGAIN_LATER: "try again later",
    CloseCode.BAD_GATEWAY: "bad gateway",
    CloseCode.TLS_HANDSHAKE: "TLS failure [internal]",
}


def describe_code(code: int) -> str:
    """Say in a few words what a status code means: ``"going away"`` for 1001."""
    if 3000 <= code < 4000:
        return "registered"
    if 4000 <= code < 5000:
        return "private use"
    try:
        return WORDS[CloseCode(code)]
    except ValueError:
        return "unknown"


def describe_close(code: int, reason: str) -> str:
    """Say how a connection was closed: ``"code = 1001 (going away), reason = bye"``.

    Control characters are escaped: the peer chose the reason, and this goes into logs.
    """
    words = f"code = {int(code)} ({describe_code(code)}), "
    return words + (f"reason = {escape(reason)}" if reason else "no reason")


def escape(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
