"""
The directive ``import-paths``: what is to be had at each path of the meta-package.

It reads tests/websockets/names.txt, which the tests compare with what really is there. Each name becomes
an entry of the index, and leads to where it is documented.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

NAMES = Path(__file__).resolve().parents[2] / "tests" / "websockets" / "names.txt"


def names(path: str) -> Iterator[tuple[str, str, str]]:
    """Each name at a path, what has it today, and what to write instead or a dash."""
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            at, name, today, instead = line.split(maxsplit=3)
            if at == path:
                yield name, today, instead


def kind(today: str) -> str:
    """Which kind of object this is, in Sphinx's words."""
    package, *attributes = today.split(".")
    value: Any = importlib.import_module(package)
    for attribute in attributes:
        value = getattr(value, attribute)
    if inspect.isclass(value):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isroutine(value) else "data"


def documented(today: str) -> str:
    """Where to read about it: ws_asyncio, rather than ws_compat that adds what is deprecated."""
    package, _, name = today.partition(".")
    current = importlib.import_module("ws_asyncio")
    return f"ws_asyncio.{name}" if package == "ws_compat" and name in current.__all__ else today


class ImportPaths(SphinxDirective):
    """``{import-paths} websockets.client``"""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = self.arguments[0]
        entries = list(names(path))
        if not entries:
            raise self.error(f"no such path in {NAMES.name}: {path}")
        lines = [row(["name", "described at"]), row(["---", "---"])]
        targets: list[nodes.Node] = []
        for name, today, instead in entries:
            full = f"{path}.{name}"
            targets.append(self._target(full, kind(today)))
            where = documented(today)
            place = f"`{where}`" if where.startswith("websockets.") else f"{{py:obj}}`{where}`"
            if instead != "-":
                place += f"; deprecated, write `{instead}`"
            lines.append(row([f"`{name}`", place]))
        return [*targets, *self.parse_text_to_nodes("\n".join(lines))]

    def _target(self, full: str, what: str) -> nodes.Node:
        domain = self.env.domains.python_domain
        domain.note_object(full, what, full, location=self.get_location())
        return nodes.target("", "", ids=[full])


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("import-paths", ImportPaths)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
