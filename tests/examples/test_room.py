"""The room of ``docs/examples/room``: its two protocols, and what it takes from nobody."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import pytest

import websockets

if TYPE_CHECKING:
    from tests.examples.conftest import LoadExample

SERVER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "room" / "server.py"

T = TypeVar("T")


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, 20)


class Guest:
    """Somebody in the room, at a page or at a terminal."""

    def __init__(self, ws: websockets.WebSocketClientProtocol) -> None:
        self.ws = ws

    async def send(self, message: Any) -> None:
        await self.ws.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    async def line(self) -> Any:
        return await soon(self.ws.recv())

    async def reads(self, *lines: str) -> None:
        """Check that just these lines come next."""
        for line in lines:
            assert await self.line() == line

    async def event(self, kind: str) -> Any:
        """Wait for the next event of a kind."""
        while True:
            event = json.loads(await self.line())
            if event["type"] == kind:
                return event


class Door:
    """The room, and the way in."""

    def __init__(self, module: Any, port: int, stack: AsyncExitStack) -> None:
        self.module = module
        self.port = port
        self._stack = stack

    async def enter(self, name: str = "", *, page: bool = False, **options: Any) -> Guest:
        """Come in, and take notice of what everybody is told then."""
        if page:
            options["subprotocols"] = [self.module.SUBPROTOCOL]
        uri = f"ws://127.0.0.1:{self.port}/?name={quote(name)}"
        guest = Guest(await self._stack.enter_async_context(websockets.connect(uri, **options)))
        if page:
            await guest.event("members")
        else:
            assert (await guest.line()).startswith("* welcome, ")
        return guest

    async def get(self, path: str, *headers: str) -> tuple[str, str]:
        """Ask for something over HTTP; gives head and body of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        answer = await soon(reader.read())
        writer.close()
        await writer.wait_closed()
        head, _, body = answer.decode().partition("\r\n\r\n")
        return head, body


@pytest.fixture
async def door(load_example: LoadExample) -> AsyncIterator[Door]:
    module: Any = load_example("room/server.py")
    module.PAUSE = 0
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            websockets.serve(
                module.Room().handle,
                "127.0.0.1",
                0,
                process_request=module.answer,
                subprotocols=[module.SUBPROTOCOL],
                max_size=module.MAX_SIZE,
            )
        )
        assert server.sockets is not None
        yield Door(module, server.sockets[0].getsockname()[1], stack)


async def test_people_at_terminals_read_lines(door: Door) -> None:
    ada = await door.enter("Ada")
    await ada.reads("* here: Ada")
    grace = await door.enter("Grace")
    await grace.reads("* here: Ada, Grace")
    await ada.reads("* Grace came in")
    await grace.send("hello")
    await ada.reads("Grace: hello")
    await ada.send("hello yourself")
    await grace.reads("Ada: hello yourself")
    await ada.ws.close()
    await grace.reads("* Ada left")


async def test_pages_get_json(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    grace = await door.enter("Grace", page=True)
    assert (await ada.event("note"))["text"] == "Grace came in"
    assert (await ada.event("members"))["members"] == ["Ada", "Grace"]
    await grace.send({"say": "hello"})
    for guest in (ada, grace):
        message = await guest.event("message")
        assert (message["name"], message["text"]) == ("Grace", "hello")
        assert message["time"] == pytest.approx(1.7e9, rel=1)


async def test_pages_and_terminals_read_each_other(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    linus = await door.enter("Linus")
    await linus.reads("* here: Ada, Linus")
    await ada.send({"say": "hello"})
    await linus.reads("Ada: hello")
    await linus.send("hello")
    assert (await ada.event("message"))["name"] == "Ada"
    assert (await ada.event("message"))["name"] == "Linus"


async def test_newcomers_get_the_last_messages(door: Door) -> None:
    count = door.module.REMEMBERED + 1
    ada = await door.enter("Ada", page=True)
    for number in range(count):
        await ada.send({"say": f"message {number}"})
    while (await ada.event("message"))["text"] != f"message {count - 1}":
        pass
    grace = await door.enter("Grace")
    await grace.reads(*(f"Ada: message {number}" for number in range(1, count)))
    await grace.reads("* here: Ada, Grace")


async def test_a_name_can_be_changed_at_a_terminal(door: Door) -> None:
    ada = await door.enter("Ada")
    grace = await door.enter("Grace")
    await grace.reads("* here: Ada, Grace")
    await ada.send("/name Countess")
    await grace.reads("* Ada is now Countess")
    await ada.reads("* here: Ada", "* Grace came in", "* you are Countess")


async def test_a_name_can_be_changed_in_a_page(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    await ada.send({"name": "Countess"})
    assert (await ada.event("you"))["you"] == "Countess"
    assert (await ada.event("members"))["members"] == ["Countess"]


async def test_keeping_a_name_is_no_news_for_the_others(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    grace = await door.enter("Grace")
    await ada.send({"name": "Ada"})
    assert (await ada.event("you"))["you"] == "Ada"
    await ada.send({"say": "hello"})
    await grace.reads("* here: Ada, Grace", "Ada: hello")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "Guest"),
        (" \t ", "Guest"),
        ("ada", "ada 2"),
        ("A\x1b[31m\u202ed\n", "A [31m d"),
        ("x" * 100, "x" * 24),
        ("山田太郎", "山田太郎"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\ud800", "Guest"),
    ],
)
def test_names_are_clean_and_short_and_unlike_each_other(
    load_example: LoadExample, wanted: str, found: str
) -> None:
    room = load_example("room/server.py").Room()
    room.members["Ada"] = None
    assert room.free_name(wanted) == found


async def test_somebody_at_a_terminal_can_ask_who_is_here_and_for_help(door: Door) -> None:
    ada = await door.enter("Ada")
    await ada.send("/who")
    await ada.send("/help")
    await ada.reads("* here: Ada", "* here: Ada", f"* {door.module.HELP}")


async def test_messages_have_a_limit(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    await ada.send({"say": "x" * 500})
    assert (await ada.event("message"))["text"] == "x" * 500
    await ada.send({"say": "x" * 501})
    assert "501 characters" in (await ada.event("note"))["text"]


async def test_a_message_far_over_the_limit_ends_the_connection(door: Door) -> None:
    ada = await door.enter("Ada")
    await ada.send("x" * (door.module.MAX_SIZE + 1))
    await soon(ada.ws.wait_closed())
    assert ada.ws.close_code == 1009


async def test_nobody_can_send_control_characters_to_the_terminals_of_others(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    grace = await door.enter("Grace")
    await ada.send({"say": "a\x1b[2Jb\nGrace: c\ud800"})
    await grace.reads("* here: Ada, Grace", "Ada: a [2Jb Grace: c")


async def test_nothing_is_not_said(door: Door) -> None:
    ada = await door.enter("Ada", page=True)
    await ada.send({"say": " "})
    await ada.send({"say": "something"})
    assert (await ada.event("message"))["text"] == "something"


@pytest.mark.parametrize(
    "message",
    [b"binary", "text", "[]", "{}", '{"say": 1}', '{"shout": "x"}', "[" * 3000],
    ids=["binary", "no JSON", "a list", "no command", "a number", "unknown", "very deep"],
)
async def test_what_is_not_in_the_protocol_ends_the_connection(door: Door, message: Any) -> None:
    ada = await door.enter("Ada", page=True)
    await ada.send(message)
    await soon(ada.ws.wait_closed())
    assert ada.ws.close_code == 1003


async def test_binary_messages_are_not_for_terminals(door: Door) -> None:
    ada = await door.enter("Ada")
    await ada.send(b"hello")
    await soon(ada.ws.wait_closed())
    assert ada.ws.close_code == 1003


async def test_a_full_room_takes_nobody(door: Door) -> None:
    door.module.MAX_MEMBERS = 1
    ada = await door.enter("Ada")
    async with websockets.connect(f"ws://127.0.0.1:{door.port}/") as ws:
        await soon(ws.wait_closed())
        assert ws.close_code == 1013
    await ada.ws.close()


class Stalled:
    """A connection that takes nothing."""

    subprotocol = None

    def __init__(self) -> None:
        self.code: int | None = None

    async def close(self, code: int, reason: str) -> None:
        self.code = code


async def test_somebody_slow_does_not_hold_up_the_others(load_example: LoadExample) -> None:
    module = load_example("room/server.py")
    room = module.Room()
    stalled, other = Stalled(), Stalled()
    slow, quick = room.enter(stalled, "Slow"), room.enter(other, "Quick")
    for number in range(module.MAX_WAITING + 1):
        room.say(quick, f"message {number}")
    await slow.closing
    assert stalled.code == 1013
    assert slow.waiting.qsize() == module.MAX_WAITING
    assert other.code is None


async def test_the_page_comes_over_the_same_port(door: Door) -> None:
    head, body = await door.get("/")
    assert head.startswith("HTTP/1.1 200 ")
    assert "Content-Security-Policy: default-src 'none'" in head
    assert "text/html" in head
    for path, content_type in [("/room.css", "text/css"), ("/room.js", "text/javascript")]:
        assert f'"{path}"' in body
        head, _ = await door.get(f"{path}?again")
        assert head.startswith("HTTP/1.1 200 ")
        assert content_type in head


async def test_other_files_are_not_given_away(door: Door) -> None:
    for path in ("/server.py", "/../server.py", "//"):
        head, _ = await door.get(path)
        assert head.startswith("HTTP/1.1 404 ")


async def test_only_pages_of_its_own_may_connect(door: Door) -> None:
    origin = websockets.Origin(f"http://127.0.0.1:{door.port}")
    assert (await door.enter("Ada", page=True, origin=origin)).ws.open
    with pytest.raises(websockets.InvalidStatusCode) as info:
        await door.enter("Eve", page=True, origin=websockets.Origin("http://evil.example"))
    assert info.value.status_code == 403


async def test_two_origins_are_refused(door: Door) -> None:
    for origin, status in [("http://evil.example", 403), (f"http://127.0.0.1:{door.port}", 400)]:
        with pytest.raises(websockets.InvalidStatusCode) as info:
            await door.enter("Eve", extra_headers=[("Origin", origin)] * 2)
        assert info.value.status_code == status


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", str(SERVER), "--host", "127.0.0.1", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_it_says_what_to_open_and_ends_when_asked_to(number: str) -> None:
    with start("--port", "0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "The room is open.\n"
        _, browser, terminal = (process.stdout.readline() for _ in range(3))
        address = browser.split()[-1]
        assert terminal.endswith(f"-m websockets {address.replace('http', 'ws')}\n")
        process.send_signal(getattr(signal, number))
        rest = process.stdout.read()
        assert rest.endswith("The room closes.\n")
        assert process.stderr.read() == ""
        assert process.wait(20) == 0


def test_it_says_when_the_port_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port)) as process:
            out, error = process.communicate(timeout=20)
    assert out == ""
    assert error == (f"port {port} of 127.0.0.1 is in use; take another one: --port {port + 1}\n")
    assert process.returncode == 1


def test_it_says_when_it_cannot_listen() -> None:
    with start("--host", "192.0.2.1", "--port", "0") as process:
        _, error = process.communicate(timeout=20)
    assert error.startswith("cannot listen on port 0 of 192.0.2.1: ")
    assert process.returncode == 1
