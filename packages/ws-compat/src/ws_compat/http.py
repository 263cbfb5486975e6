"""Reading a request or a response from a stream (RFC 7230 §3)."""

from __future__ import annotations

import asyncio

from ws_asyncio import USER_AGENT
from ws_http import Headers, InvalidMessage, RequestParser, ResponseParser, SecurityError

__all__ = ["USER_AGENT", "read_request", "read_response"]


async def read_request(stream: asyncio.StreamReader) -> tuple[str, Headers]:
    """Read the head of a GET request; return its path, with the query, and its headers.

    Raises EOFError if the stream ends before it does, ValueError if it is malformed,
    SecurityError if it is too long.
    """
    parser = RequestParser()
    await read_head(stream, parser)
    assert parser.message is not None
    method, path, headers, _ = parser.message
    if method != "GET":
        raise ValueError(f"unsupported HTTP method: {method}")
    return path, headers


async def read_response(stream: asyncio.StreamReader) -> tuple[int, str, Headers]:
    """Read the head of a response; return its status, its reason phrase and its headers.

    Raises what :func:`read_request` does.
    """
    parser = ResponseParser()
    await read_head(stream, parser)
    assert parser.message is not None
    return parser.message.status, parser.message.reason, parser.message.headers


async def read_head(stream: asyncio.StreamReader, parser: RequestParser | ResponseParser) -> None:
    """Feed a parser line by line, so that what follows the head stays in the stream."""
    while parser.message is None:
        try:
            line = await stream.readline()
        except ValueError as exc:  # the line is longer than the limit of the stream
            raise SecurityError("line too long") from exc
        if not line.endswith(b"\n"):
            raise EOFError(str(parser.eof_error()))
        try:
            parser.receive_data(line)
        except InvalidMessage as exc:
            raise ValueError(str(exc)) from exc
