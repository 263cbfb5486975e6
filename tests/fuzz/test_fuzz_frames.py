"""The fuzzer of frames and connections: a short run of it, and whether it would see a fault."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ws_frames import IMPLEMENTATION, Connection, InvalidUTF8, pure
from ws_frames.speedups import REASON

pytestmark = pytest.mark.skipif(IMPLEMENTATION != "c", reason=f"C speedups {REASON}")

KINDS = ["parser", "writer", "connections"]


@pytest.fixture(scope="module")
def fuzzer() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "fuzz_frames.py"
    spec = importlib.util.spec_from_file_location("fuzz_frames", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", ["frames", "2"])
def test_some_inputs_of_each_kind_pass(fuzzer: ModuleType, kind: str, seed: str) -> None:
    assert fuzzer.main(["--count", "2000", "--seed", seed, kind]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_the_same_inputs_again(fuzzer: ModuleType, kind: str) -> None:
    make = fuzzer.KINDS[kind][0]
    one, other = random.Random(5), random.Random(5)
    assert [make(one) for _ in range(20)] == [make(other) for _ in range(20)]


def test_a_run_may_be_as_long_as_asked_for(
    fuzzer: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzzer.main(["--seconds", "0.01", "--seed", "1", "writer"]) == 0
    assert "writer: 1,000 inputs in" in capsys.readouterr().out


class Sloppy(pure.Parser):
    """Find nothing wrong with text that is not UTF-8."""

    def feed(self, data: Any, /) -> Any:
        events = super().feed(data)
        if isinstance(self.error, InvalidUTF8):
            self.error = None
        return events


class Hasty(pure.Parser):
    """Lose an empty frame that ends with the bytes at hand."""

    def feed(self, data: Any, /) -> Any:
        return [event for event in super().feed(data) if event != "" or len(data) > 2]


def other_order(head: int, payload: Any, mask: Any = False, /) -> bytes:
    frame = pure.encode_frame(head, payload, mask)
    return frame[:-2] + frame[:-3:-1] if len(frame) > 300 else frame


def with_fault(**names: Any) -> Any:
    return SimpleNamespace(**{**vars(pure), **names})


@pytest.mark.parametrize(
    ("fault", "kind", "differs"),
    [
        (with_fault(Parser=Sloppy), "parser", "how C and Python end differs"),
        (with_fault(Parser=Hasty), "parser", "what C and Python parse differs"),
        (with_fault(encode_frame=other_order), "writer", "what C and Python write differs"),
        (with_fault(Parser=Sloppy), "connections", "what happens in C and in Python differs"),
        (with_fault(encode_frame=other_order), "connections", "what happens in C and in Python"),
    ],
)
def test_twins_that_differ_are_seen(
    fuzzer: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: Any,
    kind: str,
    differs: str,
) -> None:
    monkeypatch.setattr(fuzzer, "TWINS", [fuzzer.speedups, fault])
    assert fuzzer.main(["--count", "2000", "--seed", "1", kind]) == 1
    printed = capsys.readouterr().out
    assert f"{kind}: input " in printed
    assert differs in printed


@pytest.mark.parametrize(
    ("parser", "differs"),
    [(Hasty, "what the whole and its pieces give differs")],
)
def test_a_parser_that_depends_on_the_pieces_is_seen(
    fuzzer: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    parser: type[pure.Parser],
    differs: str,
) -> None:
    sloppy = with_fault(Parser=parser)
    monkeypatch.setattr(fuzzer, "TWINS", [sloppy, sloppy])
    assert fuzzer.main(["--count", "2000", "--seed", "1", "parser"]) == 1
    assert differs in capsys.readouterr().out


def test_a_connection_that_loses_a_message_is_seen(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    take = Connection.next_event
    monkeypatch.setattr(
        Connection,
        "next_event",
        lambda connection: take(connection) if (event := take(connection)) == "" else event,
    )
    assert fuzzer.main(["--count", "1000", "--seed", "1", "connections"]) == 1
    assert "what was sent and received differs" in capsys.readouterr().out


def test_an_exception_that_is_not_documented_is_seen(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(connection: Connection) -> None:
        raise KeyError("fault")

    monkeypatch.setattr(Connection, "next_event", fail)
    assert fuzzer.main(["--count", "1000", "--seed", "1", "connections"]) == 1
    assert "KeyError" in capsys.readouterr().out


def test_an_unknown_kind_is_refused(fuzzer: ModuleType) -> None:
    with pytest.raises(SystemExit):
        fuzzer.main(["frames"])
