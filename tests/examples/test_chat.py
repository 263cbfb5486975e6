"""The chat of ``docs/examples/chat``: its rooms, and what nobody can do to others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

import ws_asyncio
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.examples.conftest import Example, LoadExample, RunExample


@pytest.fixture
async def server(run_example: RunExample) -> Example:
    return await run_example("chat/server.py", ready="is open")


def enter(server: Example, room: str, name: str) -> ws_asyncio.Connect:
    return ws_asyncio.connect(f"ws://localhost:{server.port}/{room}?name={quote(name)}")


async def reads(ws: ws_asyncio.WebSocketClientProtocol, *lines: str) -> None:
    for line in lines:
        assert await ws.recv() == line


async def test_members_of_a_room_talk(server: Example) -> None:
    async with enter(server, "tea", "Ada") as ada:
        await reads(ada, "* Ada came into tea; here: 1")
        async with enter(server, "tea", "Grace") as grace:
            for ws in (ada, grace):
                await reads(ws, "* Grace came into tea; here: 2")
            await grace.send("hello")
            for ws in (ada, grace):
                await reads(ws, "Grace: hello")
        await reads(ada, "* Grace left")
    await server.stop()


async def test_rooms_do_not_hear_each_other(server: Example) -> None:
    async with enter(server, "tea", "Ada") as ada, enter(server, "", "") as other:
        await reads(ada, "* Ada came into tea; here: 1")
        await reads(other, "* somebody came into lobby; here: 1")
        await other.send("is anybody here?")
        await reads(other, "somebody: is anybody here?")
        await ada.send("milk or lemon?")
        await reads(ada, "Ada: milk or lemon?")


async def test_text_reaches_the_terminals_of_others_clean(server: Example) -> None:
    async with enter(server, "tea", "A\x1b[31md\na") as ada:
        await reads(ada, "* A [31md a came into tea; here: 1")
        await ada.send("a\x1b[2Jb\n* c")
        await reads(ada, "A [31md a: a [2Jb * c")


@pytest.mark.parametrize(("message", "code"), [(b"binary", 1003), ("x" * 2001, 1009)])
async def test_what_it_does_not_take_ends_the_connection(
    server: Example, message: str | bytes, code: int
) -> None:
    async with enter(server, "tea", "Ada") as ada:
        await ada.send(message)
        await ada.wait_closed()
        assert ada.close_code == code


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", ("lobby", "somebody")),
        ("/tea", ("tea", "somebody")),
        ("/gr%C3%BCn/tee/?name=Ada%20L.", ("grün/tee", "Ada L.")),
        (f"/{'r' * 50}?name={'n' * 50}", ("r" * 24, "n" * 24)),
        ("/%0A?name=%1B", ("lobby", "somebody")),
        ("//[", ("[", "somebody")),
    ],
)
def test_paths_name_a_room_and_a_member(
    load_example: LoadExample, path: str, found: tuple[str, str]
) -> None:
    assert load_example("chat/server.py").parse(path) == found


async def test_empty_rooms_are_forgotten(load_example: LoadExample) -> None:
    module = load_example("chat/server.py")
    async with ws_asyncio.serve(module.handle, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/tea"
        async with ws_asyncio.connect(uri) as ws:
            await ws.recv()
            assert list(module.rooms) == ["tea"]
    assert module.rooms == {}


async def test_the_page_comes_over_the_same_port(server: Example) -> None:
    head, body = await server.get("/")
    assert head.startswith("HTTP/1.1 200 ")
    assert "<title>Chat</title>" in body
    head, _ = await server.get("/tea")
    assert head.startswith("HTTP/1.1 404 ")


async def test_only_pages_of_its_own_may_connect(server: Example) -> None:
    uri = f"ws://localhost:{server.port}/"
    for host in ("localhost", "127.0.0.1", "[::1]"):
        async with ws_asyncio.connect(uri, origin=Origin(f"http://{host}:{server.port}")):
            pass
    for origin in ("http://evil.example", f"http://evil.example:{server.port}", "null"):
        with pytest.raises(InvalidStatusCode) as info:
            await ws_asyncio.connect(uri, origin=Origin(origin))
        assert info.value.status_code == 403
    await server.stop()
