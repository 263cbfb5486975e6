"""An extension, and frames for it."""

from __future__ import annotations

from typing import Any

from ws_deflate import Backend, PerMessageDeflate
from ws_frames import Frame, Opcode

HELLO = bytes.fromhex("f248cdc9c90700")
HELLO_AGAIN = bytes.fromhex("f200110000")


def make(
    backend: Backend | None = None,
    *,
    remote: bool = False,
    local: bool = False,
    bits: int = 15,
    **settings: Any,
) -> PerMessageDeflate:
    """An extension; ``remote`` and ``local`` for no context takeover."""
    return PerMessageDeflate(remote, local, bits, bits, backend=backend, **settings)


def text(data: bytes, *, fin: bool = True, rsv1: bool = True) -> Frame:
    return Frame(fin, Opcode.TEXT, data, rsv1)


def more(data: bytes, *, fin: bool = True, rsv1: bool = False) -> Frame:
    return Frame(fin, Opcode.CONT, data, rsv1)
