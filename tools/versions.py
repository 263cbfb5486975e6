"""
Keep the version of all packages, and their pins on each other, in step.

python tools/versions.py              print the version
python tools/versions.py --check      exit 1 if anything is out of step
python tools/versions.py 9.1.0        set it everywhere
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The package that all others need, and so the one that is asked for the version of all.
LOWEST = Path("packages", "ws-frames", "pyproject.toml")
# The modules that state the version. The first leaves out the last ".0".
META = Path("packages", "websockets", "src", "websockets", "__init__.py")
ASYNCIO = Path("packages", "ws-asyncio", "src", "ws_asyncio", "version.py")
# What names the file of a wheel, to be given to installers.
README = Path("packages", "websockets", "README.md")

STATIC = re.compile(r'^version = "(?P<version>[^"]+)"$', re.MULTILINE)
STATED = re.compile(r'^(?P<name>__version__|VERSION) = "(?P<version>[^"]+)"$', re.MULTILINE)
WHEEL = re.compile(r"\bwebsockets-[^-\s]+-py3-none-any\.whl")
VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("version", nargs="?", type=valid_version)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout than this one")
    options = parser.parse_args(arguments)
    current = current_version(options.root)
    if options.check:
        return check(options.root, current)
    if options.version is None:
        print(current)
        return 0
    for path, text in out_of_step(options.root, options.version):
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(options.root)}: {options.version}")
    return 0


def valid_version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version such as 9.1.0 or 9.1.0rc1")
    return text


def current_version(root: Path) -> str:
    match = STATIC.search(root.joinpath(LOWEST).read_text(encoding="utf-8"))
    if match is None:
        raise SystemExit(f"no static version in {LOWEST}")
    return match["version"]


def check(root: Path, version: str) -> int:
    stale = [str(path.relative_to(root)) for path, _ in out_of_step(root, version)]
    if stale:
        print(f"out of step with {version}: {', '.join(stale)}", file=sys.stderr)
        return 1
    print(f"all at {version}")
    return 0


def out_of_step(root: Path, version: str) -> Iterator[tuple[Path, str]]:
    """Each file that does not say version everywhere, with the text that does."""
    projects = sorted(root.glob("packages/*/pyproject.toml"))
    names = [path.parent.name for path in projects]
    for path in projects:
        text = path.read_text(encoding="utf-8")
        wanted = replaced_once(STATIC, text, f'version = "{version}"', path)
        wanted = pinned(wanted, names, version)
        if wanted != text:
            yield path, wanted
    for module, stated in ((META, short(version)), (ASYNCIO, version)):
        path = root / module
        text = path.read_text(encoding="utf-8")
        wanted = replaced_once(STATED, text, rf'\g<name> = "{stated}"', path)
        if wanted != text:
            yield path, wanted
    text = root.joinpath(README).read_text(encoding="utf-8")
    wanted = WHEEL.sub(f"websockets-{version}-py3-none-any.whl", text)
    if wanted != text:
        yield root / README, wanted


def pinned(text: str, names: list[str], version: str) -> str:
    """The text of a project with each requirement of one of names bound to version."""
    alternatives = "|".join(map(re.escape, names))
    requirement = re.compile(
        rf'"(?P<name>({alternatives})(\[[^]"]*\])?) *([~=<>!][^";]*)?(?P<marker>;[^"]*)?"'
    )
    return "".join(
        line
        if line.startswith(("name =", "keywords ="))
        else requirement.sub(rf'"\g<name>=={version}\g<marker>"', line)
        for line in text.splitlines(keepends=True)
    )


def replaced_once(pattern: re.Pattern[str], text: str, line: str, path: Path) -> str:
    replaced, count = pattern.subn(line, text, count=1)
    if count != 1:
        raise SystemExit(f"no version in {path}")
    return replaced


def short(version: str) -> str:
    """9.0.0 is called 9.0."""
    return version[: -len(".0")] if re.fullmatch(r"\d+\.\d+\.0", version) else version


if __name__ == "__main__":
    sys.exit(main())
