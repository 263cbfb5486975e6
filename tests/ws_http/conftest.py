"""Fixtures for the tests of ws_http."""

from __future__ import annotations

import re
from typing import Callable

import pytest

Cut = Callable[[bytes], "list[bytes]"]


def whole(data: bytes) -> list[bytes]:
    return [data]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [data[pos : pos + 1] for pos in range(len(data))]


def before_each_line_end(data: bytes) -> list[bytes]:
    """Cut between CR and LF, where a parser that looks for both at once may stumble."""
    return re.split(rb"(?<=\r)(?=\n)", data)


@pytest.fixture(params=[whole, byte_by_byte, before_each_line_end], ids=lambda cut: cut.__name__)
def cut(request: pytest.FixtureRequest) -> Cut:
    """How what a peer sends comes in pieces."""
    function: Cut = request.param
    return function
