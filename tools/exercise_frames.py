"""
Exercise the C speedups, each path of them, and look for what it leaves behind.

python tools/exercise_frames.py leaks          does memory grow, or a reference count?
python tools/exercise_frames.py allocations    what if an allocation fails, each in its turn?

A debug build of Python counts all references; any other one counts blocks, bytes and the
references to what the C holds on to. Failing allocations need the module _testcapi.
It exits with 1 if anything is found. `tools/check_speedups.py` runs it with all that is there.
"""

from __future__ import annotations

import argparse
import gc
import importlib.machinery
import importlib.util
import os
import sys
import tracemalloc
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Callable

from exercise_boxes import EXERCISES as OF_BOXES
from exercise_boxes import NO_TRUTH, Case, Exercise, refused
from ws_frames import (
    RSV1,
    ConnectionClosedOK,
    Frame,
    InvalidUTF8,
    Opcode,
    PayloadTooBig,
    Phase,
    ProtocolError,
)

try:
    from ws_frames import _speedups as speedups
except ImportError:
    sys.exit("the C speedups are not built: there is nothing to exercise")

KEY = b"\x37\xfa\x21\x3d"
TEXTS = [b"", b"x", b"Hello", b"x" * 300, "é".encode(), "漢字😀".encode() * 30, b"x" * 99 + b"\xff"]
LARGE = b"x" * 300_000
WIDE = ("x" * 1000 + "é").encode() * 200

EXERCISES = list(OF_BOXES)


def exercise(function: Exercise) -> Exercise:
    EXERCISES.append(function)
    return function


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
def frames() -> Iterator[Case]:
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


def use_all() -> None:
    for run in EXERCISES:
        for case in run():
            case()


# ---------------------------------------------------------------------------
# Leaks

HELD = [
    None, True, False, Frame, InvalidUTF8, PayloadTooBig, ProtocolError, ConnectionClosedOK, os,
    Phase.OPEN, *Opcode, speedups.Inbox, speedups.Outbox, speedups.Parser,
]  # fmt: skip


def counts() -> dict[str, int]:
    gc.collect()
    # Not of what is never freed: its count says nothing.
    found = {
        f"references to {value!r}": sys.getrefcount(value)
        for value in HELD
        if sys.getrefcount(value) < 1 << 29
    }
    if hasattr(sys, "gettotalrefcount"):
        found["references"] = sys.gettotalrefcount()
    found["blocks"] = sys.getallocatedblocks()
    found["bytes"] = tracemalloc.get_traced_memory()[0]
    return found


# What leaks grows in each of them; a cache is full at some time.
WINDOWS = 12
ROUNDS = 50

# The least that is worth a report, for each round. Where few bytes leak, blocks do.
LEAST = {"bytes": 64}


def leaks() -> list[str]:
    """Say what grew with each round of an exercise, in every window of some rounds."""
    found = []
    tracemalloc.start()
    for run in EXERCISES:
        cases = list(run())
        windows = [grown(cases) for _ in range(WINDOWS)]
        least = {name: min(each.get(name, 0) for each in windows) for name in windows[0]}
        reports = [
            f"{name} +{more}" for name, more in least.items() if more >= ROUNDS * LEAST.get(name, 1)
        ]
        print(f"{run.__name__:30} {', '.join(reports) or 'nothing grows'}", flush=True)
        found += [f"{run.__name__}: {each}" for each in reports]
    tracemalloc.stop()
    return found


def grown(cases: list[Case]) -> dict[str, int]:
    base = counts()
    before = counts()  # what this takes is known from the difference to the other
    for _ in range(ROUNDS):
        for case in cases:
            case()
    after = counts()
    return {
        name: after[name] - 2 * before[name] + base[name] for name in base.keys() & after.keys()
    }


# ---------------------------------------------------------------------------
# Failing allocations

# So many runs in which nothing fails: there is no later allocation.
ENOUGH = 5

# How a SystemError reads that has nothing to do with the C.
PYTHONS_OWN = ("<function ", "error return without exception set")


def allocations() -> list[str]:
    """Let the first allocation of a case fail, then the second, and so on to the last."""
    for run in EXERCISES:
        failed = sum(fail_each(case) for case in run())
        print(f"{run.__name__:30} {failed} allocations failed", flush=True)
    use_all()
    return []


def fail_each(case: Case) -> int:
    from _testcapi import (  # type: ignore[import-not-found]
        remove_mem_hooks,
        set_nomemory,
    )

    number = failed = good = 0
    while good < ENOUGH:
        try:
            set_nomemory(number, number + 1)
            try:
                case()
            finally:
                remove_mem_hooks()
        except (MemoryError, SystemError) as exc:
            # Python makes the latter of it in functions of its own, but the C must not.
            if isinstance(exc, SystemError) and not str(exc).startswith(PYTHONS_OWN):
                raise
            failed += 1
            good = 0
        else:
            good += 1
        number += 1
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["leaks", "allocations"])
    options = parser.parse_args(arguments)
    # Where memory is short, a coroutine may be dropped before it is awaited.
    warnings.simplefilter("ignore", RuntimeWarning)
    found = leaks() if options.what == "leaks" else allocations()
    print("\n".join(found) or "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
