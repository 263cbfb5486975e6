"""The look at what is logged, and at exceptions that nobody took."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.faults.conftest import no_complaints


@pytest.mark.parametrize("name", ["asyncio", "websockets.server"])
def test_a_warning_is_a_complaint(name: str) -> None:
    logger = logging.getLogger(name)
    with no_complaints():
        logger.info("hello")
    with pytest.raises(AssertionError, match="hello"), no_complaints():
        logger.warning("hello")


async def test_an_exception_that_nobody_took_is_one() -> None:
    with pytest.raises(AssertionError, match="exception was never retrieved"), no_complaints():
        asyncio.get_running_loop().create_future().set_exception(OSError())
