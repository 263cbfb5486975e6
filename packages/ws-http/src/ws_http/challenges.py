"""Challenges: the ``WWW-Authenticate`` header of a response with status 401 (RFC 7235 §4.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Optional, Tuple  # noqa: UP035

from .grammar import TOKEN68, Scanner, build_quoted_string, is_token, is_token68

__all__ = ["Challenge", "build_basic_challenge", "build_challenges", "parse_challenges"]

_Parameter = Tuple[str, str]  # noqa: UP006

# "challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]": it is a token68 if nothing
# but a comma follows it; "a=b" goes on behind the "=".
_WHOLE_TOKEN68 = re.compile(rf"({TOKEN68})(?=[\t ]*(?:,|$))")


class Challenge(NamedTuple):
    """How a server wants a client to authenticate: with parameters, or one token68, or neither."""

    scheme: str
    params: Sequence[_Parameter] = ()
    token68: Optional[str] = None  # noqa: UP045


def parse_challenges(header: str) -> list[Challenge]:
    """Parse a ``WWW-Authenticate`` header.

    Raises InvalidHeaderFormat if that is not possible.
    """
    challenges: list[Challenge] = []
    Scanner("WWW-Authenticate", header).items(lambda scanner: _read_part(scanner, challenges))
    return challenges


def _read_part(scanner: Scanner, challenges: list[Challenge]) -> None:
    # The commas between challenges and those between parameters are alike, so an item
    # is a scheme with what comes first in it, or a parameter of the challenge before.
    start = scanner.pos
    name = scanner.token()
    if not scanner.skip("="):
        challenges.append(_read_challenge(scanner, name))
        return
    value = scanner.token_or_quoted_string()
    if not challenges or challenges[-1].token68 is not None:
        scanner.pos = start
        raise scanner.error("expected scheme")
    scheme, params, _ = challenges[-1]
    challenges[-1] = Challenge(scheme, [*params, (name, value)])


def _read_challenge(scanner: Scanner, scheme: str) -> Challenge:
    if scanner.at_end() or scanner.value.startswith(",", scanner.pos):
        return Challenge(scheme)
    token68 = _WHOLE_TOKEN68.match(scanner.value, scanner.pos)
    if token68 is not None:
        scanner.pos = token68.end()
        return Challenge(scheme, token68=token68[1])
    name = scanner.token()
    if not scanner.skip("="):
        raise scanner.error("expected equals sign")
    return Challenge(scheme, [(name, scanner.token_or_quoted_string())])


def build_challenges(challenges: Sequence[Challenge]) -> str:
    """Build a ``WWW-Authenticate`` header; the inverse of :func:`parse_challenges`.

    Raises ValueError for what cannot stand there.
    """
    return ", ".join(_build_challenge(challenge) for challenge in challenges)


def _build_challenge(challenge: Challenge) -> str:
    scheme, params, token68 = challenge
    if not is_token(scheme) or not all(is_token(name) for name, _ in params):
        raise ValueError("scheme or parameter of a challenge is not a token")
    if token68 is None:
        # "For historical reasons, a sender MUST only generate the quoted-string syntax"
        built = ", ".join(f"{name}={build_quoted_string(value)}" for name, value in params)
        return f"{scheme} {built}".rstrip(" ")
    if params or not is_token68(token68):
        raise ValueError("token68 of a challenge is none, or stands beside parameters")
    return f"{scheme} {token68}"


def build_basic_challenge(realm: str) -> str:
    """Build the ``WWW-Authenticate`` header of Basic authentication (RFC 7617 §2 and §2.1).

    Raises ValueError for control characters and for those outside ISO-8859-1.
    """
    return build_challenges([Challenge("Basic", [("realm", realm), ("charset", "UTF-8")])])
