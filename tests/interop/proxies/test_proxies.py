"""Reverse proxies between our client and our server, configured as docs/proxies.md says."""

from __future__ import annotations

import asyncio
import re
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.interop.conftest import Browser, Start
    from tests.interop.proxies.conftest import Front, Proxy, StartFront

pytestmark = [
    pytest.mark.interop(role="reverse proxy", compression="deflate"),
    pytest.mark.skipif(
        sys.platform != "linux", reason="the proxies are those of Debian, and where it puts them"
    ),
]

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT.joinpath("docs", "proxies.md").read_text(encoding="utf-8")

#: The server that the page has for an example.
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVING = "        await server.serve_forever()\n"
SAY_READY = '        print("ready", flush=True)\n' + SERVING

transports = pytest.mark.parametrize("transport", ["plain", "tls"])
behind = pytest.mark.parametrize("behind", ["plain", "tls"], ids="{}-behind".format)
compressions = pytest.mark.parametrize("compression", ["none", "deflate"])

FORGED = "192.0.2.7"
BIG = 2**20

MESSAGES: list[str | bytes] = [
    "text: ¥ 👍",
    b"\x00\x01\xfe\xff",
    "",
    b"",
    "64 KiB! " * 2**13,
    bytes(range(256)) * 2**8,
    "1 MiB!! " * 2**17,
    bytes(range(256)) * 2**12,
]


class Server:
    """An echo server of ours, which tells what it sees."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[websockets.Headers] = []
        self.paths: list[str] = []
        #: Code and reason of connections that ended.
        self.ends: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()
        self.checked = asyncio.Event()

    async def handle(self, ws: websockets.WebSocketServerProtocol, path: str) -> None:
        self.requests.append(ws.request_headers)
        self.paths.append(path)
        try:
            async for message in ws:
                if message == "close me":
                    await ws.close(4001, "as you wish")
                elif message == "ping me":
                    await (await ws.ping("are you there"))
                    await ws.send("pong")
                else:
                    await ws.send(message)
        except websockets.ConnectionClosed:
            pass
        await ws.wait_closed()
        self.ends.put_nowait((ws.close_code, ws.close_reason))

    async def check(self, path: str, headers: websockets.Headers) -> Any:
        if path != "/health":
            return None
        self.checked.set()
        return 200, [], b"OK\n"


@asynccontextmanager
async def serve(**options: Any) -> AsyncIterator[Server]:
    server = Server()
    options = {"process_request": server.check, "max_size": 2 * BIG, **options}
    async with websockets.serve(server.handle, "127.0.0.1", 0, **options) as listener:
        assert listener.sockets is not None
        server.port = listener.sockets[0].getsockname()[1]
        yield server


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


# What goes through.


@behind
@transports
@compressions
async def test_messages_go_through(
    proxy: Proxy,
    behind: str,
    transport: str,
    compression: str,
    front: StartFront,
    certificate: Path,
) -> None:
    tls = server_tls(certificate) if behind == "tls" else None
    options: dict[str, Any] = {"compression": None if compression == "none" else compression}
    async with serve(ssl=tls, **options) as server:
        through = front(proxy, server.port, tls_behind=behind == "tls")
        connect = through.connect(transport, "/path?query=%20", max_size=2 * BIG, **options)
        async with connect as ws:
            for message in MESSAGES:
                await ws.send(message)
                assert await ws.recv() == message
            await ws.send(["frag", "ments"])
            assert await ws.recv() == "fragments"
            assert await (await ws.ping("and you")) > 0
            await ws.send("ping me")
            assert await ws.recv() == "pong"
            await ws.close(4002, "that was all")
        assert await server.ends.get() == (4002, "that was all")
    assert server.paths == ["/path?query=%20"]
    for headers in (server.requests[0], ws.response_headers):
        agreed = headers.get("Sec-WebSocket-Extensions", "").split(";")[0]
        assert agreed == ("" if compression == "none" else "permessage-deflate")


@transports
async def test_a_close_of_the_server_goes_through(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    async with serve() as server:
        async with front(proxy, server.port).connect(transport) as ws:
            await ws.send("close me")
            with pytest.raises(websockets.ConnectionClosedError) as info:
                await ws.recv()
        assert (info.value.code, info.value.reason) == (4001, "as you wish")
        # The client has answered with the same.
        assert await server.ends.get() == (4001, "as you wish")


@transports
async def test_a_server_that_goes_away_says_so(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    async with serve() as server:
        through = front(proxy, server.port)
        ws = await through.connect(transport)
    assert [message async for message in ws] == []
    assert (ws.close_code, ws.close_reason) == (1001, "")
    with pytest.raises(websockets.InvalidStatusCode) as info:
        await through.connect(transport)
    assert info.value.status_code == proxy.down


@transports
async def test_the_server_knows_who_it_is_and_believes_nothing_else(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    headers = {"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "gopher"}
    options: dict[str, Any] = {"origin": "https://example.com", "extra_headers": headers}
    async with serve(origins=["https://example.com"]) as server:
        ws = await front(proxy, server.port).connect(transport, **options)
        await ws.close()
    (request,) = server.requests
    assert request["X-Forwarded-For"] == "127.0.0.1"
    assert request["X-Forwarded-Proto"] == {"plain": "http", "tls": "https"}[transport]
    assert request["Host"] == ws.request_headers["Host"]


@transports
async def test_requests_over_http_go_through(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    async with serve() as server:
        through = front(proxy, server.port)
        assert await through.get(transport, "/health") == (200, b"OK\n")
        status, body = await through.get(transport, "/")
        assert status == 426
        assert b"WebSocket" in body


@transports
async def test_a_refusal_of_the_server_goes_through(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    async with serve(origins=["https://example.com"]) as server:
        with pytest.raises(websockets.InvalidStatusCode) as info:
            await front(proxy, server.port).connect(transport)
    assert info.value.status_code == 403


# What goes wrong.


@transports
async def test_a_client_is_told_that_the_server_is_down(
    proxy: Proxy, transport: str, port: int, front: StartFront
) -> None:
    with pytest.raises(websockets.InvalidStatusCode) as info:
        await front(proxy, port).connect(transport)
    assert info.value.status_code == proxy.down


@transports
async def test_the_server_notices_that_a_client_is_gone(
    proxy: Proxy, transport: str, front: StartFront
) -> None:
    async with serve() as server:
        ws = await front(proxy, server.port).connect(transport)
        ws.transport.abort()
        assert await server.ends.get() == (1006, "")


@transports
async def test_a_client_notices_that_the_server_is_killed(
    proxy: Proxy,
    transport: str,
    port: int,
    front: StartFront,
    start: Start,
    tmp_path: Path,
) -> None:
    (code,) = PYTHON.findall(PAGE)
    assert "8765" in code
    assert SERVING in code
    script = tmp_path / "server.py"
    script.write_text(code.replace("8765", str(port)).replace(SERVING, SAY_READY), encoding="utf-8")
    server = start(sys.executable, "-W", "error", script)
    server.expect("ready")
    async with front(proxy, port).connect(transport) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
        assert server.expect("visited by") == "127.0.0.1"
        server.process.kill()
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (1006, "")
    assert info.value.__cause__ is None  # TCP was ended, not reset


@pytest.mark.interop(transport="plain")
async def test_pings_keep_a_proxy_from_ending_a_silent_connection(
    impatient_proxy: Proxy, front: StartFront
) -> None:
    proxy = impatient_proxy
    assert proxy.silence is not None
    silent: dict[str, Any] = {"ping_interval": None}
    async with serve(**silent) as server:
        through = front(proxy, server.port, changes=dict([proxy.silence]))
        async with through.connect("plain", ping_interval=0.3) as ws:
            # The proxy itself tells how long it waits: two silent connections, one by one.
            for _ in range(2):
                async with through.connect("plain", **silent) as other:
                    with pytest.raises(websockets.ConnectionClosedError) as info:
                        await other.recv()
                assert info.value.code == 1006
                assert await server.ends.get() == (1006, "")
            await ws.send("still here")
            assert await ws.recv() == "still here"


# What the page says besides.


@pytest.mark.interop(peer="HAProxy")
async def test_haproxy_asks_the_server_how_it_is(haproxy: Proxy, front: StartFront) -> None:
    async with serve() as server:
        front(haproxy, server.port)
        await server.checked.wait()


@pytest.mark.interop(peer="nginx")
async def test_a_proxy_has_to_be_told_of_upgrades(nginx: Proxy, front: StartFront) -> None:
    dropped = "        proxy_set_header Upgrade $http_upgrade;\n"
    async with serve() as server:
        with pytest.raises(websockets.InvalidStatusCode) as info:
            await front(nginx, server.port, changes={dropped: ""}).connect("plain")
    assert info.value.status_code == 426


#: What many a proxy is told besides: no plain text.
REDIRECT = "        if ($scheme = http) { return 308 https://localhost:@tls@$request_uri; }\n"


@pytest.mark.interop(peer="nginx", transport="tls")
async def test_our_client_is_redirected_to_tls(
    nginx: Proxy, front: StartFront, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    changes = {"        proxy_pass": REDIRECT + "        proxy_pass"}
    async with serve() as server:
        ws = await front(nginx, server.port, changes=changes).connect("plain", "/path?query")
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
        await ws.close()
    assert server.paths == ["/path?query"]
    assert server.requests[0]["X-Forwarded-Proto"] == "https"


#: An item of the page: the proxy, and what it is told instead of where the port is.
SOCKET = re.compile(r"^- (\w+): `(.+)` instead of `(.+)`$", re.MULTILINE)


@pytest.mark.interop(transport="plain")
async def test_a_server_can_listen_at_a_unix_socket(proxy: Proxy, front: StartFront) -> None:
    told = {name: (old, new) for name, new, old in SOCKET.findall(PAGE)}
    old, new = told[proxy.name]
    server = Server()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chat.sock")
        # It answers to HAProxy's checks, which may come before the client.
        async with websockets.unix_serve(server.handle, str(path), process_request=server.check):
            # The proxy is somebody else if root starts it.
            path.parent.chmod(0o755)
            path.chmod(0o666)
            changes = {old: new.replace("/run/chat/chat.sock", str(path))}
            async with front(proxy, 0, changes=changes).connect("plain") as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"
    assert server.requests[0]["X-Forwarded-For"] == "127.0.0.1"


# Browsers.

TALK = """
new Promise((resolve) => {
  const came = [];
  const ws = new WebSocket("URL");
  ws.onopen = () => { ws.send("text"); ws.send("x".repeat(100000)); };
  ws.onmessage = (event) => {
    came.push(event.data.length);
    if (came.length === 2) ws.close(4002, "that was all");
  };
  ws.onclose = (event) => resolve([ws.extensions, came, event.code, event.reason]);
})
"""

#: What the page says of HTTP/2; and the server is told by which version the request came.
HTTP_2 = {
    "both.pem\n": "both.pem alpn h2,http/1.1\n",
    "    default_backend": "    http-request set-header X-Version %[req.ver]\n    default_backend",
}


async def talk(browser: Browser, through: Front, transport: str) -> None:
    """Let a page talk with the server that it comes from."""
    page = await browser.new_page()
    await page.call("Security.setIgnoreCertificateErrors", ignore=True)
    await page.open(through.url(transport, "/health"))
    url = through.url(transport).replace("http", "ws", 1)
    extensions, *seen = await page.evaluate(TALK.replace("URL", url))
    assert extensions.startswith("permessage-deflate")
    assert seen == [[4, 100_000], 4002, "that was all"]


@pytest.mark.interop(peer="nginx")
@transports
async def test_chromium_gets_through(
    nginx: Proxy, transport: str, front: StartFront, browser: Browser
) -> None:
    async with serve() as server:
        await talk(browser, front(nginx, server.port), transport)
        assert await server.ends.get() == (4002, "that was all")
    assert server.requests[0]["X-Forwarded-Proto"] == {"plain": "http", "tls": "https"}[transport]


@pytest.mark.interop(peer="HAProxy", transport="tls")
async def test_chromium_gets_through_by_http_2(
    haproxy: Proxy, front: StartFront, browser: Browser
) -> None:
    assert "`alpn h2,http/1.1` at the end of the second `bind`" in PAGE
    async with serve() as server:
        await talk(browser, front(haproxy, server.port, changes=HTTP_2), "tls")
        assert await server.ends.get() == (4002, "that was all")
    assert server.requests[0]["X-Version"] == "2.0"
