"""An echo client of websocket-client."""

from __future__ import annotations

import contextlib
import sys

import websocket


def run(uri: str) -> None:
    with contextlib.suppress(websocket.WebSocketException, OSError, ValueError):
        ws = websocket.create_connection(uri, timeout=20)
        while True:
            opcode, data = ws.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                ws.close()
                return
            if opcode == websocket.ABNF.OPCODE_TEXT and data.startswith(b"/close "):
                _, code, reason = data.split(b" ", 2)
                ws.close(int(code), reason)
                return
            ws.send(data, opcode)


if __name__ == "__main__":
    run(sys.argv[2])
