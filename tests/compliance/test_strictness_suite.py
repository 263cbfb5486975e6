"""The strictness suite itself: what it says of servers and clients that are deliberately wrong."""

from __future__ import annotations

import asyncio
from typing import Callable

import pytest

from strictness.targets import ClientTarget, Finish, ServerTarget
from strictness.verdict import FAILED, LEFT_OUT, NON_STRICT, OK
from strictness.wire import Frame
from tests.compliance.ends import BY_ID, SHORT, TIMING, Naive, client, serving

SEEN_IN_BOTH = {
    "framing/text-of-125": OK,
    "control/ping": OK,
    "fragments/three-of-text": OK,
    "closing/reason": OK,
    # What it must not take
    "framing/mask-the-wrong-way-round-text": FAILED,
    "framing/mask-the-wrong-way-round-continuation": FAILED,
    "framing/rsv-1-in-text": FAILED,
    "framing/rsv-2-in-ping": FAILED,
    "framing/opcode-3": FAILED,
    "control/ping-of-126": FAILED,
    "control/ping-fragmented": FAILED,
    "fragments/continuation-of-nothing": FAILED,
    "fragments/text-in-text": FAILED,
    "utf-8/bad-overlong-2-of-slash": FAILED,
    "closing/code-1005": FAILED,
    "closing/code-999": FAILED,
    "closing/body-of-1-byte": FAILED,
    "deflate/hello": LEFT_OUT,
}


@pytest.mark.parametrize(("id", "verdict"), SEEN_IN_BOTH.items(), ids=SEEN_IN_BOTH)
async def test_a_server_that_checks_nothing_is_found_out(id: str, verdict: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert result.verdict == verdict, result.about


@pytest.mark.parametrize(("id", "verdict"), SEEN_IN_BOTH.items(), ids=SEEN_IN_BOTH)
async def test_a_client_that_checks_nothing_is_found_out(id: str, verdict: str) -> None:
    result = await client(Naive(masked=True)).play(BY_ID[id])
    assert result.verdict == verdict, result.about


@pytest.mark.parametrize(
    "id", ["request/no-upgrade", "request/no-connection", "request/post", "request/version-8"]
)
async def test_a_server_that_accepts_any_request_is_found_out(id: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert result.verdict == FAILED
    assert result.about.startswith("open")


@pytest.mark.parametrize(
    "id", ["request/no-host", "request/key-not-base64", "request/two-versions"]
)
async def test_a_server_that_lets_a_malformed_request_through_is_not_strict(id: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert (result.verdict, result.about) == (NON_STRICT, "open, close 1000, eof")


async def test_a_server_that_lets_a_long_form_of_a_length_through_is_not_strict() -> None:
    async with serving(Naive(masked=False), timing=SHORT) as target:
        result = await target.play(BY_ID["framing/length-125-in-2-bytes"])
    assert (result.verdict, result.about) == (NON_STRICT, "text of 125 bytes, silence")


@pytest.mark.parametrize(
    "id",
    [
        "response/status-200",
        "response/no-upgrade",
        "response/accept-of-another-key",
        "response/extension-not-offered",
    ],
)
async def test_a_client_that_accepts_any_response_is_found_out(id: str) -> None:
    result = await client(Naive(masked=True)).play(BY_ID[id])
    assert (result.verdict, result.about) == (FAILED, "text 'probe'")


async def test_a_client_whose_request_is_wrong_is_found_out() -> None:
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    request += b"Connection: keep-alive\r\nSec-WebSocket-Key: AAAA\r\n\r\n"
    target = client(Naive(masked=True), request)
    for part in ("line", "host", "connection", "key", "version"):
        result = await target.play(BY_ID[f"response/request-{part}"])
        assert result.verdict == FAILED
        assert result.about.startswith("wrong ")
    assert (await target.play(BY_ID["response/request-upgrade"])).verdict == OK


# What a target sends is judged as strictly

SPOILT: dict[str, tuple[Callable[[int, bytes], bytes], str]] = {
    "masked": (lambda o, p: Frame(o, p).encode(masked=True), "wrong a masked frame"),
    "rsv": (lambda o, p: Frame(o, p, rsv=1).encode(masked=False), "wrong reserved bits 001 in a text frame"),
    "opcode": (lambda o, p: Frame(3, p).encode(masked=False), "wrong opcode 3"),
    "length": (lambda o, p: Frame(o, p, form=2).encode(masked=False), "wrong a length of 5 in 2 bytes"),
    "text": (lambda o, p: Frame(o, b"\xff").encode(masked=False), "wrong invalid UTF-8 in a text message"),
    "order": (lambda o, p: Frame(0, p).encode(masked=False), "wrong a cont frame out of place"),
    "another": (lambda o, p: Frame(o, p + b"!").encode(masked=False), "text 'Hello!'"),
    "cut": (lambda o, p: Frame(o, p).encode(masked=False)[:-1], "silence"),
    "nothing": (lambda o, p: b"", "silence"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
async def test_a_server_that_sends_something_wrong_is_found_out(name: str) -> None:
    answer, about = SPOILT[name]
    timing = SHORT if about == "silence" else TIMING
    async with serving(Naive(masked=False, answer=answer), timing=timing) as target:
        result = await target.play(BY_ID["fragments/two-of-text"])
    assert (result.verdict, result.about) == (FAILED, about)


GOODBYES = {
    "without a close frame": (b"", "eof"),
    "of a code that must not be sent": (b"\x88\x02\x03\xed", "wrong a close frame with code 1005"),
    "with another code": (b"\x88\x02\x03\xe9", "close 1001"),
    "with a byte": (b"\x88\x01\x03", "wrong a close frame with a body of one byte"),
    "with a reason that is no text": (b"\x88\x03\x03\xe8\xff", "wrong invalid UTF-8 in the reason of a close frame"),
    "twice": (b"\x88\x00\x88\x00", "close 1005, wrong a frame behind the close frame"),
    "cut": (b"\x88\x02\x03", "wrong the end of TCP inside a frame"),
    "fragmented": (b"\x08\x00", "wrong a fragmented close frame"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOODBYES)
async def test_a_server_that_closes_wrongly_is_found_out(name: str) -> None:
    goodbye, about = GOODBYES[name]
    async with serving(Naive(masked=False, goodbye=goodbye)) as target:
        result = await target.play(BY_ID["closing/server-ends-tcp"])
    assert result.verdict == FAILED
    assert result.about.startswith(about)


async def test_a_server_that_leaves_the_end_of_tcp_to_the_client_is_found_out() -> None:
    async with serving(Naive(masked=False, ends=False), timing=SHORT) as target:
        result = await target.play(BY_ID["closing/server-ends-tcp"])
    assert (result.verdict, result.about) == (FAILED, "close 1000, silence")


async def test_a_client_that_goes_on_after_the_end_is_found_out() -> None:
    target = client(Naive(masked=True, ends=False), timing=SHORT)
    result = await target.play(BY_ID["closing/client-waits-for-the-server"])
    assert (result.verdict, result.about) == (
        FAILED,
        "close 1000, silence; afterwards the client goes on",
    )


async def test_a_client_that_does_not_connect_is_found_out() -> None:
    async def start(uri: str) -> Finish:
        async def finish() -> None:
            return None

        return finish

    result = await ClientTarget(start, TIMING).play(BY_ID["control/ping"])
    assert (result.verdict, result.about) == (
        FAILED,
        "no TCP connection: the client does not connect",
    )


RESPONSES = {
    "another accept": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    "no accept": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "no upgrade": b"HTTP/1.1 101 OK\r\nConnection: Upgrade\r\n\r\n",
    "no connection": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\n\r\n",
    "http 1.0": b"HTTP/1.0 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "no header": b"HTTP/1.1 101 OK\r\nNothing of the kind\r\n\r\n",
    "no status": b"HTTP/1.1 one OK\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RESPONSES)
async def test_a_server_whose_response_is_wrong_is_found_out(name: str) -> None:
    async with serving(Naive(masked=False), RESPONSES[name]) as target:
        result = await target.play(BY_ID["request/plain"])
        again = await target.play(BY_ID["control/ping"])
    assert result.verdict == FAILED
    assert result.about.startswith("wrong ")
    assert (again.verdict, again.about) == (FAILED, "no opening handshake")


async def test_a_server_that_is_not_there_fails() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    result = await ServerTarget(f"ws://127.0.0.1:{port}/", TIMING).play(BY_ID["control/ping"])
    assert result.verdict == FAILED
    assert result.about.startswith("no TCP connection: ")


async def test_a_server_that_dies_of_a_case_is_found_out() -> None:
    """After a reset somebody else has to be served."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.close()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await ServerTarget(f"ws://127.0.0.1:{port}/", TIMING).play(BY_ID["tcp/eof-at-once"])
    assert result.verdict == FAILED
    assert result.about.startswith("no TCP connection: ")
