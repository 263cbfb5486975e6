"""All cases, in areas: one module of data each."""

from __future__ import annotations

from ..case import Case
from . import (
    closing,
    control,
    deflate,
    fragments,
    framing,
    malformed,
    request,
    response,
    tcp,
    utf8,
)

__all__ = ["AREAS", "CASES", "of_role"]

CASES: list[Case] = [
    *request.CASES,
    *malformed.CASES,
    *response.CASES,
    *framing.CASES,
    *control.CASES,
    *fragments.CASES,
    *utf8.CASES,
    *closing.CASES,
    *tcp.CASES,
    *deflate.CASES,
]

#: In the order of the RFC.
AREAS = list(dict.fromkeys(case.area for case in CASES))


def of_role(role: str) -> list[Case]:
    """The cases for a server or for a client."""
    return [case for case in CASES if role in case.roles]
