"""What becomes of programs around a connection: forks, interpreters, ends of all kinds."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from attack.wire import BINARY, PATIENCE, Listener

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Victim

pytestmark = pytest.mark.attacks

CONNECTED = """
import asyncio, gc, os, sys
from ws_asyncio import connect, serve

async def echo(ws):
    async for message in ws:
        await ws.send(message)

async def opened():
    server = await serve(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    ws = await connect(f"ws://127.0.0.1:{port}/")
    await ws.send("Hello")
    assert await ws.recv() == "Hello"
    return server, ws

def new_loop():
    if sys.argv[1] == "uvloop":
        import uvloop
        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
"""

ENDS = {
    "in order": """
async def main():
    server, ws = await opened()
    await ws.close()
    server.close()
    await server.wait_closed()

loop = new_loop()
loop.run_until_complete(main())
loop.close()
""",
    "by cancelling what is left, as asyncio.run() does": """
async def main():
    return await opened()

loop = new_loop()
kept = loop.run_until_complete(main())
tasks = asyncio.all_tasks(loop)
for task in tasks:
    task.cancel()
loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
loop.run_until_complete(loop.shutdown_asyncgens())
kept[0].server.close()
loop.run_until_complete(asyncio.sleep(0.05))
loop.close()
del kept
gc.collect()
""",
}


def run(kind: Kind, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in which every warning is an error that shows."""
    environment = {**os.environ, "WS_FRAMES_SPEEDUPS": "auto" if kind.twin == "c" else "never"}
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", CONNECTED + program, kind.loop],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("end", ENDS)
def test_a_program_ends_without_a_warning(end: str, kind: Kind) -> None:
    result = run(kind, ENDS[end])
    assert (result.returncode, complaints(result.stderr)) == (0, [])


def complaints(text: str) -> list[str]:
    # Debug mode tells how long the first step took, which imports.
    return [line for line in text.splitlines() if not line.startswith("Executing ")]


FORKING = """
from ws_frames import Connection, Role

connection = Connection(Role.CLIENT)
connection.send_message(b"x")  # fills the pool

def masks():
    return [connection.send_message(b"x")[2:6] for _ in range(500)]

reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.write(writing, b"".join(masks()))
    os._exit(0)
os.close(writing)
with os.fdopen(reading, "rb") as pipe:
    drawn = pipe.read()
os.waitpid(child, 0)
theirs = {drawn[start : start + 4] for start in range(0, len(drawn), 4)}
assert len(theirs) > 490
assert len(theirs & set(masks())) <= 2
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_masks_with_other_keys(kind: Kind) -> None:
    result = run(kind, FORKING)
    assert (result.returncode, complaints(result.stderr)) == (0, [])


def test_masks_can_not_be_predicted(victim: Victim) -> None:
    keys = set()
    for _ in range(3):
        with Listener() as listener:
            victim.ask("connect", uri=listener.uri, path="/echo", options={})
            peer = listener.accept()
        peer.accept()
        for _ in range(200):
            peer.sock.sendall(peer.wire.frame(BINARY, b"x"))
            head = peer.sock.recv(7)
            keys.add(head[2:6])
        peer.close()
    # Of 600 out of 2**32, two alike come once in 24,000 runs, two pairs hardly ever.
    assert len(keys) >= 599


SUBINTERPRETER = """
import _interpreters as interpreters
from ws_frames import IMPLEMENTATION

program = f'''
import sys
sys.path[:0] = {sys.path!r}
from ws_frames import IMPLEMENTATION, Connection, Role
assert IMPLEMENTATION == {IMPLEMENTATION!r}
client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
server.receive_data(client.send_message("Hello"))
assert server.next_event() == "Hello"
'''
for _ in range(3):
    interpreter = interpreters.create()
    failed = interpreters.run_string(interpreter, program)
    assert failed is None, failed
    interpreters.destroy(interpreter)
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="isolated interpreters came with 3.12")
def test_frames_are_parsed_in_another_interpreter(kind: Kind) -> None:
    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    result = run(kind, SUBINTERPRETER.replace("_interpreters as", f"{name} as"))
    assert (result.returncode, complaints(result.stderr)) == (0, [])
