"""Autobahn's test suite has nothing to say against the server and the client."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from compliance import __main__ as autobahn
from compliance import wstest
from compliance.report import VERDICTS, Case, Run, as_data, judge, markdown, table
from compliance.suite import Suite

IN_C = pytest.param(
    "c",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("ws_frames._speedups") is None,
        reason="the C speedups are not built",
    ),
)


@pytest.fixture(scope="session")
def command() -> Path:
    """The command of the suite; skips where there is no Python 2.7, or no PyPI to fill it from."""
    try:
        return wstest.find_wstest(wstest.cache_directory(), None)
    except wstest.LeftOut as exc:
        pytest.skip(f"Autobahn's test suite is left out: {exc}")


@pytest.mark.compliance
@pytest.mark.parametrize("speedups", [IN_C, "python"])
@pytest.mark.parametrize("role", ["server", "client"])
async def test_the_fast_sections_pass(command: Path, role: str, speedups: str) -> None:
    suite = Suite(command, autobahn.FAST, timeout=300)
    run = await suite.run(role, speedups)
    assert run.passed, table(run)
    assert len(run.cases) == 247


# The runner itself


@pytest.fixture
def fake_suite(tmp_path: Path) -> Path:
    """A command that writes a line and ends."""
    path = tmp_path / "wstest"
    path.write_text(f"#!{sys.executable}\nraise SystemExit('no such reactor')\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("role", "complaint"),
    [
        ("server", "the suite ran no case: no such reactor"),
        ("client", "the suite's server does not listen at ws://127.0.0.1:"),
    ],
)
async def test_a_suite_that_ends_at_once_fails_the_run(
    fake_suite: Path, role: str, complaint: str
) -> None:
    run = await Suite(fake_suite, ["*"]).run(role, "python")
    assert run.complaint.startswith(complaint)
    assert not run.passed
    assert f"FAILED: {complaint}" in table(run)


@pytest.mark.parametrize(
    ("said", "closed", "verdict"),
    [
        ("OK", "OK", "OK"),
        ("OK", "INFORMATIONAL", "INFORMATIONAL"),
        ("NON-STRICT", "OK", "NON-STRICT"),
        ("INFORMATIONAL", "FAILED", "FAILED"),
        ("UNIMPLEMENTED", "OK", "UNIMPLEMENTED"),
        ("OK", "UNCLEAN", "FAILED"),
        ("OK", "WRONG CODE", "FAILED"),
    ],
)
def test_the_worse_of_what_was_said_and_how_it_closed_counts(
    tmp_path: Path, said: str, closed: str, verdict: str
) -> None:
    case = judge("1.1.1", {"behavior": said, "behaviorClose": closed}, tmp_path)
    assert case.verdict == verdict


def run_with(*verdicts: str) -> Run:
    cases = [Case(f"1.1.{n}", verdict) for n, verdict in enumerate(verdicts, 1)]
    return Run("server", "c", 1.5, cases)


def test_only_ok_passes_and_informational_where_nothing_better_can_be_had() -> None:
    assert run_with("OK").passed
    assert Run("server", "c", 1.5, [Case("7.1.6", "INFORMATIONAL")]).passed
    for verdict in VERDICTS[1:]:
        assert not run_with("OK", verdict).passed
    assert not run_with().passed


def test_the_table_counts_and_names_what_is_not_ok() -> None:
    run = run_with("OK", "OK", "FAILED")
    lines = table(run).splitlines()
    assert "server, C: 3 cases in 1.5 s" in lines
    assert [line.split() for line in lines if line.startswith(" 1 framing")] == [
        ["1", "framing", "2", "-", "-", "-", "1"]
    ]
    assert lines[-1].startswith("1.1.3: FAILED")


def test_the_markdown_has_a_column_for_each_run() -> None:
    text = markdown([run_with("OK", "OK"), run_with("OK", "INFORMATIONAL")])
    assert "\n| 1: framing | 2 OK | 1 OK, 1 INFORMATIONAL |\n" in text
    assert "\n| all | 2 OK | 1 OK, 1 INFORMATIONAL |\n" in text


def test_runs_of_other_kinds_can_be_kept(tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    client = Run("client", "python", 2.5, [Case("1.1.1", "OK")])
    first = autobahn.with_earlier([client, run_with("FAILED")], file)
    file.write_text(json.dumps(as_data(first)), encoding="utf-8")
    both = autobahn.with_earlier([run_with("OK")], file)
    assert both == [run_with("OK"), client]


def test_compression_can_be_left_out() -> None:
    assert autobahn.selected(["all"], compression=False) == (["*"], ["12.*", "13.*"])
    assert autobahn.selected(["7.*", "fast"]) == (["7.*", *autobahn.FAST], [])


def test_without_the_suite_only_a_run_that_requires_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find_nothing(cache: Path, python2: Path | None) -> Path:
        raise wstest.LeftOut("no Python 2.7 on PATH")

    monkeypatch.setattr(autobahn, "find_wstest", find_nothing)
    assert autobahn.main([]) == 0
    assert autobahn.main(["--require"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["Autobahn's test suite is left out: no Python 2.7 on PATH"] * 2


def test_another_python_is_no_python_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--cache", str(tmp_path), "--python2", sys.executable]
    assert wstest.main(arguments) == wstest.LEFT_OUT
    assert capsys.readouterr().err == f"no Python 2.7 at {sys.executable}\n"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert wstest.main(arguments[:2]) == wstest.LEFT_OUT
    assert capsys.readouterr().err == "no Python 2.7 on PATH or among pyenv's\n"
    assert list(tmp_path.iterdir()) == []
