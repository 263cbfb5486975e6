"""permessage-deflate, where the target agrees on it (RFC 7692)."""

from __future__ import annotations

from ..case import GOODBYE, Case, accepts_request, echoes, fails, refuses_response
from ..opening import plain_request, plain_response
from ..tokens import OPEN, Want, got_binary, got_pong, got_text, maybe
from ..wire import CLOSE, PING, PONG, RSV1, RSV2, RSV3, Frame, binary, close, cont, ping, text

__all__ = ["CASES"]

# fmt: off
# The examples of RFC 7692 §7.2.3
HELLO = bytes.fromhex("f248cdc9c90700")
HELLO_AGAIN = bytes.fromhex("f200110000")  # what refers to the Hello before
HELLO_STORED = bytes.fromhex("000500faff48656c6c6f00")
HELLO_FINAL = bytes.fromhex("f348cdc9c9070000")
HELLO_TWO_BLOCKS = bytes.fromhex("f24805000000ffffcac9c90700")
EMPTY = b"\x00"
EMPTY_STORED_TWICE = bytes.fromhex("000000ffff00")
BAD_UTF8 = bytes.fromhex("000300fcff61ff6200")  # a, ff, b, stored


def deflated(data: bytes = HELLO, fin: bool = True) -> Frame:
    return text(data, fin=fin, rsv=RSV1)


def works(id: str, rfc: str, why: str, send: tuple[Frame, ...], got: tuple[Want, ...], at_once: int | None = None,
          tolerated: tuple[tuple[Want, ...], ...] = ()) -> Case:
    return echoes(f"deflate/{id}", rfc, why, send, got, at_once=at_once, tolerated=tolerated, opening="deflate")


def breaks(id: str, rfc: str, why: str, send: tuple[Frame, ...], *codes: int, after: tuple[Want, ...] = ()) -> Case:
    return fails(f"deflate/{id}", rfc, why, send, *codes, after=after, opening="deflate")


MESSAGES = [
    works("hello", "7692 7.2.3.1", "the example of the RFC", (deflated(),), (got_text("Hello"),)),
    works("hello-in-two-fragments", "7692 7.2.3.1", "the example of the RFC", (deflated(HELLO[:3], fin=False), cont(HELLO[3:])), (got_text("Hello"),)),
    works("hello-in-fragments-of-a-byte", "7692 6.1", "compressed first, then cut anywhere",
          (deflated(HELLO[:1], fin=False), *(cont(HELLO[n : n + 1], fin=False) for n in range(1, 6)), cont(HELLO[6:])), (got_text("Hello"),)),
    works("hello-with-an-empty-last-fragment", "7692 6.1", "compressed first, then cut anywhere",
          (deflated(HELLO, fin=False), cont("")), (got_text("Hello"),)),
    works("hello-with-a-ping-inside", "7692 6.1", "control frames are not compressed",
          (deflated(HELLO[:3], fin=False), ping(b"x"), cont(HELLO[3:])), (got_pong(b"x"), got_text("Hello")),
          tolerated=((got_text("Hello"), got_pong(b"x")),)),
    works("hello-byte-by-byte", "7692 6.2", "TCP has no messages", (deflated(),), (got_text("Hello"),), at_once=1),
    works("two-without-context", "7692 7.2.3.2", "a compressor needn't look back", (deflated(), deflated()), (got_text("Hello"),) * 2),
    works("stored-block", "7692 7.2.3.3", "the example of the RFC", (deflated(HELLO_STORED),), (got_text("Hello"),)),
    works("final-block", "7692 7.2.3.4", "the example of the RFC", (deflated(HELLO_FINAL),), (got_text("Hello"),)),
    works("final-block-and-another-message", "7692 7.2.3.4", "the next message goes on behind it",
          (deflated(HELLO_FINAL), deflated()), (got_text("Hello"),) * 2),
    works("two-blocks", "7692 7.2.3.5", "the example of the RFC", (deflated(HELLO_TWO_BLOCKS),), (got_text("Hello"),)),
    works("empty", "7692 7.2.3.6", "the example of the RFC", (deflated(EMPTY),), (got_text(""),)),
    works("empty-in-two-blocks", "7692 7.2.1", "empty blocks change nothing", (deflated(EMPTY_STORED_TWICE),), (got_text(""),)),
    works("binary", "7692 6", "data of both kinds", (binary(HELLO, rsv=RSV1),), (got_binary(b"Hello"),)),
    works("not-compressed", "7692 6", "without RSV1 a message isn't compressed", (text("Hello"),), (got_text("Hello"),)),
    works("not-compressed-between", "7692 6", "it depends on the message", (deflated(), text("plain"), deflated()),
          (got_text("Hello"), got_text("plain"), got_text("Hello"))),
    works("not-compressed-in-fragments", "7692 6.1", "the bit of the first frame counts",
          (text("Hel", fin=False), cont("lo")), (got_text("Hello"),)),
    works("long", "7692 7.2.1", "many stored blocks, 64 KiB in all",
          (binary(b"".join(b"\x00\xff\x0f\x00\xf0" + b"x" * 4095 for _ in range(16)) + b"\x00", rsv=RSV1),), (got_binary(b"x" * 65_520),)),
]

WRONG = [
    breaks("rsv1-in-continuation", "7692 6.1", "MUST NOT be set in a frame that isn't the first",
           (deflated(HELLO[:3], fin=False), cont(HELLO[3:], rsv=RSV1)), 1002),
    breaks("rsv1-in-continuation-of-plain", "7692 6.1", "MUST NOT be set in a frame that isn't the first",
           (text("Hel", fin=False), cont("lo", rsv=RSV1)), 1002),
    *(
        breaks(f"rsv1-in-{name}", "7692 6.1", "MUST NOT be set in control frames", (Frame(opcode, b"\x03\xe8", rsv=RSV1),), 1002)
        for name, opcode in (("ping", PING), ("pong", PONG), ("close", CLOSE))
    ),
    breaks("rsv2", "6455 5.2", "the extension gives it no meaning", (deflated()._replace(rsv=RSV1 | RSV2),), 1002),
    breaks("rsv3", "6455 5.2", "the extension gives it no meaning", (text("Hello", rsv=RSV3),), 1002),
    breaks("rsv2-after-good", "6455 5.2", "what was echoed before has to be on the wire before the close",
           (deflated(), text("bad", rsv=RSV2)), 1002, after=(got_text("Hello"),)),
    breaks("opcode-3", "6455 5.2", "reserved as before", (Frame(3, HELLO, rsv=RSV1),), 1002),
    # How to call data that can't be decompressed, no RFC says.
    breaks("garbage", "7692 7.2.2", "no DEFLATE data: a protocol error, or data that isn't consistent",
           (binary(b"\xff\xff\xff\xff", rsv=RSV1),), 1002, 1007),
    breaks("garbage-after-good", "7692 7.2.2", "what was echoed before has to be on the wire before the close",
           (deflated(), binary(b"\xff\xff\xff\xff", rsv=RSV1)), 1002, 1007, after=(got_text("Hello"),)),
    breaks("distance-too-far", "7692 7.2.2", "it refers to what isn't there", (deflated(HELLO_AGAIN),), 1002, 1007),
    breaks("cut-inside-a-block", "7692 7.2.2", "a stored block of five bytes with three", (deflated(HELLO_STORED[:8]),), 1002, 1007),
    breaks("bad-utf-8", "6455 8.1", "the text is what comes out", (deflated(BAD_UTF8),), 1007),
    breaks("continuation-of-nothing", "6455 5.4", "fragments as before", (deflated(), cont(HELLO)), 1002, after=(got_text("Hello"),)),
    breaks("compressed-in-a-message", "6455 5.4", "fragments as before", (deflated(HELLO[:3], fin=False), deflated()), 1002),
    breaks("wrong-mask", "6455 5.1", "masks as before", (deflated()._replace(wrong_mask=True),), 1002),
    breaks("close-code", "6455 7.4.1", "closing as before", (close(1005),), 1002),
]


def offer(id: str, why: str, offer: str, rfc: str = "7692 7.1") -> Case:
    """An offer that a server MUST decline: it opens the connection without the extension."""
    return accepts_request(f"deflate/offer-{id}", rfc, why, plain_request(offer), refusal_tolerated=True)


def answer(id: str, why: str, answer: str, rfc: str = "7692 7.1") -> Case:
    """An answer that no offer fits: a client fails the connection."""
    return refuses_response(f"deflate/answer-{id}", rfc, why, plain_response(answer))


NAME = "permessage-deflate"

AGREED = Want("extensions")

OFFERS = [
    accepts_request("deflate/offer-plain", "7692 7.1", "a server agrees, or leaves the extension out",
                    plain_request(NAME), negotiates=(maybe(AGREED),), refusal_tolerated=True),
    accepts_request("deflate/offer-of-browsers", "7692 7.1.2.2", "a server agrees, or leaves the extension out",
                    plain_request(f"{NAME}; client_max_window_bits"), negotiates=(maybe(AGREED),), refusal_tolerated=True),
    accepts_request("deflate/offer-quoted", "6455 9.1", "a value may be a quoted string of a token",
                    plain_request(f'{NAME}; server_max_window_bits="15"'), negotiates=(maybe(AGREED),), refusal_tolerated=True),
    accepts_request("deflate/offer-second", "7692 7.1", "where the first offer is declined the second may be taken",
                    plain_request(f"{NAME}; x-unheard-of, {NAME}"), negotiates=(maybe(AGREED),), refusal_tolerated=True),
    offer("unknown-parameter", "a parameter not defined", f"{NAME}; x-unheard-of"),
    offer("flag-with-value", "an invalid value", f"{NAME}; server_no_context_takeover=1", "7692 7.1.1.1"),
    offer("window-of-7", "an invalid value", f"{NAME}; server_max_window_bits=7", "7692 7.1.2.1"),
    offer("window-of-16", "an invalid value", f"{NAME}; server_max_window_bits=16", "7692 7.1.2.1"),
    accepts_request("deflate/offer-window-with-zero", "7692 7.1.2.1", "no zero at the start; who reads it as 10 isn't far off",
                    plain_request(f"{NAME}; server_max_window_bits=010"), refusal_tolerated=True,
                    tolerated=((OPEN, AGREED, *GOODBYE),)),
    offer("window-without-value", "it has a value", f"{NAME}; server_max_window_bits", "7692 7.1.2.1"),
    offer("window-not-a-number", "an invalid value", f"{NAME}; client_max_window_bits=x", "7692 7.1.2.2"),
    offer("client-window-of-16", "an invalid value", f"{NAME}; client_max_window_bits=16", "7692 7.1.2.2"),
    offer("parameter-twice", "multiple parameters with the same name",
          f"{NAME}; client_no_context_takeover; client_no_context_takeover"),
]

ANSWERS = [
    answer("unknown-parameter", "a parameter not defined", f"{NAME}; x-unheard-of"),
    answer("flag-with-value", "an invalid value", f"{NAME}; server_no_context_takeover=1", "7692 7.1.1.1"),
    answer("window-of-7", "an invalid value", f"{NAME}; server_max_window_bits=7", "7692 7.1.2.1"),
    answer("window-of-16", "an invalid value", f"{NAME}; server_max_window_bits=16", "7692 7.1.2.1"),
    answer("window-without-value", "it has a value", f"{NAME}; server_max_window_bits", "7692 7.1.2.1"),
    answer("client-window-of-16", "an invalid value", f"{NAME}; client_max_window_bits=16", "7692 7.1.2.2"),
    answer("client-window-without-value", "it has a value in an answer", f"{NAME}; client_max_window_bits", "7692 7.1.2.2"),
    answer("parameter-twice", "multiple parameters with the same name",
           f"{NAME}; server_no_context_takeover; server_no_context_takeover"),
    answer("twice", "one extension can't be used twice: the bit is taken", f"{NAME}, {NAME}", "7692 5"),
]
# fmt: on

CASES = [*MESSAGES, *WRONG, *OFFERS, *ANSWERS]
