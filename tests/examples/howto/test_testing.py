"""The guide to testing: its tests pass, and fail where what they test is wrong."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import WebSocketServerProtocol
from ws_asyncio.testing import connected_pair
from ws_frames import ConnectionClosedError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


async def test_the_tests_pass(guide: Guide) -> None:
    output = await guide.run("test_counter.py")
    count = len(
        re.findall("async def test_", (guide.folder / "test_counter.py").read_text("utf-8"))
    )
    assert f"Ran {count} tests" in output
    assert output.rstrip().endswith("OK")


@pytest.mark.parametrize(
    ("right", "wrong", "failures"),
    [
        ("len(message.split())", "len(message)", 2),
        ('1003, "text, please"', "1003", 1),
        ("int(await ws.recv())", "len(text)", 2),
    ],
)
async def test_they_notice_what_is_wrong(
    guide: Guide, right: str, wrong: str, failures: int
) -> None:
    guide.change("counter.py", right, wrong)
    program = await guide.start("test_counter.py")
    assert await program.end(None) == 1
    assert f"FAILED (failures={failures})" in program.take_output()


async def test_an_error_in_a_handler_is_logged_and_not_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(ws: WebSocketServerProtocol) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "websockets.server"):
        async with connected_pair(handler) as (client, _):
            with pytest.raises(ConnectionClosedError) as info:
                await asyncio.wait_for(client.recv(), 20)
    assert info.value.code == 1011
    assert [record.getMessage() for record in caplog.records] == ["connection handler failed"]


async def test_options_are_those_of_the_protocols() -> None:
    options = {"subprotocols": ["chat"]}
    pair = connected_pair(path="/room", client_options=options, server_options=options)
    async with pair as (client, server):
        assert (client.subprotocol, server.path) == ("chat", "/room")
