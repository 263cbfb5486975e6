"""Beside the foreign distribution of the same name: what is installed, and what is said of it.

Installers are let alone with both, and what the README says of them is tried.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.websockets.installed.conftest import Environment, RunUv, ThirdParty

pytestmark = pytest.mark.packaging

OURS = version("websockets")
ROOT = Path(__file__).parents[3]
README = (ROOT / "packages" / "websockets" / "README.md").read_text(encoding="utf-8")

both = pytest.mark.parametrize("installer", ["pip", "uv"])

# A client of each, with a server of ours.
TALK = """
import asyncio, websockets, ws_asyncio

async def echo(ws):
    async for message in ws:
        await ws.send(message)

async def main():
    assert websockets.connect is not ws_asyncio.connect
    async with ws_asyncio.serve(echo, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        for connect in (websockets.connect, ws_asyncio.connect):
            async with connect(f"ws://{host}:{port}/") as ws:
                await ws.send("Hello")
                print(await ws.recv())

asyncio.run(main())
"""


def version_of(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def constraints(folder: Path, wheel: Path) -> Path:
    """The file that the README gives: this wheel and no other."""
    (line,) = re.findall(r"^websockets @ \S+$", README, re.MULTILINE)
    path = folder / "constraints.txt"
    here = line.replace(f"file:///path/to/dist/websockets-{OURS}-py3-none-any.whl", wheel.as_uri())
    assert here != line
    path.write_text(f"{here}\n", encoding="utf-8")
    return path


def recipe(installer: str, *words: str, **places: str | Path) -> list[str | Path]:
    """The arguments of the one command of the README with these words, with places of the test.

    A place is what stands in the README, such as ``dist``.
    """
    command = "pip install" if installer == "pip" else "uv pip install"
    found = [
        each.split()
        for each in re.findall(rf"`{command} ([^`]+)`", README)
        if set(words) <= set(each.split())
    ]
    (arguments,) = found
    known = {
        name.replace("constraints", "constraints.txt"): place for name, place in places.items()
    }
    return [known.get(each, each) for each in arguments]


# Which one is taken


@both
def test_without_an_index_ours_is_taken(
    environment: Environment, dist: Path, third_party: ThirdParty, installer: str
) -> None:
    environment.install(installer, *recipe(installer, "--no-index", dist=dist))
    assert environment.version() == OURS
    links = ("--no-index", "--find-links", third_party("websockets>=9"))
    environment.install(installer, *links, "third-party")
    assert environment.version() == OURS
    assert environment.run("import third_party, websockets; print(websockets.connect)", "-Werror")


@both
def test_where_both_are_in_reach_the_higher_version_is_taken(
    environment: Environment, dist: Path, foreign_wheel: Path, installer: str
) -> None:
    links = ("--no-index", "--find-links", dist, "--find-links", foreign_wheel.parent)
    environment.install(installer, *links, "websockets")
    assert environment.version() == version_of(foreign_wheel) != OURS


@both
def test_a_constraint_makes_them_take_ours_for_a_third_party(
    environment: Environment,
    dist: Path,
    our_wheel: Path,
    foreign_wheel: Path,
    third_party: ThirdParty,
    tmp_path: Path,
    installer: str,
) -> None:
    places = {"dist": dist, "constraints": constraints(tmp_path, our_wheel)}
    command = recipe(installer, "--constraint", "package", package="third-party", **places)
    links = ("--find-links", foreign_wheel.parent, "--find-links", third_party("websockets>=9"))
    environment.install(installer, *command, "--no-index", *links)
    assert environment.version() == OURS


@both
def test_so_it_does_with_the_public_index_in_reach(
    environment: Environment,
    dist: Path,
    our_wheel: Path,
    foreign_wheel: Path,  # or else there is no such index
    third_party: ThirdParty,
    tmp_path: Path,
    installer: str,
) -> None:
    places = {"dist": dist, "constraints": constraints(tmp_path, our_wheel)}
    command = recipe(installer, "--constraint", "package", package="third-party", **places)
    links = ("--find-links", third_party("websockets>=9"))
    environment.install(installer, *command, *links)
    assert environment.version() == OURS
    # It stays, as long as it does for what comes.
    environment.install(installer, "--find-links", dist, *links, "third-party", "websockets")
    assert environment.version() == OURS


@both
def test_a_newer_requirement_replaces_ours_without_a_word(
    environment: Environment,
    dist: Path,
    our_wheel: Path,
    foreign_wheel: Path,
    third_party: ThirdParty,
    installer: str,
) -> None:
    environment.install(installer, "--no-index", "--find-links", dist, our_wheel)
    links = ("--find-links", foreign_wheel.parent, "--find-links", third_party("websockets>=10"))
    environment.install(installer, "--no-index", *links, "third-party")
    assert environment.version() == version_of(foreign_wheel)
    environment.pip("check")
    # All of it, so that there is nothing to warn of.
    assert not environment.packages.joinpath("websockets", "handshake.py").exists()


def test_uv_takes_ours_even_so_where_it_is_told_to_override(
    environment: Environment,
    dist: Path,
    our_wheel: Path,
    foreign_wheel: Path,
    third_party: ThirdParty,
    tmp_path: Path,
) -> None:
    places = {"dist": dist, "constraints": constraints(tmp_path, our_wheel)}
    command = recipe("uv", "--override", package="third-party", **places)
    links = ("--find-links", foreign_wheel.parent, "--find-links", third_party("websockets>=10"))
    environment.uv("install", *command, "--no-index", *links)
    assert environment.version() == OURS


def test_pip_takes_ours_even_so_where_it_is_told_to_leave_out_what_a_package_requires(
    environment: Environment, dist: Path, our_wheel: Path, third_party: ThirdParty, tmp_path: Path
) -> None:
    places = {"dist": dist, "constraints": constraints(tmp_path, our_wheel)}
    environment.pip("install", *recipe("pip", "--constraint", "websockets", **places))
    package = recipe("pip", "--no-deps", package="third-party")
    environment.pip("install", *package, "--find-links", third_party("websockets>=10"))
    environment.run("import third_party", "-Werror")
    assert environment.version() == OURS


def test_uv_takes_ours_from_a_checkout(environment: Environment) -> None:
    places = {".": ROOT}
    environment.uv("install", *recipe("uv", ".", **places))
    assert environment.version() == OURS
    assert environment.run("import websockets; print(websockets.connect)", "-Werror")


@both
def test_an_index_of_ones_own_has_ours(
    environment: Environment, dist: Path, tmp_path: Path, installer: str
) -> None:
    index = tmp_path / "simple"
    for wheel in dist.glob("*.whl"):
        folder = index / wheel.name.split("-")[0].replace("_", "-")
        folder.mkdir(parents=True)
        link = f'<!DOCTYPE html><a href="{wheel.as_uri()}">{wheel.name}</a>'
        folder.joinpath("index.html").write_text(link, encoding="utf-8")
    places = {"https://pypi.example.com/simple": index.as_uri()}
    if installer == "uv":
        environment.uv("install", *recipe("uv", "--default-index", **places))
    else:  # whose settings may name more indexes
        command = recipe("pip", "--index-url", **places)
        environment.pip("install", *command, PIP_CONFIG_FILE=os.devnull)
    assert environment.version() == OURS


@pytest.mark.parametrize("requirement", ["websockets>=9", "websockets>=10"])
def test_a_project_of_uv_takes_ours_by_the_table_of_the_readme(
    dist: Path,
    foreign_wheel: Path,
    third_party: ThirdParty,
    run_uv: RunUv,
    tmp_path: Path,
    requirement: str,
) -> None:
    (table,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    project = tmp_path / "project"
    shutil.copytree(dist, project / "dist")
    shutil.copy(foreign_wheel, project / "dist")
    shutil.copytree(third_party(requirement), project / "dist", dirs_exist_ok=True)
    project.joinpath("pyproject.toml").write_text(table, encoding="utf-8")
    run_uv("sync", "--no-index", "--python", sys.executable, cwd=project)
    printed = run_uv("pip", "list", cwd=project)
    assert re.search(r"^third-party +1\.0$", printed, re.MULTILINE)
    assert re.search(rf"^websockets +{re.escape(OURS)}\b", printed, re.MULTILINE)


# Both at once


def test_ours_over_the_foreign_one_is_told_and_can_be_repaired(
    environment: Environment, dist: Path, our_wheel: Path, foreign_wheel: Path
) -> None:
    environment.pip("install", "--no-index", foreign_wheel)
    links = ("--no-index", "--find-links", dist)
    environment.pip("install", *links, "--ignore-installed", our_wheel)
    result = environment.run_anyhow("import websockets; print(websockets.connect)")
    assert "ws_compat" in result.stdout
    folder = environment.packages / "websockets"
    assert f"RuntimeWarning: {folder} is shared with another distribution" in result.stderr
    assert "websockets (asyncio, " in result.stderr
    # It says: uninstall it as often as it is found, remove what is left, install it again.
    for _ in range(2):
        environment.pip("uninstall", "--yes", "websockets")
    assert not folder.exists()
    environment.pip("install", *links, our_wheel)
    printed = environment.run("import websockets; print(websockets.__version__)", "-Werror")
    assert OURS in (printed.strip(), f"{printed.strip()}.0")


def test_the_foreign_one_over_ours_is_told_by_what_is_left_of_ours(
    environment: Environment, dist: Path, our_wheel: Path, foreign_wheel: Path
) -> None:
    environment.pip("install", "--no-index", "--find-links", dist, our_wheel)
    environment.pip("install", "--no-index", "--ignore-installed", "--no-deps", foreign_wheel)
    assert environment.run(
        "import websockets; print(websockets.__version__)"
    ).strip() == version_of(foreign_wheel)
    result = environment.run_anyhow("from websockets.handshake import check_request")
    folder = environment.packages / "websockets"
    text = f"ImportError: websockets.handshake is no part of what else is in {folder}; uninstall it"
    assert text in result.stderr


@both
def test_both_in_one_folder_are_told(
    environment: Environment, dist: Path, our_wheel: Path, foreign_wheel: Path, installer: str
) -> None:
    target = environment.folder / "target"
    links = ("--no-index", "--find-links", dist, "--target", target)
    environment.install(installer, "--no-index", "--no-deps", "--target", target, foreign_wheel)
    environment.install(installer, *links, "--upgrade", our_wheel)
    code = f"import sys; sys.path.insert(0, {str(target)!r}); import websockets; print(websockets)"
    result = environment.run_anyhow(code)
    several = len(list(target.glob("websockets-*.dist-info"))) > 1
    assert several == ("is shared with another distribution" in result.stderr)
    assert several == (installer == "pip")  # uv takes away what was there


@both
def test_the_packages_below_stand_beside_the_foreign_one(
    environment: Environment, dist: Path, foreign_wheel: Path, installer: str
) -> None:
    links = ("--no-index", "--find-links", dist)
    environment.install(installer, *links, "ws-compat", foreign_wheel)
    assert environment.run(TALK, "-Werror") == "Hello\nHello\n"
    assert environment.version() == version_of(foreign_wheel)
