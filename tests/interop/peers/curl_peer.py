"""A client with libcurl, which curl_cffi brings along; it has no extensions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import curl_cffi  # type: ignore[import-not-found, unused-ignore]
from curl_cffi import CurlOpt, CurlWsFlag, WebSocket, WebSocketClosed

from tests.interop.peers.talk import CERTIFICATE, main, tell_end

KIND = CurlWsFlag.TEXT | CurlWsFlag.BINARY


def answer(ws: Any, data: bytes, flags: int) -> None:
    """Do what a message asks for, or send it back."""
    if data == b"fragments":
        send_fragments(ws, [b"frag", b"men", b"ts"])
    elif data == b"close me":
        ws.close(4002, b"that was all")
    else:
        ws.send(data, flags & KIND)


def send_fragments(ws: Any, fragments: Sequence[bytes]) -> None:
    for number, fragment in enumerate(fragments, 1):
        more = CurlWsFlag.CONT if number < len(fragments) else 0
        ws.send(fragment, CurlWsFlag.TEXT | more)


def connect(uri: str, compressed: bool) -> None:
    ws = WebSocket()
    ws.connect(
        uri,
        headers={"Sec-WebSocket-Protocol": "chat"},
        curl_options={CurlOpt.CAINFO: CERTIFICATE},
    )
    with suppress(WebSocketClosed, curl_cffi.CurlError):
        talk(ws)
    tell_end(ws.close_code, ws.close_reason)


def talk(ws: Any) -> None:
    message = b""
    while not ws.closed:
        data, flags = ws.recv()
        if flags & CurlWsFlag.CLOSE:
            return
        message += data
        if flags & CurlWsFlag.CONT:
            continue
        answer(ws, message, flags)
        message = b""


if __name__ == "__main__":
    version = curl_cffi.Curl().version().decode().split()[0]
    main(f"{version.replace('libcurl/', '')}, curl_cffi {curl_cffi.__version__}", connect, None)
