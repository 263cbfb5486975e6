"""The fuzzer of the opening handshake: a short run of it, and whether it would see a fault."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

KINDS = ["requests", "responses", "uris", "values"]


@pytest.fixture(scope="module")
def fuzzer() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "fuzz_http.py"
    spec = importlib.util.spec_from_file_location("fuzz_http", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", KINDS)
def test_some_inputs_of_each_kind_pass(fuzzer: ModuleType, kind: str) -> None:
    assert fuzzer.main(["--count", "1500", "--seed", "9", kind]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_the_same_inputs_again(fuzzer: ModuleType, kind: str) -> None:
    make = fuzzer.KINDS[kind][0]
    one, other = random.Random(5), random.Random(5)
    assert [make(one) for _ in range(20)] == [make(other) for _ in range(20)]


#: What to break, and the kind of input that shows it.
FAULTS = [
    ("ServerHandshake.accept", "requests"),
    ("ServerHandshake.receive_eof", "requests"),
    ("ClientHandshake.result", "responses"),
    ("ClientHandshake.receive_data", "responses"),
    ("parse_uri", "uris"),
    ("build_uri", "uris"),
    ("follow_redirect", "uris"),
    ("build_extension", "values"),
    ("Headers.serialize", "values"),
]


@pytest.mark.parametrize(("name", "kind"), FAULTS)
def test_an_exception_that_is_not_documented_is_seen(
    fuzzer: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    kind: str,
) -> None:
    def fail(*args: object) -> None:
        raise KeyError("fault")

    owner, _, attribute = name.rpartition(".")
    target = getattr(fuzzer, owner) if owner else fuzzer
    monkeypatch.setattr(target, attribute, fail)
    monkeypatch.setattr(fuzzer, "PAIRS", [(fuzzer.parse_extension, fuzzer.build_extension)])
    assert fuzzer.main(["--count", "1000", kind]) == 1
    assert f"{kind}: input " in capsys.readouterr().out


def test_a_parser_that_depends_on_the_pieces_is_seen(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = fuzzer.ServerHandshake.receive_data

    def forget_empty_lines(handshake: object, data: bytes) -> None:
        receive(handshake, b"" if data == b"\n" else data)

    monkeypatch.setattr(fuzzer.ServerHandshake, "receive_data", forget_empty_lines)
    assert fuzzer.main(["--count", "1000", "requests"]) == 1


def test_a_password_that_is_shown_is_seen(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzzer.InvalidURI, "__str__", lambda exc: fuzzer.PASSWORD)
    assert fuzzer.main(["--count", "100", "uris"]) == 1
