"""What sdists and wheels hold and say: by the tools that others use, and by rules of our own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from .artifact import PRIVATE, Artifact, artifacts
from .checkout import ROOT, packages, pythons, version
from .processes import Failure, run

__all__ = ["check", "faults"]

# In what an index shows, a link into the checkout leads nowhere.
LINK = re.compile(r"\]\((?!https?://|#)([^)]*)\)")


def check(folder: Path, root: Path = ROOT) -> list[str]:
    """What was looked at, in words; raises Failure with all that is wrong with it."""
    found = artifacts(folder)
    problems = [f"{artifact}: {fault}" for artifact in found for fault in faults(artifact, root)]
    problems += [f"there is no sdist and wheel of {name}" for name in missing(found, root)]
    for program in (twine, check_wheel_contents, check_classifiers):
        try:
            program(found)
        except Failure as exc:
            problems.append(str(exc))
    if problems:
        raise Failure("\n".join(problems))
    return [str(artifact) for artifact in found]


def missing(found: list[Artifact], root: Path) -> list[str]:
    there = {(artifact.name, artifact.is_wheel) for artifact in found}
    return [name for name in packages(root) if not {(name, True), (name, False)} <= there]


def twine(found: list[Artifact]) -> None:
    """The metadata is valid, and the README can be shown."""
    paths = [artifact.path for artifact in found]
    run(sys.executable, "-m", "twine", "check", "--strict", *paths)


def check_wheel_contents(found: list[Artifact]) -> None:
    """Nothing is in a wheel twice, in the wrong place, or that is no part of the package."""
    for artifact in found:
        if artifact.is_wheel:
            # Several of the import paths of the meta-package hand on the same names.
            options = ["--ignore", "W002"] if artifact.name == "websockets" else []
            program = (sys.executable, "-m", "check_wheel_contents", "--no-config")
            run(*program, *options, artifact.path)


def check_classifiers(found: list[Artifact]) -> None:
    """An index takes no classifier that it doesn't know."""
    from trove_classifiers import classifiers

    used = {each for artifact in found for each in artifact.metadata.get_all("Classifier", [])}
    unknown = sorted(used - {PRIVATE} - classifiers)
    if unknown:
        raise Failure(f"unknown classifiers: {', '.join(unknown)}")


def faults(artifact: Artifact, root: Path = ROOT) -> Iterator[str]:
    """Each thing that is not as the checkout has it."""
    yield from metadata_faults(artifact, root)
    folder = f"{artifact.name.replace('-', '_')}-{artifact.version}.dist-info/licenses/"
    license_file = f"{folder}LICENSE" if artifact.is_wheel else "LICENSE"
    if license_file not in artifact.files:
        yield f"no {license_file}"
    elif artifact.read(license_file) != own(artifact, root, "LICENSE"):
        yield "another LICENSE than that of the checkout"
    compiled = [name for name in artifact.files if name.endswith((".so", ".pyd"))]
    wanted = 1 if artifact.is_wheel and not artifact.path.name.endswith("-any.whl") else 0
    if len(compiled) != wanted:
        yield f"{len(compiled)} compiled libraries, not {wanted}: {', '.join(compiled)}"


def metadata_faults(artifact: Artifact, root: Path) -> Iterator[str]:
    metadata, current = artifact.metadata, version(root)
    expected = {
        "Version": current,
        "License-Expression": "BSD-3-Clause",
        "Requires-Python": f">={pythons(root)[0]}",
        "Description-Content-Type": "text/markdown",
    }
    for header, value in expected.items():
        if metadata[header] != value:
            yield f"{header} is {metadata[header]}, not {value}"
    if metadata.get_all("License-File") != ["LICENSE"]:
        yield f"License-File is {metadata.get_all('License-File')}"
    if artifact.readme != own(artifact, root, "README.md").decode():
        yield "another description than README.md of the checkout"
    for link in LINK.findall(artifact.readme):
        yield f"README.md links to {link}, which an index doesn't have"
    classifiers = metadata.get_all("Classifier", [])
    for minor in pythons(root):
        if f"Programming Language :: Python :: {minor}" not in classifiers:
            yield f"no classifier for Python {minor}"
    for requirement in map(Requirement, metadata.get_all("Requires-Dist", [])):
        if requirement.name in packages(root) and str(requirement.specifier) != f"=={current}":
            yield f"requires {requirement}, not =={current}"


def own(artifact: Artifact, root: Path, name: str) -> bytes:
    return root.joinpath("packages", artifact.name, name).read_bytes()
