"""A server as it was written for release 3: it still runs, and is warned of what to change."""

import asyncio

import websockets


async def echo(ws, path):  # type: ignore[no-untyped-def]
    while True:
        message = await ws.recv()
        if message is None:
            break
        print("state:", ws.state_name, flush=True)
        await ws.send(message)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
server = websockets.serve(
    echo,
    "127.0.0.1",
    8765,
    klass=websockets.WebSocketServerProtocol,
    timeout=5,
    legacy_recv=True,
    loop=loop,
)
loop.run_until_complete(server)
loop.run_forever()
