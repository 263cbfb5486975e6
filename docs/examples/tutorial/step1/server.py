"""Step 1 of the tutorial: a server that greets."""

import asyncio
import contextlib

from ws_asyncio import WebSocketServerProtocol, serve


async def greet(ws: WebSocketServerProtocol) -> None:
    print("somebody is here")
    async for name in ws:
        await ws.send(f"Hello, {name!s}!")
    print("somebody has left")


async def main() -> None:
    async with serve(greet, "localhost", 8765) as server:
        print("The server is ready: ws://localhost:8765/")
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
