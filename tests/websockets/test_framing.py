"""``websockets.framing`` and ``websockets.legacy.framing``."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.framing
import websockets.legacy.framing
from ws_compat import framing

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.framing, websockets.legacy.framing])
def test_it_reads_and_writes_frames(hands_on: HandsOn, module: ModuleType) -> None:
    old = {
        "Frame": (framing.Frame, "ws_frames.Frame"),
        "OP_BINARY": (framing.OP_BINARY, "ws_frames.Opcode.BINARY"),
        "OP_CLOSE": (framing.OP_CLOSE, "ws_frames.Opcode.CLOSE"),
        "OP_CONT": (framing.OP_CONT, "ws_frames.Opcode.CONT"),
        "OP_PING": (framing.OP_PING, "ws_frames.Opcode.PING"),
        "OP_PONG": (framing.OP_PONG, "ws_frames.Opcode.PONG"),
        "OP_TEXT": (framing.OP_TEXT, "ws_frames.Opcode.TEXT"),
        "check_close": (framing.check_close, "ws_frames.Close.serialize"),
        "encode_data": (framing.encode_data, "str.encode or bytes"),
        "parse_close": (framing.parse_close, "ws_frames.Close.parse"),
        "prepare_data": (framing.prepare_data, "ws_frames.Connection.send_message"),
        "read_frame": (framing.read_frame, "ws_frames.Parser"),
        "serialize_close": (framing.serialize_close, "ws_frames.Close.serialize"),
        "write_frame": (framing.write_frame, "ws_frames.encode_frame"),
    }
    hands_on(module, deprecated=old)
