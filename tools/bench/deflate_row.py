"""Row 6: permessage-deflate. The server inflates each message, and deflates its echo."""

from __future__ import annotations

import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from deflate_measure import Setup
from deflate_traffic import messages

from .figure import CPU, RATE, Figures, Measure
from .load import LoadFailed, load
from .program import Server, started
from .row import Effort, Row, in_turns
from .target import LOOPS, Target, targets_of
from .verdict import Goal

__all__ = [
    "ROWS",
    "SIZE_ON_WIRE",
    "echo_by_zlib",
    "frames_of",
    "inflate_answers",
    "payloads_of",
    "read_answers",
]

WORK = "server, 1 KiB JSON, permessage-deflate"
SIZE_ON_WIRE = Measure("bytes on the wire")
TARGETS = targets_of("ours", "ours, zlib-ng", "picows.websockets", "aiohttp", "websockets")
COUNT = 5000
WEIGHED = 100  # of the messages, the same ones of each target
ZLIB = "zlib alone, as ours uses it"
TAIL = b"\x00\x00\xff\xff"  # RFC 7692 7.2.1


def frames_of(texts: list[bytes], *, window_bits: int = 12) -> Iterator[bytes]:
    """Masked frames, compressed with a window that any server takes over, as the load reads them."""
    deflate = zlib.compressobj(wbits=-window_bits)
    for text in texts:
        data = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
        payload = data[: -len(TAIL)]
        key = os.urandom(4)
        masked = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        frame = b"\xc1" + length + key + masked
        yield struct.pack("<I", len(frame)) + frame


def read_answers(record: bytes) -> Iterator[tuple[int, bytes]]:
    """The first byte and the payload of each frame that the load has written down."""
    at = 0
    while at < len(record):
        (size,) = struct.unpack_from("<I", record, at)
        yield record[at + 4], record[at + 5 : at + 5 + size]
        at += 5 + size


def inflate_answers(answers: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=-15)
    for first, payload in answers:
        yield inflate.decompress(payload + TAIL) if first & 0x40 else payload


def measure(effort: Effort, figures: Figures) -> None:
    texts = messages("books", COUNT)
    with tempfile.TemporaryDirectory() as folder, started(TARGETS, "--compression") as servers:
        Path(folder, "frames").write_bytes(b"".join(frames_of(texts)))
        runs = [
            partial(measure_one, target, server, Path(folder), texts, effort, figures)
            for target, server in servers.items()
        ]
        runs.append(partial(measure_zlib, texts, figures))
        in_turns(effort.rounds, runs)


def measure_zlib(texts: list[bytes], figures: Figures) -> None:
    """Measure what no server can do without: to inflate each message, and to deflate it again."""
    payloads = payloads_of(texts)
    start = time.process_time()
    echo_by_zlib(payloads)
    figures.add(WORK, ZLIB, CPU, 1e6 * (time.process_time() - start) / len(texts))


def payloads_of(texts: list[bytes]) -> list[bytes]:
    """What a peer sends, and what zlib is given to inflate it."""
    ours = Setup()
    deflate = zlib.compressobj(wbits=-ours.window_bits, memLevel=ours.memory_level)
    return [deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH) for text in texts]


def echo_by_zlib(payloads: list[bytes]) -> None:
    ours = Setup()
    deflate = zlib.compressobj(wbits=-ours.window_bits, memLevel=ours.memory_level)
    inflate = zlib.decompressobj(wbits=-ours.window_bits)
    for payload in payloads:
        deflate.compress(inflate.decompress(payload))
        deflate.flush(zlib.Z_SYNC_FLUSH)


def measure_one(
    target: Target,
    server: Server,
    folder: Path,
    texts: list[bytes],
    effort: Effort,
    figures: Figures,
) -> None:
    report = load(
        "replay",
        port=server.port,
        pid=server.pid,
        file=folder / "frames",
        record=folder / "answers",
        seconds=2 * effort.seconds,
    )
    answers = list(read_answers((folder / "answers").read_bytes()))
    if len(answers) < WEIGHED or list(inflate_answers(answers)) != texts[: len(answers)]:
        raise LoadFailed(f"{target.name}: a wrong echo")
    figures.add_run(WORK, target.name, report)
    weight = sum(len(payload) for _, payload in answers[:WEIGHED])
    figures.add(WORK, target.name, SIZE_ON_WIRE, weight / WEIGHED)


ROWS = [
    Row(
        "deflate",
        "permessage-deflate, 1 KiB JSON, both directions",
        measure,
        [
            Goal(WORK, f"{ours}, {loop}", (f"websockets, {loop}",), ratio, measured, beside)
            for ours, least in (("ours", 1.5), ("ours, zlib-ng", 2.5))
            for loop in LOOPS
            for measured, ratio, beside in ((RATE, least, CPU), (SIZE_ON_WIRE, 1.0, None))
        ],
    )
]
