"""The tool that fuzzes with atheris: what it gives to libFuzzer, and what it makes of its words."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

import pytest

import run_guided
from fuzz import finds
from fuzz.targets import TARGETS, words

Captured = pytest.CaptureFixture[str]

DONE = (
    "#9\tDONE   cov: 7 ft: 9 corp: 3/9b\n#12\tDONE   cov: 17 ft: 9\nDone 1234 runs in 5 second(s)\n"
)


@pytest.fixture
def atheris(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_guided, "find_spec", lambda name: name)


def answering(
    output: str, code: int = 0, *, artifact: str = ""
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Stand for the process that fuzzes."""

    def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        (prefix,) = [each for each in command if each.startswith("-artifact_prefix=")]
        if artifact:
            Path(prefix.partition("=")[2], artifact).write_bytes(b"ws://slow")
        return subprocess.CompletedProcess(command, code, output)

    return run


def test_without_atheris_it_says_so(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_guided, "find_spec", lambda name: None)
    assert run_guided.main(["uri"]) == 0
    assert capsys.readouterr().out.startswith("left out: there is no atheris for ")


@pytest.mark.usefixtures("atheris")
def test_it_says_what_was_done(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subprocess, "run", answering(DONE))
    page = tmp_path / "page.md"
    page.write_text("", encoding="utf-8")
    arguments = ["uri", "grammar", "--finds", str(tmp_path), "--table", str(page)]
    assert run_guided.main(arguments) == 0
    uri, grammar = capsys.readouterr().out.splitlines()
    assert uri.startswith("uri: 1,234 inputs in 5 s, ")
    assert grammar.startswith("grammar: 1,234 inputs in 5 s, ")
    assert uri.endswith(", 17 places reached")
    rows = page.read_text(encoding="utf-8").splitlines()[-2:]
    assert [row.split("|")[1:4] for row in rows] == [
        [" grammar ", " guided ", " 1,234 "],
        [" uri ", " guided ", " 1,234 "],
    ]


@pytest.mark.usefixtures("atheris")
@pytest.mark.parametrize(("output", "code"), [(DONE, 1), ("nothing", 0)])
def test_a_run_that_does_not_end_well_fails(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, output: str, code: int
) -> None:
    monkeypatch.setattr(subprocess, "run", answering(output, code))
    assert run_guided.main(["uri", "--finds", str(tmp_path)]) == 1
    assert f"uri: ended with {code}\n{output}" in capsys.readouterr().out


@pytest.mark.usefixtures("atheris")
def test_what_takes_too_long_is_kept_as_any_other_find(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subprocess, "run", answering("slow", 70, artifact="timeout-1"))
    assert run_guided.main(["uri", "--finds", str(tmp_path)]) == 1
    (path,) = tmp_path.glob("uri/*.txt")
    assert f"kept: {path}" in capsys.readouterr().out
    assert finds.load("uri", path) == ("ws://slow",)


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(SystemExit):
        run_guided.main(["frames"])


def test_seeds_are_planted_once(tmp_path: Path) -> None:
    for _ in range(2):
        run_guided.plant(tmp_path / "uri", TARGETS["uri"].SEEDS)
    planted = [path.read_bytes() for path in tmp_path.glob("uri/*")]
    assert sorted(planted) == sorted(TARGETS["uri"].SEEDS)


def test_words_are_quoted() -> None:
    assert run_guided.quoted(b'a"\\\0') == '"\\x61\\x22\\x5c\\x00"\n'


def test_atheris_itself_runs_where_it_is_there(capsys: Captured, tmp_path: Path) -> None:
    pytest.importorskip(
        "atheris", reason="it has an environment of its own: hatch run atheris:fuzz"
    )
    assert run_guided.main(["serializer", "--seconds", "1", "--finds", str(tmp_path)]) == 0
    assert "places reached" in capsys.readouterr().out
    assert words("serializer") == []
