"""The passwords of ``docs/examples/basic_auth``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.examples.conftest import RunExample


async def test_who_knows_a_password_is_welcome(run_example: RunExample) -> None:
    server = await run_example("basic_auth/server.py", ready="is there")
    for user, password in [("ada", "analytical"), ("grace", "nanosecond")]:
        client = await run_example("basic_auth/client.py", user, password, server.port)
        assert await client.result() == (0, f"Welcome, {user}!\n", "")
    await server.stop()


@pytest.mark.parametrize(
    ("user", "password"), [("ada", "nanosecond"), ("eve", "analytical"), ("ada", "")]
)
async def test_others_are_not_let_in(run_example: RunExample, user: str, password: str) -> None:
    server = await run_example("basic_auth/server.py", ready="is there")
    client = await run_example("basic_auth/client.py", user, password, server.port)
    status, output, errors = await client.result()
    assert (status, output) == (1, "")
    assert errors == "not let in: server rejected WebSocket connection: HTTP 401\n"
    head, _ = await server.get("/")
    assert 'WWW-Authenticate: Basic realm="the example", charset="UTF-8"' in head
    await server.stop()
