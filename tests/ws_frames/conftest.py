"""Fixtures for the tests of ws_frames."""

from __future__ import annotations

import asyncio
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from tests.ws_frames.boxes import Outgoing
from tests.ws_frames.receivers import End
from ws_frames import pure, speedups

# How long an example takes says more about the machine than about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

IN_C = pytest.param(
    "c",
    marks=[pytest.mark.skip(f"C speedups {speedups.REASON}")] if speedups.REASON else [],
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-c", action="store_true", help="leave the tests of the Python twins out"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was asked for; the tests of neither twin stay."""
    if not config.getoption("--only-c", default=False):
        return
    left_out = [item for item in items if twin_of(item) == "py"]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if twin_of(item) != "py"]


def twin_of(item: pytest.Item) -> object:
    """The twin that a test is of, if it is of one."""
    return item.callspec.params.get("twin") if hasattr(item, "callspec") else None


@pytest.fixture(scope="session", params=[IN_C, "py"])
def twin(request: pytest.FixtureRequest) -> ModuleType:
    """
    The functions and types that exist twice, as a module: once in C, once in Python.

    Where the C is not in use the tests of it are skipped, with the reason; that cannot
    happen under WS_FRAMES_SPEEDUPS=require, which fails at the import above.
    """
    if request.param == "py":
        return pure
    from ws_frames import _speedups

    return _speedups


@pytest.fixture
def outgoing(twin: ModuleType) -> Outgoing:
    return Outgoing(twin)


@pytest.fixture
def end(twin: ModuleType) -> End:
    return End(twin)


@pytest.fixture(params=[False, True], ids=["", "stepped"])
def waiters(
    request: pytest.FixtureRequest,
    twin: ModuleType,
    loop_errors: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Have queues wait by the waiters of the twin, and look at what event loops complain about.

    The same is to be seen where the tasks await their coroutines through steppers.
    """
    monkeypatch.setattr("tests.ws_frames.queues.Waiter", twin.Waiter)
    monkeypatch.setattr("tests.ws_frames.queues.Stepper", twin.Stepper)
    monkeypatch.setattr("tests.ws_frames.queues.through_steppers", request.param)


@pytest.fixture
def stepping(twin: ModuleType, loop_errors: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for tests of steppers alone."""
    monkeypatch.setattr("tests.ws_frames.queues.Waiter", twin.Waiter)
    monkeypatch.setattr("tests.ws_frames.queues.Stepper", twin.Stepper)


@pytest.fixture(params=[False, True], ids=["", "debug"])
async def debug(request: pytest.FixtureRequest) -> bool:
    asyncio.get_running_loop().set_debug(request.param)
    return bool(request.param)
