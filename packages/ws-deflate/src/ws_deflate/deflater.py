"""From messages to compressed data (RFC 7692 §7.2.1)."""

from __future__ import annotations

import zlib
from typing import Callable

from .backends import Compressor

__all__ = ["TAIL", "Deflater"]

#: What an empty DEFLATE block with no compression ends with. Each message would end
#: with it, so it isn't sent.
TAIL = b"\x00\x00\xff\xff"


class Deflater:
    """Compress the messages of one connection, fragment by fragment.

    ``make`` makes a compression object; it is called when one is first needed. With
    ``takeover`` it is kept from message to message, else there is none between messages.
    """

    __slots__ = ("_make", "_stream", "_takeover")

    def __init__(self, make: Callable[[], Compressor], *, takeover: bool) -> None:
        self._make = make
        self._takeover = takeover
        self._stream: Compressor | None = None

    def compress(self, data: bytes, fin: bool) -> bytes:
        """Compress a fragment so that all of it can be decompressed on arrival."""
        stream = self._stream or self._make()
        # Should it raise, the object is left in the middle of something: it is forgotten,
        # and what follows doesn't depend on what went before.
        self._stream = None
        compressed = stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
        # Without takeover, a new object for each message takes no more time than one a
        # connection that Z_FULL_FLUSH resets: that one isn't in the CPU's cache any more
        # when its turn comes (tools/deflate_contexts.py measures it). And it takes no
        # memory between messages, which is what not to look back is good for.
        if self._takeover or not fin:
            self._stream = stream
        if not fin:
            return compressed
        # "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end." zlib may
        # give nothing to remove them from, if nothing was added since the last flush:
        # then the first octet of an empty block is what has to be sent (§7.2.3.6).
        return compressed[: -len(TAIL)] or b"\x00"

    def forget(self) -> None:
        """Make the next message independent of those before it."""
        self._stream = None
