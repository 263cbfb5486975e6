"""What a run tells of its tests of peers, tried on runs of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

pytest_plugins = ["pytester"]

TOOLS = Path(__file__).resolve().parents[2] / "tools"

TESTS = """
import pytest
from interop.plugin import bounded

@pytest.mark.interop(peer="undici", role="client", transport="tls")
@pytest.mark.parametrize("compression", ["none", "deflate"])
async def test_passes(compression):
    pass

@pytest.mark.interop
def test_is_skipped():
    pytest.skip("no such peer")

def test_is_of_no_interest():
    pytest.skip("something else")

async def test_ends_one_that_waits_for_ever():
    import asyncio, interop.plugin
    interop.plugin.PATIENCE = 0
    with pytest.raises(asyncio.TimeoutError):
        await bounded(asyncio.Event().wait)()
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    monkeypatch.setenv("PYTHONPATH", str(TOOLS))
    pytester.makepyfile(TESTS)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nmarkers = interop: peers\n")
    options = ["-p", "interop.plugin", "-p", "no:cacheprovider", "--interop-table", "table.md"]
    result = pytester.runpytest_subprocess(*options, timeout=60)
    result.assert_outcomes(passed=3, skipped=2)
    return result.outlines


def test_the_end_says_what_was_left_out(run: Sequence[str]) -> None:
    assert "left out: no such peer (1 test)" in run
    assert [line for line in run if "something else" in line] == []


def test_the_table_has_the_cells_of_markers_and_parameters(
    run: Sequence[str], pytester: pytest.Pytester
) -> None:
    table = pytester.path.joinpath("table.md").read_text("utf-8")
    assert "| undici |  | client | - | - | 1 | 1 |  |\n" in table
    assert "- left out: no such peer (1 test)\n" in table
