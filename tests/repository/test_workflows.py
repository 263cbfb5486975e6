"""The workflows for hosted runners do what .ci/run does, on what the packages announce."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from release.checkout import packages, pythons
from release.staging import public_packages

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in WORKFLOWS.iterdir())

KNOWN_ACTIONS = {
    "actions/checkout",
    "actions/download-artifact",
    "actions/setup-python",
    "actions/upload-artifact",
    "pypa/cibuildwheel",
    "pypa/gh-action-pypi-publish",
}
HATCH_RUN = re.compile(r"\bhatch run (?:(?P<environment>[a-z]+):)?(?P<script>[a-z-]+)")

# hatch itself needs a newer Python than the packages do.
WITHOUT_HATCH = ["3.9"]


def load(name: str) -> Any:
    return yaml.safe_load(WORKFLOWS.joinpath(name).read_text(encoding="utf-8"))


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow: Any) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


@pytest.fixture(scope="module")
def settings() -> Any:
    """hatch.toml, read."""
    tomllib: Any = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")
    return tomllib.loads(ROOT.joinpath("hatch.toml").read_text(encoding="utf-8"))


def test_there_are_these_workflows() -> None:
    assert NAMES == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_only_well_known_actions_are_used_by_their_versions(name: str) -> None:
    used = [step["uses"].partition("@") for step in steps(load(name)) if "uses" in step]
    assert used
    assert {action for action, _, _ in used} <= KNOWN_ACTIONS
    assert [tag for _, _, tag in used if not re.fullmatch(r"v\d+(\.\d+)*", tag)] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_command_of_hatch_exists(settings: Any, name: str) -> None:
    found = [match for text in commands(load(name)) for match in HATCH_RUN.finditer(text)]
    assert found
    for match in found:
        environment = settings["envs"][match["environment"] or "default"]
        assert match["script"] in environment["scripts"], match[0]


def test_the_gate_is_the_script_of_the_repository(checkout: Checkout) -> None:
    job = load("ci.yml")["jobs"]["gate"]
    assert job["steps"][-1] == {"run": "bash .ci/run"}
    assert checkout.root.joinpath(".ci", "run").is_file()
    announced = [minor for minor in pythons() if minor not in WITHOUT_HATCH]
    assert job["strategy"]["matrix"] == {"python": announced}


def test_the_tests_run_on_each_system_and_python() -> None:
    job = load("ci.yml")["jobs"]["tests"]
    assert job["strategy"]["matrix"]["python"] == pythons()
    systems = {name.partition("-")[0] for name in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    modes = [step["env"]["WS_FRAMES_SPEEDUPS"] for step in job["steps"] if "env" in step]
    assert modes == ["require", "never"]


@pytest.mark.parametrize("name", ["tests", "free-threaded"])
def test_hatch_takes_the_python_that_is_under_test(name: str) -> None:
    for step in load("ci.yml")["jobs"][name]["steps"]:
        if HATCH_RUN.search(step.get("run", "")):
            assert step["env"]["HATCH_PYTHON"] == "${{ steps.tested.outputs.python-path }}"


def test_only_what_is_for_information_may_fail() -> None:
    jobs = load("ci.yml")["jobs"]
    assert [name for name, job in jobs.items() if "continue-on-error" in job] == ["free-threaded"]


def test_a_release_begins_with_the_check_of_its_tag() -> None:
    workflow = load("release.yml")
    on = workflow[True]  # YAML takes the key "on" for a truth
    assert on["push"] == {"tags": ["v*"]}
    run = [step.get("run", "") for step in workflow["jobs"]["build"]["steps"]]
    assert run.index('hatch run release:tag "$GITHUB_REF_NAME"') < run.index(
        "hatch run release:build"
    )


def test_all_packages_but_the_meta_package_are_uploaded_one_after_the_other() -> None:
    job = load("release.yml")["jobs"]["publish"]
    assert job["strategy"]["matrix"] == {"package": public_packages()}
    assert set(packages()) - set(public_packages()) == {"websockets"}
    assert job["strategy"]["max-parallel"] == 1
    assert (job["needs"], job["if"]) == ("verify", "github.ref_type == 'tag'")


def test_what_is_uploaded_has_passed_through_the_tool_that_refuses() -> None:
    *_, staged, upload = load("release.yml")["jobs"]["publish"]["steps"]
    assert staged["run"] == 'hatch run release:upload "$PACKAGE" --to upload'
    assert upload["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert upload["with"] == {"packages-dir": "upload/", "attestations": True}


def test_only_the_upload_may_ask_for_an_identity() -> None:
    workflow = load("release.yml")
    assert workflow["permissions"] == {"contents": "read"}
    may = [name for name, job in workflow["jobs"].items() if "permissions" in job]
    assert may == ["publish"]
    assert workflow["jobs"]["publish"]["permissions"]["id-token"] == "write"


def test_hosted_runners_build_a_wheel_for_each_python_that_is_announced(
    checkout: Checkout,
) -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")
    path = checkout.root / "packages" / "ws-frames" / "pyproject.toml"
    wheels = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["cibuildwheel"]
    assert wheels["build"] == [f"cp{minor.replace('.', '')}-*" for minor in pythons()]
    assert wheels["environment"] == {"WS_FRAMES_SPEEDUPS": "require"}
    assert wheels["test-command"] == "python -m ws_frames"
