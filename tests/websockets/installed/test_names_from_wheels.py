"""What our wheels give on each Python at hand: all names, and the programs of each era."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.websockets.conftest import Name
    from tests.websockets.installed.conftest import Environment, OnPython

pytestmark = pytest.mark.packaging

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PROGRAM = HERE.parent / "typing_program.py"

each_python = pytest.mark.parametrize(
    "version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
)


@each_python
def test_every_name_is_at_each_path(on_python: OnPython, names: list[Name], version: str) -> None:
    environment = on_python(version)
    printed = environment.run_file(HERE / "check_names.py", HERE.parent / "names.txt")
    assert printed == f"{len(names)} names on Python {version}\n"


@each_python
def test_a_program_that_uses_them_all_runs(on_python: OnPython, version: str) -> None:
    assert on_python(version).run_file(PROGRAM) == "Hello\n" * 3


@each_python
def test_the_programs_of_each_era_run(on_python: OnPython, version: str) -> None:
    environment = on_python(version)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROGRAMS_PYTHON", str(environment.python))
        patch.delenv("WS_FRAMES_SPEEDUPS", raising=False)  # these wheels hold no C
        result = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                HERE.parent / "programs",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert result.returncode == 0, result.stdout
    assert re.search(r"^\d\d passed", result.stdout, re.MULTILINE)


def test_mypy_accepts_the_program_with_what_is_installed(
    environment: Environment, dist: Path, tmp_path: Path
) -> None:
    environment.uv("install", "--no-index", "--find-links", dist, "websockets")
    try:
        environment.uv("install", "mypy>=1.15")
    except AssertionError as exc:
        pytest.skip(f"mypy cannot be had from an index: {str(exc).strip().splitlines()[-1:]}")
    # Elsewhere, where no settings of ours are found.
    program = shutil.copy(PROGRAM, tmp_path)
    code = "import sys; from mypy.main import main; sys.argv[0] = 'mypy'; main()"
    check = (environment.python, "-I", "-c", code, "--strict", program)
    result = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout == "Success: no issues found in 1 source file\n", result.stderr
