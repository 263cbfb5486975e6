"""The examples in the READMEs run, and print what they say."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("packages/*/README.md"))
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"^ *print\(.*\)  # (?P<output>.+)$", re.MULTILINE)

# Debug mode tells how long a step took. The first one that uses a name imports what has it.
SLOW = re.compile(r"^Executing .* took [0-9.]+ seconds\n", re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    return [
        (readme, match["code"])
        for readme in READMES
        for match in BLOCK.finditer(ROOT.joinpath(readme).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("readme", "code"), blocks(), ids=[readme for readme, _ in blocks()])
def test_an_example_prints_what_it_says(readme: str, code: str) -> None:
    expected = [match["output"] for match in PRINTS.finditer(code)]
    assert expected, "an example has to print something"
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == expected
    assert SLOW.sub("", result.stderr) == ""


def test_the_server_and_the_client_of_the_first_page_talk() -> None:
    text = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    server_code, client_code = (match["code"] for match in BLOCK.finditer(text))
    with socket.create_server(("localhost", 0)) as sock:
        port = str(sock.getsockname()[1])
    command = [sys.executable, "-W", "error", "-X", "dev", "-c"]
    server = subprocess.Popen([*command, server_code.replace("8765", port)])
    try:
        wait_for_port(int(port))
        result = subprocess.run(
            [*command, client_code.replace("8765", port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        server.terminate()
        server.wait(60)
    assert (result.stdout, SLOW.sub("", result.stderr)) == ("Hello\n", "")


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port)):
            return
    pytest.fail("nobody listens")
