"""The way to the interactive client."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ws_asyncio import interactive, interactive_client


def test_it_hands_on_the_arguments_and_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def main(arguments: object, *, package: str) -> int:
        calls.append((arguments, package))
        return 1

    monkeypatch.setattr(interactive, "main", main)
    assert interactive_client(["ws://localhost/"], package="websockets") == 1
    assert interactive_client() == 1
    assert calls == [(["ws://localhost/"], "websockets"), (None, "ws_asyncio")]


def test_importing_the_package_does_not_import_it() -> None:
    code = (
        "import sys, ws_asyncio\n"
        "print({'ws_asyncio.interactive', 'argparse', 'prompt_toolkit'} & set(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "set()\n"
