"""From compressed data to messages, in bounds (RFC 7692 §7.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Callable

from ws_frames import PayloadTooBig, PolicyViolation, ProtocolError

from .backends import Decompressor
from .deflater import TAIL

__all__ = ["MAX_FINAL_BLOCKS", "Inflater"]

# How much is decompressed in one step, so what may be allocated beyond a limit. Data
# of a common size takes one step.
PIECE = 2**16

# How much is given to zlib in one step: it copies what it leaves over.
CHUNK = 2**16

# "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message"
# (RFC 7692 §7.2.2). The empty blocks behind them change nothing, unless the message is
# cut short: then all of it is taken for the rest of a block, and that makes no sense.
COMPLETION = TAIL + b"\x00\x00\x00\xff\xff" * 16

# After a final block another object has to be made. It can be two bytes long, so that
# the work would be out of proportion to what was received.
MAX_FINAL_BLOCKS = 1000


class Inflater:
    """Decompress the messages of one connection, fragment by fragment.

    ``make`` makes a decompression object; it is called when one is first needed, and
    what such an object raises is an ``error``. With ``takeover`` it is kept from
    message to message, else there is none between messages.

    After an exception it is of no use any more.
    """

    __slots__ = ("_due", "_error", "_finals", "_make", "_stream", "_takeover")

    def __init__(
        self, make: Callable[[], Decompressor], error: type[Exception], *, takeover: bool
    ) -> None:
        self._make = make
        self._error = error
        self._takeover = takeover
        self._stream: Decompressor | None = None
        self._due = False  # whether the message has begun a block that it didn't end
        self._finals = 0  # final blocks of the message

    def decompress(self, data: bytes, fin: bool, max_size: int | None) -> bytes:
        """Decompress a fragment to at most ``max_size`` bytes; None is no limit.

        Raises PayloadTooBig over that limit, having made no more than 64 KiB beyond
        it, and ProtocolError for what is not DEFLATE data.
        """
        if len(data) <= CHUNK:
            piece, rest = self._step(data) if data else (data, None)
            if max_size is not None and len(piece) > max_size:
                raise too_big(max_size)
            if rest is not None:
                piece = self._collect(piece, self._steps(rest), max_size)
        else:
            piece = self._collect(b"", self._chunks(data), max_size)
        if fin:
            self._end_message()
        return piece

    def _step(self, data: bytes | memoryview) -> tuple[bytes, bytes | None]:
        """Decompress to about a piece; return it and what is left over, None for nothing."""
        stream = self._stream
        if stream is None:
            stream = self._stream = self._make()
        self._due = True
        try:
            piece = stream.decompress(data, PIECE)
        except self._error as exc:
            reason = str(exc).rpartition(": ")[2]
        else:
            if stream.eof:
                return piece, self._end_stream(stream)
            # A full piece may not be all, even if all of the data went into it.
            return piece, (stream.unconsumed_tail if len(piece) >= PIECE else None)
        # Out here, so that the error doesn't carry the other one, which holds the data.
        raise ProtocolError(f"invalid compressed data: {reason}")

    def _steps(self, data: bytes | memoryview) -> Iterator[bytes]:
        rest: bytes | memoryview | None = data
        while rest is not None:
            piece, rest = self._step(rest)
            yield piece

    def _chunks(self, data: bytes) -> Iterator[bytes]:
        view = memoryview(data)
        for start in range(0, len(data), CHUNK):
            yield from self._steps(view[start : start + CHUNK])

    def _collect(self, first: bytes, pieces: Iterator[bytes], max_size: int | None) -> bytes:
        # It grows in place and hands out its buffer: the result is not there twice.
        buffer = BytesIO()
        size = buffer.write(first)
        for piece in pieces:
            size += buffer.write(piece)
            if max_size is not None and size > max_size:
                raise too_big(max_size)
        return buffer.getvalue()

    def _end_stream(self, stream: Decompressor) -> bytes | None:
        # "An endpoint MAY use both DEFLATE blocks with the "BFINAL" bit set to 0 and
        # DEFLATE blocks with the "BFINAL" bit set to 1." "The next DEFLATE block
        # follows the padded data if any." (§7.2.1) To zlib it ends the data, and so it
        # does to the compressors that set it: none of them refers back beyond it.
        self._stream = None
        self._due = False
        self._finals += 1
        if self._finals > MAX_FINAL_BLOCKS:
            raise PolicyViolation(f"more than {MAX_FINAL_BLOCKS} final blocks in a message")
        return stream.unused_data or None

    def _end_message(self) -> None:
        # Nothing is due after a final block, where a message should have one octet more
        # (§7.2.3.4) and is complete without it, nor is it where there is no data at all.
        if self._due:
            piece, rest = self._step(COMPLETION)
            if piece or rest is not None or not self._due:
                raise ProtocolError("compressed message ends inside a block")
        self._due = False
        self._finals = 0
        # A new object costs 0.1 to 0.3 µs.
        if not self._takeover:
            self._stream = None


def too_big(max_size: int) -> PayloadTooBig:
    return PayloadTooBig(f"payload of more than {max_size} bytes after decompression")
