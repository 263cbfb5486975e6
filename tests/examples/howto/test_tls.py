"""The guide to TLS: its programs, its command, and the messages that it explains."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_http import InvalidMessage

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


@pytest.fixture
def files(guide: Guide, certificate: Path) -> Path:
    """The files that the programs load, in their folder."""
    guide.debug = False  # it would tell of each client that fails, and the probe of a port does
    for name in ("fullchain.pem", "privkey.pem", "clients.pem"):
        shutil.copy(certificate, guide.folder / name)
    return guide.folder


async def test_the_client_talks_to_the_server(guide: Guide, files: Path) -> None:
    await guide.serve()
    assert await guide.run("client.py") == "Hello\nTLSv1.3\n"


def make_certificate(guide: Guide) -> None:
    """Do what the page says."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    command = re.search(r"^openssl .*$", guide.page, re.MULTILINE)
    assert command is not None
    subprocess.run(shlex.split(command[0]), cwd=guide.folder, check=True, capture_output=True)


async def test_the_command_makes_a_certificate_that_works(guide: Guide, files: Path) -> None:
    make_certificate(guide)
    await guide.serve()
    assert (await guide.run("client.py")).startswith("Hello\n")


async def test_a_renewed_certificate_is_taken_on_a_signal(guide: Guide, files: Path) -> None:
    server = await guide.serve()
    await server.expect("certificate loaded")
    make_certificate(guide)
    client = await guide.start("client.py")  # trusts the new one only
    await client.end(None)
    assert "CERTIFICATE_VERIFY_FAILED" in client.take_output()
    server.process.send_signal(signal.SIGHUP)
    await server.expect("certificate loaded")
    assert (await guide.run("client.py")).startswith("Hello\n")


async def test_a_client_is_known_by_its_certificate(
    guide: Guide, files: Path, certificate: Path
) -> None:
    await guide.serve("mutual.py")
    context = ssl.create_default_context(cafile=certificate)
    context.load_cert_chain(certificate)
    uri = f"wss://localhost:{guide.port}"
    async with connect(uri, host="127.0.0.1", ssl=context) as ws:
        assert await ws.recv() == "You are localhost."


async def test_a_client_without_a_certificate_is_refused(
    guide: Guide, files: Path, certificate: Path
) -> None:
    await guide.serve("mutual.py")
    context = ssl.create_default_context(cafile=certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises((InvalidMessage, OSError)):
        await connect(f"wss://localhost:{guide.port}", host="127.0.0.1", ssl=context)


async def test_the_messages_are_those_of_the_page(guide: Guide, certificate: Path) -> None:
    async def handler(ws: WebSocketServerProtocol) -> None:
        await ws.wait_closed()

    trusting = ssl.create_default_context(cafile=certificate)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    options: dict[str, Any] = {"host": "127.0.0.1", "compression": None}
    async with serve(handler, "127.0.0.1", 0, ssl=tls) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLCertVerificationError) as untrusted:
            await connect(f"wss://localhost:{port}", **options)
        with pytest.raises(ssl.SSLCertVerificationError) as mismatch:
            await connect(f"wss://example.com:{port}", ssl=trusting, **options)
        with pytest.raises(InvalidMessage) as plain:
            await connect(f"ws://localhost:{port}", **options)
    for error in (untrusted, mismatch):
        assert guide.says(error.value.verify_message), error.value.verify_message
    assert guide.says(str(plain.value))
    async with serve(handler, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLError) as wrong:
            await connect(f"wss://localhost:{port}", ssl=trusting, **options)
    assert guide.says(str(wrong.value).partition("]")[0] + "]")
    with pytest.raises(ValueError, match="ssl is given") as given:
        connect("ws://localhost", ssl=trusting)
    assert guide.says(str(given.value))
