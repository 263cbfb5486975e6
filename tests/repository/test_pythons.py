"""Each Python that is supported: all modules import there, and a client and a server talk."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

# Those of the environments py and newer.
MATRICES = [["3.9", "3.10", "3.11", "3.12", "3.13"], ["3.14", "3.15"]]
PYTHONS = [*MATRICES[0], *MATRICES[1]]
PACKAGES = ["ws_frames", "ws_http", "ws_deflate", "ws_asyncio", "ws_compat", "websockets"]

# What a program of any release looks like: a handler of two arguments, and a client.
PROGRAM = """
import asyncio, importlib, pkgutil, sys

for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for each in pkgutil.walk_packages(package.__path__, name + "."):
        if each.name.rpartition(".")[2] not in ("__main__", "editor"):  # needs prompt-toolkit
            importlib.import_module(each.name)

import websockets

async def echo(websocket, path):
    async for message in websocket:
        await websocket.send(message)

async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with websockets.connect("ws://%s:%d/" % (host, port)) as websocket:
            await websocket.send("Hello")
            print(await websocket.recv(), "from Python %d.%d" % sys.version_info[:2])

asyncio.run(main())
"""


def interpreter(version: str) -> str:
    """The path of a Python of this version; skips the test where there is none."""
    if version == "{}.{}".format(*sys.version_info[:2]):
        return sys.executable
    found = shutil.which(f"python{version}")
    # What stands there may only know how to start one that is installed elsewhere.
    if found is None or subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) != 0:
        pytest.skip(f"there is no python{version} on PATH")
    return found


@pytest.mark.parametrize("version", PYTHONS)
def test_programs_run_on_each_python(checkout: Checkout, version: str) -> None:
    sources = [str(checkout.source(package).parent) for package in PACKAGES]
    command = [interpreter(version), "-s", "-W", "error::DeprecationWarning:__main__"]
    result = subprocess.run(
        [*command, "-c", PROGRAM, *PACKAGES],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sources)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.stdout, result.stderr) == (f"Hello from Python {version}\n", "")


def test_no_source_needs_the_syntax_of_a_newer_python(checkout: Checkout) -> None:
    sources = sorted(checkout.root.glob("packages/*/src/**/*.py"))
    assert sources
    for path in sources:
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))


@pytest.mark.parametrize("name", [package.replace("_", "-") for package in PACKAGES])
def test_these_pythons_are_announced_and_have_an_environment(checkout: Checkout, name: str) -> None:
    # Not of what is installed: an environment may have been made for older sources.
    tomllib: Any = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")
    path = checkout.root / "packages" / name / "pyproject.toml"
    announced = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["classifiers"]
    assert [f"Programming Language :: Python :: {version}" for version in PYTHONS] == [
        each for each in announced if each.rpartition(" ")[2] in PYTHONS
    ]
    text = checkout.root.joinpath("hatch.toml").read_text(encoding="utf-8")
    for pythons in MATRICES:
        assert f"python = {pythons}".replace("'", '"') in text
