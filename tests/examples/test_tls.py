"""The server and the client with TLS of ``docs/examples/tls``."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ws_asyncio

if TYPE_CHECKING:
    from tests.examples.conftest import LoadExample, RunExample

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "tls"

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="there is no openssl to make a certificate with"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example, in a place where it may write."""
    for name in ("server.py", "client.py"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


async def test_the_client_is_told_what_protects_it(run_example: RunExample, folder: Path) -> None:
    server = await run_example(folder / "server.py", ready="is there")
    client = await run_example(folder / "client.py", server.port)
    status, output, errors = await client.result()
    assert (status, errors) == (0, "")
    assert output.startswith("TLSv1.3 with TLS_")
    await server.stop()
    assert {path.name for path in folder.iterdir()} == {"client.py", "server.py", "localhost.pem"}
    assert folder.joinpath("localhost.pem").stat().st_mode & 0o077 == 0


def test_nobody_else_may_read_the_key_at_any_time(
    load_example: LoadExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    write = Path.write_bytes

    def write_and_look(path: Path, data: bytes) -> int:
        size = write(path, data)
        modes.append(path.stat().st_mode & 0o777)
        return size

    monkeypatch.setattr(Path, "write_bytes", write_and_look)
    load_example("tls/server.py").make_certificate(tmp_path / "localhost.pem")
    assert modes == [0o600]


async def test_a_certificate_is_made_once(run_example: RunExample, folder: Path) -> None:
    server = await run_example(folder / "server.py", ready="is there")
    await server.stop()
    made = folder.joinpath("localhost.pem").read_bytes()
    server = await run_example(folder / "server.py", ready="is there")
    await server.stop()
    assert folder.joinpath("localhost.pem").read_bytes() == made


async def test_nobody_else_trusts_the_certificate(run_example: RunExample, folder: Path) -> None:
    server = await run_example(folder / "server.py", ready="is there")
    with pytest.raises(ssl.SSLCertVerificationError):
        await ws_asyncio.connect(f"wss://localhost:{server.port}/")
    await server.stop()
