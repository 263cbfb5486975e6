"""Where a client connects to, and how; also after redirects (RFC 6455 §4.1, RFC 7231 §6.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Callable, NamedTuple, Optional

from ws_http import (
    Headers,
    HeadersLike,
    SecurityError,
    WebSocketURI,
    follow_redirect,
    redirected_headers,
    same_origin,
)

from .advice import advise_client
from .client_protocol import WebSocketClientProtocol
from .transports import opener

__all__ = ["Target"]

# What says where the server of the URI is, and is meant for no other.
OVERRIDES = ("host", "port", "server_hostname")


class Target(NamedTuple):
    """A URI, what overrides it, and the headers for it.

    ``path`` is a Unix socket, ``options`` are arguments of ``create_connection()``.
    """

    uri: WebSocketURI
    path: Optional[str]  # noqa: UP045
    options: Mapping[str, Any]
    extra_headers: Optional[HeadersLike]  # noqa: UP045

    def arguments(self) -> dict[str, Any]:
        """Give the arguments of ``create_connection()`` or ``create_unix_connection()``.

        Raises ValueError for ``ssl`` with a ``ws://`` URI.
        """
        arguments = dict(self.options)
        if not self.uri.secure:
            if arguments.get("ssl") is not None:
                raise ValueError("ssl is given but ws:// is without TLS; use a wss:// URI")
        elif not arguments.setdefault("ssl", True):
            raise ValueError(f"ssl is {arguments['ssl']} but wss:// is with TLS; use a ws:// URI")
        if arguments.get("sock") is None and self.path is None:
            arguments.setdefault("host", self.uri.host)
            arguments.setdefault("port", self.uri.port)
        if self.uri.secure:
            # The certificate is to be the one of the URI, wherever TCP goes.
            arguments.setdefault("server_hostname", self.uri.host)
        return arguments

    async def connect(
        self, factory: Callable[[], WebSocketClientProtocol]
    ) -> tuple[asyncio.Transport, WebSocketClientProtocol]:
        """Open the TCP connection or Unix socket, and TLS on it."""
        loop = asyncio.get_running_loop()
        arguments = self.arguments()
        opened: Awaitable[tuple[asyncio.Transport, WebSocketClientProtocol]]
        if self.path is not None:
            create = opener(loop, "create_unix_connection", tls=self.uri.secure)
            opened = create(factory, self.path, **arguments)
        else:
            create = opener(loop, "create_connection", tls=self.uri.secure)
            opened = create(factory, **arguments)
        try:
            return await opened
        except OSError as exc:
            advise_client(exc, arguments.get("host"))
            raise

    def redirected(self, location: str) -> Target:
        """Give the target that a redirect leads to.

        Raises SecurityError for a redirect from TLS to plain text, or away from a
        socket that the caller gave; InvalidURI.
        """
        uri = follow_redirect(self.uri, location)
        if self.options.get("sock") is not None:
            raise SecurityError("redirect of a connection over a given socket")
        if same_origin(self.uri, uri):
            return self._replace(uri=uri)
        if self.path is not None:
            raise SecurityError("redirect from a Unix socket to another origin")
        options = {name: value for name, value in self.options.items() if name not in OVERRIDES}
        if not self.uri.secure:
            options.pop("ssl", None)  # it says None, which is right for this URI alone
        headers = redirected_headers(Headers(self.extra_headers or ()), self.uri, uri)
        return Target(uri, None, options, headers)
