"""Reading requests and responses from a stream."""

from __future__ import annotations

import asyncio

import pytest

from ws_compat.http import read_request, read_response
from ws_http import SecurityError

REQUEST = b"GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
RESPONSE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def stream(data: bytes, *, eof: bool = True, limit: int = 2**16) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=limit)
    reader.feed_data(data)
    if eof:
        reader.feed_eof()
    return reader


async def test_a_request_gives_path_and_headers() -> None:
    path, headers = await read_request(stream(REQUEST))
    assert path == "/chat?room=1"
    assert headers["host"] == "example.com"
    assert headers.get_all("X-A") == ["1", "2"]


async def test_a_response_gives_status_reason_and_headers() -> None:
    status, reason, headers = await read_response(stream(RESPONSE))
    assert (status, reason) == (101, "Switching Protocols")
    assert headers["upgrade"] == "websocket"


async def test_what_follows_stays_in_the_stream() -> None:
    for data, read in [(REQUEST, read_request), (RESPONSE, read_response)]:
        reader = stream(data + b"\x81\x01\xff\n")
        await read(reader)
        assert await reader.read() == b"\x81\x01\xff\n"


async def test_it_waits_for_the_rest() -> None:
    reader = stream(REQUEST[:30], eof=False)
    task = asyncio.ensure_future(read_request(reader))
    await asyncio.sleep(0)
    assert not task.done()
    reader.feed_data(REQUEST[30:])
    path, _ = await task
    assert path == "/chat?room=1"


@pytest.mark.parametrize("length", [0, 3, 40])
async def test_an_early_end_is_an_eof_error(length: int) -> None:
    with pytest.raises(EOFError, match="connection closed after"):
        await read_request(stream(REQUEST[:length]))
    with pytest.raises(EOFError, match="connection closed after"):
        await read_response(stream(RESPONSE[:length]))


async def test_what_is_malformed_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="malformed request line"):
        await read_request(stream(b"Hello\r\n\r\n"))
    with pytest.raises(ValueError, match="malformed status line"):
        await read_response(stream(REQUEST))


async def test_another_method_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="unsupported HTTP method: POST"):
        await read_request(stream(REQUEST.replace(b"GET", b"POST")))


async def test_what_is_too_long_is_a_security_error() -> None:
    with pytest.raises(SecurityError, match="request line over 8192 bytes"):
        await read_request(stream(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n"))
    with pytest.raises(SecurityError, match="line too long"):
        await read_request(stream(REQUEST, limit=10))
