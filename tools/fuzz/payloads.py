"""Payloads, good and bad, and how they are cut."""

from __future__ import annotations

import random

TEXTS = [
    *("", "a", "\0", "\x7f", "Hello", "é", "€", "😀", "\ud7ff", "\ue000", "\uffff", "\U0010ffff"),
    *("naïve café", "ab😀", "漢字", "x" * 7 + "é", "x" * 31 + "€", "x" * 64, "x" * 125, "é" * 70),
]
BAD_TEXTS = [
    *(b"\x80", b"\xc0\x80", b"\xc1", b"\xc3", b"\xc3(", b"\xe0\x80", b"\xe0\x9f\xbf", b"\xe2\x82"),
    *(b"\xed\xa0", b"\xed\xbf\xbf", b"\xf0\x8f", b"\xf0\x9f\x98", b"\xf4\x90", b"\xf5", b"\xff"),
]
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 63, 64, 65, 124, 125, 126, 127, 128, 129, 300]
LARGE_SIZES = [1000, 4096, 65_534, 65_535, 65_536, 65_537, 70_000]
BYTES = random.Random(0).randbytes(1 << 17)


def make_text(rng: random.Random) -> bytes:
    """Make what is UTF-8, mostly."""
    text = "".join(rng.choices(TEXTS, k=rng.randrange(4))).encode()
    if rng.random() < 0.1:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(BAD_TEXTS) + text[place:]
    return text


def make_binary(rng: random.Random) -> bytes:
    """Make bytes of a size that is of interest."""
    size = rng.choice(SIZES) if rng.random() < 0.98 else rng.choice(LARGE_SIZES)
    start = rng.randrange(1000)
    return BYTES[start : start + size]


def make_pieces(rng: random.Random, data: bytes, most: int) -> list[bytes]:
    """Cut data into fewer pieces than ``most``, or that one."""
    ends = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(most)))
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)])]


def cut(data: bytes, size: int) -> list[bytes]:
    """Cut data into pieces of one size, or not at all if that is 0."""
    if not size:
        return [data]
    return [data[start : start + size] for start in range(0, len(data), size)]
