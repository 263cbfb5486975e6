"""The guide to writing an extension: it is agreed on, does its work, and notices what is wrong."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import connect
from ws_frames import ConnectionClosedError, Frame, Opcode, ProtocolError
from ws_http import NegotiationError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


@pytest.fixture
def checksum(guide: Guide) -> Any:
    """The module of the guide."""
    path = guide.folder / "checksum.py"
    spec = importlib.util.spec_from_file_location("checksum_of_the_guide", path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_it_is_agreed_on_with_compression_behind_it(guide: Guide) -> None:
    await guide.serve()
    output = await guide.run("client.py")
    assert output == "['x-checksum', 'permessage-deflate']\nHello\n"


async def test_the_headers_are_those_of_the_page(guide: Guide, checksum: Any) -> None:
    await guide.serve()
    offers = [checksum.ClientChecksumFactory("adler32")]
    async with connect(guide.uri(), extensions=offers, compression=None) as ws:
        for message in ("Hello", b"", ["frag", "ments"], "x" * 2**20):
            await ws.send(message)
            assert await ws.recv() == (message if message != ["frag", "ments"] else "fragments")
        offered = ws.request_headers["Sec-WebSocket-Extensions"]
        assert guide.says(f"`Sec-WebSocket-Extensions: {offered}`")
        assert ws.response_headers["Sec-WebSocket-Extensions"] == "x-checksum"


async def test_a_client_without_it_goes_on_without(guide: Guide) -> None:
    await guide.serve()
    async with connect(guide.uri(), compression=None) as ws:
        assert ws.extensions == []
        await ws.send("Hello")
        assert await ws.recv() == "Hello"


async def test_an_unknown_kind_is_declined(guide: Guide, checksum: Any) -> None:
    factory = checksum.ServerChecksumFactory()
    with pytest.raises(NegotiationError, match="md5"):
        factory.process_request_params([("kind", "md5")], [])
    with pytest.raises(NegotiationError, match="unexpected"):
        checksum.ClientChecksumFactory().process_response_params([("kind", "md5")], [])


async def test_a_wrong_checksum_closes(guide: Guide, checksum: Any) -> None:
    extension = checksum.Checksum("crc32")
    frame = extension.encode(Frame(True, Opcode.TEXT, b"Hello"))
    assert extension.decode(frame).data == b"Hello"
    with pytest.raises(ProtocolError, match="wrong checksum"):
        extension.decode(frame._replace(data=b"J" + frame.data[1:]))
    await guide.serve()
    offers = [checksum.ClientChecksumFactory()]
    async with connect(guide.uri(), extensions=offers, compression=None) as ws:
        ws.extensions[0]._checksum = lambda data: 0  # type: ignore[attr-defined]
        await ws.send("Hello")
        with pytest.raises(ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (1002, "wrong checksum")


async def test_a_checksum_counts_where_it_is_compressed(guide: Guide, checksum: Any) -> None:
    guide.change("server.py", "extensions=extensions", "extensions=extensions, max_size=1000")
    await guide.serve()
    for size, code in ((996, 1000), (997, 1009)):
        ws = await connect(guide.uri(), extensions=[checksum.ClientChecksumFactory()])
        await ws.send("x" * size)
        if code == 1000:
            assert await ws.recv() == "x" * size
            await ws.close()
        await ws.wait_closed()
        assert ws.close_code == code
