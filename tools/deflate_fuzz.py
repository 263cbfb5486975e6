"""
Fuzz permessage-deflate: whatever a peer sends, nothing but the documented errors.

python tools/deflate_fuzz.py --count 1000000 --seed 1

An input is a few messages, compressed, cut into fragments, and damaged or not. All zlibs
that are installed have to make the same of it: the same payloads up to the same frame,
which is refused with the same exception. No more than the limit may come out, and what
isn't damaged has to be received as it was sent.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from collections.abc import Sequence

from ws_deflate import ZLIB, Backend, PerMessageDeflate, zlib_ng
from ws_frames import Frame, Opcode, PayloadTooBig, ProtocolError

PLAIN = [
    b"",
    b"Hello",
    b"abcabcabc",
    bytes(1000),
    b"\x00\x00\xff\xff",
    b"{'a': 1, 'b': [2, 3]}" * 9,
]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    backends = installed()
    start = time.perf_counter()
    refused = 0
    for number in range(options.seed, options.seed + options.count):
        refused += check(random.Random(number), backends, number)
    seconds = time.perf_counter() - start
    names = ", ".join(backend.name for backend in backends)
    print(f"{options.count} inputs, {refused} refused, {seconds:.0f} s, {names}: nothing found")
    return 0


def installed() -> list[Backend]:
    try:
        return [ZLIB, zlib_ng()]
    except ImportError:
        return [ZLIB]


def check(source: random.Random, backends: list[Backend], number: int) -> bool:
    """Check one input, and tell whether it was refused. Raises AssertionError."""
    takeover = source.random() < 0.7
    messages = [make_message(source) for _ in range(source.randrange(1, 4))]
    frames = make_frames(source, messages, takeover)
    damaged = source.random() < 0.8
    if damaged:
        frames = [damage(source, frame) for frame in frames]
    limit = source.choice([None, None, 10**6, 1000, 20, 0])
    outcomes = [receive(backend, frames, takeover, limit) for backend in backends]
    assert all(outcome == outcomes[0] for outcome in outcomes), f"seed {number}: {outcomes}"
    refused = isinstance(outcomes[0][-1], type)
    if not damaged and limit is None:
        assert not refused, f"seed {number}: {outcomes}"
        assert b"".join(filter_bytes(outcomes[0])) == b"".join(messages), f"seed {number}"
    return refused


def make_message(source: random.Random) -> bytes:
    if source.random() < 0.2:
        return source.getrandbits(800).to_bytes(100, "little")
    return b"".join(source.choice(PLAIN) for _ in range(source.randrange(4)))


def make_frames(source: random.Random, messages: list[bytes], takeover: bool) -> list[Frame]:
    """Compress messages in one of the ways that are allowed."""
    frames = []
    stream = zlib.compressobj(wbits=-15)
    for message in messages:
        final = source.random() < 0.2
        if final or not takeover:
            stream = zlib.compressobj(source.randrange(10), zlib.DEFLATED, -15)
        data = stream.compress(message)
        if final:
            data += stream.flush() + b"\x00"
            stream = zlib.compressobj(wbits=-15)
        else:
            data = (data + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]
        frames += cut(source, data)
    return frames


def cut(source: random.Random, data: bytes) -> list[Frame]:
    ends = sorted(source.randrange(len(data) + 1) for _ in range(source.choice([0, 0, 1, 3])))
    parts = [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)])]
    return [
        Frame(n == len(ends), Opcode.CONT if n else Opcode.BINARY, part, rsv1=not n)
        for n, part in enumerate(parts)
    ]


def damage(source: random.Random, frame: Frame) -> Frame:
    data = bytearray(frame.data)
    choice = source.randrange(6)
    if choice == 0 and data:
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    elif choice == 1 and data:
        del data[source.randrange(len(data)) :]
    elif choice == 2:
        data += source.getrandbits(64).to_bytes(8, "little")
    elif choice == 3 and source.random() < 0.2:
        return frame._replace(rsv1=not frame.rsv1)
    elif choice == 4:
        place = source.randrange(len(data) + 1)
        data[place:place] = source.choice([b"\x00", b"\x03\x00", b"\x00\x00\xff\xff"])
    return frame._replace(data=bytes(data))


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
        assert limit is None or not frame.rsv1 or len(decoded.data) <= limit
        outcome.append(decoded.data)
    return outcome


def filter_bytes(outcome: list[bytes | type[Exception]]) -> list[bytes]:
    return [item for item in outcome if isinstance(item, bytes)]


if __name__ == "__main__":
    sys.exit(main())
