from __future__ import annotations

from typing import Any

import pytest

from ws_asyncio import connect, serve
from ws_asyncio.compression import with_compression
from ws_asyncio.testing import connected_pair
from ws_deflate import PerMessageDeflate, add_client_deflate, add_server_deflate


def test_deflate_adds_a_factory() -> None:
    added = with_compression("deflate", None, add_client_deflate)
    assert added is not None
    assert [factory.name for factory in added] == ["permessage-deflate"]


def test_none_adds_nothing() -> None:
    assert with_compression(None, None, add_client_deflate) is None


@pytest.mark.parametrize(
    "call", [lambda **k: connect("ws://localhost", **k), lambda **k: serve(lambda ws: ws, **k)]
)
def test_unknown_compression_is_refused_at_once(call: Any) -> None:
    with pytest.raises(ValueError, match="unknown compression 'brotli'; it is 'deflate' or None"):
        call(compression="brotli")


@pytest.mark.parametrize("compress", [True, False])
async def test_messages_are_compressed_unless_asked_otherwise(
    compress: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    async with connected_pair(
        client_options={"extensions": add_client_deflate(None)},
        server_options={"extensions": add_server_deflate(None)},
    ) as (client, server):
        assert [type(each) for each in client.extensions] == [PerMessageDeflate]
        write = client.transport.write

        def record(data: bytes) -> None:
            written.append(len(data))
            write(data)

        monkeypatch.setattr(client.transport, "write", record)
        await client.send("Hello" * 1000, compress=compress)
        assert await server.recv() == "Hello" * 1000
        await client.send(["Hello" * 1000, "Hello"], compress=compress)
        assert await server.recv() == "Hello" * 1001
    assert (sum(written) < 500) is compress
