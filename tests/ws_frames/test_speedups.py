"""The chooser between the twins, and that both offer the same."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ws_frames import pure, speedups

VARIABLE = "WS_FRAMES_SPEEDUPS"


@pytest.fixture
def compiled() -> ModuleType:
    """The C, where it is in use."""
    if speedups.IMPLEMENTATION != "c":
        pytest.skip(f"C speedups {speedups.REASON}")
    from ws_frames import _speedups

    return _speedups


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the import of the C fail, as where it was never built."""
    monkeypatch.setitem(sys.modules, "ws_frames._speedups", None)
    monkeypatch.delattr("ws_frames._speedups", raising=False)


def chooser(path: str = speedups.__file__) -> ModuleType:
    """A second copy of the chooser, which chooses anew."""
    spec = importlib.util.spec_from_file_location("ws_frames._second_chooser", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("mode", ["", "auto", "require", " AUTO "])
def test_the_c_is_taken_where_it_loads(
    compiled: ModuleType, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, mode)
    chosen = chooser()
    assert chosen.IMPLEMENTATION == "c"
    assert chosen.REASON == ""
    assert chosen.apply_mask is compiled.apply_mask


def test_never_takes_the_pure_twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "never")
    chosen = chooser()
    assert chosen.IMPLEMENTATION == "python"
    assert chosen.REASON == "switched off (WS_FRAMES_SPEEDUPS=never)"
    assert chosen.apply_mask is pure.apply_mask


@pytest.mark.usefixtures("no_library")
def test_auto_goes_without_the_c_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, "auto")
    assert chooser().IMPLEMENTATION == "python"
    chosen = chooser(str(copied_chooser(tmp_path)))
    assert chosen.IMPLEMENTATION == "python"
    assert chosen.REASON.startswith("not built (")
    assert chosen.apply_mask is pure.apply_mask


@pytest.mark.usefixtures("no_library")
def test_the_reason_is_the_one_that_the_build_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, "auto")
    path = copied_chooser(tmp_path)
    path.with_name("_speedups.txt").write_text("not compiled (no compiler)\n", encoding="utf-8")
    assert chooser(str(path)).REASON == "not compiled (no compiler)"


@pytest.mark.usefixtures("no_library")
def test_require_fails_without_the_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "require")
    with pytest.raises(ImportError, match="WS_FRAMES_SPEEDUPS=require: C speedups not "):
        chooser()


@pytest.mark.parametrize("mode", ["auto", "require"])
def test_a_library_that_is_out_of_date_is_not_used(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    old = ModuleType("ws_frames._speedups")
    vars(old)["apply_mask"] = pure.apply_mask
    monkeypatch.setitem(sys.modules, old.__name__, old)
    monkeypatch.setattr("ws_frames._speedups", old, raising=False)
    monkeypatch.setenv(VARIABLE, mode)
    if mode == "require":
        with pytest.raises(ImportError, match=r"C speedups out of date \(no Inbox\)$"):
            chooser()
        return
    chosen = chooser()
    assert chosen.REASON == "out of date (no Inbox)"
    assert chosen.Parser is pure.Parser


def test_a_system_without_fork_needs_no_word_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    assert chooser().IMPLEMENTATION == speedups.IMPLEMENTATION


def test_an_unknown_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "sometimes")
    with pytest.raises(ImportError, match="'sometimes', must be one of auto, require, never"):
        chooser()


def copied_chooser(folder: Path) -> Path:
    """The chooser in a folder without a note of an earlier build."""
    copy = folder / "speedups.py"
    copy.write_bytes(Path(speedups.__file__).read_bytes())
    return copy


def public_names(module: ModuleType | type) -> set[str]:
    return {name for name in vars(module) if not name.startswith("_")}


def test_each_c_name_has_a_pure_twin(compiled: ModuleType) -> None:
    assert public_names(compiled) <= set(pure.__all__)


def test_the_chooser_hands_on_every_c_name(compiled: ModuleType) -> None:
    assert public_names(compiled) <= set(speedups.__all__)


def test_the_chooser_hands_on_twins_only() -> None:
    assert set(speedups.__all__) <= {"IMPLEMENTATION", "REASON", *pure.__all__}


def test_the_twins_have_the_same_parameters(compiled: ModuleType) -> None:
    for name in public_names(compiled):
        if sys.version_info < (3, 10) and isinstance(getattr(compiled, name), type):
            continue  # 3.9 drops the signature from the docstring of such a type
        in_c, in_python = (
            [(parameter.name, parameter.kind) for parameter in signature.parameters.values()]
            for signature in map(inspect.signature, (getattr(compiled, name), getattr(pure, name)))
        )
        assert in_c == in_python, name


@pytest.mark.parametrize("name", ["Parser", "Inbox", "Outbox"])
def test_methods_of_the_twins_have_the_same_parameters(compiled: ModuleType, name: str) -> None:
    in_c, in_python = getattr(compiled, name), getattr(pure, name)
    for method in public_names(in_c):
        if inspect.isroutine(getattr(in_c, method)):
            (_, *of_c), (_, *of_python) = (
                [(parameter.name, parameter.kind) for parameter in signature.parameters.values()]
                for signature in (
                    inspect.signature(getattr(each, method)) for each in (in_c, in_python)
                )
            )
            assert of_c == of_python, method


@pytest.mark.skipif(sys.version_info < (3, 12), reason="isolated interpreters came with 3.12")
def test_the_c_loads_in_an_interpreter_with_its_own_gil(compiled: ModuleType) -> None:
    interpreters = pytest.importorskip(
        "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    )
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from ws_frames import _speedups\n"
        "assert _speedups.apply_mask(b'Hello', b'\\x37\\xfa\\x21\\x3d') == "
        "b'\\x7f\\x9f\\x4d\\x51\\x58'\n"
        "parser = _speedups.Parser(masked=True)\n"
        "assert parser.feed(_speedups.encode_frame(0x81, 'Hello', True)) == ['Hello']\n"
        "assert parser.feed(b'\\xff') == []\n"
        "assert str(parser.error) == 'reserved opcode 0xf'\n"
    )
    interpreter = interpreters.create()
    try:
        assert interpreters.run_string(interpreter, script) is None
    finally:
        interpreters.destroy(interpreter)


def test_the_note_of_the_build_is_beside_the_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(speedups, "__file__", str(tmp_path / "speedups.py"))
    assert speedups.why_missing(ImportError("reason")) == "not built (reason)"
    tmp_path.joinpath("_speedups.txt").write_text("not compiled (é)\n", encoding="utf-8")
    assert speedups.why_missing(ImportError("reason")) == "not compiled (é)"
