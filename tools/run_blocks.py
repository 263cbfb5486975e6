"""
Run the Python of pages of the documentation, block by block.

python tools/run_blocks.py docs/howto/tls.md README.md
python tools/run_blocks.py --alone packages/ws-frames/README.md

The blocks of a page share their names, as if they were typed one after the other, and may say ``await``
at top level. At hand from the start are ``asyncio``, ``websockets``, ``uri``, the address of a server
that sends everything back, and ``ws``, a connection to it; a new one when a block says ``ws`` and the
one before is closed. What the comments of a block say is checked: see block_claims.py.

A block that calls ``asyncio.run`` is a program: it runs in a process of its own. With --alone each block
is one, and has to print something. If it has port 8765, it gets a free one instead, the same for the
whole page. If it serves for ever, it is waited for until it listens there, and ended with the page.

A block that readers need not see stands in a comment, <!-- invisible-code-block: python … -->; one that
can't be run says why: <!-- skip: next "needs a certificate" -->. That is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import inspect
import io
import re
import socket
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import Any

import websockets
from block_claims import Block, Claims, Skipped, Wrong, blocks

#: Seconds that no block takes unless something is wrong.
PATIENCE = 20

PROGRAM = re.compile(r"^ *asyncio\.run\(", re.MULTILINE)
SERVES = re.compile(r"\.serve_forever\(\)|await asyncio\.(?:Future\(\)|Event\(\)\.wait\(\))")
PORT = re.compile(r"\b8765\b")

# Debug mode tells how long a step took. The first one that uses a name imports what has it.
SLOW = re.compile(r"^Executing .* took [0-9.]+ seconds\n", re.MULTILINE)


class Programs:
    """The programs of a page, each in a process of its own."""

    def __init__(self) -> None:
        self._servers: list[subprocess.Popen[str]] = []
        with socket.create_server(("localhost", 0)) as sock:
            self._port = int(sock.getsockname()[1])

    def run(self, block: Block) -> None:
        if SERVES.search(block.code):
            self._start(block)
        else:
            self._finish(block)

    def _command(self, block: Block) -> list[str]:
        code = PORT.sub(str(self._port), block.code)
        return [sys.executable, "-W", "error", "-X", "dev", "-c", code]

    def _finish(self, block: Block) -> None:
        done = subprocess.run(
            self._command(block), capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        complaints = SLOW.sub("", done.stderr)
        if done.returncode != 0 or complaints:
            raise Wrong(f"the program ends with status {done.returncode}\n{complaints}")
        Claims(block).check(done.stdout)

    def _start(self, block: Block) -> None:
        server = subprocess.Popen(
            self._command(block), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._servers.append(server)
        deadline = time.monotonic() + PATIENCE
        while server.poll() is None and time.monotonic() < deadline:
            address = ("localhost", self._port)
            with contextlib.suppress(OSError), socket.create_connection(address):
                return
            time.sleep(0.01)
        raise Wrong(f"the program doesn't listen on its port\n{self._end_servers()}")

    def end(self) -> None:
        """End those that go on; raise what they complained about."""
        if complaints := self._end_servers():
            raise Wrong(f"a program that serves complained\n{complaints}")

    def _end_servers(self) -> str:
        complaints = ""
        for server in self._servers:
            server.terminate()
            complaints += SLOW.sub("", server.communicate(timeout=PATIENCE)[1])
        self._servers.clear()
        return complaints


async def echo(ws: websockets.WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def run_page(path: str) -> None:
    """Run the blocks of a page; the first that is wrong ends it."""
    programs = Programs()
    async with websockets.serve(echo, "localhost", 0) as server:
        assert server.sockets
        uri = f"ws://localhost:{server.sockets[0].getsockname()[1]}/"
        names = {"__name__": "__page__", "asyncio": asyncio, "websockets": websockets, "uri": uri}
        try:
            for block in blocks(path):
                with place(block):
                    if isinstance(block, Skipped):
                        print(f"{block.path}:{block.line}: left out: {block.reason}")
                    elif PROGRAM.search(block.code):
                        await asyncio.to_thread(programs.run, block)
                    else:
                        await run_here(block, names)
        finally:
            await asyncio.to_thread(programs.end)
            await cancel_the_rest()


def run_alone(path: str) -> None:
    """Run each block of a page as a program."""
    programs = Programs()
    try:
        for block in blocks(path):
            with place(block):
                if isinstance(block, Skipped) or "  # " not in block.code:
                    raise Wrong("an example here has to run, and to print something")
                programs.run(block)
    finally:
        programs.end()


@contextlib.contextmanager
def place(block: Block | Skipped) -> Iterator[None]:
    """Say in which block it went wrong."""
    try:
        yield
    except Exception as exc:
        raise Wrong(f"{block.path}:{block.line}") from exc


async def run_here(block: Block, names: dict[str, Any]) -> None:
    """Run a block with these names, and compare what it did with what it says."""
    if re.search(r"\bws\b", block.code) and getattr(names.get("ws"), "closed", True):
        names["ws"] = await websockets.connect(names["uri"])
    code = block.compiled()
    output = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(output):
        warnings.simplefilter("always")
        task = asyncio.create_task(evaluate(code, names))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        raise Wrong(f"it still goes on after {PATIENCE} seconds")
    Claims(block).check(output.getvalue(), task.exception(), caught)


async def evaluate(code: CodeType, names: dict[str, Any]) -> None:
    result = eval(code, names)
    if code.co_flags & inspect.CO_COROUTINE:
        await result


async def cancel_the_rest() -> None:
    """End the tasks that blocks have left."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def explained(error: BaseException | None) -> str:
    """What went wrong; where Python says it, with the lines of the page."""
    if isinstance(error, Wrong):
        return f"{error}\n{explained(error.__cause__)}"
    return "".join(traceback.format_exception(None, error, error.__traceback__)) if error else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="+", metavar="page")
    parser.add_argument("--alone", action="store_true", help="each block starts with nothing")
    options = parser.parse_args(arguments)
    wrong = 0
    for page in options.pages:
        try:
            if options.alone:
                run_alone(page)
            else:
                asyncio.run(run_page(page))
        except Wrong as exc:
            print(exc, explained(exc.__cause__), sep=": ", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
