"""A strict reader of what a target sends: each rule that it breaks is a token of its own."""

from __future__ import annotations

import zlib

from .tokens import Token
from .wire import CLOSE, CONT, OPCODES, PING, PONG, RSV1, TEXT, mask

__all__ = ["FrameReader"]

LEGAL_CODES = {1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)}


class Wrong(Exception):
    """The target breaks a rule."""


class FrameReader:
    """Read frames into tokens; ``masked`` says whether they have to be masked."""

    def __init__(self, *, masked: bool, deflate: bool = False) -> None:
        self.masked = masked
        self.deflate = deflate
        #: Data of pings that came.
        self.pings: list[bytes] = []
        self.keys: list[bytes] = []
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(wbits=-15)
        self._message = bytearray()
        self._opcode: int | None = None
        self._compressed = False
        self._closed = False
        self._broken = False

    def feed(self, data: bytes) -> list[Token]:
        """Take the next bytes; after a broken rule nothing more is read."""
        self._buffer += data
        tokens: list[Token] = []
        try:
            while not self._broken and self._read_frame(tokens):
                pass
        except Wrong as exc:
            self._broken = True
            tokens.append(Token("wrong", str(exc)))
        return tokens

    def end(self) -> list[Token]:
        """Take the end of TCP, which should not be in the middle of a frame."""
        if self._buffer and not self._broken:
            return [Token("wrong", "the end of TCP inside a frame")]
        return []

    def _read_frame(self, tokens: list[Token]) -> bool:
        header = self._read_header()
        if header is None:
            return False
        size, length = header
        if len(self._buffer) < size + length:
            return False
        head = self._buffer[0]
        payload = bytes(self._buffer[size : size + length])
        if self.masked:
            self.keys.append(bytes(self._buffer[size - 4 : size]))
            payload = mask(payload, self.keys[-1])
        del self._buffer[: size + length]
        # "The application MUST NOT send any more data frames after sending a Close frame";
        # a ping has its pong until the peer's close frame is there (§5.5.1, §5.5.2).
        if self._closed and head & 0x0F not in (PING, PONG):
            raise Wrong("a frame behind the close frame")
        token = self._take(bool(head & 0x80), head >> 4 & 7, head & 0x0F, payload)
        if token is not None:
            tokens.append(token)
        return True

    def _read_header(self) -> tuple[int, int] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        if bool(buffer[1] & 0x80) is not self.masked:
            raise Wrong("a masked frame" if buffer[1] & 0x80 else "an unmasked frame")
        length, size = buffer[1] & 0x7F, 2
        if length > 125:
            size = 4 if length == 126 else 10
            if len(buffer) < size:
                return None
            length = int.from_bytes(buffer[2:size], "big")
            if length < (126 if size == 4 else 2**16):
                raise Wrong(f"a length of {length} in {size - 2} bytes")
        return size + 4 * self.masked, length

    def _take(self, fin: bool, rsv: int, opcode: int, payload: bytes) -> Token | None:
        if opcode not in OPCODES:
            raise Wrong(f"opcode {opcode}")
        compressed = self.deflate and rsv == RSV1 and 0 < opcode < 8
        if rsv and not compressed:
            raise Wrong(f"reserved bits {rsv:03b} in a {OPCODES[opcode]} frame")
        if opcode >= CLOSE:
            return self._take_control(fin, opcode, payload)
        if (opcode == CONT) is (self._opcode is None):
            raise Wrong(f"a {OPCODES[opcode]} frame out of place")
        if self._opcode is None:
            self._opcode, self._compressed = opcode, compressed
        self._message += payload
        if not fin:
            return None
        data, kind = bytes(self._message), self._opcode
        self._message.clear()
        self._opcode = None
        if self._compressed:
            data = self._decompress(data)
        if kind == TEXT:
            check_text(data, "a text message")
        return Token(OPCODES[kind], data)

    def _take_control(self, fin: bool, opcode: int, payload: bytes) -> Token | None:
        if not fin:
            raise Wrong(f"a fragmented {OPCODES[opcode]} frame")
        if len(payload) > 125:
            raise Wrong(f"a {OPCODES[opcode]} frame of {len(payload)} bytes")
        if opcode == PING:
            self.pings.append(payload)
            return None
        if opcode == PONG:
            return Token("pong", payload)
        self._closed = True
        return Token("close", close_code(payload))

    def _decompress(self, data: bytes) -> bytes:
        try:
            result = self._inflate.decompress(data + b"\x00\x00\xff\xff")
        except zlib.error as exc:
            raise Wrong(f"a compressed message: {exc}") from None
        if self._inflate.eof:
            self._inflate = zlib.decompressobj(wbits=-15)
        return result


def close_code(payload: bytes) -> int:
    if not payload:
        return 1005
    if len(payload) == 1:
        raise Wrong("a close frame with a body of one byte")
    check_text(payload[2:], "the reason of a close frame")
    code = int.from_bytes(payload[:2], "big")
    # What is not defined at all can't be said to be illegal.
    if code not in LEGAL_CODES and code < 5000:
        raise Wrong(f"a close frame with code {code}")
    return code


def check_text(data: bytes, what: str) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Wrong(f"invalid UTF-8 in {what}") from None
