"""One version for all packages, and the tool that keeps it so."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

DISTRIBUTIONS = ["websockets", "ws-asyncio", "ws-compat", "ws-deflate", "ws-frames", "ws-http"]


def versions(checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess[str]:
    tool = Path(__file__).resolve().parents[2] / "tools" / "versions.py"
    return subprocess.run(
        [sys.executable, tool, "--root", checkout.root, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def project(checkout: Checkout, distribution: str) -> Path:
    return checkout.root / "packages" / distribution / "pyproject.toml"


def test_all_say_the_same_version(checkout: Checkout) -> None:
    result = versions(checkout, "--check")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_each_is_pinned_to_the_others(distribution: str) -> None:
    found = [Requirement(text) for text in requires(distribution) or []]
    siblings = [str(each.specifier) for each in found if each.name in DISTRIBUTIONS]
    assert siblings == [f"=={version(distribution)}"] * len(siblings)
    assert siblings or distribution == "ws-frames"


def test_a_new_version_goes_everywhere(copy: Checkout) -> None:
    assert versions(copy, "12.3.0").returncode == 0
    assert versions(copy).stdout == "12.3.0\n"
    assert versions(copy, "--check").returncode == 0
    for distribution in DISTRIBUTIONS:
        text = project(copy, distribution).read_text(encoding="utf-8")
        assert 'version = "12.3.0"' in text
        assert "==12.3.0" in text or distribution == "ws-frames"
        assert f'name = "{distribution}"' in text
    init = copy.source("websockets").joinpath("__init__.py").read_text(encoding="utf-8")
    assert '__version__ = "12.3"' in init
    stated = copy.source("ws_asyncio").joinpath("version.py").read_text(encoding="utf-8")
    assert 'VERSION = "12.3.0"' in stated
    readme = project(copy, "websockets").with_name("README.md").read_text(encoding="utf-8")
    assert readme.count("websockets-12.3.0-py3-none-any.whl") == 2


@pytest.mark.parametrize(
    ("distribution", "old", "new"),
    [
        ("ws-http", 'version = "', 'version = "1'),
        ("ws-asyncio", '"ws-http==', '"ws-http==1'),
        ("ws-asyncio", '"ws-http==', '"ws-http>='),
        ("ws-deflate", '"ws-frames==', '"ws-frames ~= '),
    ],
)
def test_what_is_out_of_step_is_found(
    copy: Checkout, distribution: str, old: str, new: str
) -> None:
    path = project(copy, distribution)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = versions(copy, "--check")
    assert result.returncode == 1
    assert str(path.relative_to(copy.root)) in result.stderr


def test_a_requirement_without_a_bound_is_found(copy: Checkout) -> None:
    path = project(copy, "ws-compat")
    pin = f'"ws-asyncio=={version("ws-asyncio")}"'
    path.write_text(path.read_text(encoding="utf-8").replace(pin, '"ws-asyncio"'), encoding="utf-8")
    assert versions(copy, "--check").returncode == 1


@pytest.mark.parametrize("wrong", ["9", "9.1", "next", "v9.1.0", "9.1.0.0"])
def test_what_is_no_version_is_refused(copy: Checkout, wrong: str) -> None:
    result = versions(copy, wrong)
    assert result.returncode == 2
    assert "is no version" in result.stderr
