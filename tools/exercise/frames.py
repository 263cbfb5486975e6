"""Exercise what parses and makes frames, and the module as a whole."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Callable

from ws_frames import RSV1

from .case import NO_TRUTH, Case, exercise, refused, speedups

KEY = b"\x37\xfa\x21\x3d"
TEXTS = [b"", b"x", b"Hello", b"x" * 300, "é".encode(), "漢字😀".encode() * 30, b"x" * 99 + b"\xff"]
LARGE = b"x" * 300_000
WIDE = ("x" * 1000 + "é").encode() * 200


def wire(head: int, payload: bytes, masked: bool) -> bytes:
    return bytes(speedups.encode_frame(head, payload, KEY if masked else False))


def feed(pieces: Sequence[Any], *, masked: bool = True, **options: Any) -> Any:
    parser = speedups.Parser(masked=masked, **options)
    for piece in pieces:
        parser.feed(piece)
        while parser.waiting:
            parser.feed(b"")
    return parser


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


# ---------------------------------------------------------------------------
# Inputs, made before anything is counted

WHOLE = [
    (masked, [wire(head, text, masked) for text in TEXTS for head in (0x81, 0x82)])
    for masked in (True, False)
]
PIECES = [
    (masked, cut(frame, 7)) for masked, frames in WHOLE for frame in frames if len(frame) < 200
]
GROWING = [
    (masked, cut(wire(head, payload, masked), size))
    for masked in (True, False)
    for head in (0x81, 0x82)
    for payload in (LARGE, WIDE, LARGE + b"\xff")
    for size in (1000, 100_000)
]
FRAGMENTS = [
    (
        masked,
        [
            wire(head if number == 0 else 0, piece, masked)
            for number, piece in enumerate(cut(payload, size))
        ]
        + [wire(0x80, b"", masked)],
    )
    for masked in (True, False)
    for head in (0x01, 0x02)
    for payload in (b"xy" * 50, LARGE, WIDE, b"x" * 50 + b"\xff" + b"x" * 50)
    for size in (10, 20_000)
    if len(payload) // size < 1000
]
FAULTS = [
    [b"\x83"], [b"\xf1"], [b"\x09"], [b"\x80"], [b"\x01\x80", KEY, b"\x81"], [b"\x81\x01"],
    [b"\x89\xfe"], [b"\x88\x81"], [b"\x81\xfe\x00", b"\x7d"], [b"\x81\xff\x80" + bytes(7)],
    [wire(0x88, b"\x03\xed", True)],
    [wire(0x88, b"\x03\xe8\xff", True)], [wire(0x01, b"", True)] + [wire(0, b"", True)] * 1001,
]  # fmt: skip
CONTROL = [
    [wire(head, data, True)[:-1], wire(head, data, True)[-1:]]
    for head, data in ((0x89, b"p" * 125), (0x8A, b""), (0x88, b"\x03\xe8bye"), (0x88, b""))
]
MARKED = [wire(0xC1, b"ab", True), wire(0x41, LARGE, True), *cut(wire(0x80, LARGE, True), 50_000)]
FLOOD = wire(0x89, b"", True) * 2500 + b"\x81"
CALLS: list[tuple[Any, ...]] = [
    (0x81, "text"), (0x81, "é" * 100, True), (0x81, "漢" * 50, KEY), (0x82, b"x" * 200, True),
    (0x82, b"x" * 70_000, KEY), (0x82, bytearray(b"abc"), bytearray(KEY)), (0x82, b""),
    (0x82, memoryview(b"abcdef")[::2], KEY), (0x81, "\ud800"), (256, b""), (2**70, b""),
    ("x", b""), (0x82, 5), (0x82, b"", b"abc"), (0x82, b"", 5), (), (0x82, memoryview(b"abc")[1:]),
    (0x82, b"", 0), (0x82, b"", True),
]  # fmt: skip
MASKINGS: list[tuple[Any, ...]] = [(LARGE, KEY), (b"abc", b""), (5, KEY), (b"abc", 5), ()]


WRONG_OPTIONS: list[dict[str, Any]] = [
    {}, {"masked": NO_TRUTH}, {"masked": True, "more": 1}, {"masked": True, "max_size": -1},
    {"masked": True, "max_size": "1"}, {"masked": True, "rsv": 1}, {"masked": True, "rsv": 2**70},
    {"masked": True, "rsv": "1"}, {"masked": True, "all_frames": NO_TRUTH},
]  # fmt: skip


# ---------------------------------------------------------------------------
# Exercises


@exercise
def messages() -> Iterator[Case]:
    for masked, frames in WHOLE:
        for frame in frames:
            yield partial(feed, [frame], masked=masked)


@exercise
def messages_in_pieces() -> Iterator[Case]:
    for masked, pieces in PIECES:
        yield partial(feed, pieces, masked=masked)


@exercise
def growing_messages() -> Iterator[Case]:
    for masked, pieces in GROWING:
        yield partial(feed, pieces, masked=masked)


@exercise
def messages_left_unfinished() -> Iterator[Case]:
    for masked, pieces in GROWING:
        yield partial(feed, pieces[: len(pieces) // 3], masked=masked)
        yield partial(feed, pieces[:-1], masked=masked)


@exercise
def fragments() -> Iterator[Case]:
    for masked, pieces in FRAGMENTS:
        yield partial(feed, pieces, masked=masked)
        yield partial(feed, pieces[:-1], masked=masked)


@exercise
def faults() -> Iterator[Case]:
    def fail(pieces: list[bytes], **options: Any) -> None:
        parser = feed(pieces, **options)
        if parser.error is None:
            raise SystemExit(f"nothing wrong with {pieces!r}")
        parser.feed(b"more")

    for pieces in FAULTS:
        yield partial(fail, pieces)
    yield partial(fail, [wire(0x82, b"abc", True)], max_size=2)


@exercise
def control_frames() -> Iterator[Case]:
    for pieces in CONTROL:
        yield partial(feed, [*pieces, b"", b"more"])


@exercise
def frames_for_extensions() -> Iterator[Case]:
    yield partial(feed, MARKED, rsv=RSV1)
    yield partial(feed, MARKED[:-1], rsv=RSV1)
    yield partial(feed, [wire(0x81, b"a", True)], all_frames=True)


@exercise
def floods() -> Iterator[Case]:
    def leave(data: Any) -> None:
        parser = speedups.Parser(masked=True)
        parser.feed(data)
        parser.feed(FLOOD)
        parser.feed(b"")

    for data in (FLOOD, bytearray(FLOOD), memoryview(FLOOD)):
        yield partial(leave, data)
        yield partial(feed, [data])


@exercise
def arguments() -> Iterator[Case]:
    for options in WRONG_OPTIONS:
        yield partial(refused, speedups.Parser, **options)
    for data in ("text", memoryview(b"abc")[::2]):
        yield partial(refused, feed, [data])
    yield partial(feed, [], max_size=2**70, rsv=RSV1)


@exercise
def calls() -> Iterator[Case]:
    for call in CALLS:
        yield partial(refused, speedups.encode_frame, *call)
    for call in MASKINGS:
        yield partial(refused, speedups.apply_mask, *call)


@exercise
def masks() -> Iterator[Case]:
    def draw() -> None:
        speedups.forget_masks()
        for _ in range(1100):
            speedups.new_mask()

    def draw_from(source: Callable[[int], Any]) -> None:
        urandom = os.urandom
        os.urandom = source
        speedups.forget_masks()
        try:
            refused(speedups.new_mask)
            refused(speedups.encode_frame, 0x81, "", True)
        finally:
            os.urandom = urandom

    yield draw
    yield partial(draw_from, str)  # not bytes
    yield partial(draw_from, b"%d".__mod__)  # not 4096


@exercise
def references_to_itself() -> Iterator[Case]:
    def refer() -> None:
        parser = feed(FAULTS[0])
        parser.error.parser = parser

    yield refer


@exercise
def another_copy_of_the_module() -> Iterator[Case]:
    loader = importlib.machinery.ExtensionFileLoader(speedups.__name__, speedups.__file__)
    spec = importlib.util.spec_from_loader(speedups.__name__, loader)
    assert spec is not None

    def load() -> None:
        module: Any = loader.create_module(spec)
        loader.exec_module(module)
        if module.Parser(masked=False).feed(b"\x81\x01a") != ["a"]:
            raise SystemExit("another copy of the module is broken")

    yield load
