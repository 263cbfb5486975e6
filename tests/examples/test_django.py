"""Django beside WebSockets, in ``docs/examples/django``: one session counts for both."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.conftest import TakePort
    from tests.examples.conftest import RunExample

PATIENCE = 20

pytest.importorskip("django", reason="there is no Django: pip install django")


class Visitor:
    """Somebody with a browser, which keeps cookies."""

    def __init__(self, url: str, uri: str) -> None:
        self.url = url
        self.uri = uri
        self.cookies = http.cookiejar.CookieJar()
        processor = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(processor)

    async def get(self, path: str) -> str:
        return await asyncio.to_thread(self._request, path, None)

    async def post(self, path: str, **fields: str) -> str:
        fields["csrfmiddlewaretoken"] = self._cookie("csrftoken")
        data = urllib.parse.urlencode(fields).encode()
        return await asyncio.to_thread(self._request, path, data)

    def _request(self, path: str, data: bytes | None) -> str:
        with self.opener.open(self.url + path, data, PATIENCE) as answer:
            text: str = answer.read().decode()
            return text

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == name), "")

    async def sign_in(self, name: str, password: str) -> str:
        await self.get("login/")
        return await self.post("login/", username=name, password=password)

    def connect(self, **headers: str) -> ws_asyncio.Connect:
        """Connect as the page does: with the session, and with where the page is from."""
        cookie = f"csrftoken=x; sessionid={self._cookie('sessionid')}"
        return ws_asyncio.connect(
            self.uri,
            origin=Origin(self.url.rstrip("/")),
            extra_headers={"Cookie": cookie, **headers},
        )


@pytest.fixture
async def site(run_example: RunExample, take_port: TakePort) -> Any:
    port, ws_port = take_port(), take_port()
    example = await run_example(
        "django/server.py", port, ws_port, ready="is open", warnings="default"
    )
    return example, f"http://localhost:{port}/", f"ws://localhost:{ws_port}/ws/"


async def event(ws: ws_asyncio.WebSocketClientProtocol) -> Any:
    return json.loads(await ws.recv())


async def test_a_session_of_django_is_one_of_the_websocket(site: Any) -> None:
    example, url, uri = site
    ada, grace = Visitor(url, uri), Visitor(url, uri)
    assert "Sign out, ada" in await ada.sign_in("ada", "analytical")
    page = await grace.sign_in("grace", "nanosecond")
    assert re.search(r'<script id="uri" type="application/json">"(.*)"</script>', page)[1] == uri  # type: ignore[index]
    async with ada.connect() as first:
        assert await event(first) == {"members": ["ada"]}
        async with grace.connect() as second:
            for ws in (first, second):
                assert await event(ws) == {"members": ["ada", "grace"]}
            page = await grace.post("post/", text=" <b>hello</b> ")
            assert "<b>grace</b> &lt;b&gt;hello&lt;/b&gt;" in page
            for ws in (first, second):
                assert await event(ws) == {"post": {"name": "grace", "text": "<b>hello</b>"}}
        assert await event(first) == {"members": ["ada"]}
    await example.stop()


async def test_without_a_session_or_from_another_page_there_is_no_websocket(site: Any) -> None:
    example, url, uri = site
    eve = Visitor(url, uri)
    assert "don't belong together" in await eve.sign_in("ada", "nanosecond")
    for connect in [eve.connect(), eve.connect(Cookie="sessionid=abc"), ws_asyncio.connect(uri)]:
        with pytest.raises(InvalidStatusCode) as info:
            await connect
        assert info.value.status_code == 403
    ada = Visitor(url, uri)
    await ada.sign_in("ada", "analytical")
    async with ada.connect() as ws:
        assert await event(ws) == {"members": ["ada"]}
    ada.url = "http://evil.example/"  # whose page is open in her browser
    with pytest.raises(InvalidStatusCode) as info:
        await ada.connect()
    assert info.value.status_code == 403
    await example.stop()


async def test_who_signs_out_has_no_websocket_any_more(site: Any) -> None:
    example, url, uri = site
    ada = Visitor(url, uri)
    await ada.sign_in("ada", "analytical")
    before = ada.connect()
    async with ada.connect() as ws:
        assert await event(ws) == {"members": ["ada"]}
    assert "Sign in" in await ada.post("logout/")
    with pytest.raises(InvalidStatusCode) as info:
        await before
    assert info.value.status_code == 403
    await example.stop()
