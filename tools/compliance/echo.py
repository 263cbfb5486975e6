"""
The two ends that Autobahn's test suite looks at: a server and a client that echo.

python tools/compliance/echo.py server            print a port, and serve until stdin ends
python tools/compliance/echo.py client URI AGENT  do each case of the suite's server at URI
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from ws_asyncio import WebSocketCommonProtocol, connect, serve
from ws_frames import ConnectionClosed

# Section 9 has messages of 16 MiB. A ping of ours would be one more frame in each case.
OPTIONS: dict[str, Any] = {"max_size": 2**24, "ping_interval": None}

# Of 1,000 messages of 128 KiB to compress, in pure Python.
CASE_TIMEOUT = 180


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="role", required=True)
    commands.add_parser("server")
    client = commands.add_parser("client")
    client.add_argument("uri")
    client.add_argument("agent")
    options = parser.parse_args()
    if options.role == "server":
        asyncio.run(run_server())
    else:
        asyncio.run(run_client(options.uri, options.agent))


async def echo(ws: WebSocketCommonProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def run_server() -> None:
    async with serve(echo, "127.0.0.1", 0, **OPTIONS) as server:
        assert server.sockets is not None
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def run_client(uri: str, agent: str) -> None:
    async with connect(f"{uri}/getCaseCount", **OPTIONS) as ws:
        count = int(await ws.recv())
    for number in range(1, count + 1):
        case = f"{uri}/runCase?case={number}&agent={agent}"
        await asyncio.wait_for(run_case(case), CASE_TIMEOUT)
    async with connect(f"{uri}/updateReports?agent={agent}", **OPTIONS):
        pass


async def run_case(uri: str) -> None:
    try:
        async with connect(uri, **OPTIONS) as ws:
            await echo(ws)
    except ConnectionClosed:
        pass  # the suite judges how


if __name__ == "__main__":
    main()
