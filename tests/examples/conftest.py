"""How the tests get at the examples, which are scripts and no packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Callable

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

LoadExample = Callable[[str], ModuleType]


@pytest.fixture
def load_example() -> LoadExample:
    """Import an example anew, such as ``room/server.py``, without running it."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"example_{Path(name).stem}", EXAMPLES / name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
