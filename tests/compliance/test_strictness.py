"""The strictness suite has nothing to say against the server and the client: each case is a test.

They run in this process, over real sockets; ``hatch run strictness`` has them in processes of
their own. Which of the twins is in use, WS_FRAMES_SPEEDUPS says.
"""

from __future__ import annotations

import asyncio
import logging

import pytest

from strictness.case import BOTH, CLIENT, SERVER, Case
from strictness.cases import AREAS, CASES, of_role
from strictness.conversation import Timing
from strictness.targets import ClientTarget, Finish, ServerTarget
from strictness.verdict import OK, Result
from ws_asyncio import WebSocketCommonProtocol, connect, serve
from ws_frames import ConnectionClosed
from ws_http import InvalidHandshake

# Nothing waits that long unless something is wrong. Bytes that go to this event loop arrive
# one by one if it turns once between them.
TIMING = Timing(answer=20, patience=10, pause=0)


async def echo(ws: WebSocketCommonProtocol) -> None:
    async for message in ws:
        if isinstance(message, str) and message.startswith("/close "):
            _, code, reason = message.split(" ", 2)
            await ws.close(int(code), reason)
            return
        await ws.send(message)


async def start_client(uri: str) -> Finish:
    """Connect in a task; what ends it has to be one of the documented exceptions."""

    async def talk() -> None:
        try:
            async with connect(uri) as ws:
                await echo(ws)
        except (ConnectionClosed, InvalidHandshake, OSError):
            pass

    task = asyncio.create_task(talk())

    async def finish() -> None:
        await task

    return finish


def every_case(role: str) -> pytest.MarkDecorator:
    cases = of_role(role)
    return pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])


def check(result: Result, caplog: pytest.LogCaptureFixture) -> None:
    assert (result.verdict, result.about) == (OK, result.about)
    # What a peer does wrong is no error of ours, and worth no traceback.
    said = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert said == []


@every_case(SERVER)
async def test_the_server_is_strict(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        result = await ServerTarget(uri, TIMING).play(case)
    check(result, caplog)


@every_case(CLIENT)
async def test_the_client_is_strict(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    result = await ClientTarget(start_client, TIMING).play(case)
    check(result, caplog)


# The cases


def test_each_case_has_an_id_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    assert all(set(case.roles) <= set(BOTH) and case.roles for case in CASES)


def test_each_case_says_why_and_by_which_section() -> None:
    assert [case.id for case in CASES if not (case.why and case.rfc)] == []


@pytest.mark.parametrize("area", AREAS)
def test_each_area_has_good_bytes_and_bad_ones(area: str) -> None:
    cases = [case for case in CASES if case.area == area]
    assert len(cases) >= 20
    # What is good goes on to a good-bye of ours, which is answered with the same.
    good = [case for case in cases if any("close 1000" in map(str, t) for t in case.strict)]
    assert 0 < len(good) < len(cases)
