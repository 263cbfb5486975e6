"""
Measure the parser and the writer of frames alone, beside those of others.

python tools/bench_frames.py                    all of it, some two minutes
python tools/bench_frames.py parse write        these parts
python tools/bench_frames.py --rounds 15        more rounds, for a machine that others use too

The peers are wsproto and the sans-I/O half of the foreign project called websockets. They are
left out where they are not installed; `hatch run peers:bench-frames` has an environment for them.

Figures are medians of rounds that take turns, of the time on the CPU. Each subject keeps one object and is given what a
socket would give it: 64 KiB at a time. What a peer hands out in pieces is joined, since that is
what its user would have to do. Memory is measured in a process of its own, as the growth of its
resident memory at the highest, by the size of the message.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Callable

from bench.machine import processor
from ws_frames import Connection, Role, pure

try:
    from ws_frames import _speedups as speedups
except ImportError:
    sys.exit("the C speedups are not built: there is nothing to measure")

KIB = 1024
MIB = 1024 * KIB
CHUNK = 64 * KIB
KEY = b"\x37\xfa\x21\x3d"

# Takes bytes; returns the payloads of the messages that they complete.
Feed = Callable[[bytes], list[Any]]
# Gives the bytes of a message.
Write = Callable[[bytes], bytes]


# ---------------------------------------------------------------------------
# Subjects


def feed_parser(twin: Any) -> Feed:
    parser = twin.Parser(masked=True)

    def feed(data: bytes) -> list[Any]:
        messages: list[Any] = parser.feed(data)
        while parser.waiting:
            messages += parser.feed(b"")
        return messages

    return feed


def feed_connection() -> Feed:
    connection = Connection(Role.SERVER, max_size=None)

    def feed(data: bytes) -> list[Any]:
        connection.receive_data(data)
        messages = []
        while (event := connection.next_event()) is not None:
            messages.append(event)
        return messages

    return feed


def feed_wsproto() -> Feed:
    events = import_module("wsproto.events")
    wsproto = import_module("wsproto.connection")
    connection = wsproto.Connection(wsproto.ConnectionType.SERVER)
    parts: list[Any] = []

    def feed(data: bytes) -> list[Any]:
        connection.receive_data(data)
        messages = []
        for event in connection.events():
            if isinstance(event, events.Message):
                parts.append(event.data)
                if event.message_finished:
                    messages.append(parts[0] if len(parts) == 1 else parts[0][:0].join(parts))
                    parts.clear()
        return messages

    return feed


def feed_websockets() -> Feed:
    protocol = import_module("websockets.server").ServerProtocol(
        state=import_module("websockets.protocol").State.OPEN, max_size=None
    )
    text = import_module("websockets.frames").Opcode.TEXT
    parts: list[Any] = []
    kinds: list[Any] = []

    def feed(data: bytes) -> list[Any]:
        protocol.receive_data(data)
        messages = []
        for frame in protocol.events_received():
            parts.append(frame.data)
            kinds.append(frame.opcode)
            if frame.fin:
                message = parts[0] if len(parts) == 1 else b"".join(parts)
                messages.append(message.decode() if kinds[0] is text else message)
                parts.clear()
                kinds.clear()
        return messages

    return feed


def write_frame(twin: Any, masked: bool) -> Write:
    def write(payload: bytes) -> bytes:
        frame: bytes = twin.encode_frame(0x82, payload, masked)
        return frame

    return write


def write_wsproto(masked: bool) -> Write:
    message = import_module("wsproto.events").BytesMessage
    wsproto = import_module("wsproto.connection")
    role = wsproto.ConnectionType.CLIENT if masked else wsproto.ConnectionType.SERVER
    connection = wsproto.Connection(role)
    return lambda payload: bytes(connection.send(message(data=payload)))


def write_websockets(masked: bool) -> Write:
    state = import_module("websockets.protocol").State.OPEN
    if masked:
        uri = import_module("websockets.uri").parse_uri("ws://localhost/")
        protocol = import_module("websockets.client").ClientProtocol(uri, state=state)
    else:
        protocol = import_module("websockets.server").ServerProtocol(state=state)

    def write(payload: bytes) -> bytes:
        protocol.send_binary(payload)
        return b"".join(protocol.data_to_send())

    return write


def installed(name: str) -> bool:
    """Whether a peer is there; ours of the same name has no part named ``sync``."""
    try:
        return find_spec("wsproto" if name == "wsproto" else "websockets.sync") is not None
    except ModuleNotFoundError:  # not even the package
        return False


FEEDS: dict[str, Callable[[], Feed]] = {
    "C": lambda: feed_parser(speedups),
    "Python": lambda: feed_parser(pure),
    "Connection": feed_connection,
    "wsproto": feed_wsproto,
    "websockets": feed_websockets,
}
WRITES: dict[str, Callable[[bool], Write]] = {
    "C": lambda masked: write_frame(speedups, masked),
    "Python": lambda masked: write_frame(pure, masked),
    "wsproto": write_wsproto,
    "websockets": write_websockets,
}
PEERS = [name for name in ("wsproto", "websockets") if installed(name)]
SUBJECTS = ["C", "Python", "Connection", *PEERS]


# ---------------------------------------------------------------------------
# Timing


def medians(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of CPU that a call of each takes; rounds of about 20 ms each take turns."""
    repeats = {}
    for name, run in runs.items():
        run()  # gets the memory that the next ones find there
        start = time.process_time()
        run()
        repeats[name] = max(1, round(0.02 / max(time.process_time() - start, 1e-6)))
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                run()
            times[name].append((time.process_time() - start) / repeats[name])
    return {name: statistics.median(each) for name, each in times.items()}


def compare(title: str, seconds: dict[str, float], least: dict[str, float]) -> None:
    """Print a line and a bar for each subject; least says what times wsproto it should be."""
    print(f"\n{title}")
    fastest = min(seconds.values())
    for name, each in seconds.items():
        ratio = seconds["wsproto"] / each if "wsproto" in seconds else None
        told = "" if ratio is None else f"{ratio:8.1f} x wsproto"
        if ratio is not None and name in least:
            told += f" (target {least[name]:g}: {'met' if ratio >= least[name] else 'NOT MET'})"
        bar = "#" * max(1, round(40 * fastest / each))
        print(f"  {name:12}{each * 1e9:12,.0f} ns  {bar:40}{told}")


# ---------------------------------------------------------------------------
# Parts


def frame_of(payload: bytes, head: int = 0x82) -> bytes:
    return bytes(speedups.encode_frame(head, payload, KEY))


def measure_parsing(rounds: int) -> None:
    for size, target in ((125, 20.0), (64 * KIB, 5.0)):
        for kind, head, payload in (
            ("binary", 0x82, os.urandom(size)),
            ("ASCII text", 0x81, b"x" * size),
            ("text", 0x81, "é漢😀x".encode() * (size // 10) + b"x" * (size % 10)),
        ):
            frame = frame_of(payload, head)
            count = max(1, CHUNK // len(frame))
            stream = frame * count
            runs: dict[str, Callable[[], object]] = {}
            for name in SUBJECTS:
                feed = FEEDS[name]()
                if len(feed(stream)) != count:
                    raise SystemExit(f"{name} parses something else")
                runs[name] = partial(feed, stream)
            seconds = {name: each / count for name, each in medians(runs, rounds).items()}
            title = f"Parse a masked message of {size:,} bytes, {kind}: time for one"
            # Of other text, most of the time goes to Python's own decoder, whoever calls it.
            compare(title, seconds, {} if kind == "text" else {"C": target, "Python": 1.0})


def measure_writing(rounds: int) -> None:
    for size in (125, 64 * KIB):
        payload = os.urandom(size)
        for masked in (True, False):
            runs: dict[str, Callable[[], object]] = {}
            for name in SUBJECTS:
                if name in WRITES:
                    runs[name] = partial(WRITES[name](masked), payload)
            seconds = medians(runs, rounds)
            end = "client" if masked else "server"
            compare(f"Write a binary message of {size:,} bytes as a {end}", seconds, {})


def measure_masking(rounds: int) -> None:
    """Masking beside a copy of the same bytes, both from an odd address to a new object."""
    print("\nMask bytes from an odd address, beside a copy of them (memcpy)")
    size = 64
    while size <= 16 * MIB:
        data = memoryview(os.urandom(size + 1))[1:]
        runs: dict[str, Callable[[], object]] = {
            "mask": partial(speedups.apply_mask, data, KEY),
            "copy": partial(bytes, data),
        }
        seconds = medians(runs, rounds)
        ratio = seconds["copy"] / seconds["mask"]
        told = "" if size < 4 * KIB else f" (target 0.9: {'met' if ratio >= 0.9 else 'NOT MET'})"
        rate = size / seconds["mask"] / 1e9
        print(f"  {size:12,} bytes {rate:8.2f} GB/s {ratio:8.2f} x memcpy{told}")
        size *= 4


# ---------------------------------------------------------------------------
# Large messages


def chunks_of(size: int, fragment: int, text: bool) -> tuple[bytes, bytes, int, bytes]:
    """First chunk, chunk to repeat, how many times, and last chunk of a message."""
    opcode = 0x01 if text else 0x02
    if not fragment:
        frame = bytes([0x80 | opcode, 0xFF]) + size.to_bytes(8, "big") + KEY
        return frame, speedups.apply_mask(b"x" * CHUNK, KEY), size // CHUNK, b""
    rest = frame_of(b"x" * fragment, 0x00)
    per_chunk = CHUNK // fragment
    first = frame_of(b"x" * fragment, opcode) + rest * (per_chunk - 1)
    return first, rest * per_chunk, size // CHUNK - 1, frame_of(b"", 0x80)


def measure_one(name: str, size: int, fragment: int, text: bool) -> dict[str, float]:
    feed = FEEDS[name]()
    first, middle, times, last = chunks_of(size, fragment, text)
    before = resident()
    start = time.process_time()
    messages = feed(first)
    for _ in range(times):
        messages += feed(middle)
    if last:
        messages += feed(last)
    seconds = time.process_time() - start
    if [len(message) for message in messages] != [size]:
        raise SystemExit(f"{name} parses something else")
    peak = most_resident() - before
    return {"seconds": seconds, "peak": peak / size}


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def most_resident() -> int:
    # Not ru_maxrss: that counts what the parent had when it made this process, too.
    with open("/proc/self/status") as file:
        (line,) = (line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) * KIB


def measure_large(rounds: int) -> None:
    for fragment in (0, KIB):
        for text in (False, True):
            shape = f"in fragments of {fragment:,} bytes" if fragment else "in one frame"
            print(f"\nParse 64 MiB of {'text' if text else 'binary'} {shape}, 64 KiB at a time")
            for name in SUBJECTS:
                large = in_child(name, 64 * MIB, fragment, text, rounds)
                small = in_child(name, 16 * MIB, fragment, text, rounds)
                linear = large["seconds"] / small["seconds"] / 4
                told = ""
                if name not in PEERS:
                    told = f" (target 2.2: {'met' if large['peak'] <= 2.2 else 'NOT MET'})"
                print(
                    f"  {name:12}{large['seconds'] * 1e3:9,.0f} ms, "
                    f"{linear:5.2f} x a quarter of it four times, "
                    f"peak {large['peak']:5.2f} x its size{told}"
                )


def in_child(name: str, size: int, fragment: int, text: bool, rounds: int) -> dict[str, float]:
    """The medians of runs in new processes, which have touched no memory before."""
    command = [sys.executable, __file__, "--child", json.dumps([name, size, fragment, text])]
    runs = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        for _ in range(min(rounds, 5))
    ]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


# ---------------------------------------------------------------------------
# Running

PARTS: dict[str, Callable[[int], None]] = {
    "parse": measure_parsing,
    "write": measure_writing,
    "mask": measure_masking,
    "large": measure_large,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(measure_one(*options.child)))
        return 0
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    print(about())
    for part in options.parts or PARTS:
        PARTS[part](options.rounds)
    return 0


def about() -> str:
    parts = [f"Python {platform.python_version()}", processor(), f"{os.cpu_count()} CPUs"]
    for name in ("ws-frames", *PEERS):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"{name} from its sources")
    left_out = {"wsproto", "websockets"} - set(PEERS)
    if left_out:
        parts.append(f"left out, not installed: {', '.join(sorted(left_out))}")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
