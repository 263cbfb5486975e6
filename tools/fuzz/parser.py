"""
The parser: both twins give the same events, and the same error, at the same piece of the bytes.

Bytes in pieces give the same as the bytes as a whole.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from ws_frames import RSV1, RSV_MASK

from . import twins
from .invariant import same
from .payloads import cut, make_binary, make_pieces, make_text

HEADS = [
    *(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0xC2, 0x41, 0x40, 0xC0),
    *(0x08, 0x09, 0x0A, 0x83, 0x8B, 0xC8, 0xA9, 0x9A),
]
CLOSES = [b"", b"\x03\xe8", b"\x03\xe9bye", b"\x03", b"\x03\xed", b"\x03\xe8\xff", b"\x13\x87\xc3"]


MAX_SIZES = [None, None, 0, 1, 10, 64, 125, 1000, 2**20, 2**63, 2**70]
BITS = [0, 0, RSV1, RSV_MASK]

#: The first three bytes are for options, see :func:`read`. RFC 6455 §5.7, then what came up.
SEEDS = [
    b"\0\0\0\x81\x05Hello",
    b"\x01\0\0\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
    b"\0\0\1\x01\x03Hel\x80\x02lo",
    b"\0\0\2\x89\x05Hello\x8a\x05Hello\x88\x05\x03\xe8bye",
    b"\0\0\0\x82\x7e\x01\x00" + bytes(256),
    b"\0\x08\7\x82\x7f\0\0\0\0\0\1\0\0" + bytes(65_536),
    b"\x04\0\0\xc1\x02ab\x41\x01c\x80\x01d",
    b"\0\0\1\x81\x06\xe2\x82\xac\xed\x9f\xbf\x81\x03\xed\xa0\x80",
    b"\0\x04\0\x01\x05Hello\x80\x06 world",
    b"\0\0\0\x01\0" + b"\0\0" * 1001,
    b"\0\0\0\x01\0" + b"\0\0" * 999 + b"\x80\x01a",
    b"\0\0\0\x02\0" + b"\0\1x" * 2047 + b"\x80\x01y",
    b"\0\0\0" + b"\x89\0" * 2500,
    b"\0\0\1\x09\0",
    b"\1\0\1\x88\x81",
]


class Case(NamedTuple):
    options: dict[str, Any]
    pieces: list[bytes]


def read(data: bytes) -> Case:
    """Take bytes as what is on the wire; the first three are its options."""
    flags, size, step = data[:3].ljust(3, b"\0")
    options = {
        "masked": bool(flags & 1),
        "max_size": MAX_SIZES[size % len(MAX_SIZES)],
        "rsv": BITS[flags >> 1 & 3],
        "all_frames": bool(flags & 8),
    }
    return Case(options, cut(data[3:], step))


def make(rng: random.Random) -> Case:
    masked = rng.random() < 0.5
    options = {
        "masked": masked,
        "max_size": rng.choice(MAX_SIZES),
        "rsv": rng.choice(BITS),
        "all_frames": rng.random() < 0.1,
    }
    if rng.random() < 0.05:
        data = rng.randbytes(rng.randrange(40))
    elif rng.random() < 0.0003:
        data = make_flood(rng, masked)
    else:
        data = b"".join(make_frames(rng, masked))
    if data and rng.random() < 0.1:
        place = rng.randrange(len(data))
        data = data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
    most = 1 if rng.random() < 0.1 else 8
    if len(data) < 100 and rng.random() < 0.1:
        return Case(options, cut(data, 1))
    return Case(options, make_pieces(rng, data, most))


def make_frames(rng: random.Random, masked: bool) -> Iterator[bytes]:
    """Frames that mostly follow each other as they should."""
    in_message = False
    for _ in range(rng.randrange(1, 7)):
        if rng.random() < 0.03:
            head = rng.choice(HEADS)
        elif rng.random() < 0.2:
            head = rng.choice([0x89, 0x8A])
        else:
            fin = rng.random() < 0.6
            head = 0 if in_message else rng.choice([1, 1, 2])
            head |= (0x80 if fin else 0) | (RSV1 if rng.random() < 0.05 else 0)
            in_message = not fin
        yield make_frame(rng, head, masked)
    if rng.random() < 0.1:
        yield make_frame(rng, 0x88, masked)


def make_frame(rng: random.Random, head: int, masked: bool) -> bytes:
    if head == 0x88:
        data = rng.choice(CLOSES)
    elif head >= 0x88 or rng.random() < 0.6:
        data = make_text(rng)
    else:
        data = make_binary(rng)
    length = len(data)
    if rng.random() < 0.01:
        length = rng.choice([length + 1, 126, 2**16, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1])
    form = 0 if length < 126 else 2 if length < 2**16 else 8
    if rng.random() < 0.01 and length < 2**16:
        form = rng.choice([2, 8])
    bit = 0x80 if masked is (rng.random() < 0.998) else 0
    if form:
        header = bytes([head, bit | (126 if form == 2 else 127)]) + length.to_bytes(form, "big")
    else:
        header = bytes([head, bit | length])
    if not bit:
        return header + data
    key = rng.randbytes(4)
    payload: bytes = twins.TWINS[0].apply_mask(data, key)
    return header + key + payload


def make_flood(rng: random.Random, masked: bool) -> bytes:
    head = rng.choice([0x89, 0x8A, 0x81, 0x82, 0x01])
    frame = bytes([head, 0x80 if masked else 0]) + bytes(4 if masked else 0)
    if head == 0x01 and rng.random() < 0.5:  # empty fragments
        return frame + (b"\0" + frame[1:]) * rng.randrange(995, 1005)
    if head == 0x01:  # fragments of one byte
        return frame + (b"\0" + bytes([frame[1] + 1]) + frame[2:] + b"x") * rng.randrange(
            2000, 2100
        )
    return frame * rng.randrange(1000, 3000) + make_frame(rng, 0x81, masked)


def feed(parser: Any, pieces: list[bytes]) -> list[tuple[list[Any], list[type], bool]]:
    """What comes out for each piece, and for all that waits behind it."""
    steps = []
    for piece in pieces:
        events = parser.feed(piece)
        steps.append((events, list(map(type, events)), parser.waiting))
        while parser.waiting:
            events = parser.feed(b"")
            steps.append((events, list(map(type, events)), parser.waiting))
    return steps


def end_of(parser: Any) -> tuple[type, str, bool]:
    return type(parser.error), str(parser.error), parser.closed


def check(case: Case) -> None:
    in_c, in_python = (twin.Parser(**case.options) for twin in twins.TWINS)
    steps = feed(in_c, case.pieces)
    same("what C and Python parse", steps, feed(in_python, case.pieces))
    same("how C and Python end", end_of(in_c), end_of(in_python))
    whole = twins.TWINS[0].Parser(**case.options)
    of_whole = feed(whole, [b"".join(case.pieces)])
    joined, of_pieces = (
        [event for step in each for event in step[0]] for each in (of_whole, steps)
    )
    same("what the whole and its pieces give", joined, of_pieces)
    same("how the whole and its pieces end", end_of(whole), end_of(in_c))
