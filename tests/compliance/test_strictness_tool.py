"""The tool that runs the strictness suite: its table, its list, its page in the docs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

import check_strictness
from strictness.case import CLIENT, SERVER
from strictness.cases import CASES
from strictness.peers import OURS
from strictness.report import listing, page, table
from strictness.suite import Run, load_runs, run_cases, save_run, selected
from strictness.verdict import FAILED, LEFT_OUT, NON_STRICT, OK, Result
from tests.compliance.ends import BY_ID, Naive, serving

ROOT = Path(__file__).resolve().parents[2]


def some_runs() -> list[Run]:
    first = [Result("control/ping", OK, "pong"), Result("framing/opcode-3", FAILED, "text 'x'")]
    second = [Result("control/ping", OK, "pong"), Result("deflate/hello", LEFT_OUT, "")]
    return [Run("one", SERVER, "1.0", first), Run("two", SERVER, "2.0", second)]


def test_the_table_counts_and_names_what_is_not_ok() -> None:
    lines = table(some_runs()[0]).splitlines()
    assert lines[1] == "server one 1.0: 2 cases"
    assert [line.split() for line in lines if line.startswith("framing ")] == [
        ["framing", "-", "-", "1", "-"]
    ]
    assert lines[-1] == "framing/opcode-3: FAILED: text 'x'"
    assert "control/ping: OK: pong" in table(some_runs()[0], verbose=True)


def test_the_page_has_a_row_for_each_target_and_for_each_difference(tmp_path: Path) -> None:
    for run in some_runs():
        save_run(run, tmp_path)
    text = page(load_runs(tmp_path), "2000-01-01")
    assert "| one 1.0 | 0 / 0 / 1 | 1 / 0 / 0 | 0 / 0 / 0 | 1 / 0 / 1 |" in text
    assert "| two 2.0 | 0 / 0 / 0 | 1 / 0 / 0 | 0 / 0 / 0, 1 out | 1 / 0 / 0, 1 out |" in text
    assert "| framing/opcode-3 | 6455 5.2 | **F** | - |" in text
    assert "control/ping" not in text


def test_the_list_has_a_line_for_each_case() -> None:
    assert len(listing().splitlines()) == len(CASES)


def test_cases_are_chosen_by_patterns() -> None:
    assert [case.id for case in selected(CLIENT, ["control/ping", "request/*"])] == ["control/ping"]
    assert len(selected(SERVER, ["utf-8/bad-f[ef]"])) == 2
    assert selected(SERVER, ["nothing"]) == []


async def test_results_come_in_the_order_of_the_cases() -> None:
    cases = [BY_ID[id] for id in ("closing/reason", "control/ping", "framing/opcode-3")]
    async with serving(Naive(masked=False)) as target:
        results = await run_cases(target, cases, 2)
    assert [result.case for result in results] == [case.id for case in cases]
    assert [result.verdict for result in results] == [OK, OK, FAILED]


async def run_tool(*arguments: str) -> int:
    """Run the tool in a thread, since it has an event loop of its own."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, check_strictness.main, arguments)


async def test_the_tool_looks_at_ours_in_processes_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_strictness, "OURS", OURS[1:])  # the pure ones, which are always there
    cases = ["--cases", "control/ping", "request/plain", "response/plain"]
    assert await run_tool(*cases, "--results", str(tmp_path), "--verbose") == 0
    printed = capsys.readouterr().out
    assert "server ws-asyncio, pure " in printed
    assert "client ws-asyncio, pure " in printed
    assert printed.count("control/ping: OK: pong 'Hello', close 1000, eof") == 2
    assert list(tmp_path.iterdir()) == []  # some cases aren't a result to be kept


async def test_the_tool_fails_where_a_target_does(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "pass", "{uri}"]
    assert await run_tool("--client", " ".join(command), "--cases", "control/ping") == 1
    assert "control/ping: FAILED: no TCP connection" in capsys.readouterr().out


def test_the_page_in_the_docs_is_one_that_the_tool_wrote() -> None:
    text = ROOT.joinpath("docs", "strictness.md").read_text(encoding="utf-8")
    written = page([], "").split("## Results")[0]
    assert text.startswith(written)


def test_the_tool_writes_a_page_of_the_results_that_are_kept(tmp_path: Path) -> None:
    results = [Result("control/ping", NON_STRICT, "silence")]
    save_run(Run(OURS[0].name, CLIENT, "9", results), tmp_path)
    file = tmp_path / "page.md"
    assert check_strictness.main(["--results", str(tmp_path), "--table", str(file)]) == 0
    assert "| control/ping | 6455 5.5.3 | N |" in file.read_text(encoding="utf-8")
