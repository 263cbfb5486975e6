"""What the checkout says of the release: packages, version, Pythons, the time of its commit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import versions

from .processes import Failure

__all__ = ["ROOT", "check_tag", "commit_time", "packages", "pythons", "version"]

ROOT = Path(__file__).resolve().parents[2]

MINOR = re.compile(r'^  "Programming Language :: Python :: (3\.\d+)",$', re.MULTILINE)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def packages(root: Path = ROOT) -> list[str]:
    """The names of all distributions, those that others need first."""
    pending = {path.parent.name: path.read_text("utf-8") for path in projects(root)}
    ordered: list[str] = []
    while pending:
        for name, text in pending.items():
            if not any(f'"{other}==' in text for other in pending if other != name):
                break
        ordered.append(name)
        del pending[name]
    return ordered


def projects(root: Path) -> list[Path]:
    return sorted(root.glob("packages/*/pyproject.toml"))


def version(root: Path = ROOT) -> str:
    """The version of all packages; raises Failure where they differ."""
    current = versions.current_version(root)
    stale = [path for path, _ in versions.out_of_step(root, current)]
    if stale:
        raise Failure(f"not at {current}: {', '.join(map(str, stale))}")
    return current


def pythons(root: Path = ROOT) -> list[str]:
    """The versions of Python that the packages announce, such as ``3.9``."""
    return MINOR.findall(root.joinpath(versions.LOWEST).read_text("utf-8"))


def commit_time(root: Path = ROOT) -> str:
    """When the commit was made, in seconds: the time of everything that is built from it."""
    command = ["git", "log", "-1", "--format=%ct"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Failure(f"a release is made of a commit: {result.stderr.strip()}")
    return result.stdout.strip()


def check_tag(tag: str, root: Path = ROOT) -> None:
    """Raise Failure unless a tag is that of the version, and each changelog tells of it."""
    current = version(root)
    faults = [] if tag == f"v{current}" else [f"the tag is {tag}, the version is {current}"]
    for path in sorted(root.glob("packages/*/CHANGELOG.md")):
        newest = newest_release(path.read_text("utf-8"))
        if not re.fullmatch(rf"{re.escape(current)}, \d{{4}}-\d\d-\d\d", newest):
            wanted = f"{current}, YEAR-MONTH-DAY"
            faults.append(f"{path.relative_to(root)}: newest is {newest!r}, not {wanted!r}")
    if faults:
        raise Failure("\n".join(faults))


def newest_release(changelog: str) -> str:
    """The first heading that is of a release."""
    found = [heading for heading in HEADING.findall(changelog) if heading[0].isdigit()]
    return found[0] if found else ""
