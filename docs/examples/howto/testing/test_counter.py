"""Tests of a handler and of a client, most of them without a network."""

from __future__ import annotations

import unittest

from counter import ask, count_words

from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_asyncio.testing import connected_pair
from ws_frames import ConnectionClosedError


class HandlerTests(unittest.IsolatedAsyncioTestCase):
    async def test_it_counts_words(self) -> None:
        async with connected_pair(count_words) as (client, _):
            await client.send("to be or not to be")
            self.assertEqual(await client.recv(), "6")

    async def test_it_wants_text(self) -> None:
        async with connected_pair(count_words) as (client, _):
            await client.send(b"\0")
            with self.assertRaises(ConnectionClosedError) as caught:
                await client.recv()
        self.assertEqual(caught.exception.reason, "text, please")

    async def test_it_ends_when_the_connection_is_lost(self) -> None:
        async with connected_pair(count_words) as (client, server):
            client.transport.abort()
            await server.wait_closed()
        self.assertEqual(server.close_code, 1006)


class ClientTests(unittest.IsolatedAsyncioTestCase):
    async def test_it_understands_the_answer(self) -> None:
        async def answer(ws: WebSocketServerProtocol) -> None:
            await ws.recv()
            await ws.send("3")

        async with connected_pair(answer) as (client, _):
            self.assertEqual(await ask(client, "one two three"), 3)

    async def test_without_a_handler_both_sides_are_ours(self) -> None:
        async with connected_pair() as (client, server):
            await client.send("Hello")
            self.assertEqual(await server.recv(), "Hello")


class ServerTests(unittest.IsolatedAsyncioTestCase):
    async def test_over_tcp_on_a_free_port(self) -> None:
        async with serve(count_words, "127.0.0.1", 0) as server:
            assert server.sockets is not None
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://127.0.0.1:{port}") as ws:
                self.assertEqual(await ask(ws, "over TCP"), 2)


if __name__ == "__main__":
    unittest.main()
