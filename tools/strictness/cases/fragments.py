"""Fragmentation (RFC 6455 §5.4)."""

from __future__ import annotations

from ..case import BYE, Await, Case, Send, echoes, fails
from ..tokens import EOF, GONE, closed, got_binary, got_pong, got_text
from ..wire import binary, cont, ping, text

__all__ = ["CASES"]

# fmt: off
LONG = bytes(range(256)) * 4

WHOLE = [
    echoes("fragments/two-of-text", "6455 5.7", "the example of the RFC", (text("Hel", fin=False), cont("lo")), (got_text("Hello"),)),
    echoes("fragments/three-of-text", "6455 5.4", "a frame, frames, and the last one",
           (text("a", fin=False), cont("b", fin=False), cont("c")), (got_text("abc"),)),
    echoes("fragments/two-of-binary", "6455 5.4", "the kind is that of the first",
           (binary(b"\0\1", fin=False), cont(b"\xfe\xff")), (got_binary(b"\0\1\xfe\xff"),)),
    echoes("fragments/two-of-text-each-written-alone", "6455 5.4", "TCP has no messages",
           (text("Hel", fin=False), cont("lo")), (got_text("Hello"),), at_once=1),
    echoes("fragments/first-empty", "6455 5.4", "a fragment may be empty", (text("", fin=False), cont("Hello")), (got_text("Hello"),)),
    echoes("fragments/last-empty", "6455 5.4", "a fragment may be empty", (text("Hello", fin=False), cont("")), (got_text("Hello"),)),
    echoes("fragments/middle-empty", "6455 5.4", "a fragment may be empty",
           (text("Hel", fin=False), cont("", fin=False), cont("lo")), (got_text("Hello"),)),
    echoes("fragments/all-empty", "6455 5.4", "an empty message, in three", (text("", fin=False), cont("", fin=False), cont("")), (got_text(""),)),
    echoes("fragments/all-empty-binary", "6455 5.4", "an empty message, in two", (binary(b"", fin=False), cont("")), (got_binary(b""),)),
    echoes("fragments/hundred-empty", "6455 5.4", "a fragment may be empty",
           (text("a", fin=False), *[cont("", fin=False)] * 100, cont("b")), (got_text("ab"),)),
    echoes("fragments/five-hundred-of-a-byte", "6455 5.4", "there is no least size",
           (text("x", fin=False), *[cont("x", fin=False)] * 498, cont("x")), (got_text("x" * 500),)),
    echoes("fragments/of-each-size", "6455 5.4", "fragments differ in size",
           (binary(LONG[:0], fin=False), cont(LONG[:1], fin=False), cont(LONG[1:127], fin=False), cont(LONG[127:])), (got_binary(LONG),)),
    echoes("fragments/sixty-four-of-1-kib", "6455 5.4", "a message is what its fragments hold together",
           (binary(LONG, fin=False), *[cont(LONG, fin=False)] * 62, cont(LONG)), (got_binary(LONG * 64),)),
    echoes("fragments/two-messages", "6455 5.4", "a message follows another",
           (text("a", fin=False), cont("b"), binary(b"c", fin=False), cont(b"d")), (got_text("ab"), got_binary(b"cd"))),
    echoes("fragments/whole-after-fragmented", "6455 5.4", "a message follows another",
           (text("a", fin=False), cont("b"), text("c")), (got_text("ab"), got_text("c"))),
    echoes("fragments/with-pings-on-both-sides", "6455 5.4", "control frames are no part of a message",
           (ping(b"1"), text("a", fin=False), cont("b"), text("c")), (got_pong(b"1"), got_text("ab"), got_text("c")),
           tolerated=((got_text("ab"), got_pong(b"1"), got_text("c")), (got_text("ab"), got_text("c"), got_pong(b"1")))),
    Case("fragments/close-in-a-message", "6455 5.5.1", "the close is answered, the message is not complete",
         (Send((text("Hel", fin=False), BYE)),), strict=((closed(1000), EOF),), tolerated=((closed(1000), GONE),)),
    Case("fragments/close-between-three", "6455 5.5.1", "the close is answered, what follows it is not read",
         (Send((text("a", fin=False), cont("b", fin=False), BYE, cont("c"))),),
         strict=((closed(1000), EOF),), tolerated=((closed(1000), GONE),)),
    Case("fragments/close-some-time-into-a-message", "6455 5.5.1", "the close is answered, the message is not complete",
         (Send((text("Hel", fin=False), ping(b"x"))), Await(1), Send((BYE,))),
         strict=((got_pong(b"x"), closed(1000), EOF),), tolerated=((got_pong(b"x"), closed(1000), GONE),)),
]

OUT_OF_PLACE = [
    fails("fragments/continuation-of-nothing", "6455 5.4", "there is no message to continue: one byte tells", (cont("Hello"),), 1002, first=1),
    fails("fragments/empty-continuation-of-nothing", "6455 5.4", "there is no message to continue", (cont(""),), 1002),
    fails("fragments/continuation-of-nothing-not-final", "6455 5.4", "there is no message to continue", (cont("Hello", fin=False),), 1002),
    fails("fragments/continuation-after-whole", "6455 5.4", "the message was complete",
          (text("Hello"), cont("more")), 1002, after=(got_text("Hello"),)),
    fails("fragments/continuation-after-last", "6455 5.4", "the message was complete",
          (text("Hel", fin=False), cont("lo"), cont("more")), 1002, after=(got_text("Hello"),)),
    fails("fragments/continuation-after-ping", "6455 5.4", "a control frame is no message to continue",
          (ping(b"x"), cont("Hello")), 1002, after=(got_pong(b"x"),)),
    fails("fragments/text-in-text", "6455 5.4", "fragments of messages MUST NOT be interleaved: one byte tells",
          (text("lo"),), 1002, before=(text("Hel", fin=False),), first=1),
    fails("fragments/empty-text-in-text", "6455 5.4", "fragments of messages MUST NOT be interleaved", (text("Hel", fin=False), text("")), 1002),
    fails("fragments/binary-in-text", "6455 5.4", "fragments of messages MUST NOT be interleaved", (text("Hel", fin=False), binary(b"lo")), 1002),
    fails("fragments/text-in-binary", "6455 5.4", "fragments of messages MUST NOT be interleaved", (binary(b"\0", fin=False), text("lo")), 1002),
    fails("fragments/text-not-final-in-text", "6455 5.4", "fragments of messages MUST NOT be interleaved",
          (text("Hel", fin=False), text("lo", fin=False)), 1002),
    fails("fragments/text-in-text-after-a-ping", "6455 5.4", "a control frame doesn't end a message",
          (text("Hel", fin=False), ping(b"x"), text("lo")), 1002, after=(got_pong(b"x"),)),
    fails("fragments/good-message-then-interleaved", "6455 5.4", "what was echoed before has to be on the wire before the close",
          (text("a", fin=False), cont("b"), text("c", fin=False), text("d")), 1002, after=(got_text("ab"),)),
]
# fmt: on

CASES = [*WHOLE, *OUT_OF_PLACE]
