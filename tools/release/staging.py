"""What goes to the public index, and what must not."""

from __future__ import annotations

import shutil
from pathlib import Path

from .artifact import Artifact, artifacts
from .checkout import ROOT, packages, version
from .processes import Failure

__all__ = ["public_packages", "refusals", "stage"]


def stage(name: str, dist: Path, upload: Path, root: Path = ROOT) -> list[Path]:
    """Copy all of one distribution into a folder from which it is uploaded.

    Raises Failure, and copies nothing, where one of the files, or one that is in that folder
    already, must not go there.
    """
    found = [artifact for artifact in artifacts(dist) if artifact.name == name]
    if not any(artifact.is_wheel for artifact in found) or all(each.is_wheel for each in found):
        raise Failure(f"an sdist and a wheel of {name} are needed in {dist}")
    there = artifacts(upload) if upload.exists() and any(upload.iterdir()) else []
    problems = refusals([*found, *there], root)
    if problems:
        raise Failure("\n".join(problems))
    upload.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy2(artifact.path, upload)) for artifact in found]


def refusals(found: list[Artifact], root: Path = ROOT) -> list[str]:
    """Why files can't be uploaded, a line each."""
    current = version(root)
    problems = []
    for artifact in found:
        if artifact.private:
            problems.append(f"{artifact} is private: {artifact.name} is a foreign project there")
        if artifact.name not in packages(root):
            problems.append(f"{artifact} is no package of this repository")
        if artifact.version != current:
            problems.append(f"{artifact} is not of {current}")
        if "-linux_" in artifact.path.name:
            problems.append(f"{artifact} is for this Linux alone; an index takes manylinux")
    return problems


def public_packages(root: Path = ROOT) -> list[str]:
    """The distributions that are uploaded, those that others need first."""
    private = '"Private :: Do Not Upload"'
    return [
        name
        for name in packages(root)
        if private not in root.joinpath("packages", name, "pyproject.toml").read_text("utf-8")
    ]
