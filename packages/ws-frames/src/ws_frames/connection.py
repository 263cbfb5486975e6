"""One connection after its opening handshake, sans-I/O (RFC 6455 §5, §6, §7).

Bytes that arrive go in with :meth:`Connection.receive_data`; what they mean comes out
of :meth:`Connection.next_event`, one event a call, in the order of the wire. Taking an
event is what makes the connection act on it: it answers a ping, decompresses a
message, echoes a close frame. So whoever stops taking events, since its queue is full,
stops that work too. :meth:`Connection.receive_into` decompresses what there is room for,
so that most messages never are events.

The answers wait in :meth:`Connection.data_to_send`; what a call sends is returned by that
call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from .close import MAX_REASON_SIZE, Close
from .codes import CloseCode
from .decoder import Decoder
from .encoder import Encoder
from .events import Event, Failure, Ping, Pong
from .exceptions import InvalidState, PayloadTooBig, ProtocolError, detached
from .extensions import Extension
from .frames import BytesLike, Data, Frame, Payload, to_bytes
from .opcodes import RSV_MASK, Opcode
from .phases import REASONS, TRANSITIONS, Phase, Step
from .pings import PingLog
from .prepared import PreparedMessage
from .speedups import Inbox, Parser
from .states import Role, State

__all__ = ["DEFAULT_MAX_SIZE", "Connection"]

DEFAULT_MAX_SIZE = 2**20

# Looked up once: it takes as long as the rest of what is done for a message.
OPEN = Phase.OPEN
CLOSE_SENT = Phase.CLOSE_SENT


class Connection:
    """Frames and messages, pings and the closing handshake, of one end of a connection.

    Args:
        role: which end this is.
        max_size: the longest message accepted, in bytes after decompression; None for
            no limit.
        extensions: what the opening handshake agreed on, in the order of the header.
    """

    # There is one for each connection; and speedups look these up for each message.
    __slots__ = (
        "_close",
        "_decoder",
        "_encode",
        "_encoder",
        "_parsed",
        "_parser",
        "_pings",
        "_pong",
        "close_received",
        "close_sent",
        "error",
        "extensions",
        "pending",
        "phase",
        "role",
    )

    def __init__(
        self,
        role: Role,
        *,
        max_size: int | None = DEFAULT_MAX_SIZE,
        extensions: Sequence[Extension] = (),
    ) -> None:
        self.role = role
        self.extensions = tuple(extensions)
        self.phase = Phase.OPEN
        #: The peer's close frame, None if none was received.
        self.close_received: Close | None = None
        #: Our close frame, None if none was sent.
        self.close_sent: Close | None = None
        #: Why the connection was failed, None if the peer did nothing wrong.
        self.error: ProtocolError | PayloadTooBig | None = None
        self._parser = Parser(
            masked=role is Role.SERVER,
            max_size=max_size,
            rsv=reserved_bits(self.extensions),
            all_frames=any(
                not getattr(extension, "only_marked", False) for extension in self.extensions
            ),
        )
        self._parsed: list[Data | Frame] = []
        #: Whether something that was received waits to be taken.
        self.pending = False
        self._decoder = Decoder(self.extensions, max_size=max_size)
        self._encoder = Encoder(masked=role is Role.CLIENT, extensions=self.extensions)
        self._encode = self._encoder.message
        self._pings = PingLog()
        self._pong = b""  # answers that wait to be sent
        self._close = b""

    def __repr__(self) -> str:
        return f"<Connection {self.role.value} {self.phase.value}>"

    # State

    @property
    def state(self) -> State:
        """OPEN, CLOSING or CLOSED."""
        return self.phase.state

    @property
    def max_size(self) -> int | None:
        """The longest message accepted, in bytes after decompression; None for no limit.

        It can be changed, which counts from the next frame on.
        """
        return self._decoder.max_size

    @max_size.setter
    def max_size(self, max_size: int | None) -> None:
        self._parser.set_max_size(max_size)
        self._decoder.max_size = max_size

    @property
    def close_code(self) -> int | None:
        """Status code of the peer's close frame, else 1006; None until CLOSED (§7.1.5)."""
        if self.phase is not Phase.CLOSED:
            return None
        return self.close_received.code if self.close_received else CloseCode.ABNORMAL_CLOSURE

    @property
    def close_reason(self) -> str | None:
        """Reason of the peer's close frame, else an empty one; None until CLOSED (§7.1.6)."""
        if self.phase is not Phase.CLOSED:
            return None
        return self.close_received.reason if self.close_received else ""

    @property
    def began_closing(self) -> bool:
        """Whether this end sent its close frame first: to close the connection, or to fail it."""
        return self.close_sent is not None and self.close_sent is not self.close_received

    @property
    def may_disconnect(self) -> bool:
        """Whether this end is the one to end TCP now, once what it sent is written.

        "the server MUST close the underlying TCP connection immediately; the client
        SHOULD wait for the server to close the connection" (§5.5.1), and whoever
        fails the connection closes it (§7.1.7).
        """
        if self.phase is Phase.CLOSE_EXCHANGED:
            return self.role is Role.SERVER
        return self.phase is Phase.FAILED

    # Receiving

    def receive_data(self, data: BytesLike) -> None:
        """Take bytes that arrived; :meth:`next_event` tells what they mean."""
        if self.phase is OPEN or self.phase is CLOSE_SENT:
            self._parsed += self._parser.feed(data)
            self._look()

    def receive_into(self, inbox: Inbox, data: BytesLike) -> bool:
        """Take bytes that arrived, and put them into an inbox if they are messages.

        Return whether nothing is left for :meth:`ready_messages` and :meth:`next_event`.
        """
        if self.pending or not (self.phase is OPEN or self.phase is CLOSE_SENT):
            self.receive_data(data)
            return not self.pending
        parser = self._parser
        left = inbox.fill(parser, data, self._decoder)
        if left is None or parser is not self._parser:  # failed meanwhile: nothing of it counts
            return not self.pending
        self._parsed = left
        self.pending = True
        return False

    def receive_eof(self) -> None:
        """Take the end of TCP: nothing more will arrive, and nothing can be sent.

        Events that wait are still handed out.
        """
        if self.phase is Phase.CLOSED:
            return
        if self._parser.closed and self.close_received is None and self._parsed:
            last = self._parsed[-1]
            assert isinstance(last, Frame)
            self.close_received = Close.parse(last.data)
        self._step(Step.END)
        self._pong = self._close = b""

    @property
    def ready(self) -> bool:
        """Whether :meth:`next_event` has its answer; else it has to parse, maybe for long.

        Fragments make work and no events. To do a bounded part of that work, call
        :meth:`ready_messages`.
        """
        return bool(self._parsed) or not self._parser.waiting

    def ready_messages(self, limit: int) -> list[Data]:
        """Take at most ``limit`` messages that need no action, in one call.

        These are the ones before the next event of any other kind; the list is empty
        where that one comes first, or nothing is there.
        """
        ready: list[Data] = []
        while len(ready) < limit and self._parse_more() and type(self._parsed[0]) is not Frame:
            messages = without_frames(self._parsed[: limit - len(ready)])
            del self._parsed[: len(messages)]
            ready += messages
        self._look()
        return ready

    def next_event(self) -> Event | None:
        """Act on the next thing that arrived and return it; None if there is none.

        The last event is a :class:`Close` or a :class:`Failure`. What an extension
        raises besides ProtocolError and PayloadTooBig passes through.
        """
        while self._parsed or self._parser.waiting:
            if not self._parse_more():
                continue
            item = self._parsed.pop(0)
            self._look()
            event = self._take_frame(item) if isinstance(item, Frame) else item
            if event is not None:
                return event
        self._look()
        error = self._parser.error
        return None if error is None else self._fail(error)

    def data_to_send(self) -> bytes:
        """Hand over the answers that events brought about; empty if there are none.

        While nobody takes them, the pong to a later ping replaces that to an earlier
        one. So a peer that sends pings and never reads makes nothing grow.
        """
        data = self._pong + self._close
        self._pong = self._close = b""
        return data

    # Sending

    def send_message(self, payload: Payload, *, compress: bool = True) -> bytes:
        """Give the bytes of a message: str makes a text, bytes-like a binary one.

        Unless ``compress``, it isn't compressed, whatever was agreed on. Raises
        InvalidState unless the connection is open, and between fragments.
        """
        if self.phase is not OPEN:
            self._step(Step.SEND_DATA)
        return self._encode(payload, compress)

    def send_prepared(self, message: PreparedMessage) -> bytes:
        """Give the bytes of a message that other connections send too.

        Raises what :meth:`send_message` does.
        """
        if self.phase is not OPEN:
            self._step(Step.SEND_DATA)
        return self._encoder.prepared(message)

    def send_fragment(self, payload: Payload, *, fin: bool, compress: bool = True) -> bytes:
        """Give the bytes of the next fragment of a message; ``fin`` marks the last (§5.4).

        ``compress`` counts for the first one.

        Raises InvalidState unless the connection is open, TypeError for str and
        bytes-like in one message.
        """
        self._step(Step.SEND_DATA)
        return self._encoder.fragment(payload, fin=fin, compress=compress)

    def send_ping(self, data: BytesLike | None = None) -> tuple[bytes, bytes]:
        """Give the data of a ping, chosen if it is None, and its bytes (§5.5.2).

        Raises InvalidState unless the connection is open, ValueError for data that
        waits for a pong already, or over 125 bytes.
        """
        self._step(Step.SEND_PING)
        payload = self._pings.choose() if data is None else to_bytes(data)
        self._pings.add(payload)
        return payload, self._encoder.control(Opcode.PING, payload)

    def send_pong(self, data: BytesLike = b"") -> bytes:
        """Give the bytes of a pong that no ping asked for (§5.5.3).

        Raises InvalidState unless the connection is open, ValueError over 125 bytes.
        """
        self._step(Step.SEND_PONG)
        return self._encoder.control(Opcode.PONG, data)

    def send_close(self, code: int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> bytes:
        """Begin the closing handshake: give the bytes of a close frame (§7.1.2).

        Raises InvalidState unless the connection is open, ProtocolError for a code or
        a reason that can't be sent.
        """
        close = Close(code, reason)
        body = close.serialize()
        self._step(Step.SEND_CLOSE)
        self.close_sent = close
        return self._encoder.control(Opcode.CLOSE, body)

    def fail(self, code: int, reason: str = "") -> bytes:
        """Fail the connection (§7.1.7): give the bytes of a close frame.

        They are empty where none can be sent any more. Nothing that the peer sends
        counts from here on; what waits in :meth:`next_event` is dropped.
        """
        close = Close(code, cut(reason))
        body = close.serialize()
        self._drop_received()
        if self.phase not in (Phase.OPEN, Phase.CLOSE_SENT):
            return b""
        unsent = self.phase is Phase.OPEN
        self._step(Step.FAIL)
        if not unsent:
            return b""
        self.close_sent = close
        return self._encoder.control(Opcode.CLOSE, body)

    # Inside

    def _step(self, step: Step) -> None:
        try:
            self.phase = TRANSITIONS[self.phase, step]
        except KeyError:
            raise InvalidState(f"cannot {step.value}: {REASONS[self.phase]}") from None

    def _look(self) -> None:
        parser = self._parser
        self.pending = bool(self._parsed) or parser.waiting or parser.error is not None

    def _parse_more(self) -> bool:
        if not self._parsed and self._parser.waiting:
            self._parsed = self._parser.feed(b"")
        return bool(self._parsed)

    def _take_frame(self, frame: Frame) -> Event | None:
        if frame.opcode is Opcode.PING:
            return self._take_ping(frame.data)
        if frame.opcode is Opcode.PONG:
            return Pong(frame.data, self._pings.answer(frame.data))
        if frame.opcode is Opcode.CLOSE:
            return self._take_close(frame.data)
        try:
            return self._decoder.decode(frame)
        except (ProtocolError, PayloadTooBig) as exc:
            return self._fail(exc)

    def _take_ping(self, data: bytes) -> Ping:
        # "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in
        # response, unless it already received a Close frame." (§5.5.2)
        # "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in
        # response to previous Ping frame(s), the endpoint MAY elect to send a Pong
        # frame for only the most recently processed Ping frame." (§5.5.3)
        if (self.phase, Step.SEND_PONG) in TRANSITIONS:
            self._pong = self.send_pong(data)
        return Ping(data)

    def _take_close(self, body: bytes) -> Close:
        self.close_received = close = Close.parse(body)
        if self.phase is Phase.CLOSED:
            return close
        # "If an endpoint receives a Close frame and did not previously send a Close
        # frame, the endpoint MUST send a Close frame in response. (When sending a
        # Close frame in response, the endpoint typically echos the status code it
        # received.)" (§5.5.1)
        if self.phase is Phase.OPEN:
            self.close_sent = close
            self._close = self._encoder.control(Opcode.CLOSE, body)
        self._step(Step.RECEIVE_CLOSE)
        return close

    def _fail(self, error: ProtocolError | PayloadTooBig) -> Failure:
        self.error = detached(error)
        self._close = self.fail(error.close_code, str(error))
        self._drop_received()
        return Failure(error)

    def _drop_received(self) -> None:
        self._parsed.clear()
        self._parser = Parser(masked=False)  # nothing is fed to it
        self.pending = False


def reserved_bits(extensions: Sequence[Extension]) -> int:
    """Tell which reserved bits may be set; any, where an extension doesn't say."""
    bits = 0
    for extension in extensions:
        rsv = getattr(extension, "rsv", None)
        bits |= RSV_MASK if rsv is None else rsv
    return bits


def without_frames(parsed: list[Data | Frame]) -> list[Data]:
    """Give what stands before the first frame."""
    kinds = list(map(type, parsed))  # without a line of Python for each
    count = kinds.index(Frame) if Frame in kinds else len(kinds)
    return cast("list[Data]", parsed[:count])


def cut(reason: str) -> str:
    """Shorten a reason to what fits in a close frame, without halving a character."""
    return reason.encode(errors="replace")[:MAX_REASON_SIZE].decode(errors="ignore")
