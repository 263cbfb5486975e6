"""Deliberately wrong ends of a connection: they check nothing, and what they send can be spoilt."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Callable

from strictness.cases import CASES
from strictness.conversation import Timing
from strictness.targets import ClientTarget, Finish, ServerTarget
from strictness.wire import Frame

TIMING = Timing(answer=20, patience=0.2, pause=0)
# Where silence is what is looked for, it takes as long as this says.
SHORT = Timing(answer=1, ending=1, patience=0.2, pause=0)
BY_ID = {case.id: case for case in CASES}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Naive:
    """One end of a connection that takes any frame for a good one, and echoes it."""

    masked: bool
    #: Makes what is sent of a frame that was received.
    answer: Callable[[int, bytes], bytes] | None = None
    #: What is sent instead of an answer to a close frame, before TCP ends.
    goodbye: bytes | None = None
    #: Whether TCP is ended at all.
    ends: bool = True

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, message = 0, b""
        while True:
            head, opcode, payload = await read_frame(reader)
            if opcode == 8:
                writer.write(self.encode(8, payload[:2]) if self.goodbye is None else self.goodbye)
                break
            if opcode == 9:
                writer.write(self.encode(10, payload))
            elif opcode != 10:
                kind, message = opcode or kind, (message if opcode == 0 else b"") + payload
                if head & 0x80:
                    writer.write(self.encode(kind, message))
        await writer.drain()

    def encode(self, opcode: int, payload: bytes) -> bytes:
        if self.answer is not None:
            return self.answer(opcode, payload)
        return Frame(opcode, payload).encode(masked=self.masked)


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    head, length = await reader.readexactly(2)
    masked, length = length & 0x80, length & 0x7F
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    key = await reader.readexactly(4) if masked else bytes(4)
    payload = await reader.readexactly(length)
    return head, head & 0x0F, bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


def accept_key(head: bytes) -> bytes:
    key = next(
        line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    return base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + GUID).digest())


@asynccontextmanager
async def serving(
    naive: Naive, response: bytes = b"", timing: Timing = TIMING
) -> AsyncIterator[ServerTarget]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = [
                b"HTTP/1.1 101 Switching Protocols",
                b"Upgrade: websocket",
                b"Connection: Upgrade",
            ]
            lines += [b"Sec-WebSocket-Accept: " + accept_key(head), b"", b""]
            writer.write(response or b"\r\n".join(lines))
            await naive.talk(reader, writer)
            if not naive.ends:
                await reader.read()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield ServerTarget(f"ws://127.0.0.1:{port}/", timing)


def client(naive: Naive, request: bytes = b"", timing: Timing = TIMING) -> ClientTarget:
    """A client that takes any response for a good one."""

    async def start(uri: str) -> Finish:
        host = uri.split("/")[2]

        async def run() -> None:
            reader, writer = await asyncio.open_connection(*host.split(":"))
            try:
                lines = [
                    b"GET /strict?case=1 HTTP/1.1",
                    b"Host: " + host.encode(),
                    b"Upgrade: websocket",
                ]
                lines += [
                    b"Connection: Upgrade",
                    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)),
                ]
                lines += [b"Sec-WebSocket-Version: 13", b"", b""]
                writer.write(request or b"\r\n".join(lines))
                await reader.readuntil(b"\r\n\r\n")
                await naive.talk(reader, writer)
                if not naive.ends:
                    await asyncio.Event().wait()
            except (asyncio.IncompleteReadError, OSError):
                pass
            finally:
                writer.close()

        return run

    return ClientTarget(start, timing)
