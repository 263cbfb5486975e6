"""Basic authentication (RFC 7617): the ``Authorization`` header, and who is let in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Callable, Tuple, Union, cast  # noqa: UP035

from .exceptions import InvalidHeaderValue
from .grammar import Scanner

__all__ = [
    "Credentials",
    "build_basic_auth",
    "credentials_checker",
    "parse_basic_auth",
]

#: A pair of user and password, or several of them.
Credentials = Union[Tuple[str, str], Iterable[Tuple[str, str]]]  # noqa: UP006

_SPACES = re.compile(r" +")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def build_basic_auth(user: str, password: str) -> str:
    """Build the value of an ``Authorization`` header, in UTF-8 (RFC 7617 §2).

    Raises ValueError for a user with a colon, and for control characters in either.
    """
    # "a user-id containing a colon character is invalid"
    if ":" in user:
        raise ValueError("user of basic authentication has a colon")
    # "The user-id and password MUST NOT contain any control characters"
    if _CONTROLS.search(user) or _CONTROLS.search(password):
        raise ValueError("user or password of basic authentication has a control character")
    credentials = None
    with suppress(UnicodeEncodeError):
        credentials = f"{user}:{password}".encode()
    if credentials is None:
        # Here, and so without a context: that exception holds the password.
        raise ValueError("user or password of basic authentication has a surrogate")
    return "Basic " + base64.b64encode(credentials).decode("ascii")


def parse_basic_auth(header: str) -> tuple[str, str]:
    """Parse the value of an ``Authorization`` header, and return user and password.

    Raises InvalidHeaderFormat if it cannot be parsed, InvalidHeaderValue for another
    scheme than Basic and for credentials that are not what RFC 7617 wants. Both are
    for a response with status 401, and neither shows the value.
    """
    scanner = Scanner("Authorization", header)
    scheme = scanner.token()
    if scheme.lower() != "basic":
        raise InvalidHeaderValue("Authorization", f"unsupported scheme: {scheme}")
    scanner.match(_SPACES, "space")
    token68 = scanner.token68()
    if not scanner.at_end():
        raise scanner.error("expected end")
    credentials = None
    with suppress(binascii.Error, UnicodeDecodeError):
        credentials = base64.b64decode(token68.encode("ascii"), validate=True).decode()
    if credentials is None:
        # Here, and so without a context: a UnicodeDecodeError holds the password.
        raise InvalidHeaderValue("Authorization", "expected base64 of UTF-8")
    user, colon, password = credentials.partition(":")
    if not colon:
        raise InvalidHeaderValue("Authorization", "expected colon in credentials")
    if _CONTROLS.search(credentials):
        raise InvalidHeaderValue("Authorization", "control character in credentials")
    return user, password


def credentials_checker(credentials: Credentials) -> Callable[[str, str], bool]:
    """Return a function that says whether ``(user, password)`` is among ``credentials``.

    ``credentials`` is a pair of user and password, or an iterable of such pairs,
    where a user may have several passwords; anything else is a TypeError. The function
    takes the same time whether the user is unknown or the password wrong, in any place
    or length.
    """
    digests: dict[str, list[bytes]] = {}
    for user, password in _pairs(credentials):
        digests.setdefault(user, []).append(_digest(password))
    # What the password of an unknown user is compared with; no password has it. Each user
    # has as many of them as the one with the most passwords lacks.
    dummy = os.urandom(32)
    most = max(map(len, digests.values()), default=1)
    for known in digests.values():
        known += [dummy] * (most - len(known))
    unknown = [dummy] * most

    def check(user: str, password: str) -> bool:
        digest = _digest(password)
        # All of them, whichever is right.
        right = [hmac.compare_digest(digest, known) for known in digests.get(user, unknown)]
        return any(right)

    return check


def _digest(password: str) -> bytes:
    # Of one length, since comparing in constant time does not hide a length.
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()


def _pairs(credentials: Credentials) -> list[tuple[str, str]]:
    if _is_pair(credentials):
        return [cast("tuple[str, str]", credentials)]
    if isinstance(credentials, Iterable):
        pairs = list(credentials)
        if all(_is_pair(pair) for pair in pairs):
            return cast("list[tuple[str, str]]", pairs)
    raise TypeError("credentials must be a pair of user and password, or an iterable of pairs")


def _is_pair(pair: object) -> bool:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        return False
    return all(isinstance(item, str) for item in pair)
