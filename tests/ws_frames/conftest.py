"""Fixtures for the tests of ws_frames."""

from __future__ import annotations

from types import ModuleType

import pytest

from ws_frames import pure, speedups


@pytest.fixture(scope="session", params=["c", "py"])
def twin(request: pytest.FixtureRequest) -> ModuleType:
    """
    The functions and types that exist twice, as a module: once in C, once in Python.

    Where the C is not in use the tests of it are skipped, with the reason; that cannot
    happen under WS_FRAMES_SPEEDUPS=require, which fails at the import above.
    """
    if request.param == "py":
        return pure
    if speedups.IMPLEMENTATION != "c":
        pytest.skip(f"C speedups {speedups.REASON}")
    from ws_frames import _speedups

    return _speedups
