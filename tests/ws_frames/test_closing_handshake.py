"""The closing handshake (RFC 6455 §7), searched whole: all that two ends may do, in any order.

A state is two connections and the frames between them. From the start each move that there is
leads to the next states; one that was seen before is not searched again.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, NamedTuple

from ws_frames import (
    Close,
    CloseCode,
    Connection,
    Failure,
    InvalidState,
    Opcode,
    Phase,
    Ping,
    Pong,
    Role,
    apply_mask,
)
from ws_frames.phases import TRANSITIONS

#: How many moves from the start; one more for each `--thorough`.
DEPTH = 7

#: Messages, and pings, that each end sends at most.
MOST = 1

FOLLOWS = {(phase, following) for (phase, _), following in TRANSITIONS.items()}

#: What an end of TCP looks like among the frames.
EOF = b""

#: What each end says when it closes, and when it fails.
CLOSES = [Close(1000, "a"), Close(4001, "b")]
FAILS = [Close(1011, "a"), Close(4002, "b")]


class Shape(NamedTuple):
    """A frame without its mask; the end of TCP is one without an opcode."""

    opcode: int
    payload: bytes


def split(data: bytes) -> list[bytes]:
    """Cut what was sent into its frames, which are short."""
    frames = []
    while data:
        size = 2 + (4 if data[1] & 0x80 else 0) + (data[1] & 0x7F)
        frames.append(data[:size])
        data = data[size:]
    return frames


def shape(frame: bytes) -> Shape:
    if frame == EOF:
        return Shape(-1, b"")
    if frame[1] & 0x80:
        return Shape(frame[0] & 0xF, apply_mask(frame[6:], frame[2:6]))
    return Shape(frame[0] & 0xF, frame[2:])


class Side:
    """One end: the connection, what is on its way to it, and what it should come to."""

    def __init__(self, number: int, role: Role) -> None:
        self.number = number
        self.connection = Connection(role)
        self.arriving: deque[bytes] = deque()
        #: Whether our close frame is on the wire.
        self.closed = False
        self.messages = 0
        self.pinged = 0
        #: The pings that wait for their pong.
        self.pings: list[bytes] = []
        #: The number of the message that has to come next.
        self.due = 0
        #: What the peer's close frame said, if it counts.
        self.told: Close | None = None
        self.failed = False
        self.other: Side

    @property
    def phase(self) -> Phase:
        return self.connection.phase

    def key(self) -> Any:
        """All that what follows depends on."""
        connection = self.connection
        arriving = [shape(frame) for frame in self.arriving]
        return (
            connection.phase,
            connection.close_received,
            connection.close_sent,
            tuple(arriving),
            self.messages,
            self.due,
            self.pinged,
            tuple(self.pings),
        )

    # Moves

    def send(self) -> None:
        if self.messages == MOST:
            raise InvalidState("enough messages")
        self._write(self.connection.send_message(str(self.messages)))
        self.messages += 1

    def ping(self) -> None:
        if self.pinged == MOST:
            raise InvalidState("enough pings")
        data = b"%d" % self.pinged
        self._write(self.connection.send_ping(data)[1])
        self.pinged += 1
        self.pings.append(data)

    def close(self) -> None:
        self._write(self.connection.send_close(*CLOSES[self.number]))

    def fail(self) -> None:
        if self.phase not in (Phase.OPEN, Phase.CLOSE_SENT):
            raise InvalidState("nothing to fail")
        self._write(self.connection.fail(*FAILS[self.number]))
        self.failed = True

    def end(self) -> None:
        """TCP ends here; what was sent before still arrives at the other end."""
        if self.phase is Phase.CLOSED:
            raise InvalidState("ended already")
        self._watch(self.connection.receive_eof)
        self.arriving.clear()
        self.other.arriving.append(EOF)

    def reset(self) -> None:
        """TCP ends here, and what was sent before is lost."""
        self.other.arriving.clear()
        self.end()

    def take(self) -> None:
        """The next frame arrives."""
        if not self.arriving:
            raise InvalidState("nothing is on its way")
        frame = self.arriving.popleft()
        if frame == EOF:
            if self.phase is not Phase.CLOSED:
                self.end()
            return
        counts = self.phase in (Phase.OPEN, Phase.CLOSE_SENT)
        opcode, payload = shape(frame)
        if opcode == Opcode.CLOSE and counts:
            self.told = Close.parse(payload)
        self.connection.receive_data(frame)
        event = self._watch(self.connection.next_event)
        assert self._watch(self.connection.next_event) is None
        self._check(event if counts else None, opcode, payload)
        assert counts or event is None
        self._write(self.connection.data_to_send())

    # What must hold

    def _check(self, event: Any, opcode: int, payload: bytes) -> None:
        assert not isinstance(event, Failure)
        if isinstance(event, str):
            assert event == str(self.due)
            self.due += 1
        elif isinstance(event, Pong):
            answered = list(event.answered)
            assert answered == self.pings[: len(answered)]
            assert answered[-1:] == [event.data]
            del self.pings[: len(answered)]
        elif isinstance(event, Ping):
            assert (opcode, payload) == (Opcode.PING, event.data)
        elif event is not None:
            assert event == self.told

    def _watch(self, call: Callable[[], Any]) -> Any:
        before = self.phase
        result = call()
        assert self.phase is before or (before, self.phase) in FOLLOWS
        return result

    def _write(self, data: bytes) -> None:
        """See that nothing but pongs follows a close frame, and send it."""
        for frame in split(data):
            opcode = shape(frame).opcode
            if self.closed:
                assert opcode == Opcode.PONG
                assert self.told is None
                assert not self.failed
            self.closed = self.closed or opcode == Opcode.CLOSE
            if self.other.phase is not Phase.CLOSED:
                self.other.arriving.append(frame)

    def check_end(self) -> None:
        """See that all is over, with the code that the other end gave, if it did."""
        connection = self.connection
        assert connection.phase is Phase.CLOSED
        expected = self.told or Close(CloseCode.ABNORMAL_CLOSURE)
        assert (connection.close_code, connection.close_reason) == expected
        assert not connection.pending
        assert connection.data_to_send() == b""


Move = tuple[int, str]
MOVES: list[Move] = [
    (side, move)
    for side in (0, 1)
    for move in ("send", "ping", "close", "fail", "take", "end", "reset")
]


class World:
    """Two ends, after some moves."""

    def __init__(self, path: tuple[Move, ...]) -> None:
        self.sides = Side(0, Role.CLIENT), Side(1, Role.SERVER)
        self.sides[0].other, self.sides[1].other = self.sides[1], self.sides[0]
        for move in path:
            self.move(move)

    def move(self, move: Move) -> None:
        number, name = move
        getattr(self.sides[number], name)()

    def key(self) -> Any:
        return self.sides[0].key(), self.sides[1].key()

    def deliver(self) -> None:
        """Let all arrive that is on its way."""
        while any(side.arriving for side in self.sides):
            for side in self.sides:
                if side.arriving:
                    side.take()

    def finish(self) -> None:
        """Let each end do no more than it must, and see that this ends the connection."""
        self.deliver()
        phases = [side.phase for side in self.sides]
        if phases == [Phase.OPEN, Phase.OPEN]:
            assert all(side.due == side.other.messages for side in self.sides)
            assert not any(side.pings for side in self.sides)
            self.sides[0].close()
            self.deliver()
        if Phase.CLOSED not in [side.phase for side in self.sides]:
            enders = [side for side in self.sides if side.connection.may_disconnect]
            assert enders, "each end waits for the other one to end TCP"
            enders[0].end()
            self.deliver()
        for side in self.sides:
            side.check_end()
            assert side.due <= side.other.messages


def search(depth: int) -> dict[Any, tuple[Move, ...]]:
    """Find all states up to so many moves from the start; gives a way to each."""
    ways: dict[Any, tuple[Move, ...]] = {World(()).key(): ()}
    newest = list(ways.values())
    for _ in range(depth):
        found = []
        for way in newest:
            for move in MOVES:
                world = World(way)
                try:
                    world.move(move)
                except InvalidState:
                    continue
                key = world.key()
                if key not in ways:
                    ways[key] = (*way, move)
                    found.append(ways[key])
                    world.finish()
        newest = found
    return ways


def test_every_way_through_the_closing_handshake_ends_it(thorough: int) -> None:
    ways = search(DEPTH + thorough)
    phases = {(client[0], server[0]) for client, server in ways}
    # Who has exchanged close frames has one from the other end, which is not open any more.
    impossible = {(Phase.OPEN, Phase.CLOSE_EXCHANGED), (Phase.CLOSE_EXCHANGED, Phase.OPEN)}
    assert phases == {(one, other) for one in Phase for other in Phase} - impossible
