"""Fixtures for the tests of ws_frames."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from ws_frames import pure, speedups

# How long an example takes says more about the machine than about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

IN_C = pytest.param(
    "c",
    marks=[pytest.mark.skip(f"C speedups {speedups.REASON}")] if speedups.REASON else [],
)


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
