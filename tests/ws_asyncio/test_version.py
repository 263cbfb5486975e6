from __future__ import annotations

import platform
from importlib.metadata import version

from ws_asyncio.version import SERVER, USER_AGENT, VERSION


def test_the_version_is_that_of_the_distribution() -> None:
    assert version("ws-asyncio") == VERSION


def test_peers_learn_python_and_package_with_their_versions() -> None:
    assert SERVER == USER_AGENT == f"Python/{platform.python_version()} ws-asyncio/{VERSION}"
