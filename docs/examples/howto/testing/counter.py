"""What is to be tested: a handler that counts words, and a client that asks it."""

from __future__ import annotations

from ws_asyncio import WebSocketCommonProtocol


async def count_words(ws: WebSocketCommonProtocol) -> None:
    async for message in ws:
        if not isinstance(message, str):
            await ws.close(1003, "text, please")
            return
        await ws.send(str(len(message.split())))


async def ask(ws: WebSocketCommonProtocol, text: str) -> int:
    await ws.send(text)
    return int(await ws.recv())
