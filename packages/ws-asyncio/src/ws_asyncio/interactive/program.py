"""The program from its arguments to its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Callable

from ws_frames import WebSocketException
from ws_http import build_uri, parse_uri

from ..client import connect
from ..client_protocol import WebSocketClientProtocol
from .arguments import Options, parse_arguments
from .chooser import choose_console
from .failures import explain
from .session import Session

__all__ = ["main"]

#: Seconds for each stage of closing: somebody is waiting for the program to end.
CLOSE_TIMEOUT = 3


def main(arguments: Sequence[str] | None = None, *, package: str = "ws_asyncio") -> int:
    """Run ``python -m package`` with these arguments, or those of the process.

    Returns the exit status: 0 when the connection ended as it should, 1 when not. Exits
    with 2 for arguments that make no sense.
    """
    options = parse_arguments(arguments, package)
    try:
        return asyncio.run(run(options, f"python -m {package}"))
    except KeyboardInterrupt:  # where there is no handler for signals: on Windows
        return 1
    except BrokenPipeError:
        # Whoever read our output has enough of it. Python would complain at the end, when
        # it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


async def run(options: Options, program: str) -> int:
    task = asyncio.current_task()
    assert task is not None
    interrupt: Callable[[], object] = task.cancel
    with on_signals(lambda: interrupt()):
        try:
            ws = await open_connection(options)
        except (OSError, ValueError, WebSocketException, asyncio.TimeoutError) as exc:
            print(f"{program}: {explain(exc, options.uri)}", file=sys.stderr)
            return 1
        except asyncio.CancelledError:
            print(f"{program}: interrupted before the connection was open", file=sys.stderr)
            return 1
        with choose_console() as console:
            session = Session(ws, console, options.linger)
            interrupt = session.interrupt
            console.notice(f"Connected to {shown_uri(options.uri)}.")
            ended_well = await session.run()
    return 0 if ended_well else 1


async def open_connection(options: Options) -> WebSocketClientProtocol:
    return await connect(
        options.uri,
        extra_headers=options.headers,
        subprotocols=options.subprotocols or None,
        origin=options.origin,
        close_timeout=CLOSE_TIMEOUT,
        **tls_options(options),
    )


def tls_options(options: Options) -> dict[str, Any]:
    if not (options.insecure and parse_uri(options.uri).secure):
        return {}
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def shown_uri(uri: str) -> str:
    """Give the URI without its credentials."""
    return build_uri(parse_uri(uri)._replace(user_info=None))


@contextlib.contextmanager
def on_signals(action: Callable[[], object]) -> Iterator[None]:
    """Call ``action`` for ^C, and when somebody asks the program to end."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    with contextlib.suppress(NotImplementedError):  # on Windows
        for each in signals:
            loop.add_signal_handler(each, action)
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError):
            for each in signals:
                loop.remove_signal_handler(each)
