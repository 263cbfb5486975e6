"""Frames: sizes, masks, reserved bits, opcodes, lengths (RFC 6455 §5.1, §5.2)."""

from __future__ import annotations

from ..case import GOODBYE, SERVER, SILENT, Case, HalfClose, Quiet, Send, echoes, fails
from ..tokens import EOF, GONE, Want, closed, got_binary, got_pong, got_text
from ..wire import (
    BINARY,
    CLOSE,
    CONT,
    OPCODES,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Frame,
    binary,
    close,
    cont,
    ping,
    pong,
    text,
)

__all__ = ["CASES"]

# fmt: off
SIZES = (0, 1, 2, 124, 125, 126, 127, 128, 1000, 65_535, 65_536, 65_537, 200_000)


def octets(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


PAYLOADS = [
    *(
        echoes(f"framing/text-of-{size}", "6455 5.2", "each form of the length, at its limits",
               (text("*" * size),), (got_text("*" * size),))
        for size in SIZES
    ),
    *(
        echoes(f"framing/binary-of-{size}", "6455 5.2", "each form of the length, at its limits",
               (binary(octets(size)),), (got_binary(octets(size)),))
        for size in SIZES
    ),
    echoes("framing/text-with-nul", "6455 5.6", "any character is data", (text("a\0b"),), (got_text("a\0b"),)),
    echoes("framing/hundred-texts-in-one-write", "6455 6.2", "each is a message, in order",
           tuple(text(f"{n}") for n in range(100)), tuple(got_text(f"{n}") for n in range(100))),
    echoes("framing/text-and-binary-in-turn", "6455 5.6", "the kind of a message is part of it",
           (text("a"), binary(b"a"), text(""), binary(b""), text("b")),
           (got_text("a"), got_binary(b"a"), got_text(""), got_binary(b""), got_text("b"))),
]

# Masks (§5.1, §5.3)

MASKS = [
    *(
        fails(f"framing/mask-the-wrong-way-round-{name}", "6455 5.1",
              "a server MUST close upon a frame that isn't masked, a client upon one that is",
              (frame._replace(wrong_mask=True),), 1002)
        for name, frame in {
            "text": text("Hello"), "empty-text": text(""), "binary": binary(b"\0\1"), "ping": ping(b"x"),
            "pong": pong(), "close": close(1000), "empty-close": close(None),
        }.items()
    ),
    fails("framing/mask-the-wrong-way-round-continuation", "6455 5.1", "each frame of a message",
          (text("Hel", fin=False), Frame(CONT, b"lo", wrong_mask=True)), 1002),
    fails("framing/mask-the-wrong-way-round-after-text", "6455 5.1",
          "what was echoed before has to be on the wire before the close",
          (text("good"), text("bad")._replace(wrong_mask=True)), 1002, after=(got_text("good"),)),
    fails("framing/mask-bit-decides", "6455 5.1", "two bytes are enough to tell",
          (Frame(BINARY, b"\0" * 100, wrong_mask=True),), 1002, first=2),
    echoes("framing/mask-of-zeros", "6455 5.3", "a mask like any other",
           (text("Hello")._replace(key=bytes(4)),), (got_text("Hello"),), roles=(SERVER,)),
    echoes("framing/mask-of-ones", "6455 5.3", "a mask like any other",
           (binary(octets(1000))._replace(key=b"\xff" * 4),), (got_binary(octets(1000)),), roles=(SERVER,)),
    echoes("framing/another-mask-each-frame", "6455 5.3", "the mask is that of the frame",
           tuple(text(f"{n}" * n)._replace(key=bytes([n, 7 * n % 256, 0, 255 - n])) for n in range(1, 9)),
           tuple(got_text(f"{n}" * n) for n in range(1, 9)), roles=(SERVER,)),
]

# Reserved bits (§5.2: "MUST be 0 unless an extension is negotiated that defines meanings")

BITS = {"1": RSV1, "2": RSV2, "3": RSV3, "1-and-2": RSV1 | RSV2, "2-and-3": RSV2 | RSV3, "all": 7}

RESERVED_BITS = [
    *(
        fails(f"framing/rsv-{name}-in-text", "6455 5.2", "the receiving endpoint MUST fail the connection",
              (text("Hello", rsv=bits),), 1002)
        for name, bits in BITS.items()
    ),
    *(
        fails(f"framing/rsv-{name}-in-{kind}", "6455 5.2", "the receiving endpoint MUST fail the connection",
              (frame._replace(rsv=bits),), 1002)
        for name, bits in (("1", RSV1), ("2", RSV2), ("3", RSV3))
        for kind, frame in {
            "binary": binary(b"\0"), "ping": ping(b"x"), "pong": pong(b"x"), "close": close(1000),
        }.items()
    ),
    *(
        fails(f"framing/rsv-{name}-in-continuation", "6455 5.2", "each frame of a message",
              (text("Hel", fin=False), cont("lo", rsv=bits)), 1002)
        for name, bits in (("1", RSV1), ("2", RSV2), ("3", RSV3))
    ),
    fails("framing/rsv-in-first-byte-decides", "6455 5.2", "one byte is enough to tell",
          (text("x" * 100, rsv=RSV2),), 1002, first=1),
    fails("framing/rsv-after-text", "6455 5.2", "what was echoed before has to be on the wire before the close",
          (text("good"), text("bad", rsv=RSV3)), 1002, after=(got_text("good"),)),
    fails("framing/rsv-after-ping", "6455 5.2", "what was answered before has to be on the wire before the close",
          (ping(b"good"), text("bad", rsv=RSV3)), 1002, after=(got_pong(b"good"),)),
    fails("framing/rsv-between-texts", "6455 7.1.7", "after the failure nothing is read",
          (text("good"), text("bad", rsv=RSV3), text("behind")), 1002, after=(got_text("good"),)),
    fails("framing/rsv-byte-by-byte", "6455 5.2", "TCP has no messages",
          (text("Hello", rsv=RSV1),), 1002, at_once=1),
]

# Opcodes (§5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail")

RESERVED = (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)

RESERVED_OPCODES = [
    *(
        fails(f"framing/opcode-{opcode:x}", "6455 5.2", "the receiving endpoint MUST fail the connection",
              (Frame(opcode, b"x"),), 1002)
        for opcode in RESERVED
    ),
    fails("framing/opcode-3-empty", "6455 5.2", "without a payload too", (Frame(3),), 1002),
    fails("framing/opcode-b-not-final", "6455 5.2", "whatever else is wrong", (Frame(11, b"x", fin=False),), 1002),
    fails("framing/opcode-decides", "6455 5.2", "one byte is enough to tell", (Frame(5, b"x" * 100),), 1002, first=1),
    fails("framing/opcode-3-after-text", "6455 5.2",
          "what was echoed before has to be on the wire before the close",
          (text("good"), Frame(3, b"bad")), 1002, after=(got_text("good"),)),
    fails("framing/opcode-c-after-ten-texts", "6455 5.2",
          "what was echoed before has to be on the wire before the close",
          (*(text(f"{n}") for n in range(10)), Frame(12)), 1002, after=tuple(got_text(f"{n}") for n in range(10))),
    fails("framing/opcode-4-in-a-message", "6455 5.2", "between fragments too",
          (text("Hel", fin=False), Frame(4, b"x"), cont("lo")), 1002),
    fails("framing/opcode-d-in-a-message", "6455 5.2", "between fragments too",
          (text("Hel", fin=False), Frame(13), cont("lo")), 1002),
]

# Lengths (§5.2: "the minimal number of bytes MUST be used to encode the length")

LENGTHS = [
    *(
        fails(f"framing/length-{size}-in-{form}-bytes", "6455 5.2", "the minimal number of bytes MUST be used",
              (Frame(opcode, b"x" * size, form=form),), 1002,
              let_through=((Want(OPCODES[opcode], (b"x" * size,)), SILENT),))
        for size, form, opcode in (
            (0, 2, TEXT), (1, 2, BINARY), (125, 2, TEXT), (0, 8, TEXT), (5, 8, BINARY), (125, 8, BINARY),
            (126, 8, TEXT), (65_535, 8, BINARY),
        )
    ),
    fails("framing/length-of-ping-in-2-bytes", "6455 5.5", "what fits in seven bits MUST be there, above all in control frames",
          (Frame(PING, b"x" * 5, form=2),), 1002, let_through=((got_pong(b"x" * 5), SILENT),)),
    fails("framing/length-of-pong-in-8-bytes", "6455 5.5", "what fits in seven bits MUST be there, above all in control frames",
          (Frame(PONG, b"x" * 5, form=8),), 1002, let_through=((SILENT,),)),
    fails("framing/length-of-close-in-2-bytes", "6455 5.5", "what fits in seven bits MUST be there, above all in control frames",
          (Frame(CLOSE, b"\x03\xe8", form=2),), 1002, let_through=(GOODBYE,)),
    fails("framing/length-not-minimal-decides", "6455 5.2", "the header is enough to tell",
          (Frame(BINARY, b"x" * 100, form=2),), 1002, first=4,
          let_through=((got_binary(b"x" * 100), SILENT),)),
    *(
        fails(f"framing/length-with-the-top-bit-{name}", "6455 5.2", "the most significant bit MUST be 0",
              (Frame(BINARY, b"", length=length),), 1002)
        for name, length in (("alone", 2**63), ("and-all-others", 2**64 - 1), ("and-a-small-number", 2**63 + 5))
    ),
    fails("framing/length-with-the-top-bit-in-a-message", "6455 5.2", "the most significant bit MUST be 0",
          (binary(b"x", fin=False), Frame(CONT, b"", length=2**63)), 1002),
    *(
        Case(f"framing/length-of-all-that-there-is-{name}", "6455 10.4",
             "2**63 - 1 bytes fit nowhere, so that there is nothing to wait for",
             (Send((*before, Frame(opcode, length=2**63 - 1))), Quiet(1), HalfClose()),
             strict=((closed(1009), EOF),), tolerated=((Want("close"), GONE), (GONE,)))
        for name, before, opcode in (("alone", (), BINARY), ("in-a-message", (text("x", fin=False),), CONT))
    ),
    *(
        Case(f"framing/length-of-2-to-the-{power}-{name}", "6455 10.4",
             "a limit is the implementation's choice: 1009 from the header, or it waits for the rest",
             (Send((*before, Frame(opcode, b"x" * 16, length=2**power))), Quiet(1), HalfClose()),
             strict=((closed(1009), EOF), (EOF,)), tolerated=((Want("close"), GONE), (GONE,)))
        for power in (31, 32, 40)
        for name, before, opcode in (("alone", (), BINARY), ("in-a-message", (text("x", fin=False),), CONT))
    ),
]
# fmt: on

CASES = [*PAYLOADS, *MASKS, *RESERVED_BITS, *RESERVED_OPCODES, *LENGTHS]
