"""
A pair of connections: two ends that talk, with both twins alike, come to the same events and bytes.

If nothing on the way is changed, no end fails, each message arrives as it was sent, and where an
end closed both know why. If bytes are changed, nothing but the documented exceptions comes out.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from ws_deflate import PerMessageDeflate
from ws_frames import (
    RSV1,
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
)

from . import twins
from .invariant import Broken, same
from .payloads import make_text

#: What the extension below refuses, and what it is before it goes through it.
BAD = b"bad"
REFUSED = ["dab", b"dab", "bad", b"bad"]


class Reversing(Extension):
    """Reverse what is long enough, and refuse one message."""

    name = "x-reversing"
    rsv = RSV1

    def __init__(self, only_marked: bool) -> None:
        self.only_marked = only_marked

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if not frame.rsv1 and frame.opcode is not Opcode.CONT:
            return frame
        if frame.data == BAD:
            raise ProtocolError("bad data")
        return frame._replace(rsv1=False) if frame.opcode is Opcode.CONT else turned(frame, False)

    def encode(self, frame: Frame) -> Frame:
        return frame if len(frame.data) < 3 or frame.opcode is Opcode.CONT else turned(frame, True)


class Whole(Reversing):
    """The same of messages as a whole, where they are in one frame."""

    takes_messages = True

    def decode_message(self, data: bytes, max_size: int | None) -> bytes:
        if data == BAD:
            raise ProtocolError("bad data")
        return data[::-1]

    def encode_message(self, data: bytes) -> bytes | None:
        return None if len(data) < 3 else data[::-1]


def turned(frame: Frame, bit: bool) -> Frame:
    return frame._replace(data=frame.data[::-1], rsv1=bit)


KINDS = ["send", "fragment", "deliver", "ping", "pong", "close", "flip", "eof", "fail"]
EXTENSIONS = ["", "all", "marked", "deflate", "whole"]
MAX_SIZES = [None, 0, 10, 200]

#: What changes the bytes on the way, or loses some.
UNFAITHFUL = {"flip", "eof", "fail"}


def script(options: int, *actions: tuple[str, int, bytes, bool, int]) -> bytes:
    """Write a talk as bytes that :func:`read` takes."""
    written = bytes([options])
    for kind, end, payload, flag, number in actions:
        written += bytes([KINDS.index(kind) << 1 | end, flag << 7 | number, len(payload)]) + payload
    return written


SEEDS = [
    script(0, ("send", 0, b"Hello", False, 0), ("deliver", 1, b"", True, 0)),
    script(
        1,
        ("fragment", 0, b"abc", False, 0),
        ("ping", 1, b"ping", False, 0),
        ("deliver", 1, b"", False, 7),
        ("fragment", 0, b"def", True, 0),
        ("deliver", 0, b"", True, 0),
    ),
    script(
        3,
        ("send", 1, b"aaaabbbbaaaa", False, 0),
        ("deliver", 0, b"", False, 3),
        ("close", 0, b"", True, 1),
        ("fragment", 1, b"aaaabbbbaaaa", True, 0),
    ),
    script(0, ("close", 0, b"", True, 0), ("close", 1, b"", True, 1), ("ping", 0, b"", False, 0)),
    script(6, ("send", 0, bytes(11), False, 0), ("pong", 1, b"", False, 0)),
    script(2, ("send", 0, b"abcdef", False, 0), ("flip", 1, b"", False, 9)),
    script(0, ("fail", 1, b"", False, 0), ("eof", 0, b"", False, 0)),
    script(
        0x33,
        ("send", 0, b"abcdef", False, 0),
        ("send", 0, b"ab", False, 0),
        ("fragment", 0, b"ghi", False, 0),
        ("ping", 0, b"", False, 0),
        ("fragment", 0, b"jkl", True, 0),
        ("deliver", 1, b"", False, 11),
        ("send", 0, b"dab", False, 0),
    ),
]


class Case(NamedTuple):
    seed: int
    max_size: int | None
    extension: str
    into_inbox: bool
    actions: list[tuple[Any, ...]]

    @property
    def faithful(self) -> bool:
        """Whether nothing that was sent is changed, or too much for who receives it."""
        return self.max_size is None and not any(
            kind in UNFAITHFUL or payload in REFUSED for kind, _, payload, *_ in self.actions
        )


def make(rng: random.Random) -> Case:
    faithful = rng.random() < 0.5
    kinds = ["send"] * 5 + ["fragment"] * 3 + ["ping", "pong"] + ["deliver"] * 8
    kinds += ["close"] if rng.random() < 0.5 else []
    kinds += [] if faithful else ["flip", "flip", "eof", "fail"]
    actions = [
        (rng.choice(kinds), rng.randrange(2), *make_action(rng)) for _ in range(rng.randrange(25))
    ]
    max_size = None if faithful else rng.choice(MAX_SIZES)
    extension = rng.choice(EXTENSIONS)
    return Case(rng.getrandbits(32), max_size, extension, rng.random() < 0.5, actions)


def make_action(rng: random.Random) -> tuple[Any, ...]:
    data = make_text(rng)[:300]
    text = data.decode(errors="replace")
    return (text if rng.random() < 0.5 else data, rng.random() < 0.5, rng.randrange(40))


def read(data: bytes) -> Case:
    """Take bytes as the script of a talk."""
    options = data[0] if data else 0
    actions: list[tuple[Any, ...]] = []
    position = 1
    while position + 3 <= len(data) and len(actions) < 40:
        kind, number, size = data[position : position + 3]
        payload: str | bytes = data[position + 3 : position + 3 + size]
        position += 3 + size
        if kind & 0x40:
            payload = payload.decode(errors="replace")  # type: ignore[union-attr]
        name = KINDS[(kind >> 1 & 0x0F) % len(KINDS)]
        actions.append((name, kind & 1, payload, bool(number & 0x80), number & 0x3F))
    extension = EXTENSIONS[options & 3 if options < 0x20 else -1]
    return Case(0, MAX_SIZES[options >> 2 & 3], extension, bool(options & 0x10), actions)


def extensions_of(case: Case) -> list[Extension]:
    if case.extension == "deflate":
        return [PerMessageDeflate(False, False, 9, 9, {"memLevel": 1})]  # quickly made
    if case.extension == "whole":
        return [Whole(only_marked=True)]
    return [Reversing(case.extension == "marked")] if case.extension else []


class Ends:
    """Two connections, the bytes on their way, and a log of all that happens."""

    def __init__(self, case: Case, twin: Any) -> None:
        self.inbox = twin.Inbox(max_queue=2) if case.into_inbox else None
        self.ends = [
            Connection(
                role,
                max_size=case.max_size,
                extensions=extensions_of(case),
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
        if self.inbox is None:
            connection.receive_data(bytes(data[:size]))
        else:
            self.log.append(connection.receive_into(self.inbox, bytes(data[:size])))
        del data[:size]
        while self.inbox:
            self.take(end, self.inbox.pop())
        while (event := connection.next_event()) is not None:
            self.take(end, event)
        return connection.data_to_send()

    def take(self, end: int, event: Any) -> None:
        if isinstance(event, (str, bytes)):
            self.received[end].append(event)
        self.log.append((end, described(event)))

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


def run(case: Case, twin: Any) -> Ends:
    with twins.use(twin, case.seed):
        ends = Ends(case, twin)
        for action in case.actions:
            ends.act(*action)
        ends.settle()
    return ends


def check(case: Case) -> None:
    in_c, in_python = (run(case, twin) for twin in twins.TWINS)
    same("what happens in C and in Python", in_c.log, in_python.log)
    for connection in in_c.ends:
        if not isinstance(connection.error, (ProtocolError, PayloadTooBig, type(None))):
            raise Broken(f"undocumented error {connection.error!r}")
    if not case.faithful:
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
