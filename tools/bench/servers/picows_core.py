"""The callbacks of picows, as its README has them; a message in fragments is joined."""

from __future__ import annotations

from typing import Any

from picows import WSListener, WSMsgType, ws_create_server  # type: ignore[import-not-found]

from bench.servers.stage import HOST, LARGE, Settings, port_of, run

transports: set[Any] = set()


class Echo(WSListener):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.parts = bytearray()
        self.kind = WSMsgType.BINARY

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif frame.fin and frame.msg_type != WSMsgType.CONTINUATION:
            transport.send(frame.msg_type, frame.get_payload_as_memoryview())
        else:
            self.join(transport, frame)

    def join(self, transport: Any, frame: Any) -> None:
        if frame.msg_type != WSMsgType.CONTINUATION:
            self.kind = frame.msg_type
        self.parts += frame.get_payload_as_memoryview()
        if frame.fin:
            transport.send(self.kind, self.parts)
            self.parts = bytearray()


class TellAll(WSListener):  # type: ignore[misc]
    def on_ws_connected(self, transport: Any) -> None:
        transports.add(transport)

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        message = frame.get_payload_as_bytes()
        for each in transports:
            each.send(frame.msg_type, message)


async def start(settings: Settings) -> int:
    options: dict[str, Any] = {"max_frame_size": LARGE} if settings.large else {}
    listener = TellAll if settings.broadcast else Echo
    return port_of(await ws_create_server(lambda request: listener(), HOST, 0, **options))


if __name__ == "__main__":
    run(start)
