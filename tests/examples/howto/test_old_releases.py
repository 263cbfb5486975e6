"""The guide to moving from old releases: before and after do the same, and the warnings are the page's."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import websockets
import ws_asyncio
import ws_deflate
import ws_frames
import ws_http

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide, Program

WARNING = re.compile(r"(before\.py:\d+: DeprecationWarning: .+)")


async def echo(guide: Guide) -> None:
    async with ws_asyncio.connect(guide.uri()) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"


async def start(guide: Guide, file: str, *options: str) -> Program:
    program = await guide.launch(sys.executable, *options, file)
    await program.listens(guide.port)
    return program


async def test_the_old_program_runs_and_is_warned(guide: Guide) -> None:
    server = await start(guide, "before.py", "-W", "default::DeprecationWarning")
    await echo(guide)
    await server.expect("state: OPEN")
    await server.end()
    warned = WARNING.findall(server.take_output())
    assert warned == WARNING.findall(guide.page)
    assert len(warned) == 5


async def test_the_new_program_does_the_same_without_warnings(guide: Guide) -> None:
    server = await guide.serve("after.py")
    await echo(guide)
    await server.expect("state: OPEN")
    await server.end()
    assert server.output == "state: OPEN\n"


@pytest.mark.parametrize(
    ("package", "names"),
    [
        (ws_frames, ["ConnectionClosed", "ProtocolError", "PayloadTooBig", "InvalidState", "Data"]),
        (ws_http, ["InvalidStatusCode", "InvalidHandshake", "Headers", "Origin", "Subprotocol"]),
    ],
)
def test_names_are_the_same_objects(package: object, names: list[str]) -> None:
    for name in names:
        assert getattr(websockets, name) is getattr(package, name)


def test_the_rest_is_where_the_page_says() -> None:
    names = ("connect", "serve", "unix_connect", "unix_serve", "basic_auth_protocol_factory")
    for name in names:
        assert hasattr(websockets, name)
        assert hasattr(ws_asyncio, name)
    factory = websockets.extensions.permessage_deflate.ClientPerMessageDeflateFactory
    assert factory is ws_deflate.ClientPerMessageDeflateFactory


async def test_ws_asyncio_does_not_know_what_is_deprecated(guide: Guide) -> None:
    async def handler(ws: object) -> None: ...

    with pytest.raises(TypeError, match="klass"):
        await ws_asyncio.serve(handler, "127.0.0.1", 0, klass=object)


def test_the_tables_are_all_of_them(guide: Guide) -> None:
    readme = Path(__file__).resolve().parents[3] / "packages" / "ws-compat" / "README.md"
    text = readme.read_text(encoding="utf-8")
    tables = text.partition("## What is deprecated")[2].partition("## Where it stands")[0]
    for heading in ("### Arguments, attributes, conventions", "### Names", "### Paths"):
        assert heading in tables
