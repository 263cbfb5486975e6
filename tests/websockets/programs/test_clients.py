"""Clients that use nothing deprecated, each with a server of its time."""

from __future__ import annotations

import asyncio
import functools
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.programs.conftest import RunClient, Serving

CERTIFICATE = Path(__file__).parents[2] / "ws_asyncio" / "localhost.pem"

unix = pytest.mark.skipif(sys.platform == "win32", reason="asyncio has no Unix sockets here")


async def echo(websocket: Any, path: str) -> None:
    async for message in websocket:
        await websocket.send(message)


async def hello(websocket: Any, path: str) -> None:
    await websocket.send(f"Hello {await websocket.recv()}!")


async def test_hello(run_client: RunClient, serving: Serving) -> None:
    async with serving(hello) as uri:
        output = await run_client("v3/hello_client.py", uri, text="Ada\n")
    assert output == ["What's your name? > Ada", "< Hello Ada!"]


async def test_interactive(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        output = await run_client("v3/interactive_client.py", text="one\ntwo\n", URI=uri)
    assert output == ["one", "two"]


@pytest.mark.parametrize(
    ("close", "words"),
    [((1000, ""), "1000 because nobody said"), ((4001, "enough"), "4001 because enough")],
)
async def test_how_it_closed_in_3_0(
    run_client: RunClient, serving: Serving, close: tuple[int, str], words: str
) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")
        await websocket.close(*close)

    async with serving(handler) as uri:
        output = await run_client("v3/closed_client.py", uri)
    assert output == [
        "received Hello",
        f"closed with code {words}",
        "open: False",
        "can't send any more",
    ]


@pytest.mark.parametrize(
    ("close", "words"),
    [
        ((1001, "bye"), "all is well: code = 1001 (going away), reason = bye"),
        ((4001, ""), "something is wrong: code = 4001 (private use), no reason"),
    ],
)
async def test_how_it_closed_in_8_0(
    run_client: RunClient, serving: Serving, close: tuple[int, str], words: str
) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.close(*close)

    async with serving(handler) as uri:
        assert await run_client("v8/closed_client.py", uri) == [words]


async def test_compression_with_settings(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        name, offer, size = await run_client("v4/deflate_client.py", uri)
    assert name == "['permessage-deflate']"
    assert {each.strip() for each in offer.split(";")} == {
        "permessage-deflate",
        "server_no_context_takeover",
        "client_no_context_takeover",
        "client_max_window_bits=10",
    }
    assert size == "5000"


@unix
@pytest.mark.parametrize(
    ("name", "greeting"),
    [("v4/unix_client.py", "Hello Ada at /here"), ("v8/unix_client.py", "Hello Grace at /there")],
)
async def test_unix_socket(run_client: RunClient, tmp_path: Path, name: str, greeting: str) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(f"Hello {await websocket.recv()} at {path}")

    path = str(tmp_path / "socket")
    async with websockets.unix_serve(handler, path):
        assert await run_client(name, path) == [greeting]


async def test_keepalive_of_its_own(run_client: RunClient, serving: Serving) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")
        await websocket.wait_closed()

    async with serving(handler) as uri:
        output = await run_client("v4/keepalive_client.py", uri)
    assert output == ["message: Hello", "still there", "still there"]


async def test_secure(run_client: RunClient, serving: Serving) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    async with serving(hello, ssl=context) as uri:
        uri = uri.replace("ws://127.0.0.1", "wss://localhost")
        assert await run_client("v4/secure_client.py", CERTIFICATE, uri) == ["Hello Ada!"]


async def test_credentials_in_the_uri(run_client: RunClient, serving: Serving) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(f"Hello {websocket.username}!")

    create = websockets.basic_auth_protocol_factory("here", credentials=("mary", "secret"))
    async with serving(handler, create_protocol=create) as uri:
        host = uri.partition("://")[2]
        run = functools.partial(run_client, "v5/auth_client.py", host, "mary")
        assert await run("secret") == ["Hello mary!"]
        assert await run("guess") == ["refused: 401"]


async def test_headers_and_subprotocols(run_client: RunClient, serving: Serving) -> None:
    async def handler(websocket: Any, path: str) -> None:
        headers = websocket.request_headers
        await websocket.send(f"{headers['X-Token']} from {headers['Origin']}")

    protocols: Any = ["chat.v1", "chat.v2"]
    async with serving(handler, subprotocols=protocols, extra_headers={"Server": "x"}) as uri:
        output = await run_client("v5/headers_client.py", uri)
    assert output[0] in ("speaks chat.v1", "speaks chat.v2")  # liked as much by both
    assert output[1:] == ["served by x", "as headers/1.0", "s3cret from http://localhost"]


async def test_reconnecting(run_client: RunClient, serving: Serving) -> None:
    codes = iter([1001, 1011, 1000])

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")
        await websocket.close(next(codes))

    async with serving(handler) as uri:
        output = await run_client("v7/reconnect_client.py", uri, 3)
    lost = "lost: code = 1011 (unexpected error), no reason"
    assert output == ["Hello", "ended", "Hello", lost, "Hello", "ended"]


async def test_a_wrapper_without_async(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        assert await run_client("v7/wrapper.py", uri) == ["one", "two", "three"]


async def test_fragments_and_bytes_of_each_kind(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        output = await run_client("v8/fragments_client.py", uri)
    whole = bytes([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    assert output == [repr("line 0\nline 1\nline 2\n"), repr(whole), "b'bytes'", "b'by'"]


async def test_an_iri_and_the_paths_of_9_0(run_client: RunClient, serving: Serving) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await asyncio.sleep(0)
        await websocket.send(f"{websocket.request_headers['Host']}{path} {websocket.subprotocol}")

    protocols: Any = ["plain"]
    async with serving(handler, subprotocols=protocols) as uri:
        host, port = uri.partition("://")[2].split(":")
        output = await run_client("v9/iri_client.py", host, port)
    assert output == ["xn--bcher-kva.example/stra%C3%9Fe?q=%C3%BC plain", "done"]
