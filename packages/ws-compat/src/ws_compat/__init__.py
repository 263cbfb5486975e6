"""Every deprecated name, argument and convention of the websockets API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .paths import hand_on

if TYPE_CHECKING:
    from .framing import (
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
    from .handshake import build_request, build_response, check_request, check_response
    from .http import read_request, read_response

__all__ = [
    "OP_BINARY",
    "OP_CLOSE",
    "OP_CONT",
    "OP_PING",
    "OP_PONG",
    "OP_TEXT",
    "Frame",
    "build_request",
    "build_response",
    "check_close",
    "check_request",
    "check_response",
    "encode_data",
    "hand_on",
    "parse_close",
    "prepare_data",
    "read_frame",
    "read_request",
    "read_response",
    "serialize_close",
    "write_frame",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = hand_on(
        __name__,
        deprecated={
            ".framing": {
                "Frame": "ws_frames.Frame",
                "OP_BINARY": "ws_frames.Opcode.BINARY",
                "OP_CLOSE": "ws_frames.Opcode.CLOSE",
                "OP_CONT": "ws_frames.Opcode.CONT",
                "OP_PING": "ws_frames.Opcode.PING",
                "OP_PONG": "ws_frames.Opcode.PONG",
                "OP_TEXT": "ws_frames.Opcode.TEXT",
                "check_close": "ws_frames.Close.serialize",
                "encode_data": "str.encode or bytes",
                "parse_close": "ws_frames.Close.parse",
                "prepare_data": "ws_frames.Connection.send_message",
                "read_frame": "ws_frames.Parser",
                "serialize_close": "ws_frames.Close.serialize",
                "write_frame": "ws_frames.encode_frame",
            },
            ".handshake": {
                "build_request": "ws_http.build_request",
                "build_response": "ws_http.build_response",
                "check_request": "ws_http.check_request",
                "check_response": "ws_http.check_response",
            },
            ".http": {
                "read_request": "ws_http.RequestParser",
                "read_response": "ws_http.ResponseParser",
            },
        },
    )
