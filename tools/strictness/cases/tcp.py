"""TCP under it: any pieces, and an end at each stage (RFC 6455 §7.1.4, §7.1.5, §7.2)."""

from __future__ import annotations

from ..case import (
    BYE,
    CLIENT,
    GOODBYE,
    SERVER,
    SILENT,
    Await,
    Case,
    HalfClose,
    Reset,
    Send,
    Step,
    Trace,
    echoes,
)
from ..opening import plain_request, plain_response
from ..tokens import EOF, GONE, OPEN, Want, closed, got_binary, got_pong, got_text, http, maybe
from ..wire import binary, close, cont, ping, text

__all__ = ["CASES"]

# fmt: off
REQUEST, RESPONSE = plain_request(), plain_response()
LONG = bytes(range(256)) * 16

TALK = (text("Hello"), ping(b"ping"), binary(b"\0\xff"), text("frag", fin=False), ping(b"between"), cont("ments"))
ANSWERS = (got_text("Hello"), got_pong(b"ping"), got_binary(b"\0\xff"), got_pong(b"between"), got_text("fragments"))
# An application echoes when it is its turn; pongs may be before it, and the first may be left out.
OTHERS: tuple[Trace, ...] = (
    (got_pong(b"ping"), got_text("Hello"), got_binary(b"\0\xff"), got_pong(b"between"), got_text("fragments")),
    (got_pong(b"ping"), got_text("Hello"), got_pong(b"between"), got_binary(b"\0\xff"), got_text("fragments")),
    (got_pong(b"ping"), got_pong(b"between"), got_text("Hello"), got_binary(b"\0\xff"), got_text("fragments")),
    (got_text("Hello"), got_pong(b"ping"), got_pong(b"between"), got_binary(b"\0\xff"), got_text("fragments")),
    (maybe(got_text("Hello")), got_pong(b"between"), maybe(got_text("Hello")), got_binary(b"\0\xff"), got_text("fragments")),
)
LATE: tuple[Trace, ...] = ((got_text("Hello"), got_pong(b"ping"), got_binary(b"\0\xff"), got_text("fragments"), got_pong(b"between")),)

PIECES = [
    *(
        echoes(f"tcp/talk-written-{size}-bytes-at-once", "6455 5", "TCP has no messages",
               TALK, ANSWERS, at_once=size, also=OTHERS, tolerated=LATE)
        for size in (1, 2, 3, 5, 7, 13)
    ),
    echoes("tcp/talk-in-one-write", "6455 5", "TCP has no messages", TALK, ANSWERS, also=OTHERS, tolerated=LATE),
    echoes("tcp/long-frame-byte-by-byte", "6455 5.2", "the length takes two bytes more", (binary(LONG[:300]),), (got_binary(LONG[:300]),), at_once=1),
    echoes("tcp/longer-frame-in-pieces", "6455 5.2", "the length takes eight bytes more", (binary(LONG * 17),), (got_binary(LONG * 17),), at_once=997),
    echoes("tcp/cut-at-each-byte", "6455 5.2", "a frame and a half, then the other half: wherever the cut is",
           tuple(text("x" * size) for size in range(40)), tuple(got_text("x" * size) for size in range(40)), at_once=9),
]


def ends(id: str, why: str, *steps: Step, strict: tuple[Trace, ...] = ((GONE,),), roles: tuple[str, ...] = (SERVER, CLIENT),
         opening: str = "plain", tolerated: tuple[Trace, ...] = (), rfc: str = "6455 7.1.5") -> Case:
    """An end of TCP that comes too early: the target ends its own, and is there for others."""
    return Case(f"tcp/{id}", rfc, why, steps, strict=strict, tolerated=tolerated, roles=roles, opening=opening, aftermath=True)


# The end in order: after it a target may say why it closes (1002, 1006 can't be said), or nothing.

SAID: tuple[Trace, ...] = ((GONE,), (Want("close"), GONE))
REFUSED: tuple[Trace, ...] = ((GONE,), (http(*range(400, 600)), Want("version", optional=True), Want("end", ("eof", "kept", "reset"))))
HELLO = text("Hello")
ECHO = maybe(got_text("Hello"))
WITH_ECHO: tuple[Trace, ...] = ((ECHO, GONE), (ECHO, Want("close"), GONE))

EOFS = [
    ends("eof-at-once", "nothing was asked", HalfClose(), roles=(SERVER,), opening="tcp", strict=REFUSED, tolerated=((SILENT,),)),
    ends("eof-in-the-request", "half of it: there will be no more", Send((REQUEST,), first=60), HalfClose(),
         roles=(SERVER,), opening="tcp", strict=REFUSED, tolerated=((SILENT,),)),
    ends("eof-in-the-request-line", "half of it: there will be no more", Send((REQUEST,), first=5), HalfClose(),
         roles=(SERVER,), opening="tcp", strict=REFUSED, tolerated=((SILENT,),)),
    ends("eof-before-the-end-of-the-request", "the last line is missing", Send((REQUEST,), first=-2), HalfClose(),
         roles=(SERVER,), opening="tcp", strict=REFUSED, tolerated=((SILENT,),)),
    ends("eof-right-behind-the-request", "whether it is still answered is the server's choice; then it ends", Send((REQUEST,)), HalfClose(),
         roles=(SERVER,), opening="none", strict=(*REFUSED, (OPEN, GONE), (OPEN, Want("close"), GONE))),
    ends("eof-before-the-response", "the client hears nothing", HalfClose(), roles=(CLIENT,), opening="none"),
    ends("eof-at-connection", "the client hears nothing", HalfClose(), roles=(CLIENT,), opening="tcp"),
    ends("eof-in-the-status-line", "half of it: there will be no more", Send((RESPONSE,), first=12), HalfClose(), roles=(CLIENT,), opening="none"),
    ends("eof-in-the-response", "half of it: there will be no more", Send((RESPONSE,), first=60), HalfClose(), roles=(CLIENT,), opening="none"),
    ends("eof-before-the-end-of-the-response", "the last line is missing", Send((RESPONSE,), first=-2), HalfClose(), roles=(CLIENT,), opening="none"),
    ends("eof-after-opening", "the connection is lost (1006)", HalfClose(), strict=SAID),
    ends("eof-after-text", "the echo may get through or not; then it ends", Send((HELLO,)), HalfClose(), strict=WITH_ECHO),
    ends("eof-after-echo", "the connection is lost (1006)", Send((HELLO,)), Await(1), HalfClose(),
         strict=((got_text("Hello"), GONE), (got_text("Hello"), Want("close"), GONE))),
    *(
        ends(f"eof-after-{size}-bytes-of-a-frame", "the frame is not complete", Send((binary(b"x" * 200),), first=size), HalfClose(), strict=SAID)
        for size in (1, 2, 3, 4, 6, 8, 9, 100)
    ),
    ends("eof-in-a-message", "the message is not complete", Send((text("Hel", fin=False),)), HalfClose(), strict=SAID),
    ends("eof-in-a-ping", "the ping is not complete", Send((ping(b"Hello"),), first=-1), HalfClose(), strict=SAID),
    ends("eof-in-a-close", "the close frame is not complete", Send((close(1000, "bye"),), first=-1), HalfClose(), strict=SAID),
    ends("eof-right-behind-close", "the close frame is answered as if TCP went on", Send((BYE,)), HalfClose(),
         strict=(GOODBYE,), tolerated=((closed(1000), GONE), (GONE,)), rfc="6455 5.5.1"),
    ends("eof-right-behind-text-and-close", "both are answered as if TCP went on", Send((HELLO, BYE)), HalfClose(),
         strict=((got_text("Hello"), *GOODBYE),), tolerated=((ECHO, maybe(closed(1000)), GONE),), rfc="6455 5.5.1"),
    ends("eof-behind-a-failure", "there is no one left to tell", Send((text(b"\xff"),)), HalfClose(), strict=SAID),
]

# The end by a reset: nothing can be said any more.

NOTHING: tuple[Trace, ...] = ((),)

RESETS = [
    ends("reset-at-once", "a port scan", Reset(), opening="tcp", strict=NOTHING),
    ends("reset-in-the-request", "half of it", Send((REQUEST,), first=60), Reset(), roles=(SERVER,), opening="tcp", strict=NOTHING),
    ends("reset-right-behind-the-request", "the response finds nobody", Send((REQUEST,)), Reset(), roles=(SERVER,), opening="tcp", strict=NOTHING),
    ends("reset-after-a-refused-request", "the refusal finds nobody", Send(("NONSENSE\r\n\r\n",)), Reset(), roles=(SERVER,), opening="tcp", strict=NOTHING),
    ends("reset-in-the-response", "half of it", Send((RESPONSE,), first=60), Reset(), roles=(CLIENT,), opening="none", strict=NOTHING),
    ends("reset-right-behind-the-response", "the connection opens and is lost", Send((RESPONSE,)), Reset(), roles=(CLIENT,), opening="none", strict=NOTHING),
    ends("reset-after-opening", "the connection is lost (1006)", Reset(), strict=NOTHING),
    ends("reset-after-text", "the echo finds nobody", Send((HELLO,)), Reset(), strict=NOTHING),
    ends("reset-after-much-text", "the echoes find nobody", Send((text("x" * 10_000),) * 10), Reset(), strict=NOTHING),
    ends("reset-after-echo", "the connection is lost (1006)", Send((HELLO,)), Await(1), Reset(), strict=((got_text("Hello"),),)),
    ends("reset-in-a-header", "the frame is not complete", Send((binary(b"x" * 200),), first=3), Reset(), strict=NOTHING),
    ends("reset-in-a-payload", "the frame is not complete", Send((binary(b"x" * 200),), first=100), Reset(), strict=NOTHING),
    ends("reset-in-a-message", "the message is not complete", Send((text("Hel", fin=False),)), Reset(), strict=NOTHING),
    ends("reset-right-behind-close", "the answer finds nobody", Send((BYE,)), Reset(), strict=NOTHING),
    ends("reset-after-close", "the handshake was complete", Send((BYE,)), Await(1), Reset(), strict=((closed(1000), maybe(EOF)),)),
    ends("reset-behind-a-failure", "there is no one left to tell", Send((text(b"\xff"),)), Reset(), strict=NOTHING),
]
# fmt: on

CASES = [*PIECES, *EOFS, *RESETS]
