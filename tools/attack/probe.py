"""
A well-behaved client: how long does a server take to answer it, while others attack?

python -m attack.probe PORT

Each line on standard input brings a line on standard output: the longest time, in seconds,
that an echo took since the line before, the one under way included; but after the line "rest"
it says nothing, and sends nothing before the next line. It has a process of its own, so that
nothing but the server keeps it waiting.
"""

from __future__ import annotations

import select
import sys
import time
from typing import Any

from attack.wire import BINARY, PING, PONG, Peer, dial, parse_frames

# Nothing of it is kept here: select() has to see each line.
lines = open(0, "rb", buffering=0)  # noqa: SIM115

#: Seconds between one answer and the next message.
PAUSE = 0.002


def main() -> None:
    peer = dial(int(sys.argv[1]))
    peer.open("/echo")
    message = peer.wire.frame(BINARY, b"are you there?")
    longest = 0.0
    while True:
        longest = max(longest, round_trip(peer, message))
        if select.select([lines], [], [], PAUSE)[0]:
            line = lines.readline()
            while line == b"rest\n":
                rest(peer)
                line = lines.readline()
            if not line:
                return
            print(max(longest, round_trip(peer, message)), flush=True)
            longest = 0.0


def round_trip(peer: Peer, message: bytes) -> float:
    """Send a message and wait for its echo."""
    start = time.perf_counter()
    peer.sock.sendall(message)
    while BINARY not in receive(peer):
        pass
    return time.perf_counter() - start


def rest(peer: Peer) -> None:
    """Do no more than the keepalive asks for, until the next line."""
    sources: list[Any] = [lines, peer.sock]
    while lines not in select.select(sources, [], [])[0]:
        receive(peer)


def receive(peer: Peer) -> list[int]:
    """Answer the pings in what arrives; give the opcodes of all that is in it."""
    data = peer.sock.recv(65_536)
    if not data:
        raise EOFError("the server ended the connection")
    peer.buffer += data
    frames = list(parse_frames(peer.buffer))
    for frame in frames:
        if frame.opcode == PING:
            peer.sock.sendall(peer.wire.frame(PONG, frame.payload))
    return [frame.opcode for frame in frames]


if __name__ == "__main__":
    main()
