"""Requests that a server refuses, and those that do not come in time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from tests.ws_asyncio.clients import request
from ws_http import Headers

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Accept


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 426),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (request(Sec_WebSocket_Version="12"), 400),
        (b"GET /" + b"a" * 9000, 414),
    ],
)
async def test_a_request_that_is_wrong_is_refused(
    accept: Accept, data: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = accept()
    await client.peer.send(data)
    assert await client.get_status() == status
    await client.peer.send_eof()
    await client.protocol.handler_task
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.message.endswith(f"; answered HTTP {status}")
    assert record.exc_info is None
    assert client.protocol.close_code == 1006


async def test_a_refused_client_may_take_some_time_to_leave(accept: Accept, clock: Clock) -> None:
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.peer.turn()
    await client.peer.send(b"more" * 1000)
    await client.protocol.handler_task
    assert clock.now == pytest.approx(1010)
    assert client.transport.aborted


async def test_a_client_that_is_silent_is_refused(
    accept: Accept, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\n")
    await asyncio.sleep(10.1)
    assert await client.get_status() == 408
    await client.protocol.handler_task
    assert caplog.messages == [
        "no connection: opening handshake took more than 10 s; answered HTTP 408"
    ]
    assert all(record.exc_info is None for record in caplog.records)


async def test_the_time_before_tls_was_there_counts_too(accept: Accept, clock: Clock) -> None:
    client = accept()
    client.protocol._accepted_at = clock.now - 6
    await asyncio.sleep(4.1)
    assert await client.get_status() == 408


async def test_an_application_that_does_not_decide_in_time_is_refused(accept: Accept) -> None:
    async def decide(path: str, headers: Headers) -> None:
        await asyncio.sleep(1000)

    client = accept(process_request=decide)
    await client.peer.send(request())
    await asyncio.sleep(10.1)
    assert await client.get_status() == 408
    await client.peer.lose()
    await client.protocol.handler_task


async def test_without_a_time_limit_a_client_may_be_silent(accept: Accept) -> None:
    client = accept(open_timeout=None)
    await asyncio.sleep(1e6)
    await client.open()
