"""The connection that applications hold."""

from __future__ import annotations

import asyncio

import pytest

from ws_asyncio import WebSocketCommonProtocol, connect
from ws_asyncio.testing import connected_pair
from ws_frames import Close, CloseCode, Connection, ConnectionClosedError, Event, Role
from ws_http import ServerHandshake

# A frame with an opcode that means nothing.
BAD_FRAME = b"\x83\x00"
BAD_MASKED_FRAME = b"\x83\x80\x00\x00\x00\x00"


async def echo(ws: WebSocketCommonProtocol) -> None:
    async for message in ws:
        await ws.send(message)


def take_events(connection: Connection) -> list[Event]:
    events = []
    while (event := connection.next_event()) is not None:
        events.append(event)
    return events


@pytest.mark.parametrize("end", [BAD_FRAME, b"\x88\x02\x03\xe8"], ids=["failure", "close"])
async def test_what_follows_the_handshake_at_once_can_be_answered(end: bytes) -> None:
    received: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handshake, connection = ServerHandshake(), Connection(Role.SERVER)
        while not handshake.done:
            handshake.receive_data(await reader.read(4096))
        writer.write(handshake.accept() + connection.send_message("Hello") + end)
        while not connection.close_received:
            connection.receive_data(await reader.read(4096))
            events.extend(take_events(connection))
        writer.close()
        received.set_result(events)

    events: list[Event] = []
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with connect(f"ws://{host}:{port}") as ws:
        if end == BAD_FRAME:
            with pytest.raises(ConnectionClosedError):
                await echo(ws)
        else:
            await echo(ws)
    server.close()
    answer, last = await asyncio.wait_for(received, 5)
    assert answer == "Hello"
    assert isinstance(last, Close)
    assert last.code == (CloseCode.PROTOCOL_ERROR if end == BAD_FRAME else 1000)


async def test_messages_beyond_the_queue_are_answered_before_a_bad_frame_behind_them() -> None:
    sender = Connection(Role.CLIENT)
    frames = b"".join(sender.send_message(str(number)) for number in range(10))
    async with connected_pair(echo, server_options={"max_queue": 8}) as (client, _):
        client.transport.write(frames + BAD_MASKED_FRAME)
        assert [await client.recv() for _ in range(10)] == [str(number) for number in range(10)]
        with pytest.raises(ConnectionClosedError) as caught:
            await client.recv()
    assert caught.value.code == CloseCode.PROTOCOL_ERROR
