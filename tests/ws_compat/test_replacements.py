"""What is deprecated: the code and the tables of the README say the same."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ws_compat.paths import _paths
from ws_compat.replacements import REPLACEMENTS

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
README = (PACKAGES / "ws-compat" / "README.md").read_text(encoding="utf-8")
OLD = _paths["ws_compat"]

# Releases of the changelog.
RELEASES = [*(f"{major}.0" for major in range(1, 10)), "3.4"]


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the README."""
    _, _, rest = README.partition(f"\n### {heading}\n")
    lines = rest.partition("\n#")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return rows[2:]  # below the head and the rule


def all_deprecated_paths() -> dict[str, str]:
    """What to write instead of each name at a path of the package ``websockets``."""
    folder = PACKAGES / "websockets" / "src"
    for path in sorted(folder.rglob("*.py")):
        if path.name != "__main__.py":
            parts = path.relative_to(folder).with_suffix("").parts
            import_module(".".join(parts).replace(".__init__", ""))
    return {
        f"{path}.{name}": paths.replacement(name)
        for path, paths in _paths.items()
        if path.startswith("websockets")
        for name in paths.deprecated
    }


def calls() -> list[str]:
    """A pattern for what each call of ``warn_deprecated`` in the source is given."""
    patterns = []
    for path in sorted((PACKAGES / "ws-compat" / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "warn_deprecated":
                patterns.append(pattern(node.args[0]))
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "what":
                patterns.append(pattern(node.value))
    return patterns


def pattern(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        re.escape(str(each.value)) if isinstance(each, ast.Constant) else "(.+)" for each in parts
    )


def test_the_table_of_what_is_no_name_is_that_of_the_code() -> None:
    rows = table("Arguments, attributes, conventions")
    assert {what: (since, instead) for what, since, instead in rows} == REPLACEMENTS
    assert len(rows) == len(REPLACEMENTS)


def test_the_table_of_names_is_that_of_the_code() -> None:
    rows = table("Names")
    assert {name: instead for name, _, instead in rows} == {
        name: OLD.replacement(name) for name in OLD.deprecated
    }
    assert len(rows) == len(OLD.deprecated)


def test_the_table_of_paths_is_that_of_the_code() -> None:
    written = {
        f"{path}.{name}": OLD.replacement(name) if now == "as above" else f"{now}.{name}"
        for path, names, now in table("Paths")
        for name in names.split(", ")
    }
    assert written == all_deprecated_paths()


def test_each_thing_is_deprecated_since_some_release() -> None:
    assert {since for since, _ in REPLACEMENTS.values()} <= set(RELEASES)
    assert {since for _, since, _ in table("Names")} <= set(RELEASES)


@pytest.mark.parametrize("what", REPLACEMENTS)
def test_each_thing_is_warned_of_somewhere(what: str) -> None:
    assert [each for each in calls() if each != "(.+)" and re.fullmatch(each, what)] != []


def test_nothing_else_is_warned_of() -> None:
    of_names = r"(.+)\.(.+)"
    unknown = [
        each
        for each in calls()
        if each not in ("(.+)", of_names) and not any(re.fullmatch(each, w) for w in REPLACEMENTS)
    ]
    assert unknown == []


@pytest.mark.parametrize("name", OLD.deprecated)
def test_what_is_to_be_written_instead_of_a_name_is_there(name: str) -> None:
    if name == "encode_data":
        assert OLD.replacement(name) == "str.encode or bytes"
        return
    package, *parts = OLD.replacement(name).split(".")
    found: Any = import_module(package)
    assert parts[0] in found.__all__
    for part in parts:
        found = getattr(found, part)


def test_what_is_to_be_written_instead_of_a_path_is_there() -> None:
    for instead in all_deprecated_paths().values():
        package, _, rest = instead.partition(".")
        if rest and " " not in instead:
            assert rest.partition(".")[0] in import_module(package).__all__
