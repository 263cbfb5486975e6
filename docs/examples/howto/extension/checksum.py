"""An extension that puts a checksum behind the payload of each frame: x-checksum."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from ws_frames import Extension, Frame, ProtocolError
from ws_http import ExtensionName, ExtensionParameter, NegotiationError

NAME = ExtensionName("x-checksum")

CHECKSUMS = {"crc32": zlib.crc32, "adler32": zlib.adler32}
SIZE = 4  # bytes


class Checksum(Extension):
    """What one connection does with its frames."""

    name = NAME
    rsv = 0  # it uses none of the reserved bits

    def __init__(self, kind: str) -> None:
        self._checksum = CHECKSUMS[kind]

    def encode(self, frame: Frame) -> Frame:
        return frame._replace(data=frame.data + self._of(frame.data))

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        data, checksum = frame.data[:-SIZE], frame.data[-SIZE:]
        if checksum != self._of(data):
            raise ProtocolError("wrong checksum")
        return frame._replace(data=data)

    def _of(self, data: bytes) -> bytes:
        return self._checksum(data).to_bytes(SIZE, "big")


class ClientChecksumFactory:
    """Offers it to servers; made once, for any number of connections."""

    name = NAME

    def __init__(self, kind: str = "crc32") -> None:
        self._kind = kind

    def get_request_params(self) -> list[ExtensionParameter]:
        return [("kind", self._kind)]

    def process_response_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> Extension:
        if params:
            raise NegotiationError(f"unexpected parameters of {NAME}")
        return Checksum(self._kind)


class ServerChecksumFactory:
    """Accepts it from clients."""

    name = NAME

    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], Extension]:
        kind = dict(params).get("kind")
        if kind not in CHECKSUMS:
            raise NegotiationError(f"unknown kind of {NAME}: {kind}")
        return [], Checksum(kind)
