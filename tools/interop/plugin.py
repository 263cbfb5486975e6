"""
How pytest tells what the tests in ``tests/interop`` talked to, and what they left out.

A test says to which cell of the table it belongs with its marker, ``@pytest.mark.interop(
peer="undici", role="client", transport="tls", compression="deflate")``; the last two may also be
parameters of these names. What ``record_property("version", …)`` says goes into the table too.
A test without a peer is in no row of it, but what it left out is told all the same.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import platform
from collections.abc import Awaitable, Generator
from pathlib import Path
from typing import Any, Callable

import pytest

from interop.table import Table

#: Seconds that no test takes unless something is wrong.
PATIENCE = 60

TABLE = pytest.StashKey[Table]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("interop", "peers of other makes (tests/interop)")
    group.addoption(
        "--install-peers",
        action="store_true",
        help="install peers that are not there, with apt (as root) and pip; else leave them out",
    )
    group.addoption(
        "--interop-table",
        type=Path,
        metavar="FILE",
        help="write what talked to what into this file, as Markdown",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note the cell that a test belongs to, and let it not wait for ever."""
    markers = list(item.iter_markers("interop"))
    if not markers:
        return
    cell: dict[str, Any] = {}
    for marker in reversed(markers):
        cell.update(marker.kwargs)
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    cell.update({name: parameters[name] for name in CELL if name in parameters})
    item.user_properties += cell.items()
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = bounded(item.obj)


CELL = ("transport", "compression")


def bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Give a coroutine function that fails where the given one takes too long."""

    @functools.wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        await asyncio.wait_for(test(*args, **kwargs), PATIENCE)

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Collect how tests end."""
    report = yield
    if item.get_closest_marker("interop") is None:
        return report
    if report.when == "call" or report.outcome != "passed":
        # Of a skipped test: the file, the line, and the reason behind a word.
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        properties = {str(name): str(value) for name, value in item.user_properties}
        table = item.config.stash[TABLE]
        table.add(report.outcome, properties, reason.partition("Skipped: ")[2])
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out; write the table."""
    table = config.stash[TABLE]
    if lines := table.left_out():
        terminalreporter.section("peers of other makes")
        for line in lines:
            terminalreporter.line(line)
    path: Path | None = config.getoption("--interop-table")
    if path is not None:
        about = f"Last run: CPython {platform.python_version()} on {platform.system()}."
        path.write_text(table.render(about), encoding="utf-8")
