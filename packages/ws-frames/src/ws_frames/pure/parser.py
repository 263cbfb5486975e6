"""From bytes to messages and frames (RFC 6455 §5): the specification of the C twin.

Rules:

- Bytes come in any pieces; each call returns what they complete, in order.
- A message without extension bits comes whole, as ``str`` or ``bytes``. A control
  frame comes as a ``Frame``, and so does each frame of a message whose first frame
  has an extension bit set, since only the extension can tell what it holds.
- Each rule is judged at the first byte that can break it: opcode and reserved bits
  at the first byte of a frame, mask bit and the length of control frames at the
  second, any other length when it is complete, text at the bad byte.
- A call returns at most ``MAX_EVENTS``, and begins at most ``MAX_FRAMES``; where bytes
  are left over, ``waiting`` is True and ``feed(b"")`` goes on with them. So a flood of
  tiny frames stays bytes, and no call takes long.
- After a failure, or a close frame, nothing more is parsed. What came before in the
  same call is returned; the failure is kept in ``error``.
"""

from __future__ import annotations

from io import BytesIO
from operator import index
from typing import SupportsIndex, Union

from ..close import Close
from ..exceptions import PayloadTooBig, PolicyViolation, ProtocolError, detached
from ..frames import BytesLike, Frame
from ..message import MessageBuffer, decode_text
from ..opcodes import FIN, MASKED, MAX_CONTROL_SIZE, RSV1, RSV2, RSV3, RSV_MASK, Opcode
from .masking import apply_mask, octets

__all__ = ["MAX_EMPTY_FRAGMENTS", "MAX_EVENTS", "MAX_FRAMES", "Parser"]

Parsed = Union[str, bytes, Frame]

OPCODES = {int(opcode): opcode for opcode in Opcode}

# Empty fragments in a row; each is legal (§5.4), but they never end a message.
MAX_EMPTY_FRAGMENTS = 1000

# A frame of two bytes becomes an object of a hundred, so only so many are made at once.
MAX_EVENTS = 1024

# Fragments make no events, but time: here it is about five microseconds for each.
MAX_FRAMES = 2048

# For a moment, unmasking takes several times the memory of what is unmasked at once.
MAX_PIECE = 65_536


class Parser:
    """Parse what one side of a connection sends.

    ``masked`` says whether its frames must be masked: True for what a client sends.
    ``max_size`` is the longest message in bytes, None for no limit; frames that an
    extension is to decode may have a little more, see ``marked_limit()``. ``rsv``
    holds the reserved bits that extensions use. With ``all_frames`` each data frame
    comes as a ``Frame``, as if an extension were to decode it: then each frame has
    that limit, and text is not judged.

    It is for one thread at a time. Raises TypeError and ValueError for wrong arguments.
    """

    error: ProtocolError | PayloadTooBig | None
    """Why parsing stopped, None if nothing is wrong."""

    closed: bool
    """Whether a close frame was parsed."""

    waiting: bool
    """Whether bytes are left over that ``feed(b"")`` will parse."""

    def __init__(
        self,
        *,
        masked: bool,
        max_size: SupportsIndex | None = None,
        rsv: SupportsIndex = 0,
        all_frames: bool = False,
    ) -> None:
        self.set_max_size(max_size)
        bits = index(rsv)
        if bits & ~RSV_MASK:
            raise ValueError(f"rsv is {bits:#x}, must be bits of {RSV_MASK:#x}")
        self.error = None
        self.closed = False
        self.waiting = False
        self._masked = bool(masked)
        self._rsv = bits
        self._all_frames = bool(all_frames)
        self._rest = b""  # what couldn't be parsed yet, and where in it to go on
        self._position = 0

        # The frame being read, once its header is complete.
        self._reading = False
        self._head = 0
        self._opcode = Opcode.CONT
        self._remaining = 0
        self._mask = b""
        self._payload: BytesIO | None = None  # of a control frame or a marked one

        # The message being read.
        self._in_message = False
        self._marked = False
        self._message: MessageBuffer | None = None
        self._empty_fragments = 0

    def set_max_size(self, max_size: SupportsIndex | None, /) -> None:
        """Have another limit, from the next frame on."""
        limit = None if max_size is None else index(max_size)
        if limit is not None and limit < 0:
            raise ValueError(f"max_size is {limit}, must be None or at least 0")
        self._max_size = limit
        self._marked_limit = None if limit is None else marked_limit(limit)

    def feed(self, data: BytesLike, /) -> list[Parsed]:
        """Parse the next bytes and return what they complete.

        Raises TypeError for what is not bytes-like, BufferError for what is not contiguous.
        """
        events: list[Parsed] = []
        piece = octets(data)
        if self.error is not None or self.closed:
            return events
        if piece:
            self._rest = self._rest[self._position :] + piece
            self._position = 0
        try:
            self._parse(events)
        except (ProtocolError, PayloadTooBig) as exc:
            self.error = detached(exc)
        if self.error is not None or self.closed:
            self._forget()
        return events

    def _parse(self, events: list[Parsed]) -> None:
        data, position = self._rest, self._position
        self.waiting = False
        frames = 0
        while position < len(data) and not self.closed:
            if len(events) == MAX_EVENTS or frames == MAX_FRAMES:
                self.waiting = True
                self._position = position
                return
            if not self._reading:
                size = self._read_header(data, position)
                if not size:
                    break
                position += size
                frames += 1
            position += self._read_payload(data, position, events)
        self._rest, self._position = data[position:], 0

    # Header (§5.2)

    def _read_header(self, data: bytes, position: int) -> int:
        """Judge a header as far as it is there; return its size, or 0 if it isn't complete."""
        head = data[position]
        opcode = self._judge_first_byte(head)
        available = len(data) - position
        if available < 2:
            return 0
        length = self._judge_second_byte(opcode, data[position + 1])
        size = 2
        if length >= 126:
            size += 2 if length == 126 else 8
            if available < size:
                return 0
            length = read_length(data[position + 2 : position + size])
        self._judge_length(head, opcode, length)
        if self._masked:
            size += 4
            if available < size:
                return 0
            self._mask = data[position + size - 4 : position + size]
        self._start_frame(head, opcode, length)
        return size

    def _judge_first_byte(self, head: int) -> Opcode:
        opcode = OPCODES.get(head & 0x0F)
        # "If an unknown opcode is received, the receiving endpoint MUST _Fail the
        # WebSocket Connection_."
        if opcode is None:
            raise ProtocolError(f"reserved opcode {head & 0x0F:#x}")
        rsv = head & RSV_MASK & ~self._allowed_bits(opcode)
        if rsv:
            raise ProtocolError(f"reserved bits {rsv >> 4:03b} in a {opcode.name} frame")
        if opcode.is_control:
            # "Control frames themselves MUST NOT be fragmented." (§5.4)
            if not head & FIN:
                raise ProtocolError(f"fragmented {opcode.name} frame")
        elif opcode is Opcode.CONT:
            if not self._in_message:
                raise ProtocolError("continuation frame without a message to continue")
        # "The fragments of one message MUST NOT be interleaved between the fragments
        # of another message" (§5.4).
        elif self._in_message:
            raise ProtocolError(f"{opcode.name} frame inside a fragmented message")
        return opcode

    def _allowed_bits(self, opcode: Opcode) -> int:
        # "MUST be 0 unless an extension is negotiated that defines meanings for
        # non-zero values"; none defines them for control frames, and none sees the
        # continuation of a message that began without them.
        if opcode.is_control or (opcode is Opcode.CONT and self._in_message and not self._marked):
            return 0
        return self._rsv

    def _judge_second_byte(self, opcode: Opcode, byte: int) -> int:
        # "a client MUST mask all frames that it sends to the server"; "A server MUST
        # NOT mask any frames that it sends to the client" (§5.1).
        if bool(byte & MASKED) is not self._masked:
            raise ProtocolError(
                "unmasked frame from the client" if self._masked else "masked frame from the server"
            )
        length = byte & ~MASKED
        # "All control frames MUST have a payload length of 125 bytes or less" (§5.5).
        if opcode.is_control and length > MAX_CONTROL_SIZE:
            raise ProtocolError(f"{opcode.name} frame of more than {MAX_CONTROL_SIZE} bytes")
        if opcode is Opcode.CLOSE and length == 1:
            raise ProtocolError("close frame with a body of 1 byte")
        return length

    def _judge_length(self, head: int, opcode: Opcode, length: int) -> None:
        if opcode.is_control or self._max_size is None:
            return
        if self._is_marked(head):
            assert self._marked_limit is not None
            have, limit = 0, self._marked_limit
        else:
            have, limit = len(self._message or b""), self._max_size
        if length > limit - have:
            raise PayloadTooBig(
                f"message of {have + length} bytes or more, at most {limit} allowed"
            )

    def _is_marked(self, head: int) -> bool:
        """Whether a data frame is handed out as it is, for an extension to decode."""
        if self._in_message:
            return self._marked
        return self._all_frames or bool(head & RSV_MASK)

    # Payload

    def _start_frame(self, head: int, opcode: Opcode, length: int) -> None:
        self._reading = True
        self._head = head
        self._opcode = opcode
        self._remaining = length
        if opcode.is_control:
            return
        if not self._in_message:
            self._marked = self._is_marked(head)
            self._in_message = True
        if length or head & FIN:
            self._empty_fragments = 0
            return
        self._empty_fragments += 1
        if self._empty_fragments > MAX_EMPTY_FRAGMENTS:
            raise PolicyViolation(f"more than {MAX_EMPTY_FRAGMENTS} empty fragments in a row")

    def _read_payload(self, data: bytes, position: int, events: list[Parsed]) -> int:
        """Take what is there of a payload, or a piece of it; return how many bytes that is."""
        piece = data[position : position + min(self._remaining, MAX_PIECE)]
        size = len(piece)
        self._remaining -= size
        if self._masked:
            piece = apply_mask(piece, self._mask)
            phase = size % 4
            self._mask = self._mask[phase:] + self._mask[:phase]
        if self._opcode.is_control or self._marked:
            self._add_to_frame(piece, events)
        else:
            self._add_to_message(piece, events)
        self._reading = self._remaining > 0
        return size

    def _add_to_frame(self, piece: bytes, events: list[Parsed]) -> None:
        if self._remaining or self._payload is not None:
            self._payload = self._payload or BytesIO()
            self._payload.write(piece)
        if self._remaining:
            return
        if self._payload is not None:
            piece, self._payload = self._payload.getvalue(), None
        events.append(self._take_frame(piece))
        if self._head & FIN and not self._opcode.is_control:
            self._in_message = False

    def _add_to_message(self, piece: bytes, events: list[Parsed]) -> None:
        complete = self._head & FIN and not self._remaining
        if self._message is None:
            if complete:  # the common case: one frame, in one piece
                events.append(decode_text(piece) if self._opcode is Opcode.TEXT else piece)
                self._in_message = False
                return
            self._message = MessageBuffer(self._opcode)
        self._message.add(piece)
        if complete:
            events.append(self._message.finish())
            self._message = None
            self._in_message = False

    def _take_frame(self, data: bytes) -> Frame:
        head = self._head
        if self._opcode is Opcode.CLOSE:
            Close.parse(data)  # for its errors
            self.closed = True
        return Frame(
            bool(head & FIN),
            self._opcode,
            data,
            bool(head & RSV1),
            bool(head & RSV2),
            bool(head & RSV3),
        )

    def _forget(self) -> None:
        """Free what will never be complete."""
        self._rest, self._position, self.waiting = b"", 0, False
        self._payload = self._message = None


def read_length(data: bytes) -> int:
    """Read an extended length of two or eight bytes (§5.2)."""
    length = int.from_bytes(data, "big")
    # "the most significant bit MUST be 0"
    if length >> 63:
        raise ProtocolError("length of 2**63 bytes or more")
    # "the minimal number of bytes MUST be used to encode the length"
    if length < (126 if len(data) == 2 else 65_536):
        raise ProtocolError(f"length of {length} encoded in {len(data)} bytes")
    return length


def marked_limit(max_size: int) -> int:
    """Give the longest frame that can hold a message of ``max_size`` bytes.

    What an extension made of a message can be longer than the message: zlib's own
    bound for data that it can't compress, at its worst settings, is an eighth and a
    sixty-fourth more.
    """
    return max_size + (max_size >> 3) + (max_size >> 6) + 1024
