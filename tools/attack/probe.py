"""
A well-behaved client: how long does a server take to answer it, while others attack?

python -m attack.probe PORT

Each line on standard input brings a line on standard output: the longest time, in seconds,
that an echo took since the line before, the one under way included. It has a process of its
own, so that nothing but the server keeps it waiting.
"""

from __future__ import annotations

import select
import sys
import time

from attack.wire import BINARY, PING, PONG, Peer, dial, parse_frames

#: Seconds between one answer and the next message.
PAUSE = 0.002


def main() -> None:
    peer = dial(int(sys.argv[1]))
    peer.open("/echo")
    message = peer.wire.frame(BINARY, b"are you there?")
    longest = 0.0
    while True:
        longest = max(longest, round_trip(peer, message))
        if select.select([sys.stdin], [], [], PAUSE)[0]:
            if not sys.stdin.readline():
                return
            print(max(longest, round_trip(peer, message)), flush=True)
            longest = 0.0


def round_trip(peer: Peer, message: bytes) -> float:
    """Send a message and wait for its echo, answering the pings of the keepalive."""
    start = time.perf_counter()
    peer.sock.sendall(message)
    while True:
        data = peer.sock.recv(65_536)
        if not data:
            raise EOFError("the server ended the connection")
        peer.buffer += data
        frames = list(parse_frames(peer.buffer))
        for frame in frames:
            if frame.opcode == PING:
                peer.sock.sendall(peer.wire.frame(PONG, frame.payload))
        if any(frame.opcode == BINARY for frame in frames):
            return time.perf_counter() - start


if __name__ == "__main__":
    main()
