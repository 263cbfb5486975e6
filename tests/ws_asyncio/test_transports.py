from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from ws_asyncio import connect, serve, set_transports, transports
from ws_asyncio.transports import opener


class Loop(asyncio.SelectorEventLoop):
    """A loop of asyncio's kind."""


UVLoop = type("UVLoop", (asyncio.SelectorEventLoop,), {"__module__": "uvloop"})


@pytest.fixture(autouse=True)
def _restore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "chosen", "auto")


@pytest.fixture
def aiofastnet(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Something in the place of the package, whether that is installed or not."""
    package = ModuleType("aiofastnet")

    def create_connection(loop: Any, *args: Any) -> Any:
        return ("aiofastnet", loop, *args)

    vars(package)["create_connection"] = create_connection
    monkeypatch.setitem(sys.modules, "aiofastnet", package)
    return package


@pytest.fixture(params=[Loop, UVLoop])
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    loop = request.param()
    yield loop
    loop.close()


def is_fast(loop: asyncio.AbstractEventLoop, *, tls: bool) -> bool:
    function = opener(loop, "create_connection", tls=tls)
    if function == loop.create_connection:
        return False
    assert function(1, 2) == ("aiofastnet", loop, 1, 2)
    return True


@pytest.mark.usefixtures("aiofastnet")
def test_by_default_it_is_taken_where_it_is_faster(loop: asyncio.AbstractEventLoop) -> None:
    assert is_fast(loop, tls=True)
    assert is_fast(loop, tls=False) is not isinstance(loop, UVLoop)


@pytest.mark.usefixtures("aiofastnet")
def test_by_default_it_is_not_taken_where_any_client_could_fill_the_log(
    loop: asyncio.AbstractEventLoop,
) -> None:
    assert opener(loop, "create_server", tls=True) == loop.create_server
    assert opener(loop, "create_unix_server", tls=True) == loop.create_unix_server


@pytest.mark.usefixtures("aiofastnet")
@pytest.mark.parametrize("tls", [False, True])
def test_it_can_be_chosen_and_left(loop: asyncio.AbstractEventLoop, tls: bool) -> None:
    set_transports("aiofastnet")
    assert is_fast(loop, tls=tls)
    set_transports("loop")
    assert not is_fast(loop, tls=tls)


def test_without_it_the_loop_opens_sockets(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiofastnet", None)
    assert not is_fast(loop, tls=True)
    with pytest.raises(ImportError):
        set_transports("aiofastnet")
    assert transports.chosen == "auto"


def test_other_names_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown transports 'fast'; they are one of auto, loop"):
        set_transports("fast")


async def test_messages_pass_through_the_real_one() -> None:
    pytest.importorskip("aiofastnet", reason="the extra ws-asyncio[fast] isn't installed")
    set_transports("aiofastnet")

    async def echo(ws: Any) -> None:
        async for message in ws:
            await ws.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        host, port = server.sockets[0].getsockname()
        async with connect(f"ws://{host}:{port}") as ws:
            assert type(ws.transport).__module__.startswith("aiofastnet")
            await ws.send(b"Hello" * 100_000)
            assert await ws.recv() == b"Hello" * 100_000
        assert ws.close_code == 1000
