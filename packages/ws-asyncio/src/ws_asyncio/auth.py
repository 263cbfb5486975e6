"""HTTP Basic Auth on the server (RFC 7617)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any, Callable

from ws_http import (
    Credentials,
    Headers,
    InvalidHeader,
    MultipleValuesError,
    build_basic_challenge,
    credentials_checker,
    parse_basic_auth,
)

from .server_protocol import HTTPResponse, WebSocketServerProtocol

__all__ = ["BasicAuthWebSocketServerProtocol", "CheckCredentials", "basic_auth_protocol_factory"]

CheckCredentials = Callable[[str, str], Awaitable[bool]]


class BasicAuthWebSocketServerProtocol(WebSocketServerProtocol):
    """The server's side of a connection whose client has to give a user and a password.

    Made by :func:`basic_auth_protocol_factory`. ``username`` is the user once the
    credentials are found good.
    """

    def __init__(
        self, *args: Any, realm: str, check_credentials: CheckCredentials, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.realm = realm
        self.check_credentials = check_credentials
        self.username: str | None = None

    async def process_request(self, path: str, request_headers: Headers) -> HTTPResponse | None:
        """Answer 401 unless the credentials are good; then go on as without them."""
        try:
            user, password = parse_basic_auth(request_headers["Authorization"])
        except MultipleValuesError:
            return self._unauthorized("more than one Authorization header")
        except LookupError:
            return self._unauthorized("missing credentials")
        except InvalidHeader:
            return self._unauthorized("unsupported credentials")
        if not await self.check_credentials(user, password):
            return self._unauthorized("invalid credentials")
        self.username = user
        return await super().process_request(path, request_headers)

    def _unauthorized(self, why: str) -> HTTPResponse:
        headers = [("WWW-Authenticate", build_basic_challenge(self.realm))]
        return HTTPStatus.UNAUTHORIZED, headers, f"{why}\n".encode()


def basic_auth_protocol_factory(
    realm: str,
    credentials: Credentials | None = None,
    check_credentials: CheckCredentials | None = None,
    create_protocol: Callable[..., BasicAuthWebSocketServerProtocol] | None = None,
) -> Callable[..., BasicAuthWebSocketServerProtocol]:
    """Make a ``create_protocol`` for :func:`serve` that enforces HTTP Basic Auth.

    Args:
        realm: names what is protected.
        credentials: a pair of user and password, or an iterable of pairs. They are
            compared in constant time.
        check_credentials: a coroutine function that tells whether a user and a password
            are good, instead.
        create_protocol: makes the connections; :class:`BasicAuthWebSocketServerProtocol`,
            a subclass, or a callable with its arguments.

    Raises TypeError unless exactly one of ``credentials`` and ``check_credentials`` is
    given, and for credentials that are no pairs of str.
    """
    if (credentials is None) is (check_credentials is None):
        raise TypeError("give either credentials or check_credentials")
    if check_credentials is None:
        assert credentials is not None
        check_credentials = compare(credentials)
    build_basic_challenge(realm)  # for its errors
    return functools.partial(
        create_protocol or BasicAuthWebSocketServerProtocol,
        realm=realm,
        check_credentials=check_credentials,
    )


def compare(credentials: Credentials) -> CheckCredentials:
    check = credentials_checker(credentials)

    async def check_credentials(user: str, password: str) -> bool:
        return check(user, password)

    return check_credentials
