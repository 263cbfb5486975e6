"""What all examples have in common: they say what they are, and are listed and tested."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
README = EXAMPLES.joinpath("README.md").read_text(encoding="utf-8")

#: Those that have a folder of their own, with a server in it.
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/server.py"))


def test_the_list_of_examples_is_complete() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    listed = set(re.findall(r"(?m)^\| \[?([\w-]+)", README)) - {"folder", "---"}
    assert folders - listed == set()
    assert listed - folders <= {"howto"}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_tests(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_how_to_run_it(name: str) -> None:
    for path in EXAMPLES.joinpath(name).glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        text = ast.get_docstring(tree)
        assert text is not None, path.name
        if path.name in ("server.py", "client.py"):
            assert re.search(rf"(?m)^ +python (docs/examples/{name}/)?{path.name}", text), path.name


def test_what_is_linked_is_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        if "howto" not in link:
            assert EXAMPLES.joinpath(link).exists(), link
