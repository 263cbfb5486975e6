"""The tool that measures imports: what it measures, and when it objects. Times are not judged."""

from __future__ import annotations

import subprocess

import pytest

import import_time


def test_a_measurement_is_of_the_statement_in_milliseconds() -> None:
    assert import_time.measure("sum(range(10**6))") > 1


def test_what_fails_to_import_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        import_time.measure("raise ImportError")


def test_the_slowest_modules_are_those_that_the_import_adds() -> None:
    found = import_time.slowest("import websockets", 100)
    modules = [module for module, _ in found]
    assert {"websockets", "ws_compat", "ws_compat.paths"} <= set(modules)
    assert "asyncio" not in modules
    assert "asyncio.base_events" not in modules
    assert [took for _, took in found] == sorted((took for _, took in found), reverse=True)
    assert import_time.slowest("import websockets", 2) != []


@pytest.mark.parametrize(
    ("took", "code", "words"),
    [(10.0, 0, "none"), (10.1, 1, "import ws_frames"), (15.1, 1, "import ws_frames, import web")],
)
def test_it_objects_to_a_median_over_the_target(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    took: float,
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr(import_time, "measure", lambda statement: took)
    monkeypatch.setattr(import_time, "slowest", lambda statement, count: [("some.module", 1.0)])
    assert import_time.main(["--rounds", "1"]) == code
    printed = capsys.readouterr().out
    assert f"over the target: {words}" in printed
    assert "some.module" in printed
