"""The Pythons that run what is measured: ours in one environment, the peers in another.

They cannot share one: our meta-package and a peer are imported by the same name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["BENCH", "OURS", "PEERS", "ROOT", "child_environment", "python_of", "versions_of"]

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent.parent
OURS, PEERS = "ours", "peers"

DISTRIBUTIONS = {
    OURS: ("ws-frames", "ws-asyncio", "uvloop", "aiofastnet", "zlib-ng"),
    PEERS: ("websockets", "picows", "aiohttp", "wsproto", "uvloop", "aiofastnet"),
}
# Without braces, in which hatch would put something.
ASK = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = dict()
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps([sys.executable, found]))
"""


@cache
def peers() -> tuple[str, dict[str, str]]:
    """The Python of the peers and their versions; hatch makes the environment where needed."""
    command = [sys.executable, "-m", "hatch", "run", "peers:python", "-c", ASK]
    result = subprocess.run(
        [*command, *DISTRIBUTIONS[PEERS]],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    executable, found = json.loads(result.stdout.splitlines()[-1])
    return executable, found


def child_environment() -> dict[str, str]:
    """The variables of this process without what says which Python to use, and where this is.

    Bytecode is written, since without it an import would be measured that compiles.
    """
    names = ("VIRTUAL_ENV", "PYTHONHOME", "HATCH_ENV_ACTIVE", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "PYTHONPATH": str(BENCH.parent)}


def python_of(environment: str) -> str:
    return sys.executable if environment == OURS else peers()[0]


def versions_of(environment: str) -> dict[str, str]:
    if environment == PEERS:
        return peers()[1]
    found = {}
    for name in DISTRIBUTIONS[OURS]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
