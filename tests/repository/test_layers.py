"""The layers: who may import whom, and through which names."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout


def lint_imports(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """import-linter over the sources of this checkout instead of the installed ones."""
    sources = sorted(str(path) for path in checkout.root.glob("packages/*/src"))
    return subprocess.run(
        [Path(sysconfig.get_path("scripts"), "lint-imports"), "--no-cache"],
        cwd=checkout.root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sources), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def layers(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    tool = Path(__file__).resolve().parents[2] / "tools" / "layers.py"
    return subprocess.run(
        [sys.executable, tool, checkout.root], capture_output=True, text=True, check=False
    )


def test_imports_go_down_only_and_the_lower_packages_do_no_io(checkout: Checkout) -> None:
    result = lint_imports(checkout)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("ws_http/__init__.py", "import ws_asyncio", "ws_http is not allowed to import ws_asyncio"),
        ("ws_frames/frames.py", "import ws_http", "ws_frames is not allowed to import ws_http"),
        ("ws_asyncio/__init__.py", "import websockets", "ws_asyncio is not allowed to import web"),
        ("ws_frames/frames.py", "import socket", "ws_frames is not allowed to import socket"),
        ("ws_http/__init__.py", "import time", "ws_http is not allowed to import time"),
        ("ws_deflate/__init__.py", "import asyncio", "ws_deflate is not allowed to import asyncio"),
    ],
)
def test_a_planted_import_is_found(copy: Checkout, module: str, line: str, broken: str) -> None:
    copy.plant(module, line)
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert broken in result.stdout
    assert module.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") in (
        result.stdout
    )


def test_packages_use_each_other_through_public_names(checkout: Checkout) -> None:
    result = layers(checkout)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import ws_frames", "import ws_frames, must be: from ws_frames import a name"),
        ("import ws_frames.frames as f", "import ws_frames.frames, must be"),
        ("from ws_frames.frames import Frame", "imports from ws_frames.frames, must be from"),
        ("from ws_frames import frames", "frames is not public in ws_frames"),
        ("from ws_frames import _speedups", "_speedups is not public in ws_frames"),
        ("from ws_frames import *", "* is not public in ws_frames"),
        ("def late():\n    from ws_frames import pure", "pure is not public in ws_frames"),
    ],
)
def test_reaching_into_a_package_is_found(copy: Checkout, line: str, fault: str) -> None:
    copy.plant("ws_http/__init__.py", line)
    result = layers(copy)
    assert result.returncode == 1
    (found,) = result.stderr.splitlines()
    assert found.startswith(str(Path("packages", "ws-http", "src", "ws_http", "__init__.py")))
    assert fault in found
