"""
Count the instructions that a server takes for a connection that is opened, and closed again.

python tools/profile_handshake.py

Four programs, each counted for two numbers of connections, of which the difference tells what
one takes: an asyncio.Protocol that reads nothing and answers with bytes that were made before; our
server with a handler that waits for a message; without any connection, the part of it that
reads the request, judges it and makes the response; and a server of websockets. Valgrind counts
(callgrind). The system is not in it: it has the same to do for all.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import time
from contextlib import closing

import callgrind
from bench.program import Server
from bench.target import targets_of
from ws_asyncio import WebSocketServerProtocol, serve
from ws_frames import encode_frame
from ws_http import ClientHandshake, ServerHandshake, parse_uri

COUNTS = (100, 400)
HOST = "127.0.0.1"

FIN_CLOSE = 0x88
NORMAL = b"\x03\xe8"
CLOSE = encode_frame(FIN_CLOSE, NORMAL, b"mask")
CLOSE_BACK = encode_frame(FIN_CLOSE, NORMAL, False)

KINDS = {
    "bare": "asyncio alone: accept TCP, read twice, write twice, end TCP",
    "judge": "read the request, judge it, make the response (`ws_http`)",
    "ours": "a server of ours, all in all",
    "websockets": "a server of websockets, all in all",
}

REQUEST = ClientHandshake(parse_uri(f"ws://{HOST}/")).send_request()


def response() -> bytes:
    handshake = ServerHandshake(server_header="Python", clock=time.time)
    handshake.receive_data(REQUEST)
    return handshake.accept()


class Bare(asyncio.Protocol):
    """Does with TCP what a server has to, and nothing else."""

    answers = (response(), CLOSE_BACK)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.left = list(self.answers)

    def data_received(self, data: bytes) -> None:
        self.transport.write(self.left.pop(0))
        if not self.left:
            self.transport.write_eof()


async def wait(ws: WebSocketServerProtocol) -> None:
    async for _ in ws:
        pass


async def answer(kind: str, connections: int) -> None:
    """Serve so many connections, which another process makes."""
    if kind == "bare":
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Bare, HOST, 0) as listener:
            await make(connections, listener.sockets[0])
    else:
        async with serve(wait, HOST, 0) as server:
            assert server.sockets is not None
            await make(connections, server.sockets[0])


async def make(connections: int, sock: socket.socket) -> None:
    """Have so many connections made to a listener."""
    port = sock.getsockname()[1]
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--connect", str(port), str(connections))
    )
    if await client.wait():
        raise RuntimeError("the client failed")


def connect(port: int, connections: int) -> None:
    """Open and close connections, one after the other."""
    for _ in range(connections):
        with socket.create_connection((HOST, port)) as sock, sock.makefile("rb") as stream:
            sock.sendall(REQUEST)
            while stream.readline() != b"\r\n":
                pass
            sock.sendall(CLOSE)
            if stream.read() != CLOSE_BACK:
                raise RuntimeError("no close frame, or more than that")


def run(kind: str, times: int) -> None:
    if kind == "judge":
        for _ in range(times):
            response()
    else:
        asyncio.run(answer(kind, times))


def count(kind: str, times: int) -> int:
    """Give all the instructions for so many connections."""
    with callgrind.profile() as profile:
        if kind == "websockets":
            (target,) = targets_of(kind, loops=("asyncio",))
            with closing(Server(profile.command(target.command("servers")))) as server:
                connect(server.port, times)
        else:
            profile.run([sys.executable, __file__, "--run", kind, str(times)])
        return profile.total()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--connect", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.run:
        run(options.run[0], int(options.run[1]))
        return 0
    if options.connect:
        connect(*options.connect)
        return 0
    callgrind.require()
    callgrind.print_table("a connection, opened and closed", KINDS, count, *COUNTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
