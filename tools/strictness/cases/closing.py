"""The closing handshake (RFC 6455 §5.5.1, §7)."""

from __future__ import annotations

from ..case import (
    BYE,
    CLIENT,
    FAILURES,
    GOODBYE,
    SERVER,
    Await,
    Case,
    HalfClose,
    Quiet,
    Send,
    Trace,
    fails,
)
from ..tokens import EOF, GONE, Want, closed, got_pong, got_text, maybe
from ..wire import CLOSE, RSV1, Frame, binary, close, cont, ping, text

__all__ = ["CASES"]

# fmt: off
Parts = tuple[Frame, ...]


def answered(id: str, rfc: str, why: str, send: Parts, code: int, *, before: Trace = (), at_once: int | None = None,
             or_codes: tuple[int, ...] = (), failure_tolerated: bool = False) -> Case:
    """A close frame that is in order, to which the target answers with the same code."""
    failure = ((*before, closed(*FAILURES), GONE), (*before, GONE)) if failure_tolerated else ()
    # What was echoed has to come first; but that is the application's, which may be late.
    lost: Trace = tuple(want._replace(optional=True) for want in before)
    return Case(
        id, rfc, why, (Send(send, at_once=at_once),),
        strict=((*before, closed(code, *or_codes), EOF),),
        tolerated=((*lost, Want("close", (code, *or_codes, 1000)), GONE), *failure),
    )


CODES = [
    *(
        answered(f"closing/code-{code}", "6455 7.4", "a code that an endpoint may send; typically it is echoed",
                 (close(code),), code)
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    ),
    *(
        answered(f"closing/code-{code}", "6455 7.4.2", "registered with IANA since: an endpoint from before may refuse it",
                 (close(code),), code, failure_tolerated=True)
        for code in (1012, 1013, 1014)
    ),
    *(
        fails(f"closing/code-{code}", "6455 7.4.1", "MUST NOT be set as a status code in a close frame", (close(code),), 1002)
        for code in (1005, 1006, 1015)
    ),
    *(
        fails(f"closing/code-{code}", "6455 7.4.2", "not used, or reserved and not defined", (close(code),), 1002)
        for code in (0, 1, 999, 1004, 1016, 1100, 2000, 2999)
    ),
    *(
        Case(f"closing/code-{code}", "6455 7.4.2", "the RFC says nothing of codes from 5000 on: they fail, or are echoed",
             (Send((close(code),)),), strict=((closed(1002), EOF), (closed(code, 1000), EOF)),
             tolerated=((closed(code, 1000, *FAILURES), GONE), (GONE,)))
        for code in (5000, 65_535)
    ),
    fails("closing/code-1005-with-reason", "6455 7.4.1", "MUST NOT be set as a status code in a close frame", (close(1005, "bye"),), 1002),
    fails("closing/code-1006-after-text", "6455 7.4.1", "what was echoed before has to be on the wire before the close",
          (text("good"), close(1006)), 1002, after=(got_text("good"),)),
]

BODIES = [
    answered("closing/empty", "6455 7.1.5", "no code: the answer has none either, or 1000", (close(None),), 1005, or_codes=(1000,)),
    answered("closing/reason", "6455 5.5.1", "a reason is allowed", (close(1000, "bye"),), 1000),
    answered("closing/reason-of-123", "6455 5.5", "as long as fits", (close(1000, "x" * 123),), 1000),
    answered("closing/reason-in-utf-8", "6455 5.5.1", "the reason is UTF-8", (close(1000, "κόσμε 😀"),), 1000),
    answered("closing/reason-with-nul", "6455 5.5.1", "any character", (close(1000, "a\0b"),), 1000),
    answered("closing/byte-by-byte", "6455 5.5.1", "TCP has no messages", (close(1000, "slowly"),), 1000, at_once=1),
    fails("closing/body-of-1-byte", "6455 5.5.1", "the body begins with two bytes, or is empty: two bytes tell",
          (Frame(CLOSE, b"\x03"),), 1002, first=2),
    *(
        fails(f"closing/reason-{name}", "6455 5.5.1", "the reason is UTF-8: a protocol error, or data that isn't consistent",
              (close(1000, reason),), 1002, 1007)
        for name, reason in {
            "of-latin-1": b"J\xfcrgen", "cut": b"\xe2\x82", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "over-10ffff": b"\xf4\x90\x80\x80",
        }.items()
    ),
    fails("closing/reason-of-124", "6455 5.5", "a control frame of 126 bytes", (Frame(CLOSE, b"\x03\xe8" + b"x" * 124),), 1002),
    fails("closing/rsv-set", "6455 5.2", "reserved bits in a close frame", (close(1000)._replace(rsv=RSV1),), 1002),
]

# "The application MUST NOT send any more data frames after sending a Close frame", and whoever
# receives one discards what comes behind it (§1.4: "discard any further data received").

BEHIND = [
    answered(f"closing/{name}-behind", "6455 1.4", "after a close frame further data is discarded", (BYE, *behind), 1000)
    for name, behind in {
        "text": (text("more"),), "binary": (binary(b"\0" * 70_000),), "ping": (ping(b"x"),), "another-close": (close(1001),),
        "fragments": (text("a", fin=False), cont("b")), "reserved-opcode": (Frame(3, b"x"),), "bad-utf-8": (text(b"\xff"),),
        "wrong-mask": (text("more")._replace(wrong_mask=True),), "many-frames": tuple(text(f"{n}") for n in range(200)),
    }.items()
]

BEFORE = [
    answered("closing/right-behind-text", "6455 1.4", "the echo is on the wire before the close",
             (text("Hello"), BYE), 1000, before=(got_text("Hello"),)),
    answered("closing/right-behind-fifty-texts", "6455 1.4", "the echoes are on the wire before the close",
             (*(text(f"{n}") for n in range(50)), BYE), 1000, before=tuple(got_text(f"{n}") for n in range(50))),
    answered("closing/right-behind-a-long-text", "6455 1.4", "the echo is on the wire before the close",
             (text("x" * 100_000), BYE), 1000, before=(got_text("x" * 100_000),)),
    answered("closing/right-behind-fragments", "6455 1.4", "the echo is on the wire before the close",
             (text("Hel", fin=False), cont("lo"), BYE), 1000, before=(got_text("Hello"),)),
    answered("closing/right-behind-ping", "6455 5.5.2", "a pong MUST be sent unless a close frame was already received: both are right",
             (ping(b"x"), BYE), 1000, before=(maybe(got_pong(b"x")),)),
    answered("closing/text-and-close-byte-by-byte", "6455 1.4", "TCP has no messages",
             (text("Hello"), BYE), 1000, before=(got_text("Hello"),), at_once=1),
]

# Who ends TCP (§7.1.1: "the server MUST close the underlying TCP connection immediately; the
# client SHOULD wait for the server to close the connection but MAY close [it] at any time")

TCP = [
    Case("closing/server-ends-tcp", "6455 5.5.1", "the server MUST end TCP at once, whoever began to close",
         (Send((BYE,)),), strict=(GOODBYE,), tolerated=((closed(1000), GONE),), roles=(SERVER,)),
    Case("closing/server-ends-tcp-before-the-client", "6455 7.1.1", "also where the client keeps its own direction open",
         (Send((text("a"),)), Await(1), Send((close(1001),)), Await(3)), strict=((got_text("a"), closed(1001), EOF),),
         tolerated=((got_text("a"), closed(1000, 1001), GONE),), roles=(SERVER,)),
    Case("closing/client-waits-for-the-server", "6455 7.1.1", "the client SHOULD wait for the server to end TCP, but MAY end it",
         (Send((BYE,)), Await(1), Quiet(0.1), HalfClose()), strict=(GOODBYE,), tolerated=((closed(1000), GONE),), roles=(CLIENT,)),
    Case("closing/failure-is-answered", "6455 7.1.7", "a close frame in answer to that of a failure changes nothing",
         (Send((Frame(3),)), Await(1), Send((close(1002),))), strict=((closed(1002), EOF),),
         tolerated=((closed(*FAILURES), GONE), (GONE,))),
    Case("closing/close-behind-a-failure", "6455 7.1.7", "after the failure nothing is read",
         (Send((Frame(3), BYE)),), strict=((closed(1002), EOF),), tolerated=((closed(*FAILURES), GONE), (GONE,))),
    Case("closing/text-after-a-failure", "6455 7.1.7", "after the failure nothing is read",
         (Send((Frame(3),)), Await(1), Send((text("more"), text("and more")))), strict=((closed(1002), EOF),),
         tolerated=((closed(*FAILURES), GONE), (GONE,))),
]

# The target begins: the echo program closes when it is told to

ASK = text("/close 4000 bye")


def begun(id: str, rfc: str, why: str, *steps: Send | Await | Quiet | HalfClose, codes: tuple[int, ...] = (4000,),
          between: Trace = (), roles: tuple[str, ...] = (SERVER, CLIENT), end: Want = EOF) -> Case:
    return Case(id, rfc, why, steps, strict=((closed(*codes), *between, end),),
                tolerated=((closed(*codes), *between, GONE),), roles=roles, commands=True)


BEGUN = [
    begun("closing/begun-by-the-target", "6455 7.1.2", "its close frame, ours, and the end of TCP",
          Send((ASK,)), Await(1), Send((close(4000, "bye"),))),
    begun("closing/begun-and-answered-with-another-code", "6455 7.1.5", "the codes of both ends may differ",
          Send((ASK,)), Await(1), Send((close(1001),))),
    begun("closing/begun-and-answered-without-code", "6455 5.5.1", "the body is optional",
          Send((ASK,)), Await(1), Send((close(None),))),
    begun("closing/begun-and-text-before-the-answer", "6455 1.4", "data may still arrive, and nothing is sent in answer",
          Send((ASK,)), Await(1), Send((text("still"), binary(b"on its way"), close(4000)))),
    begun("closing/begun-and-a-message-not-complete", "6455 5.5.1", "the answer may come in the middle of a message",
          Send((ASK,)), Await(1), Send((text("still", fin=False), close(4000)))),
    begun("closing/begun-and-ping-before-the-answer", "6455 5.5.2", "no data frames after a close frame; a pong is allowed",
          Send((ASK,)), Await(1), Send((ping(b"x"), close(4000))), between=(maybe(got_pong(b"x")),)),
    begun("closing/begun-and-answered-wrongly", "6455 7.1.7", "after its close frame it can't send another",
          Send((ASK,)), Await(1), Send((close(1006),)), end=GONE),
    begun("closing/begun-and-a-bad-frame-in-answer", "6455 7.1.7", "after its close frame it can't send another",
          Send((ASK,)), Await(1), Send((Frame(3, b"x"),)), end=GONE),
    begun("closing/begun-and-bad-text-in-answer", "6455 7.1.7", "after its close frame it can't send another",
          Send((ASK,)), Await(1), Send((text(b"\xff"),)), end=GONE),
    begun("closing/begun-and-no-answer-but-the-end", "6455 7.1.4", "TCP ends without a close frame",
          Send((ASK,)), Await(1), HalfClose(), end=GONE),
    begun("closing/begun-with-text-behind-the-request", "6455 5.5.1", "after its close frame it echoes nothing",
          Send((ASK, text("more"))), Await(1), Send((close(4000),))),
    begun("closing/both-at-once", "6455 7.1.2", "close frames that cross: one each way, of either code",
          Send((ASK, close(1001))), codes=(4000, 1001)),
    begun("closing/both-at-once-without-code", "6455 7.1.2", "close frames that cross: one each way, of either code",
          Send((ASK, close(None))), codes=(4000, 1005, 1000)),
]
# fmt: on

CASES = [*CODES, *BODIES, *BEHIND, *BEFORE, *TCP, *BEGUN]
