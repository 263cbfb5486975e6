"""
The tests that a page of the documentation names, and those that there are.

A page names one as `tests/ws_http/test_uri.py::test_a_uri_is_parsed`, or by a link to its file:
[TestRequest::test_options_are_sent](../tests/ws_http/test_client.py).
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = r"(?:Test\w+::)?test_\w+"
CODE = re.compile(rf"`(?P<file>tests/[\w/]+\.py)::(?P<test>{NAME})`")
LINK = re.compile(rf"\[`?(?P<test>{NAME})`?\]\((?:\.\./)+(?P<file>tests/[\w/]+\.py)\)")


def named(text: str) -> set[tuple[str, str]]:
    """File and name of each test that a text names."""
    matches = [*CODE.finditer(text), *LINK.finditer(text)]
    return {(match["file"], match["test"]) for match in matches}


def defined(file: str, root: Path = ROOT) -> set[str]:
    """The tests of a file; those of a class with its name before them."""
    tree = ast.parse(root.joinpath(file).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    inside = {f"{node.name}::{name}" for node in classes for name in functions(node.body)}
    return {name for name in functions(tree.body) | inside if re.fullmatch(NAME, name)}


def functions(nodes: list[ast.stmt]) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in nodes if isinstance(node, kinds)}


def rows(text: str) -> list[str]:
    """The rows of the tables in a text, without their heads."""
    lines = text.splitlines()
    tables = [line for line in lines if line.startswith("|")]
    heads = {line for line, below in zip(lines, lines[1:]) if below.startswith("| ---")}
    return [line for line in tables if not line.startswith("| ---") and line not in heads]
