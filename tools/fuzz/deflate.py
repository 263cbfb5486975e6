"""
permessage-deflate: whatever a peer sends, nothing but the documented errors comes out.

All zlibs that are installed make the same of it: the same payloads up to the same frame, which
is refused with the same exception. No more than the limit comes out. A message in fragments
comes to the same as the whole. What isn't damaged is received as it was sent.
"""

from __future__ import annotations

import random
import zlib
from functools import lru_cache
from typing import NamedTuple

from ws_deflate import ZLIB, Backend, PerMessageDeflate, zlib_ng
from ws_frames import Frame, Opcode, PayloadTooBig, ProtocolError

from .invariant import require, same

PLAIN = [
    b"",
    b"Hello",
    b"abcabcabc",
    bytes(1000),
    b"\x00\x00\xff\xff",
    b"{'a': 1, 'b': [2, 3]}" * 9,
]
LIMITS = [None, None, 10**6, 1000, 20, 0]

#: The first byte is for options; then for each frame its flags, its size and its data.
SEEDS = [
    b"\0\5\7\xf2\x48\xcd\xc9\xc9\x07\x00",  # RFC 7692 §7.2.3.1
    b"\0\4\3\xf2\x48\xcd\1\4\xc9\xc9\x07\x00",  # the same in fragments
    b"\1\5\7\xf2\x48\xcd\xc9\xc9\x07\x00\5\5\xf2\x00\x11\x00\x00",  # §7.2.3.2
    b"\0\5\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",  # §7.2.3.3, without compression
    b"\0\5\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00",  # §7.2.3.4, a final block
    b"\0\5\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",  # §7.2.3.5, two blocks
    b"\4\5\x0b" + zlib.compress(bytes(1000))[2:-4],
    b"\0\5\0\5\1\0\1\2ab",
]


class Case(NamedTuple):
    frames: list[tuple[bool, int, bytes, bool]]  # FIN, opcode, payload, RSV1
    takeover: bool
    limit: int | None
    sent: bytes | None  # what all messages hold together, None if something was damaged


def make(rng: random.Random) -> Case:
    takeover = rng.random() < 0.7
    messages = [make_message(rng) for _ in range(rng.randrange(1, 4))]
    frames = make_frames(rng, messages, takeover)
    damaged = rng.random() < 0.8
    if damaged:
        frames = [damage(rng, frame) for frame in frames]
    limit = rng.choice(LIMITS)
    written = [(frame.fin, int(frame.opcode), frame.data, frame.rsv1) for frame in frames]
    return Case(written, takeover, limit, None if damaged else b"".join(messages))


def make_message(rng: random.Random) -> bytes:
    if rng.random() < 0.2:
        return rng.getrandbits(800).to_bytes(100, "little")
    return b"".join(rng.choice(PLAIN) for _ in range(rng.randrange(4)))


def make_frames(rng: random.Random, messages: list[bytes], takeover: bool) -> list[Frame]:
    """Compress messages in one of the ways that are allowed."""
    frames = []
    stream = zlib.compressobj(wbits=-15)
    for message in messages:
        final = rng.random() < 0.2
        if final or not takeover:
            stream = zlib.compressobj(rng.randrange(10), zlib.DEFLATED, -15)
        data = stream.compress(message)
        if final:
            data += stream.flush() + b"\x00"
            stream = zlib.compressobj(wbits=-15)
        else:
            data = (data + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]
        frames += fragments(rng, data)
    return frames


def fragments(rng: random.Random, data: bytes) -> list[Frame]:
    ends = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice([0, 0, 1, 3])))
    parts = [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)])]
    return [
        Frame(n == len(ends), Opcode.CONT if n else Opcode.BINARY, part, rsv1=not n)
        for n, part in enumerate(parts)
    ]


def damage(rng: random.Random, frame: Frame) -> Frame:
    data = bytearray(frame.data)
    choice = rng.randrange(6)
    if choice == 0 and data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif choice == 1 and data:
        del data[rng.randrange(len(data)) :]
    elif choice == 2:
        data += rng.getrandbits(64).to_bytes(8, "little")
    elif choice == 3 and rng.random() < 0.2:
        return frame._replace(rsv1=not frame.rsv1)
    elif choice == 4:
        place = rng.randrange(len(data) + 1)
        data[place:place] = rng.choice([b"\x00", b"\x03\x00", b"\x00\x00\xff\xff"])
    return frame._replace(data=bytes(data))


def read(data: bytes) -> Case:
    """Take bytes as frames."""
    options = data[0] if data else 0
    frames = []
    position = 1
    started = False
    while position + 2 <= len(data):
        flags, size = data[position : position + 2]
        payload = data[position + 2 : position + 2 + size * (8 if flags & 8 else 1)]
        position += 2 + len(payload)
        fin = bool(flags & 1)
        marked = bool(flags & 4) and not started
        # Mostly as they follow each other: what doesn't is for the parser to refuse.
        opcode = Opcode.CONT if started else Opcode.BINARY
        frames.append((fin, int(opcode), payload, marked or flags & 0xF0 == 0xF0))
        started = not fin
    return Case(frames, not options & 1, LIMITS[(options >> 1) % len(LIMITS)], None)


@lru_cache
def installed() -> list[Backend]:
    """The zlibs that there are."""
    try:
        return [ZLIB, zlib_ng()]
    except ImportError:
        return [ZLIB]


def check(case: Case) -> None:
    frames = [
        Frame(fin, Opcode(opcode), data, rsv1=rsv1) for fin, opcode, data, rsv1 in case.frames
    ]
    outcome, *others = (receive(each, frames, case.takeover, case.limit) for each in installed())
    for other in others:
        same("what two zlibs make of it", outcome, other)
    refused = bool(outcome) and isinstance(outcome[-1], type)
    if case.limit is None:
        check_whole(frames, case.takeover, outcome)
        if case.sent is not None:
            require(not refused, "what isn't damaged is refused")
    if case.sent is not None and not refused:
        same("what was sent and received", b"".join(filter_bytes(outcome)), case.sent)


def receive(
    backend: Backend, frames: list[Frame], takeover: bool, limit: int | None
) -> list[bytes | type[Exception]]:
    """Give the payloads, and the exception that ended them if there was one."""
    extension = PerMessageDeflate(not takeover, False, 15, 15, backend=backend)
    outcome: list[bytes | type[Exception]] = []
    for frame in frames:
        try:
            decoded = extension.decode(frame, max_size=limit)
        except (ProtocolError, PayloadTooBig) as exc:
            outcome.append(type(exc))
            break
        fits = limit is None or decoded is frame or len(decoded.data) <= limit
        require(fits, "more comes out than the limit")
        outcome.append(decoded.data)
    return outcome


def check_whole(
    frames: list[Frame], takeover: bool, outcome: list[bytes | type[Exception]]
) -> None:
    """Check that messages in one frame come to the same as in fragments."""
    if any(frame.rsv1 and frame.opcode is Opcode.CONT for frame in frames):
        return  # which has no whole
    whole: list[Frame] = []
    of_fragments: list[bytes | type[Exception]] = []
    for frame, made in zip(frames, outcome):
        if frame.opcode is Opcode.CONT and whole and not whole[-1].fin:
            last = whole[-1]
            whole[-1] = last._replace(fin=frame.fin, data=last.data + frame.data)
            before = of_fragments[-1]
            assert isinstance(before, bytes)
            of_fragments[-1] = before + made if isinstance(made, bytes) else made
        else:
            whole.append(frame)
            of_fragments.append(made)
    if not whole:
        return
    if not whole[-1].fin and isinstance(outcome[-1], type):
        return  # the whole of it isn't known
    same(
        "what the whole and its fragments give", receive(ZLIB, whole, takeover, None), of_fragments
    )


def filter_bytes(outcome: list[bytes | type[Exception]]) -> list[bytes]:
    return [item for item in outcome if isinstance(item, bytes)]
