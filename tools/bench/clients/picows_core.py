"""The callbacks of picows, as its README has them."""

from __future__ import annotations

import asyncio
from typing import Any

from picows import WSCloseCode, WSListener, WSMsgType, ws_connect  # type: ignore[import-not-found]

from bench.clients.stage import LARGE, Trial, run


class Exchange(WSListener):  # type: ignore[misc]
    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial = trial
        self.goes_on = iter(trial)
        self.message = trial.make_message()
        self.kind = WSMsgType.TEXT if trial.text else WSMsgType.BINARY
        self.payload = self.message.encode() if isinstance(self.message, str) else self.message
        self.pieces = trial.cut(self.payload) if trial.fragment else []
        self.parts = bytearray()
        self.waiting = 0
        self.over = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: Any) -> None:
        self.send(transport)

    def send(self, transport: Any) -> None:
        for _ in self.goes_on:
            for _ in range(self.trial.burst):
                if self.trial.fragment:
                    self.send_pieces(transport)
                else:
                    transport.send(self.kind, self.payload)
            self.waiting = self.trial.burst
            return
        self.over.set_result(None)

    def send_pieces(self, transport: Any) -> None:
        last = len(self.pieces) - 1
        for i, piece in enumerate(self.pieces):
            kind = WSMsgType.CONTINUATION if i else self.kind
            transport.send(kind, piece, i == last)

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            return
        if not frame.fin or frame.msg_type == WSMsgType.CONTINUATION:
            self.parts += frame.get_payload_as_memoryview()
            if not frame.fin:
                return
            answer: Any = bytes(self.parts)
            self.parts.clear()
        elif frame.msg_type == WSMsgType.TEXT:
            answer = frame.get_payload_as_utf8_text()
        else:
            answer = frame.get_payload_as_bytes()
        if answer != self.message:
            self.trial.wrong()
        self.waiting -= 1
        if self.trial.sliding:
            transport.send(self.kind, self.payload)
        if not self.waiting:
            self.go_on(transport)

    def go_on(self, transport: Any) -> None:
        if not self.trial.sliding:
            self.send(transport)
        elif next(self.goes_on, self) is None:
            self.waiting = self.trial.burst
        elif not self.over.done():
            self.over.set_result(None)


async def exchange(trial: Trial) -> None:
    options: dict[str, Any] = {"max_frame_size": LARGE} if trial.large else {}
    transport, listener = await ws_connect(lambda: Exchange(trial), trial.uri, **options)
    await listener.over
    transport.send_close(WSCloseCode.OK)
    transport.disconnect()
    await transport.wait_disconnected()


if __name__ == "__main__":
    run(exchange)
