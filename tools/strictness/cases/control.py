"""Pings and pongs (RFC 6455 §5.5)."""

from __future__ import annotations

from ..case import BYE, GOODBYE, Await, Case, Send, echoes, fails
from ..tokens import got_pong, got_text, maybe
from ..wire import CLOSE, PING, PONG, Frame, cont, ping, pong, text

__all__ = ["CASES"]

# fmt: off
ANSWERED = [
    echoes("control/ping-empty", "6455 5.5.2", "an endpoint MUST send a pong in response", (ping(),), (got_pong(),)),
    echoes("control/ping", "6455 5.5.3", "a pong has the application data of the ping", (ping(b"Hello"),), (got_pong(b"Hello"),)),
    echoes("control/ping-of-125", "6455 5.5", "the longest there is", (ping(b"x" * 125),), (got_pong(b"x" * 125),)),
    echoes("control/ping-of-bytes", "6455 5.5.2", "it is no text: any bytes", (ping(b"\xff\xfe\x00\x80"),), (got_pong(b"\xff\xfe\x00\x80"),)),
    echoes("control/ping-byte-by-byte", "6455 5.5.2", "TCP has no messages", (ping(b"slow"),), (got_pong(b"slow"),), at_once=1),
    echoes("control/pings-in-one-write", "6455 5.5.3", "a pong for only the most recent ping is enough",
           tuple(ping(b"%d" % n) for n in range(10)), (*(maybe(got_pong(b"%d" % n)) for n in range(9)), got_pong(b"9"))),
    echoes("control/same-ping-twice", "6455 5.5.3", "a pong for only the most recent ping is enough",
           (ping(b"x"), ping(b"x")), (maybe(got_pong(b"x")), got_pong(b"x"))),
    echoes("control/ping-behind-text", "6455 5.5.2", "the pong may come before the echo, which is up to the application",
           (text("Hello"), ping(b"x")), (got_text("Hello"), got_pong(b"x")), also=((got_pong(b"x"), got_text("Hello")),)),
    echoes("control/ping-before-text", "6455 5.5.2", "the pong SHOULD come as soon as is practical",
           (ping(b"x"), text("Hello")), (got_pong(b"x"), got_text("Hello")), tolerated=((got_text("Hello"), got_pong(b"x")),)),
    echoes("control/pong-unasked", "6455 5.5.3", "a response is not expected", (pong(), text("Hello")), (got_text("Hello"),)),
    echoes("control/pong-unasked-with-data", "6455 5.5.3", "a response is not expected",
           (pong(b"never asked for"), text("Hello")), (got_text("Hello"),)),
    echoes("control/pong-unasked-of-125", "6455 5.5.3", "a response is not expected",
           (pong(b"\xff" * 125), text("Hello")), (got_text("Hello"),)),
    echoes("control/pong-then-ping", "6455 5.5.3", "only the ping is answered",
           (pong(b"a"), ping(b"b")), (got_pong(b"b"),)),
    echoes("control/pongs-in-one-write", "6455 5.5.3", "a heartbeat in one direction",
           (*(pong(b"%d" % n) for n in range(100)), text("Hello")), (got_text("Hello"),)),
    echoes("control/ping-in-a-message", "6455 5.4", "control frames MAY be injected in the middle of a message",
           (text("Hel", fin=False), ping(b"x"), cont("lo")), (got_pong(b"x"), got_text("Hello")),
           tolerated=((got_text("Hello"), got_pong(b"x")),)),
    echoes("control/pong-in-a-message", "6455 5.4", "control frames MAY be injected in the middle of a message",
           (text("Hel", fin=False), pong(b"x"), cont("lo")), (got_text("Hello"),)),
    echoes("control/ping-between-all-fragments", "6455 5.4", "control frames MAY be injected in the middle of a message",
           (text("H", fin=False), ping(b"1"), cont("e", fin=False), ping(b"2"), cont("llo")),
           (maybe(got_pong(b"1")), got_pong(b"2"), got_text("Hello")),
           tolerated=((maybe(got_pong(b"1")), got_text("Hello"), got_pong(b"2")),)),
    Case("control/ping-answered-in-a-message", "6455 5.4",
         "it is answered while the message is not complete, or a long message would look like a dead peer",
         (Send((text("Hel", fin=False), ping(b"x"))), Await(1), Send((cont("lo"),)), Await(2), Send((BYE,))),
         strict=((got_pong(b"x"), got_text("Hello"), *GOODBYE),)),
]

FAILURES = [
    *(
        fails(f"control/{name}-of-126", "6455 5.5", "all control frames MUST have a length of 125 bytes or less: two bytes tell",
              (Frame(opcode, b"\x03\xe8" + b"x" * 124),), 1002, first=2)
        for name, opcode in (("ping", PING), ("pong", PONG), ("close", CLOSE))
    ),
    fails("control/ping-of-65536", "6455 5.5", "all control frames MUST have a length of 125 bytes or less",
          (Frame(PING, b"x" * 65_536),), 1002),
    *(
        fails(f"control/{name}-fragmented", "6455 5.5", "control frames MUST NOT be fragmented: one byte tells",
              (Frame(opcode, b"", fin=False),), 1002, first=1)
        for name, opcode in (("ping", PING), ("pong", PONG), ("close", CLOSE))
    ),
    fails("control/ping-in-two-fragments", "6455 5.5", "control frames MUST NOT be fragmented",
          (Frame(PING, b"a", fin=False), cont("b")), 1002),
    fails("control/ping-fragmented-in-a-message", "6455 5.5", "control frames MUST NOT be fragmented",
          (text("Hel", fin=False), Frame(PING, b"a", fin=False), cont("lo")), 1002),
    fails("control/ping-good-then-too-long", "6455 5.5", "what was answered before has to be on the wire before the close",
          (ping(b"good"), Frame(PING, b"x" * 126)), 1002, after=(got_pong(b"good"),)),
]
# fmt: on

CASES = [*ANSWERED, *FAILURES]
