"""The server and the client on a Unix socket of ``docs/examples/unix``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.examples.conftest import RunExample


async def test_they_talk_over_a_file_that_is_for_one_user(run_example: RunExample) -> None:
    # The path of a Unix socket is short: pytest's own folders may be too deep.
    with TemporaryDirectory() as folder:
        path = Path(folder, "sock")
        server = await run_example("unix/server.py", path, ready="is there")
        assert path.stat().st_mode & 0o077 == 0
        client = await run_example("unix/client.py", "hello", path)
        assert await client.result() == (0, "HELLO\n", "")
        await server.stop()
