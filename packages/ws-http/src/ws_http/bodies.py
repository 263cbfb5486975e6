"""The body of a response that refuses the handshake (RFC 7230 §3.3).

The refusal is the news, its body is a courtesy: where the framing is broken, the
body ends, and so it does at the limit.
"""

from __future__ import annotations

import re

from ws_frames import BytesLike

from .fields import parse_content_length
from .messages import Response

__all__ = ["Body", "ChunkedBody", "body_of"]

# "chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF"
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[\t ]*(?:;[\t -\xff]*)?\r\n")

#: Bytes of a chunk's size and its extensions, which are not used anywhere.
MAX_CHUNK_LINE = 256


class Body:
    """A body of ``length`` bytes, or up to the end of the connection where that is None.

    ``complete`` says when ``content`` is all there is to be: it holds at most
    ``limit`` bytes.
    """

    def __init__(self, length: int | None, limit: int) -> None:
        self.content = bytearray()
        self._missing = limit if length is None else min(length, limit)
        self.complete = self._missing == 0

    def receive_data(self, data: BytesLike) -> None:
        """Take the next bytes from the connection; those behind the body are dropped."""
        data = data[: self._missing]
        self.content += data
        self._missing -= len(data)
        self.complete = self._missing == 0


class ChunkedBody(Body):
    """A body in chunks (RFC 7230 §4.1). Trailers are not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(None, limit)
        self._buffer = bytearray()
        self._chunk = 0  # what is missing of the current chunk, with the CRLF behind it

    def receive_data(self, data: BytesLike) -> None:
        """Take the next bytes from the connection."""
        self._buffer += data
        position = 0
        while not self.complete:
            step = self._step(position)
            if step == 0:
                break
            position += step
        del self._buffer[:position]

    def _step(self, position: int) -> int:
        # Returns how many bytes it took from the buffer.
        return self._read_data(position) if self._chunk else self._read_size(position)

    def _read_size(self, position: int) -> int:
        match = _CHUNK_SIZE.match(self._buffer, position)
        if match is None:
            line = self._buffer.find(b"\n", position)
            self.complete = line >= 0 or len(self._buffer) - position > MAX_CHUNK_LINE
            return 0
        size = int(match[1], 16)
        self._chunk = size + 2
        self.complete = size == 0
        return match.end() - position

    def _read_data(self, position: int) -> int:
        size = min(self._chunk, len(self._buffer) - position)
        # The CRLF behind the data is passed over, whatever it is.
        data = min(size, max(self._chunk - 2, 0))
        super().receive_data(self._buffer[position : position + data])
        self._chunk -= size
        return size


def body_of(response: Response, limit: int) -> Body:
    """Return what is to read the body behind the head of ``response`` (RFC 7230 §3.3.3)."""
    # "Any response [...] with a 1xx (Informational), 204 (No Content), or 304 (Not
    #  Modified) status code is always terminated by the first empty line"
    if response.status < 200 or response.status in (204, 304):
        return Body(0, limit)
    codings = ", ".join(response.headers.get_all("Transfer-Encoding")).lower()
    if codings == "chunked":
        return ChunkedBody(limit)
    lengths = response.headers.get_all("Content-Length")
    if codings or not lengths:
        return Body(None, limit)
    length = parse_content_length(lengths[0]) if len(lengths) == 1 else None
    return Body(length or 0, limit)
