"""Messages that are encoded once and sent to many (RFC 6455 §5)."""

from __future__ import annotations

from collections.abc import Hashable

from .frames import Payload

__all__ = ["PreparedMessage"]


class PreparedMessage:
    """A message for :meth:`Connection.send_prepared` of any number of connections.

    Servers whose connections agreed on the same extensions, or on none, share one
    encoding. A client masks each frame with a key of its own, so it has nothing to
    share.
    """

    __slots__ = ("encodings", "payload")

    def __init__(self, payload: Payload) -> None:
        #: The message: str makes a text, bytes-like a binary one. Don't change it.
        self.payload = payload
        #: The frames made so far, by what the connections that share them have in common.
        self.encodings: dict[Hashable, bytes] = {}

    def __repr__(self) -> str:
        return f"<PreparedMessage of {len(self.payload)}, {len(self.encodings)} encodings>"
