"""A client with websocket-client, which has no extensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import websocket
from websocket import ABNF

from tests.interop.peers.talk import CERTIFICATE, main, tell_end


def answer(ws: Any, opcode: int, data: bytes) -> None:
    """Do what a message asks for, or send it back."""
    if data == b"which subprotocol":
        ws.send(ws.getsubprotocol() or "none")
    elif data == b"fragments":
        send_fragments(ws, [b"frag", b"men", b"ts"])
    elif data == b"ping me":
        ws.ping(b"abc")
    elif data == b"close me":
        ws.send_close(4002, b"that was all")
    else:
        ws.send(data, opcode)


def send_fragments(ws: Any, fragments: Sequence[bytes]) -> None:
    opcode = ABNF.OPCODE_TEXT
    for number, fragment in enumerate(fragments, 1):
        ws.send_frame(ABNF.create_frame(fragment, opcode, fin=int(number == len(fragments))))
        opcode = ABNF.OPCODE_CONT


def connect(uri: str, compressed: bool) -> None:
    ws = websocket.create_connection(uri, subprotocols=["chat"], sslopt={"ca_certs": CERTIFICATE})
    opcode, frame = ws.recv_data_frame(control_frame=True)
    while opcode != ABNF.OPCODE_CLOSE:
        if opcode == ABNF.OPCODE_PONG:
            ws.send("pong " + frame.data.decode())
        elif opcode != ABNF.OPCODE_PING:  # which it answers itself
            answer(ws, opcode, frame.data)
        opcode, frame = ws.recv_data_frame(control_frame=True)
    ws.shutdown()  # type: ignore[no-untyped-call]
    tell_end(int.from_bytes(frame.data[:2], "big"), frame.data[2:].decode())


if __name__ == "__main__":
    main(websocket.__version__, connect, None)
