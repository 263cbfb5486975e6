"""The program from its arguments to its exit status."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ws_asyncio.applications import echo
from ws_asyncio import serve
from ws_asyncio.interactive import program
from ws_asyncio.interactive.arguments import parse_arguments
from ws_asyncio.interactive.pipe import PipeConsole
from ws_asyncio.server_protocol import WebSocketServerProtocol

CERTIFICATE = Path(__file__).with_name("localhost.pem")
LOST = "code = 1006 (connection closed abnormally [internal]), no reason"


class Streams:
    """What a program in this process reads and writes."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self.out = io.StringIO()
        self.err = io.StringIO()

    def end(self) -> None:
        os.close(self.sink)


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Streams:
    """Pipes for the program; the input ends when the test says so."""
    streams = Streams()
    monkeypatch.setattr(
        program, "choose_console", lambda: PipeConsole(streams.source, streams.out, streams.err)
    )
    return streams


async def tell_request(ws: WebSocketServerProtocol) -> None:
    headers = ws.request_headers
    await ws.send(f"{headers['X-Name']} {headers['Origin']} {ws.subprotocol}")


@asynccontextmanager
async def server(handler: Any = echo, **options: Any) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        assert server.sockets is not None
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def run(*arguments: str) -> int:
    options = parse_arguments(arguments, "websockets")
    return await asyncio.wait_for(program.run(options, "python -m websockets"), 20)


async def test_a_conversation_that_ends_well_gives_0(streams: Streams) -> None:
    async with server() as address:
        os.write(streams.sink, b"hello\n")
        streams.end()
        assert await run(f"ws://user:password@{address}/path", "--linger", "0") == 0
    assert streams.out.getvalue() == "hello\n"
    assert streams.err.getvalue() == (
        f"Connected to ws://{address}/path.\nConnection closed: code = 1000 (OK), no reason.\n"
    )


async def test_a_conversation_that_ends_badly_gives_1(streams: Streams) -> None:
    async def abort(ws: WebSocketServerProtocol) -> None:
        ws.fail_connection()

    async with server(abort) as address:
        assert await run(f"ws://{address}") == 1
    assert streams.err.getvalue().splitlines()[1].startswith(f"Connection closed: {LOST}")


async def test_options_are_sent(streams: Streams) -> None:
    async with server(tell_request, subprotocols=["chat"]) as address:
        options = ["--header", "X-Name: value", "--subprotocol", "chat", "--origin", "http://a.b"]
        assert await run(f"ws://{address}", *options) == 0
    assert streams.out.getvalue() == "value http://a.b chat\n"


async def test_a_certificate_that_nobody_signed_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async with await asyncio.start_server(never, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        assert await run(f"wss://127.0.0.1:{port}") == 1
    error = capsys.readouterr().err
    assert error.startswith(f"python -m websockets: the certificate of 127.0.0.1:{port} isn't good")
    assert error.endswith("; --insecure connects in spite of that\n")


async def test_insecure_takes_any_certificate(streams: Streams) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    streams.end()
    async with server(ssl=context) as address:
        assert await run(f"wss://{address}", "--insecure", "--linger", "0") == 0


async def test_insecure_has_no_meaning_without_tls(streams: Streams) -> None:
    streams.end()
    async with server() as address:
        assert await run(f"ws://{address}", "--insecure", "--linger", "0") == 0


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://localhost/", "http://localhost/ isn't a WebSocket URI; try ws://localhost/"),
        ("ws://{address}/403", "the server answered HTTP 403"),
    ],
)
async def test_without_a_connection_it_says_why(
    capsys: pytest.CaptureFixture[str], uri: str, words: str
) -> None:
    async def refuse(path: str, headers: object) -> Any:
        return 403, {}, b"No.\n"

    async with server(process_request=refuse) as address:
        assert await run(uri.format(address=address)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"python -m websockets: {words}")
    assert err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_attempt_to_connect(
    capsys: pytest.CaptureFixture[str], number: int
) -> None:
    connected = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as mute:
        port = mute.sockets[0].getsockname()[1]
        running = asyncio.ensure_future(run(f"ws://127.0.0.1:{port}"))
        await connected.wait()
        os.kill(os.getpid(), number)
        assert await running == 1
    expected = "python -m websockets: interrupted before the connection was open\n"
    assert capsys.readouterr().err == expected


@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
async def test_a_signal_closes_the_connection(streams: Streams) -> None:
    codes = []

    async def wait(ws: WebSocketServerProtocol) -> None:
        await ws.recv()
        os.kill(os.getpid(), signal.SIGINT)
        await ws.wait_closed()
        codes.append(ws.close_code)

    os.write(streams.sink, b"ready\n")
    async with server(wait) as address:
        status = await run(f"ws://{address}")
    assert (status, codes) == (0, [1000])


async def test_where_signals_cannot_be_handled_all_else_works(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise NotImplementedError

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "add_signal_handler", refuse)
    monkeypatch.setattr(loop, "remove_signal_handler", refuse)
    streams.end()
    async with server() as address:
        assert await run(f"ws://{address}", "--linger", "0") == 0


def replace_run(monkeypatch: pytest.MonkeyPatch, outcome: int | BaseException) -> list[Any]:
    calls = []

    async def run(options: Any, name: str) -> int:
        calls.append((options.uri, name))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(program, "run", run)
    return calls


def main(*arguments: str, **options: str) -> int:
    """Run it in a thread: in this one, asyncio.run() would forget the loop of other tests."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(program.main, list(arguments) or None, **options).result()


def test_main_gives_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = replace_run(monkeypatch, 1)
    assert main("ws://localhost/", package="websockets") == 1
    assert calls == [("ws://localhost/", "python -m websockets")]


def test_main_takes_the_arguments_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = replace_run(monkeypatch, 0)
    monkeypatch.setattr(sys, "argv", ["__main__.py", "ws://localhost/"])
    assert main() == 0
    assert calls == [("ws://localhost/", "python -m ws_asyncio")]


def test_an_interrupt_that_no_handler_takes_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replace_run(monkeypatch, KeyboardInterrupt())
    assert main("ws://localhost/") == 1


def test_when_nobody_reads_the_output_it_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_run(monkeypatch, BrokenPipeError())
    source, sink = os.pipe()
    os.close(source)
    with os.fdopen(sink, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main("ws://localhost/") == 1
        stream.write("what is left")
        stream.flush()
        monkeypatch.undo()
