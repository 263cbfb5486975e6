"""
The serializer: both twins write the same bytes, or refuse with the same exception.

What was written is parsed to what was sent, and unmasked to it.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from . import twins
from .invariant import same
from .payloads import make_binary, make_text

MASKS: list[Any] = [0, None, "mask", b"abc", b"abcde"]
KINDS = ["str", "bytes", "bytearray", "memoryview", "every second"]

#: Head, kind of the payload, mask and its kind, payload: see :func:`read`.
SEEDS = [
    b"\x81\0\0\0\0\0\0Hello",
    b"\x81\0\1\x37\xfa\x21\x3dHello",
    b"\x82\1\2\x37\xfa\x21\x3d" + bytes(65_536),
    b"\x82\4\1\1\2\3\4" + bytes(range(256)),
    b"\x81\0\0\0\0\0\0\xed\xa0\x80",
    b"\x88\3\0\0\0\0\0\x03\xe8",
]


class Case(NamedTuple):
    head: int
    payload: str | bytes
    kind: str  # what the payload is made before it is written
    mask: Any
    writable: bool  # whether the mask is a bytearray


def make(rng: random.Random) -> Case:
    data = make_text(rng) if rng.random() < 0.5 else make_binary(rng)
    payload: str | bytes = data
    kind = rng.choice(KINDS[1:])
    if rng.random() < 0.4:
        payload = data.decode(errors="surrogateescape" if rng.random() < 0.2 else "replace")
        kind = "str"
    elif kind == "memoryview":
        payload = data[rng.randrange(9) :]
    mask: Any = rng.choice([False, rng.randbytes(4), rng.randbytes(4)])
    if rng.random() < 0.02:
        mask = rng.choice(MASKS)
    head = rng.choice([0x81, 0x82, 0x02, 0x00, rng.randrange(-2, 300)])
    return Case(head, payload, kind, mask, rng.random() < 0.5)


def read(data: bytes) -> Case:
    """Take bytes as the arguments of a call."""
    head, kind, mask = data[:3].ljust(3, b"\0")
    name = KINDS[kind % len(KINDS)]
    key: Any = [False, data[3:7], data[3:7], MASKS[kind // 8 % len(MASKS)]][mask % 4]
    rest = data[7:]
    payload = rest.decode(errors="surrogateescape") if name == "str" else rest
    return Case(head, payload, name, key, bool(mask & 4))


def arguments(case: Case) -> tuple[Any, ...]:
    """Make the arguments of a call: no literal can say what they are."""
    payload: Any = case.payload
    if case.kind == "bytearray":
        payload = bytearray(payload)
    elif case.kind == "memoryview":
        payload = memoryview(payload)
    elif case.kind == "every second":
        payload = memoryview(payload)[::2]
    mask = bytearray(case.mask) if case.writable and isinstance(case.mask, bytes) else case.mask
    return case.head, payload, mask


def written(twin: Any, call: tuple[Any, ...]) -> bytes | str:
    try:
        return bytes(twin.encode_frame(*call))
    except (ValueError, TypeError) as exc:  # the texts of a TypeError are Python's own
        return f"{type(exc).__name__}: {exc if type(exc) is ValueError else ''}"


def check(case: Case) -> None:
    call = arguments(case)
    in_c, in_python = (written(twin, call) for twin in twins.TWINS)
    same("what C and Python write", in_c, in_python)
    if isinstance(in_c, str):
        return
    _, given, mask = call
    payload = given.encode() if isinstance(given, str) else bytes(given)
    if mask is not False:
        place = len(in_c) - len(payload)
        masked = in_c[place:]
        for twin in twins.TWINS:
            same("what is unmasked", twin.apply_mask(masked, mask), payload)
    if case.head == 0x82:
        parser = twins.TWINS[0].Parser(masked=mask is not False)
        same("what is parsed", parser.feed(in_c), [payload])
