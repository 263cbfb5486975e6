"""
The parser again, on many short inputs: C against Python, whole against pieces.

Whatever the bytes and the pieces, both twins give the same events and end with the same error,
and so does the C on the whole. There is less in an input than in those of the target ``parser``,
but almost three times as many of them in the same time: frames are made once for thousands of inputs,
which take some of them, in any order, damaged or not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import parser, twins
from .invariant import same
from .payloads import cut

#: Frames that inputs are made of, for each direction, and the inputs they serve.
FRAMES = 1000
SERVED = 100_000

#: The longest frame; longer ones take time that many short ones make more of.
LONGEST = 140

SEEDS = parser.SEEDS
MAX_SIZES = [None, None, None, None, 0, 5, 64, 130]


class Case(NamedTuple):
    masked: bool
    max_size: int | None
    rsv: int
    pieces: list[bytes]


def make(rng: random.Random) -> Case:
    return next(make_many(rng))


def make_many(rng: random.Random) -> Iterator[Case]:
    """Make inputs without end."""
    while True:
        pools = [make_pool(rng, masked) for masked in (False, True)]
        for _ in range(SERVED):
            yield make_one(rng.getrandbits(64), pools)


def make_pool(rng: random.Random, masked: bool) -> list[bytes]:
    """Make frames, each in its own way right or wrong."""
    frames: list[bytes] = []
    while len(frames) < FRAMES:
        if rng.random() < 0.03:
            frames.append(rng.randbytes(rng.randrange(12)))
        else:
            frames += [frame for frame in parser.make_frames(rng, masked) if len(frame) <= LONGEST]
    return frames[:FRAMES]


def make_one(bits: int, pools: list[list[bytes]]) -> Case:
    """Take an input out of 64 random bits: each decision takes some of them."""
    masked = bool(bits & 1)
    pool = pools[masked]
    first = (bits >> 16 & 0xFFFF) % FRAMES
    if bits & 2:  # frames that were made to follow each other
        data = b"".join(pool[first : first + 1 + (bits >> 2 & 3)])
    else:
        data = pool[first] + pool[(bits >> 32 & 0xFFFF) % FRAMES]
    if not bits & 0x70 and data:  # an eighth of them: a bit is another one
        place = (bits >> 40) % len(data)
        data = data[:place] + bytes((data[place] ^ 1 << (bits >> 13 & 7),)) + data[place + 1 :]
    place = (bits >> 48) % (len(data) + 1)
    pieces = [data[:place], data[place:]] if bits & 0x80 else [data]
    return Case(masked, MAX_SIZES[bits >> 8 & 7], parser.BITS[bits >> 11 & 3], pieces)


def read(data: bytes) -> Case:
    """Take bytes as what is on the wire; the first three are its options."""
    flags, size, step = data[:3].ljust(3, b"\0")
    return Case(
        bool(flags & 1),
        MAX_SIZES[size % len(MAX_SIZES)],
        parser.BITS[flags >> 1 & 3],
        cut(data[3:], step),
    )


def check(case: Case) -> None:
    masked, max_size, rsv, pieces = case
    c, python = twins.TWINS
    in_c = c.Parser(masked=masked, max_size=max_size, rsv=rsv)
    in_python = python.Parser(masked=masked, max_size=max_size, rsv=rsv)
    of_c = feed(in_c, pieces)
    of_python = feed(in_python, pieces)
    if of_c != of_python or list(map(type, of_c)) != list(map(type, of_python)):
        same("what C and Python parse", (of_c, list(map(type, of_c))), of_python)
    compare_ends("how C and Python end", in_c, in_python)
    if len(pieces) > 1:
        whole = c.Parser(masked=masked, max_size=max_size, rsv=rsv)
        same("what the whole and its pieces give", feed(whole, [b"".join(pieces)]), of_c)
        compare_ends("how the whole and its pieces end", whole, in_c)


def feed(subject: Any, pieces: list[bytes]) -> list[Any]:
    events: list[Any] = []
    for piece in pieces:
        events += subject.feed(piece)
        while subject.waiting:
            events += subject.feed(b"")
    return events


def compare_ends(what: str, one: Any, other: Any) -> None:
    if one.error is None is other.error:
        if one.closed is not other.closed:
            same(what, one.closed, other.closed)
    else:
        same(what, parser.end_of(one), parser.end_of(other))
