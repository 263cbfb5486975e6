"""UTF-8 in text messages (RFC 6455 §5.6, §8.1, RFC 3629)."""

from __future__ import annotations

from ..case import echoes, fails
from ..tokens import got_binary, got_pong, got_text
from ..wire import binary, cont, ping, text

__all__ = ["CASES"]

# fmt: off
GOOD = {
    "of-1-to-4-bytes": "aé€😀",
    "kosme": "κόσμε",
    "from-1-byte": "\x00\x7f",
    "from-2-bytes": "\x80\u07ff",
    "from-3-bytes": "\u0800\uffff",
    "from-4-bytes": "\U00010000\U0010ffff",
    "around-the-surrogates": "\ud7ff\ue000",
    "no-characters": "\ufffe\uffff\ufdd0\U0001fffe",
    "byte-order-mark": "\ufeffHello",
    "combining": "e\u0301\u200d\u202e",
}

SAMPLE = "aé€😀".encode()

BAD = {
    "lone-continuation": b"\x80",
    "last-continuation": b"\xbf",
    "continuation-after-ascii": b"a\x80",
    "two-continuations-after-2": b"\xc3\xa9\xa9",
    "overlong-2-of-slash": b"\xc0\xaf",
    "overlong-2-last": b"\xc1\xbf",
    "overlong-3-first": b"\xe0\x80\x80",
    "overlong-3-last": b"\xe0\x9f\xbf",
    "overlong-4-first": b"\xf0\x80\x80\x80",
    "overlong-4-last": b"\xf0\x8f\xbf\xbf",
    "first-surrogate": b"\xed\xa0\x80",
    "last-surrogate": b"\xed\xbf\xbf",
    "pair-of-surrogates": b"\xed\xa1\x80\xed\xb0\x80",
    "over-10ffff": b"\xf4\x90\x80\x80",
    "start-f5": b"\xf5\x80\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "six-bytes": b"\xfc\x84\x80\x80\x80\x80",
    "fe": b"\xfe",
    "ff": b"\xff",
    "2-cut-by-ascii": b"\xc3a",
    "3-cut-by-ascii": b"\xe2\x82a",
    "4-cut-by-ascii": b"\xf0\x9f\x98a",
    "2-cut-by-another": b"\xc3\xc3\xa9",
    "2-cut-at-the-end": b"ab\xc3",
    "3-cut-at-the-end": b"ab\xe2\x82",
    "4-cut-at-the-end": b"ab\xf0\x9f\x98",
    "latin-1": b"J\xfcrgen",
    "at-the-end-of-much": b"x" * 5000 + b"\xff",
}


def cuts(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(data[:position], data[position:]) for position in range(1, len(data))]


VALID = [
    *(
        echoes(f"utf-8/{name}", "3629 3", "valid UTF-8", (text(good),), (got_text(good),))
        for name, good in GOOD.items()
    ),
    echoes("utf-8/in-two-fragments-at-every-byte", "6455 5.6", "a frame of a text message might include a partial sequence",
           tuple(frame for a, b in cuts(SAMPLE) for frame in (text(a, fin=False), cont(b))),
           (got_text(SAMPLE),) * len(cuts(SAMPLE))),
    echoes("utf-8/in-three-fragments-with-pings", "6455 5.6", "a frame of a text message might include a partial sequence",
           (text(SAMPLE[:2], fin=False), ping(b"1"), cont(SAMPLE[2:8], fin=False), cont(SAMPLE[8:])),
           (got_pong(b"1"), got_text(SAMPLE)), tolerated=((got_text(SAMPLE), got_pong(b"1")),)),
    echoes("utf-8/in-fragments-of-a-byte", "6455 5.6", "a frame of a text message might include a partial sequence",
           (text(SAMPLE[:1], fin=False), *(cont(SAMPLE[n : n + 1], fin=False) for n in range(1, len(SAMPLE))), cont("")),
           (got_text(SAMPLE),)),
    echoes("utf-8/in-empty-fragments", "6455 5.6", "empty fragments in the middle of a character",
           (text(b"\xf0\x9f", fin=False), cont("", fin=False), cont(b"\x98", fin=False), cont("", fin=False), cont(b"\x80")),
           (got_text("😀"),)),
    *(
        echoes(f"utf-8/written-{size}-bytes-at-once", "6455 5.6", "TCP cuts characters anywhere",
               (text(SAMPLE * 4),), (got_text(SAMPLE * 4),), at_once=size)
        for size in (1, 2, 3, 5, 7)
    ),
    echoes("utf-8/written-at-once-over-125-bytes", "6455 5.6", "TCP cuts characters anywhere",
           (text(SAMPLE * 40),), (got_text(SAMPLE * 40),), at_once=11),
    echoes("utf-8/not-in-binary", "6455 5.6", "binary data is arbitrary",
           tuple(binary(bad) for bad in BAD.values()), tuple(got_binary(bad) for bad in BAD.values())),
    echoes("utf-8/not-in-binary-fragments", "6455 5.6", "binary data is arbitrary",
           (binary(b"\xff", fin=False), cont(b"\xc0"), binary(b"\xf0", fin=False), cont(b"a")),
           (got_binary(b"\xff\xc0"), got_binary(b"\xf0a"))),
]

INVALID = [
    *(
        fails(f"utf-8/bad-{name}", "6455 8.1", "an endpoint MUST fail the connection", (text(bad),), 1007)
        for name, bad in BAD.items()
    ),
    *(
        fails(f"utf-8/bad-{name}-in-two-fragments", "6455 8.1", "the message as a whole is what has to be valid",
              (text(b"ok" + bad[:1], fin=False), cont(bad[1:] + b"ok")), 1007)
        for name, bad in BAD.items()
        if len(bad) in (2, 3, 4) and "end" not in name
    ),
    fails("utf-8/bad-cut-at-the-end-of-fragments", "6455 8.1", "the last character is not complete",
          (text(b"ok\xe2", fin=False), cont(b"\x82")), 1007),
    fails("utf-8/bad-cut-before-an-empty-last-fragment", "6455 8.1", "the last character is not complete",
          (text(b"ok\xe2\x82", fin=False), cont("")), 1007),
    # "fail fast": RFC 6455 doesn't say when, but what is wrong won't become right. Autobahn calls
    # it non-strict to wait for the end of the message.
    fails("utf-8/bad-in-first-fragment", "6455 8.1", "what is wrong won't become right",
          (text(b"ok\xff", fin=False),), 1007, late=(cont("ok"),)),
    fails("utf-8/bad-in-middle-fragment", "6455 8.1", "what is wrong won't become right",
          (text(b"ok\xe2", fin=False), cont(b"a", fin=False)), 1007, late=(cont("ok"),)),
    fails("utf-8/bad-in-the-middle-of-a-frame", "6455 8.1", "what is wrong won't become right",
          (text(b"ok\xff" + b"x" * 100),), 1007, first=-50),
    fails("utf-8/bad-surrogate-before-its-last-byte", "6455 8.1", "after two bytes no third one makes it right",
          (text(b"ok\xed\xa0", fin=False),), 1007, late=(cont(b"\x80"),)),
    fails("utf-8/bad-over-10ffff-before-its-last-bytes", "6455 8.1", "after two bytes no third one makes it right",
          (text(b"ok\xf4\x90", fin=False),), 1007, late=(cont(b"\x80\x80"),)),
    fails("utf-8/bad-overlong-before-its-last-byte", "6455 8.1", "after two bytes no third one makes it right",
          (text(b"ok\xe0\x80", fin=False),), 1007, late=(cont(b"\x80"),)),
    fails("utf-8/bad-in-first-fragment-with-a-ping", "6455 8.1", "control frames have nothing to do with it",
          (text(b"ok\xc3", fin=False), ping(b"x"), cont(b"a")), 1007, after=(got_pong(b"x"),)),
    fails("utf-8/bad-after-good", "6455 8.1", "what was echoed before has to be on the wire before the close",
          (text("good"), text(b"\xff")), 1007, after=(got_text("good"),)),
    fails("utf-8/bad-byte-by-byte", "6455 8.1", "TCP has no messages", (text(b"ab\xff"),), 1007, at_once=1),
]
# fmt: on

CASES = [*VALID, *INVALID]
