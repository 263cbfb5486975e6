"""Deprecated: frames, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = [
    "OP_BINARY",
    "OP_CLOSE",
    "OP_CONT",
    "OP_PING",
    "OP_PONG",
    "OP_TEXT",
    "Frame",
    "check_close",
    "encode_data",
    "parse_close",
    "prepare_data",
    "read_frame",
    "serialize_close",
    "write_frame",
]

if TYPE_CHECKING:
    from ws_compat import (
        OP_BINARY,
        OP_CLOSE,
        OP_CONT,
        OP_PING,
        OP_PONG,
        OP_TEXT,
        Frame,
        check_close,
        encode_data,
        parse_close,
        prepare_data,
        read_frame,
        serialize_close,
        write_frame,
    )
else:
    __getattr__, __dir__ = _hand_on(__name__, deprecated={"ws_compat": __all__})
