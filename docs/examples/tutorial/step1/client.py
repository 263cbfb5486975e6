"""Step 1 of the tutorial: a client that wants to be greeted."""

import asyncio

from ws_asyncio import connect


async def main() -> None:
    async with connect("ws://localhost:8765/") as ws:
        for name in ["Ada", "Grace"]:
            await ws.send(name)
            print(await ws.recv())


if __name__ == "__main__":
    asyncio.run(main())
