"""Two connections and a wire that cuts, holds back and ends, against a model of what must come."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Union

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ws_deflate import PerMessageDeflate
from ws_frames import (
    Close,
    CloseCode,
    Connection,
    Data,
    Event,
    Extension,
    Failure,
    Inbox,
    InvalidState,
    Opcode,
    Phase,
    Ping,
    Pong,
    PreparedMessage,
    Role,
)
from ws_frames.phases import TRANSITIONS

FOLLOWS = {(phase, following) for (phase, _), following in TRANSITIONS.items()}
MAX_SIZE = 100_000

#: What may come out besides messages: the peers do nothing wrong, so no Failure is among it.
Expected = Union[str, bytes, Ping, Close]

sides = st.sampled_from([0, 1])
texts = st.text(max_size=20) | st.sampled_from(["é" * 63, "x" * 125, "y" * 126, "z" * 65_536])
messages = texts | texts.map(str.encode)
pings = st.binary(max_size=3) | st.just(b"p" * 125)
codes = st.sampled_from([1000, 1001, 1011, 3000, 4999])
reasons = st.sampled_from(["", "bye", "é" * 61])


def opcodes(data: bytes) -> list[int]:
    """What kinds of control frames were sent."""
    found = []
    while data:
        found.append(data[0] & 0xF)
        data = data[2 + (4 if data[1] & 0x80 else 0) + (data[1] & 0x7F) :]
    return found


class Side:
    """One end, what is on its way to it, and what that has to be."""

    def __init__(self, role: Role, extensions: tuple[Extension, ...]) -> None:
        self.connection = Connection(role, max_size=MAX_SIZE, extensions=extensions)
        self.arriving = bytearray()
        self.written = 0  # bytes that were ever to arrive
        self.arrived = 0
        self.due: deque[Expected] = deque()
        self.message: Data | None = None  # that is sent in fragments
        self.pings: list[bytes] = []
        self.close: Close | None = None  # the peer's close frame, and where it ends
        self.close_at = 0
        self.told: Close | None = None  # it, once it counts
        self.failed = False
        self.ended = False
        self.other: Side

    @property
    def phase(self) -> Phase:
        return self.connection.phase

    def write(self, data: bytes, *expected: Expected) -> None:
        other = self.other
        if self.ended or other.ended:
            return
        other.arriving += data
        other.written += len(data)
        other.due += expected
        close = self.connection.close_sent
        if close is not None and other.close is None:
            other.close, other.close_at = close, other.written

    def step(self, call: Callable[[], Any]) -> Any:
        """Call something, and see that the phase only goes as the table says."""
        before = self.phase
        try:
            return call()
        finally:
            assert self.phase is before or (before, self.phase) in FOLLOWS

    def answer(self) -> None:
        """Send what events brought about."""
        data = self.connection.data_to_send()
        if self.ended:
            assert data == b""
        assert all(opcode == Opcode.PONG for opcode in opcodes(data)[:-1]), "behind a close frame"
        self.write(data)

    def take(self, event: Event) -> None:
        """See that this is what has to come."""
        assert not isinstance(event, Failure), event.error
        if isinstance(event, Pong):
            self.take_pong(event)
            return
        expected = self.due.popleft()
        assert type(event) is type(expected)
        assert event == expected
        if isinstance(event, Close):
            assert event == self.close
            self.told = event

    def take_pong(self, pong: Pong) -> None:
        count = self.pings.index(pong.data) + 1 if pong.data in self.pings else 0
        assert pong.answered == tuple(self.pings[:count])
        del self.pings[:count]

    def events(self, limit: int) -> int:
        """Take at most so many events; gives how many there were."""
        for number in range(limit):
            event = self.step(self.connection.next_event)
            if event is None:
                assert not self.connection.pending
                return number
            self.take(event)
        return limit


class Talk(RuleBasedStateMachine):
    """Both ends do whatever is allowed, and the wire is as bad as TCP can be."""

    deflate = False

    @initialize(takeover=st.booleans())
    def open(self, takeover: bool) -> None:
        self.sides = [Side(role, self.extensions(takeover)) for role in (Role.CLIENT, Role.SERVER)]
        self.sides[0].other, self.sides[1].other = self.sides[1], self.sides[0]

    def extensions(self, takeover: bool) -> tuple[Extension, ...]:
        return (PerMessageDeflate(not takeover, not takeover, 12, 12),) if self.deflate else ()

    # What the ends do

    def refused(self, side: Side, call: Callable[[], object]) -> None:
        """See that a connection that isn't open sends nothing more."""
        with pytest.raises(InvalidState):
            side.step(call)

    @rule(number=sides, message=messages, compress=st.booleans(), prepared=st.booleans())
    def send(self, number: int, message: Data, compress: bool, prepared: bool) -> None:
        side = self.sides[number]
        connection = side.connection

        def send() -> bytes:
            if prepared:
                return connection.send_prepared(PreparedMessage(message))
            return connection.send_message(message, compress=compress)

        if side.phase is not Phase.OPEN or side.message is not None:
            self.refused(side, send)
        else:
            side.write(send(), message)

    @rule(number=sides, message=messages, fin=st.booleans(), compress=st.booleans())
    def send_fragment(self, number: int, message: Data, fin: bool, compress: bool) -> None:
        side = self.sides[number]

        def send() -> bytes:
            return side.connection.send_fragment(message, fin=fin, compress=compress)

        if side.phase is not Phase.OPEN:
            self.refused(side, send)
            return
        before = side.message
        if before is not None and type(before) is not type(message):
            with pytest.raises(TypeError):
                send()
            return
        whole: Any = message if before is None else before + message  # type: ignore[operator]
        assume(len(whole) < MAX_SIZE)
        side.message = None if fin else whole
        side.write(send(), *([whole] if fin else []))

    @rule(number=sides, data=st.none() | pings)
    def ping(self, number: int, data: bytes | None) -> None:
        side = self.sides[number]

        def send() -> tuple[bytes, bytes]:
            return side.connection.send_ping(data)

        if side.phase is not Phase.OPEN:
            self.refused(side, send)
        elif data in side.pings:
            with pytest.raises(ValueError, match="same data"):
                send()
        else:
            payload, frame = send()
            side.pings.append(payload)
            side.write(frame, Ping(payload))

    @rule(number=sides, data=pings)
    def pong(self, number: int, data: bytes) -> None:
        side = self.sides[number]
        if side.phase in (Phase.OPEN, Phase.CLOSE_SENT):
            side.write(side.connection.send_pong(data))
        else:
            self.refused(side, lambda: side.connection.send_pong(data))

    @rule(number=sides, code=codes, reason=reasons)
    def close(self, number: int, code: int, reason: str) -> None:
        side = self.sides[number]
        if side.phase is Phase.OPEN:
            data = side.step(lambda: side.connection.send_close(code, reason))
            side.write(data, Close(code, reason))
        else:
            self.refused(side, lambda: side.connection.send_close(code, reason))

    @precondition(lambda self: not any(side.failed for side in self.sides))
    @rule(number=sides, code=codes, reason=reasons)
    def fail(self, number: int, code: int, reason: str) -> None:
        side = self.sides[number]
        before = side.phase
        data = side.step(lambda: side.connection.fail(code, reason))
        side.due.clear()
        assert (data != b"") is (before is Phase.OPEN)
        if before in (Phase.OPEN, Phase.CLOSE_SENT):
            side.failed = True
            side.write(data, *([Close(code, reason)] if data else []))

    # What the wire does

    @rule(number=sides, size=st.integers(1, 20) | st.just(1_000_000), batch=st.booleans())
    def arrive(self, number: int, size: int, batch: bool) -> None:
        side = self.sides[number]
        data = bytes(side.arriving[:size])
        del side.arriving[:size]
        side.arrived += len(data)
        if side.ended:
            return
        if batch:
            inbox = Inbox(max_queue=3)
            side.step(lambda: side.connection.receive_into(inbox, data))
            while inbox:
                side.take(inbox.pop())
        else:
            side.step(lambda: side.connection.receive_data(data))

    @rule(number=sides, limit=st.integers(1, 3) | st.just(1000))
    def take_events(self, number: int, limit: int) -> None:
        side = self.sides[number]
        before = side.phase
        side.events(limit)
        if before is Phase.OPEN and side.phase is Phase.CLOSE_EXCHANGED:
            assert side.told is not None
            side.other.due.append(side.told)

    @rule(number=sides)
    def take_messages(self, number: int) -> None:
        side = self.sides[number]
        for message in side.step(lambda: side.connection.ready_messages(2)):
            side.take(message)

    @rule(number=sides)
    def answer(self, number: int) -> None:
        self.sides[number].answer()

    @rule(number=sides, at=st.integers(0, 200))
    def cut(self, number: int, at: int) -> None:
        """TCP ends after some of the bytes that were on their way."""
        for side in self.sides:
            del side.arriving[at:]
            self.arrive(self.sides.index(side), at + 1, False)
            self.end(side)

    def end(self, side: Side) -> None:
        if side.close is not None and side.arrived >= side.close_at:
            side.told = None if side.failed else side.close  # whether it was taken or not
        side.ended = True
        side.arriving.clear()
        side.step(side.connection.receive_eof)

    # What must hold

    @invariant()
    def nothing_waits_unseen(self) -> None:
        for side in getattr(self, "sides", []):
            if side.connection.pending:
                assert side.phase not in (Phase.FAILED, Phase.CLOSE_EXCHANGED)

    def teardown(self) -> None:
        """Let all arrive, and see that the rest is as it must be."""
        if not hasattr(self, "sides"):
            return
        for _ in range(4):
            for number, side in enumerate(self.sides):
                self.arrive(number, 10**9, False)
                self.take_events(number, 10**9)
                side.answer()
        whole = not any(side.ended for side in self.sides)
        for side in self.sides:
            if not whole or side.failed:
                continue
            assert not side.due
            if side.phase is side.other.phase is Phase.OPEN:
                assert not side.pings
        for side in self.sides:
            self.end(side)
            side.events(10**9)
            self.see_the_end(side)

    def see_the_end(self, side: Side) -> None:
        connection = side.connection
        expected = side.told or Close(CloseCode.ABNORMAL_CLOSURE)
        assert connection.phase is Phase.CLOSED
        assert (connection.close_code, connection.close_reason) == expected
        assert not connection.pending
        assert connection.data_to_send() == b""


class CompressedTalk(Talk):
    deflate = True


@pytest.mark.parametrize("machine", [Talk, CompressedTalk])
def test_two_ends_agree_whatever_the_wire_does(
    machine: type[RuleBasedStateMachine], thorough: int
) -> None:
    profile = settings(
        max_examples=50 * 10**thorough,
        stateful_step_count=50,
        derandomize=not thorough,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)
