"""
Fuzz what comes after the handshake: the C against the pure Python, and pieces against the whole.

What must hold for each input, whatever it is:

* parser: both twins give the same events, and the same error, at the same piece of the bytes;
  bytes in pieces give the same as the bytes as a whole.
* writer: both twins write the same bytes, or refuse with the same exception; what was written is
  parsed to what was sent.
* connections: two ends that talk, with both twins alike, come to the same events and bytes. If
  nothing on the way is changed, no end fails, each message arrives as it was sent, and where an
  end closed both know why. If bytes are changed, nothing but the documented exceptions comes out.

python tools/fuzz_frames.py                               10,000 inputs of each kind
python tools/fuzz_frames.py --seconds 3600 parser         an hour, an input after the other
python tools/fuzz_frames.py --count 1000 --seed 7:12      a block that a run of --seed 7 reported

It stops at the first input for which something does not hold, shows it, and exits with 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Callable, NamedTuple

import ws_frames.connection
import ws_frames.encoder
import ws_frames.pings
from ws_frames import (
    RSV1,
    RSV_MASK,
    Close,
    Connection,
    Extension,
    Failure,
    Frame,
    InvalidState,
    Opcode,
    PayloadTooBig,
    Phase,
    ProtocolError,
    Role,
    pure,
)

try:
    from ws_frames import _speedups as speedups
except ImportError:
    sys.exit("the C speedups are not built: there is nothing to compare")

TWINS: list[Any] = [speedups, pure]

# So many inputs come out of one seed: a block can be run again without those before it.
BLOCK = 1000


class Broken(Exception):
    """Something does not hold."""


def same(what: str, one: object, other: object) -> None:
    if one != other:
        raise Broken(f"{what} differs:\n  {short(one)}\n  {short(other)}")


def short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 2000 else f"{text[:1000]} [...] {text[-1000:]}"


# ---------------------------------------------------------------------------
# Payloads

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
    text = "".join(rng.choices(TEXTS, k=rng.randrange(4))).encode()
    if rng.random() < 0.1:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(BAD_TEXTS) + text[place:]
    return text


def make_binary(rng: random.Random) -> bytes:
    size = rng.choice(SIZES) if rng.random() < 0.98 else rng.choice(LARGE_SIZES)
    start = rng.randrange(1000)
    return BYTES[start : start + size]


def make_pieces(rng: random.Random, data: bytes, most: int) -> list[bytes]:
    ends = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(most)))
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)])]


# ---------------------------------------------------------------------------
# Parser

HEADS = [0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0xC2, 0x41, 0x40, 0xC0]
CLOSES = [b"", b"\x03\xe8", b"\x03\xe9bye", b"\x03", b"\x03\xed", b"\x03\xe8\xff", b"\x13\x87\xc3"]


class Bytes(NamedTuple):
    options: dict[str, Any]
    pieces: list[bytes]


def make_bytes(rng: random.Random) -> Bytes:
    masked = rng.random() < 0.5
    options = {
        "masked": masked,
        "max_size": rng.choice([None, None, 0, 1, 10, 64, 125, 1000, 2**20, 2**63, 2**70]),
        "rsv": rng.choice([0, 0, RSV1, RSV_MASK]),
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
        return Bytes(options, [data[i : i + 1] for i in range(len(data))])
    return Bytes(options, make_pieces(rng, data, most))


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
    return header + key + speedups.apply_mask(data, key)


def make_flood(rng: random.Random, masked: bool) -> bytes:
    head = rng.choice([0x89, 0x8A, 0x81, 0x82, 0x01])
    frame = bytes([head, 0x80 if masked else 0]) + bytes(4 if masked else 0)
    if head == 0x01:  # empty fragments
        return frame + (b"\0" + frame[1:]) * rng.randrange(995, 1005)
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


def check_bytes(case: Bytes) -> None:
    in_c, in_python = (twin.Parser(**case.options) for twin in TWINS)
    steps = feed(in_c, case.pieces)
    same("what C and Python parse", steps, feed(in_python, case.pieces))
    same("how C and Python end", end_of(in_c), end_of(in_python))
    whole = speedups.Parser(**case.options)
    of_whole = feed(whole, [b"".join(case.pieces)])
    joined, of_pieces = (
        [event for step in each for event in step[0]] for each in (of_whole, steps)
    )
    same("what the whole and its pieces give", joined, of_pieces)
    same("how the whole and its pieces end", end_of(whole), end_of(in_c))


# ---------------------------------------------------------------------------
# Writer


class Call(NamedTuple):
    head: int
    payload: Any
    mask: Any


def make_call(rng: random.Random) -> Call:
    payload: Any = make_text(rng) if rng.random() < 0.5 else make_binary(rng)
    if rng.random() < 0.4:
        payload = payload.decode(errors="surrogateescape" if rng.random() < 0.2 else "replace")
    else:
        payload = rng.choice([bytes, bytearray, memoryview])(payload)
        if type(payload) is memoryview:
            payload = payload[rng.randrange(9) :: rng.choice([1, 1, 1, 2])]
    mask = rng.choice([False, rng.randbytes(4), bytearray(rng.randbytes(4))])
    if rng.random() < 0.02:
        mask = rng.choice([0, None, "mask", rng.randbytes(3), rng.randbytes(5)])
    return Call(rng.choice([0x81, 0x82, 0x02, 0x00, rng.randrange(-2, 300)]), payload, mask)


def written(twin: Any, call: Call) -> bytes | str:
    try:
        return bytes(twin.encode_frame(*call))
    except (ValueError, TypeError) as exc:  # the texts of a TypeError are Python's own
        return f"{type(exc).__name__}: {exc if type(exc) is ValueError else ''}"


def check_call(call: Call) -> None:
    in_c, in_python = (written(twin, call) for twin in TWINS)
    same("what C and Python write", in_c, in_python)
    if isinstance(in_c, str):
        return
    payload = call.payload.encode() if isinstance(call.payload, str) else bytes(call.payload)
    if call.mask is not False:
        place = len(in_c) - len(payload)
        masked = in_c[place:]
        for twin in TWINS:
            same("what is unmasked", twin.apply_mask(masked, call.mask), payload)
    if call.head == 0x82:
        parser = speedups.Parser(masked=call.mask is not False)
        same("what is parsed", parser.feed(in_c), [payload])


# ---------------------------------------------------------------------------
# Connections


class Reversing(Extension):
    """Reverse what is long enough, and refuse one message."""

    name = "x-reversing"
    rsv = RSV1

    def __init__(self, only_marked: bool) -> None:
        self.only_marked = only_marked

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if not frame.rsv1 and frame.opcode is not Opcode.CONT:
            return frame
        if frame.data == b"bad":
            raise ProtocolError("bad data")
        return frame._replace(rsv1=False) if frame.opcode is Opcode.CONT else turned(frame, False)

    def encode(self, frame: Frame) -> Frame:
        return frame if len(frame.data) < 3 or frame.opcode is Opcode.CONT else turned(frame, True)


def turned(frame: Frame, bit: bool) -> Frame:
    return frame._replace(data=frame.data[::-1], rsv1=bit)


class Talk(NamedTuple):
    seed: int
    max_size: int | None
    extension: str
    actions: list[tuple[Any, ...]]
    faithful: bool  # nothing is changed on the way


def make_talk(rng: random.Random) -> Talk:
    faithful = rng.random() < 0.5
    kinds = ["send"] * 5 + ["fragment"] * 3 + ["ping", "pong"] + ["deliver"] * 8
    kinds += ["close"] if rng.random() < 0.5 else []
    kinds += [] if faithful else ["flip", "flip", "eof", "fail"]
    actions = [
        (rng.choice(kinds), rng.randrange(2), *make_action(rng)) for _ in range(rng.randrange(25))
    ]
    max_size = None if faithful else rng.choice([None, 0, 10, 200])
    return Talk(rng.getrandbits(32), max_size, rng.choice(["", "all", "marked"]), actions, faithful)


def make_action(rng: random.Random) -> tuple[Any, ...]:
    data = make_text(rng)[:300]
    text = data.decode(errors="replace")
    return (text if rng.random() < 0.5 else data, rng.random() < 0.5, rng.randrange(40))


@contextmanager
def use(twin: Any, seed: int) -> Iterator[None]:
    """Have connections use one twin, and masks and pings that come from a seed."""
    replaced: list[tuple[ModuleType, str]] = [
        (ws_frames.connection, "Parser"),
        (ws_frames.encoder, "encode_frame"),
        (ws_frames.pings, "new_mask"),
    ]
    before = [getattr(module, name) for module, name in replaced]
    urandom = os.urandom
    os.urandom = random.Random(seed).randbytes
    twin.forget_masks()
    for module, name in replaced:
        setattr(module, name, getattr(twin, name))
    try:
        yield
    finally:
        for (module, name), value in zip(replaced, before):
            setattr(module, name, value)
        twin.forget_masks()
        os.urandom = urandom


class Ends:
    """Two connections, the bytes on their way, and a log of all that happens."""

    def __init__(self, talk: Talk) -> None:
        self.ends = [
            Connection(
                role,
                max_size=talk.max_size,
                extensions=[Reversing(talk.extension == "marked")] if talk.extension else [],
            )
            for role in (Role.CLIENT, Role.SERVER)
        ]
        self.on_the_way = [bytearray(), bytearray()]  # to each end
        self.sent: list[list[Any]] = [[], []]  # whole messages, by each end
        self.received: list[list[Any]] = [[], []]
        self.begun: list[list[Any]] = [[], []]  # fragments
        self.log: list[Any] = []

    def act(self, kind: str, end: int, payload: Any, flag: bool, number: int) -> None:
        connection = self.ends[end]
        try:
            data = getattr(self, kind)(end, connection, payload, flag, number)
        except (InvalidState, ProtocolError, ValueError, TypeError) as exc:
            data = b""
            self.log.append((type(exc), str(exc)))
        self.on_the_way[1 - end] += data or b""
        self.log.append((kind, end, data, connection.phase))

    def send(self, end: int, connection: Connection, payload: Any, *_: Any) -> bytes:
        data = connection.send_message(payload)
        self.sent[end].append(payload)
        return data

    def fragment(self, end: int, connection: Connection, payload: Any, fin: bool, _: int) -> bytes:
        data = connection.send_fragment(payload, fin=fin)
        self.begun[end].append(payload)
        if fin:
            self.sent[end].append(payload[:0].join(self.begun[end]))
            self.begun[end].clear()
        return data

    def ping(self, _: int, connection: Connection, payload: Any, flag: bool, *__: Any) -> bytes:
        return connection.send_ping(None if flag else payload)[1]

    def pong(self, _: int, connection: Connection, payload: Any, *__: Any) -> bytes:
        return connection.send_pong(payload)

    def close(self, _: int, connection: Connection, __: Any, flag: bool, number: int) -> bytes:
        return connection.send_close(1000 + number if flag else 4000, "bye")

    def fail(self, _: int, connection: Connection, *__: Any) -> bytes:
        return connection.fail(1011, "failed")

    def eof(self, _: int, connection: Connection, *__: Any) -> None:
        connection.receive_eof()

    def flip(self, end: int, _: Connection, __: Any, ___: bool, number: int) -> None:
        data = self.on_the_way[end]
        if data:
            data[number % len(data)] ^= 1 << number % 8

    def deliver(self, end: int, connection: Connection, _: Any, flag: bool, number: int) -> bytes:
        data = self.on_the_way[end]
        size = len(data) if flag else number
        connection.receive_data(bytes(data[:size]))
        del data[:size]
        while (event := connection.next_event()) is not None:
            if isinstance(event, (str, bytes)):
                self.received[end].append(event)
            self.log.append((end, described(event)))
        return connection.data_to_send()

    def settle(self) -> None:
        """Deliver what is on the way, and close where nobody did."""
        for end in (0, 1, 0, 1):
            self.act("deliver", end, None, True, 0)
        for end in (0, 1):
            if self.ends[end].phase is Phase.OPEN:
                self.act("close", end, None, False, 0)
        for end in (0, 1, 0, 1):
            self.act("deliver", end, None, True, 0)


def described(event: Any) -> Any:
    return (type(event.error), str(event.error)) if isinstance(event, Failure) else event


def run_talk(talk: Talk, twin: Any) -> Ends:
    with use(twin, talk.seed):
        ends = Ends(talk)
        for action in talk.actions:
            ends.act(*action)
        ends.settle()
    return ends


def check_talk(talk: Talk) -> None:
    in_c, in_python = (run_talk(talk, twin) for twin in TWINS)
    same("what happens in C and in Python", in_c.log, in_python.log)
    for connection in in_c.ends:
        if not isinstance(connection.error, (ProtocolError, PayloadTooBig, type(None))):
            raise Broken(f"undocumented error {connection.error!r}")
    if not talk.faithful:
        return
    for end in (0, 1):
        connection, peer = in_c.ends[end], in_c.ends[1 - end]
        # A text that ends inside a character never gets that far: str has whole ones.
        if connection.error is not None:
            raise Broken(f"end {end} failed: {connection.error!r}")
        same("what was sent and received", in_c.sent[end], in_c.received[1 - end])
        same("phase", connection.phase, Phase.CLOSE_EXCHANGED)
        assert isinstance(connection.close_sent, Close)
        same("the reason to close", connection.close_sent, peer.close_received)


# ---------------------------------------------------------------------------
# Running

KINDS: dict[str, tuple[Callable[[random.Random], Any], Callable[[Any], None]]] = {
    "parser": (make_bytes, check_bytes),
    "writer": (make_call, check_call),
    "connections": (make_talk, check_talk),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000, help="inputs of each kind")
    parser.add_argument("--seconds", type=float, help="go on for so long instead")
    parser.add_argument("--seed", default=str(time.time_ns()), help="for the same inputs again")
    parser.add_argument("kinds", nargs="*", metavar="kind", help=", ".join(KINDS))
    options = parser.parse_args(arguments)
    unknown = [kind for kind in options.kinds if kind not in KINDS]
    if unknown:
        parser.error(f"no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    kinds = options.kinds or list(KINDS)
    seconds = None if options.seconds is None else options.seconds / len(kinds)
    return int(any(run(kind, options.seed, options.count, seconds) for kind in kinds))


def run(kind: str, seed: str, count: int, seconds: float | None) -> bool:
    """Check inputs of a kind; tell whether one of them failed."""
    make, check = KINDS[kind]
    start = time.monotonic()
    done = block = 0
    while time.monotonic() - start < seconds if seconds is not None else done < count:
        name = f"{seed}:{block}" if ":" not in seed else seed
        rng = random.Random(f"{kind} {name}")
        for number in range(BLOCK if seconds is not None else min(BLOCK, count - done)):
            case = make(rng)
            try:
                check(case)
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
                print(f"{kind}: input {number} of --seed {name}\n{short(case)}")
                print(traceback.format_exc())
                return True
            done += 1
        block += 1
    print(f"{kind}: {done:,} inputs in {time.monotonic() - start:.1f} s, --seed {seed}")
    return False


if __name__ == "__main__":
    sys.exit(main())
