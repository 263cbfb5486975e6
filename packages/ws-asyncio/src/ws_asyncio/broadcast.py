"""One message to many connections."""

from __future__ import annotations

from collections.abc import Iterable

from ws_frames import CloseCode, Payload, PreparedMessage

from .protocol import WebSocketCommonProtocol

__all__ = ["broadcast"]


def broadcast(
    connections: Iterable[WebSocketCommonProtocol],
    message: Payload,
    *,
    max_backlog: int = 2**20,
    close_slow: bool = True,
) -> None:
    """Send a message to many connections, without waiting for any of them.

    It is encoded once for all servers' connections that agreed on the same extensions.
    Connections that aren't open are passed over.

    Args:
        connections: where to send it.
        message: str makes a text, bytes-like a binary one.
        max_backlog: how many bytes may wait for one connection, besides its
            ``write_limit``, because it doesn't read as fast as it is sent to.
        close_slow: what becomes of a connection over that limit: it is closed with 1013
            (try again later) if True, misses the message if False.

    Raises TypeError for a message that is neither str nor bytes-like, UnicodeEncodeError for
    text that can't be encoded.
    """
    if not isinstance(message, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"message must be str or bytes-like, not {type(message).__name__}")
    # Where a fragmented message is under way it is encoded later: nothing may change until then,
    # nor turn out to be wrong.
    if isinstance(message, str):
        message.encode()
    else:
        message = bytes(message)
    prepared = PreparedMessage(message)
    for connection in list(connections):
        if connection.push(prepared, max_backlog=max_backlog):
            continue
        if close_slow:
            connection.fail_connection(CloseCode.TRY_AGAIN_LATER, "too slow")
