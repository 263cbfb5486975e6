"""What a case is: steps of the suite, and what may come out of the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from .tokens import EOF, GONE, OPEN, Want, closed, http
from .wire import Frame, close, text

__all__ = [
    "BOTH",
    "BYE",
    "CLIENT",
    "FAILURES",
    "GOODBYE",
    "OPENED",
    "SERVER",
    "SILENT",
    "Await",
    "Case",
    "HalfClose",
    "Quiet",
    "Reset",
    "Send",
    "Step",
    "Trace",
    "accepts_request",
    "accepts_response",
    "echoes",
    "fails",
    "refuses_request",
    "refuses_response",
]

SERVER, CLIENT = "server", "client"
BOTH = (SERVER, CLIENT)

Part = Union[Frame, str, bytes]
Trace = tuple[Want, ...]

#: Codes that say that the peer is at fault, or that this end can't go on.
FAILURES = (1002, 1003, 1007, 1008, 1009, 1011)


class Send(NamedTuple):
    """Write frames or bytes, joined; in a str, what stands in braces is filled in."""

    parts: tuple[Part, ...]
    #: Only so many bytes of them, and without so many at the start.
    first: Optional[int] = None  # noqa: UP045
    skip: int = 0
    #: Bytes in each write; all in one by default.
    at_once: Optional[int] = None  # noqa: UP045
    #: Only if the target says nothing: a strict one has decided before these bytes.
    late: bool = False
    #: Only if the target has accepted a request.
    if_open: bool = False


class Await(NamedTuple):
    """Wait until this many tokens have come, counted from the start of the case."""

    tokens: int


class HalfClose(NamedTuple):
    """End our direction of TCP, and go on reading."""


class Reset(NamedTuple):
    """End TCP with a reset."""


class Quiet(NamedTuple):
    """Wait so many seconds in which nothing should come; what comes is a token."""

    seconds: float


Step = Union[Send, Await, HalfClose, Reset, Quiet]


@dataclass(frozen=True)
class Case:
    """One thing to do to a target, and what has to come of it."""

    id: str
    rfc: str
    why: str
    steps: tuple[Step, ...]
    #: What a strict target answers; more than one where the RFC leaves a choice.
    strict: tuple[Trace, ...]
    #: What harms nobody, but isn't what the RFC says, or not at the time when it should.
    tolerated: tuple[Trace, ...] = ()
    roles: tuple[str, ...] = BOTH
    #: "plain" or "deflate": an opening handshake that the suite does first. "none": the
    #: steps are about it.
    opening: str = "plain"
    #: Of a client's request: each header is there once, with a value that fits.
    #: The name ":line" is the request line; without a pattern there must be no such header.
    request: tuple[tuple[str, Optional[str]], ...] = ()  # noqa: UP045
    #: Whether the echo program has to close when a text message such as "/close 4000 bye"
    #: tells it to, instead of sending that back.
    commands: bool = False
    #: Whether a server has to serve somebody else afterwards.
    aftermath: bool = False

    @property
    def area(self) -> str:
        return self.id.partition("/")[0]


#: Nothing more comes: the target waits for what comes next.
SILENT = Want("end", ("silence",))

BYE = close(1000)
GOODBYE = (closed(1000), EOF)


def echoes(
    id: str,
    rfc: str,
    why: str,
    send: tuple[Part, ...],
    got: Trace,
    *,
    at_once: int | None = None,
    also: tuple[Trace, ...] = (),
    tolerated: tuple[Trace, ...] = (),
    roles: tuple[str, ...] = BOTH,
    opening: str = "plain",
) -> Case:
    """Bytes that are in order: the target answers, and goes on until it is told good-bye.

    ``also`` and ``tolerated`` are other answers, without the good-bye.
    """
    due = sum(not want.optional for want in got)
    steps = (Send(send, at_once=at_once), Await(due), Send((BYE,)))
    return Case(
        id,
        rfc,
        why,
        steps,
        strict=tuple((*each, *GOODBYE) for each in (got, *also)),
        tolerated=(
            *((*each, *GOODBYE) for each in tolerated),
            (*got, closed(1000), GONE),
        ),
        roles=roles,
        opening=opening,
    )


def fails(
    id: str,
    rfc: str,
    why: str,
    send: tuple[Part, ...],
    *codes: int,
    before: tuple[Part, ...] = (),
    after: Trace = (),
    late: tuple[Part, ...] = (),
    first: int | None = None,
    at_once: int | None = None,
    also: tuple[Trace, ...] = (),
    let_through: tuple[Trace, ...] = (),
    roles: tuple[str, ...] = BOTH,
    opening: str = "plain",
) -> Case:
    """Bytes at which a target fails the connection, with one of the codes (§7.1.7).

    ``before`` is sent before them, and ``after`` is what it answers to what was in order.
    ``let_through`` is what comes where no harm is done by taking them as they are meant.
    With ``first``, only so many bytes are sent at first; what is left of them, and ``late``,
    is sent where the target waits for it.
    """
    steps: tuple[Step, ...] = (Send(before),) if before else ()
    steps += (Send(send, first=first, at_once=at_once),)
    if first is not None:
        steps += (Send(send, skip=first, late=True),)
    elif late:
        steps += (Send(late, late=True),)
    # Without what it should have answered, without a close frame, with another code, with
    # TCP reset instead of ended: the peer can tell that it has failed, but not how.
    left_out = tuple(want._replace(optional=True) for want in after)
    return Case(
        id,
        rfc,
        why,
        steps,
        strict=((*after, closed(*codes), EOF), *also),
        tolerated=(
            (*left_out, closed(*codes, *FAILURES), GONE),
            (*left_out, GONE),
            *let_through,
        ),
        roles=roles,
        opening=opening,
    )


# Handshakes

REFUSED = Want("end", ("eof", "kept"))
ANY_REFUSAL = tuple(range(400, 600))
VERSION = Want("version", optional=True)


def refuses_request(
    id: str,
    rfc: str,
    why: str,
    request: str | bytes,
    *statuses: int,
    also: tuple[Trace, ...] = (),
    tolerated: tuple[Trace, ...] = (),
    at_once: int | None = None,
) -> Case:
    """A request that a server refuses with one of the statuses."""
    steps = (Send((request,), at_once=at_once), Await(1), Send((BYE,), if_open=True))
    return Case(
        id,
        rfc,
        why,
        steps,
        strict=((http(*statuses), VERSION, REFUSED), *also),
        tolerated=(
            (http(*ANY_REFUSAL), VERSION, Want("end")),
            (GONE,),
            *tolerated,
        ),
        roles=(SERVER,),
        opening="none",
    )


#: What comes where a server opens the connection, and is told good-bye.
OPENED = (OPEN, *GOODBYE)


def accepts_request(
    id: str,
    rfc: str,
    why: str,
    request: str | bytes,
    *,
    also: tuple[Trace, ...] = (),
    tolerated: tuple[Trace, ...] = (),
    at_once: int | None = None,
    or_refuses: bool = False,
    refusal_tolerated: bool = False,
    negotiates: Trace = (),
) -> Case:
    """A request that a server accepts; ``negotiates`` is what it agrees on besides."""
    refusal = ((http(*ANY_REFUSAL), VERSION, REFUSED),)
    return Case(
        id,
        rfc,
        why,
        (Send((request,), at_once=at_once), Await(1), Send((BYE,), if_open=True)),
        strict=(
            (OPEN, *negotiates, *GOODBYE),
            *also,
            *(refusal if or_refuses else ()),
        ),
        tolerated=(
            (OPEN, *negotiates, closed(1000), GONE),
            *tolerated,
            *(
                ((*refusal[0][:-1], Want("end")), (GONE,))
                if refusal_tolerated or or_refuses
                else ()
            ),
        ),
        roles=(SERVER,),
        opening="none",
    )


PROBE = text("probe")


def accepts_response(
    id: str,
    rfc: str,
    why: str,
    response: str | bytes,
    *,
    at_once: int | None = None,
    or_refuses: bool = False,
    or_waits: bool = False,
    refusal_tolerated: bool = False,
) -> Case:
    """A response with which a client opens the connection: it echoes."""
    steps = (Send((response,), at_once=at_once), Send((PROBE,)), Await(1), Send((BYE,)))
    opened = (Want("text", (PROBE.payload,)), *GOODBYE)
    return Case(
        id,
        rfc,
        why,
        steps,
        strict=(
            opened,
            *(((GONE,),) if or_refuses else ()),
            *(((SILENT,),) if or_waits else ()),
        ),
        tolerated=(
            (*opened[:-1], GONE),
            *(((GONE,),) if refusal_tolerated else ()),
        ),
        roles=(CLIENT,),
        opening="none",
    )


def refuses_response(
    id: str,
    rfc: str,
    why: str,
    response: str | bytes,
    *,
    tolerates_opening: bool = False,
) -> Case:
    """A response with which a client opens nothing: it ends TCP, and echoes no probe.

    It need not have read the probe, so that TCP may end with a reset.
    """
    opened = (Want("text", (PROBE.payload,)), Want("close"), GONE)
    return Case(
        id,
        rfc,
        why,
        (Send((response, PROBE)), Await(1), Send((BYE,))),
        strict=((GONE,),),
        tolerated=((Want("close"), GONE), *((opened,) if tolerates_opening else ())),
        roles=(CLIENT,),
        opening="none",
    )
