"""Continuous integration runs what the README says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def printed_command(root: Path, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(root / ".ci" / "run"), "--print"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def other(checkout: Checkout, tmp_path: Path) -> Path:
    """A folder with nothing but the script, for a README of its own."""
    tmp_path.joinpath(".ci").mkdir()
    shutil.copy(checkout.root / ".ci" / "run", tmp_path / ".ci" / "run")
    return tmp_path


def test_ci_runs_the_command_of_the_readme(checkout: Checkout, tmp_path: Path) -> None:
    result = printed_command(checkout.root, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    command = result.stdout.rstrip("\n")
    assert command.startswith("python3 -m venv .venv && ")
    assert f"\n```\n{command}\n```\n" in checkout.root.joinpath("README.md").read_text("utf-8")


def test_ci_takes_the_first_block_below_the_heading(other: Path) -> None:
    text = "# A\n```\nno\n```\n## Run the tests\nwords\n```sh\nyes 1 &&\nyes 2\n```\n```\nno\n```\n"
    other.joinpath("README.md").write_text(text, encoding="utf-8")
    assert printed_command(other, cwd=other).stdout == "yes 1 &&\nyes 2\n"


def test_ci_fails_without_a_command(other: Path) -> None:
    text = "## Run the tests\nnothing\n## Else\n```\nno\n```\n"
    other.joinpath("README.md").write_text(text, encoding="utf-8")
    result = printed_command(other, cwd=other)
    assert result.returncode == 1
    assert "no command" in result.stderr


def test_ci_fails_where_the_command_fails(other: Path) -> None:
    text = "## Run the tests\n```\nfalse && true\n```\n"
    other.joinpath("README.md").write_text(text, encoding="utf-8")
    result = subprocess.run(
        ["bash", str(other / ".ci" / "run")], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stdout == "+ false && true\n"
