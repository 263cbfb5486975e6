"""``import websockets``."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def run(*arguments: str) -> str:
    """What a program prints, in a Python of its own where warnings are errors."""
    command = [sys.executable, "-W", "error", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.stderr == ""
    return result.stdout


def test_it_hands_on_all_public_names(hands_on: HandsOn) -> None:
    hands_on(websockets)


def test_so_does_the_package_of_9_0(hands_on: HandsOn) -> None:
    hands_on(websockets.legacy)


def test_the_version_is_the_release() -> None:
    assert websockets.__version__ == ".".join(version("websockets").split(".")[:2])


def test_importing_it_imports_nothing_that_takes_time() -> None:
    code = """
import sys, asyncio, dis, typing, __future__
before = set(sys.modules)
import websockets
print(*sorted(set(sys.modules) - before))
"""
    assert run("-c", code).split() == [
        "websockets",
        "ws_compat",
        "ws_compat.deprecation",
        "ws_compat.idioms",
        "ws_compat.installation",
        "ws_compat.paths",
        "ws_compat.replacements",
    ]


def test_a_star_import_takes_names_and_no_modules() -> None:
    code = """
from websockets import *
import websockets
assert set(websockets.__all__) <= set(globals())
assert "http" not in globals()
"""
    assert run("-c", code) == ""


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'websockets' has no attribute 'nothing'"):
        _ = websockets.nothing  # type: ignore[attr-defined]


def test_dir_lists_modules(submodule: str) -> None:
    parent, _, leaf = submodule.rpartition(".")
    assert leaf in dir(import_module(parent))


def test_it_can_be_run() -> None:
    assert run("-m", "websockets", "--version").startswith("websockets ")
