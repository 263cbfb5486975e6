"""The guide to origins: who may connect, and who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

ELSEWHERE = "https://elsewhere.example"

ALLOWED = [
    ("server.py", None),
    ("server.py", "https://chat.example.com"),
    ("server.py", "http://localhost:3000"),
    ("subdomains.py", None),
    ("subdomains.py", "https://example.com"),
    ("subdomains.py", "https://chat.example.com:8443"),
]
REFUSED = [
    ("server.py", ELSEWHERE),
    ("server.py", "null"),
    ("server.py", "http://chat.example.com"),
    ("server.py", "https://chat.example.com/"),
    ("subdomains.py", "http://example.com"),
    ("subdomains.py", "https://example.com.attacker.net"),
    ("subdomains.py", "https://badexample.com"),
    ("subdomains.py", "null"),
    ("subdomains.py", "https://["),
]


@pytest.mark.parametrize("server", ["server.py", "subdomains.py"])
async def test_our_own_pages_may_connect(guide: Guide, server: str) -> None:
    await guide.serve(server)
    for origin in [origin for name, origin in ALLOWED if name == server]:
        async with connect(guide.uri(), origin=None if origin is None else Origin(origin)) as ws:
            await ws.send("Hello")
            assert await ws.recv() == "Hello"


@pytest.mark.parametrize("server", ["server.py", "subdomains.py"])
async def test_others_may_not(guide: Guide, server: str) -> None:
    await guide.serve(server)
    for origin in [origin for name, origin in REFUSED if name == server]:
        with pytest.raises(InvalidStatusCode) as info:
            await connect(guide.uri(), origin=Origin(origin))
        assert info.value.status_code == 403
        assert guide.says(str(info.value))


@pytest.mark.parametrize("server", ["server.py", "subdomains.py"])
@pytest.mark.parametrize(
    "origin", ["https://chat.example.com", pytest.param(ELSEWHERE, id="elsewhere")]
)
async def test_two_origins_are_refused(guide: Guide, server: str, origin: str) -> None:
    await guide.serve(server)
    with pytest.raises(InvalidStatusCode) as info:
        await connect(guide.uri(), extra_headers=[("Origin", origin)] * 2)
    assert info.value.status_code in (400, 403)


async def test_the_body_and_the_log_say_why(guide: Guide) -> None:
    start = "asyncio.run(main())"
    guide.change("server.py", start, f"__import__('logging').basicConfig(level='INFO')\n{start}")
    server = await guide.serve()
    status, _, body = await guide.upgrade(Origin=ELSEWHERE)
    assert status == 403
    assert guide.says(f"`{body.splitlines()[-1]}`"), body
    line = await server.expect(f"{ELSEWHERE}; answered HTTP 403")
    assert guide.says(line.partition("INFO:websockets.server:")[2])
