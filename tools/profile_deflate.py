"""
Count the instructions that a server takes to inflate a message, and to deflate its echo.

python tools/profile_deflate.py                on asyncio
python tools/profile_deflate.py --loop uvloop

Beside our server and that of websockets, which agree on the same settings: zlib alone, and a
bare asyncio.Protocol that sends back the compressed bytes as they are. The sum of these two is
the least that any server on that event loop takes. Each is counted for two numbers of messages, of which
the difference tells what one takes. Valgrind counts (callgrind). The system is not in it: it has
the same to do for all.
"""

from __future__ import annotations

import argparse
import socket
import sys
from contextlib import closing
from functools import partial
from typing import BinaryIO

import callgrind
from bench.deflate_row import echo_by_zlib, frames_of, inflate_answers, payloads_of
from bench.program import Server
from bench.target import BARE, LOOPS, Target, targets_of
from deflate_traffic import messages
from ws_deflate import ClientPerMessageDeflateFactory
from ws_http import ClientHandshake, parse_uri

COUNTS = (100, 300)
HOST = "127.0.0.1"
SIZE_PREFIX = 4  # of each frame, as the load of the benchmarks reads it

REQUEST = ClientHandshake(
    parse_uri(f"ws://{HOST}/"), extensions=[ClientPerMessageDeflateFactory()]
).send_request()

KINDS = {
    "zlib": "zlib alone: inflate, deflate",
    BARE: "the event loop alone: read, write",
    "ours": "a server of ours, all in all",
    "websockets": "a server of websockets, all in all",
}


def use_zlib(times: int) -> None:
    """Do so many times what no server can do without."""
    echo_by_zlib(payloads_of(messages("books", COUNTS[-1]))[:times])


def exchange(target: Target, port: int, times: int) -> None:
    """Send messages one at a time, and see that each comes back."""
    texts = messages("books", times)
    answers: list[tuple[int, bytes]] = []
    with socket.create_connection((HOST, port)) as sock, sock.makefile("rb") as stream:
        if not target.library.raw:
            sock.sendall(REQUEST)
            while stream.readline() != b"\r\n":
                pass
        for frame in frames_of(texts):
            sock.sendall(frame[SIZE_PREFIX:])
            if target.library.raw:
                same = stream.read(len(frame) - SIZE_PREFIX) == frame[SIZE_PREFIX:]
                answers.append((0, texts[len(answers)] if same else b""))
            else:
                answers.append(read_answer(stream))
    if list(inflate_answers(answers)) != texts:
        raise callgrind.CountFailed(f"{target.name}: a wrong echo")


def read_answer(stream: BinaryIO) -> tuple[int, bytes]:
    """The first byte and the payload of the next frame."""
    first, length = stream.read(2)
    size = length if length < 126 else int.from_bytes(stream.read(2), "big")
    return first, stream.read(size)


def count(loop: str, kind: str, times: int) -> int:
    """Give all the instructions for so many messages."""
    with callgrind.profile() as profile:
        if kind == "zlib":
            profile.run([sys.executable, __file__, "--zlib", str(times)])
        else:
            (target,) = targets_of(kind, loops=(loop,))
            command = profile.command(target.command("servers", "--compression"))
            with closing(Server(command)) as server:
                exchange(target, server.port, times)
        return profile.total()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loop", choices=LOOPS, default="asyncio", help="event loop of servers")
    parser.add_argument("--zlib", type=int, metavar="N", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.zlib is not None:
        use_zlib(options.zlib)
        return 0
    callgrind.require()
    what = f"a compressed message and its echo, {options.loop}"
    callgrind.print_table(what, KINDS, partial(count, options.loop), *COUNTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
