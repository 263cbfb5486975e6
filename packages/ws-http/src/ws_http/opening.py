"""What comes out of an opening handshake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ws_frames import Extension

from .headers import Headers
from .typing import Subprotocol

__all__ = ["Opening"]


class Opening(NamedTuple):
    """An opened connection, as both sides now see it (RFC 6455 §4.1 and §4.2.2)."""

    #: Path and query that the client asked for.
    path: str
    request_headers: Headers
    response_headers: Headers
    #: The subprotocol agreed on, or None.
    subprotocol: Optional[Subprotocol]  # noqa: UP045
    #: The extensions agreed on, in the order of the response.
    extensions: Sequence[Extension]
    #: What already arrived behind the handshake: the first frames of the peer.
    trailing: bytes
