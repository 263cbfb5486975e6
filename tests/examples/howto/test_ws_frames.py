"""The guide to ws-frames alone: its client and its server, with ours and with each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_frames import Connection, InvalidState, Parser, Role
from ws_http import ClientHandshake, parse_uri

from .conftest import soon

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


async def test_they_talk_to_each_other(guide: Guide) -> None:
    await guide.serve()
    assert await guide.run("client.py", guide.uri()) == "Hello\n"


async def test_the_client_talks_to_our_server(guide: Guide) -> None:
    ends = []

    async def echo(ws: WebSocketServerProtocol) -> None:
        await ws.ping()  # which its recv() has to answer
        await ws.send(await ws.recv())
        await ws.wait_closed()
        ends.append((ws.close_code, ws.close_reason, ws.latency > 0))

    async with serve(echo, "127.0.0.1", guide.port):
        assert await guide.run("client.py", guide.uri()) == "Hello\n"
    assert ends == [(1000, "bye", True)]


async def test_our_client_talks_to_the_server(guide: Guide) -> None:
    await guide.serve()
    async with connect(guide.uri()) as ws:
        for message in ("Hello ¥", b"\0\xff", "x" * 2**19, ""):
            await ws.send(message)
            assert await ws.recv() == message
        assert await (await ws.ping()) > 0
    assert ws.close_code == 1000


async def test_the_server_hears_what_comes_with_the_request(guide: Guide) -> None:
    await guide.serve()
    request = ClientHandshake(parse_uri(guide.uri())).send_request()
    message = Connection(Role.CLIENT).send_message("Hello")
    reader, writer = await asyncio.open_connection("127.0.0.1", guide.port)
    writer.write(request + message)
    await soon(reader.readuntil(b"\r\n\r\n"))
    assert await soon(reader.readexactly(7)) == b"\x81\x05Hello"
    writer.close()
    await writer.wait_closed()


async def test_the_server_drops_who_says_nothing(guide: Guide) -> None:
    guide.change("server.py", "TIMEOUT = 60 ", "TIMEOUT = 0.1 ")
    await guide.serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", guide.port)
    assert await soon(reader.read()) == b""
    writer.close()
    await writer.wait_closed()


async def test_the_client_takes_no_address_of_tls(guide: Guide) -> None:
    program = await guide.start("client.py", "wss://localhost/")
    assert await program.end(None) == 1
    assert "ValueError: wss:// takes TLS" in program.take_output()


async def test_the_server_refuses_what_is_no_websocket(guide: Guide) -> None:
    await guide.serve()
    assert (await guide.get())[0] == 426


async def test_a_recording_is_shown_up_to_what_is_wrong(guide: Guide) -> None:
    recording = guide.folder / "recording"
    recording.write_bytes(bytes.fromhex("0103 48656c 8002 6c6f 8900 8300"))
    assert (await guide.run("show.py", "server", str(recording))).splitlines() == [
        "TEXT [continued, 3 bytes] 'Hel'",
        "CONT [2 bytes] 'lo'",
        "PING [0 bytes]",
        "then: reserved opcode 0x3, which closes with 1002",
    ]


def test_the_messages_are_those_of_the_page(guide: Guide) -> None:
    connection = Connection(Role.CLIENT)
    connection.send_close()
    with pytest.raises(InvalidState) as info:
        connection.send_message("late")
    assert guide.says(f"`InvalidState: {info.value}`")
    parser = Parser(masked=True)
    parser.feed(b"\x81\x01a")
    assert guide.says(f"`ProtocolError: {parser.error}`")
