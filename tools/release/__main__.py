"""The command line: ``python -m release``, or ``hatch run release:…``."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Callable

from . import __doc__ as about
from .building import build_all
from .checking import check
from .checkout import ROOT, check_tag, commit_time, pythons, version
from .installing import try_as_each_user
from .manylinux import make_wheel, try_wheel
from .processes import Failure
from .pythons import at_hand
from .repeating import repeat
from .staging import public_packages, stage


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except Failure as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="release", description=about)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the files are")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(command: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        added = commands.add_parser(command.__name__, help=command.__doc__)
        added.set_defaults(command=command)
        return added

    for each in (build, wheels, verify, users, public, every):
        add(each)
    add(again).add_argument("--pure", action="store_true", help="without the C")
    staging = add(upload)
    staging.add_argument("name", choices=[*public_packages(), "websockets"])
    staging.add_argument("--to", type=Path, default=ROOT / "build" / "upload")
    add(tag).add_argument("tag")
    return parser.parse_args(arguments)


def build(options: argparse.Namespace) -> None:
    """empty the folder, and build sdists, and wheels for any Python, of all packages"""
    if options.dist.exists():
        shutil.rmtree(options.dist)
    for path in build_all(options.dist):
        print(path.name)


def wheels(options: argparse.Namespace) -> None:
    """add wheels of ws-frames with the C for each Python at hand, and try them"""
    found = at_hand()
    for minor in pythons():
        if minor not in found:
            print(f"Python {minor}: left out, there is none with its headers here")
            continue
        with tempfile.TemporaryDirectory(prefix="release-") as scratch:
            made = make_wheel(options.dist, Path(scratch, "build"), found[minor])
            print(made.name)
            for line in try_wheel(options.dist, Path(scratch, "try"), found[minor]):
                print(f"  {line}")


def verify(options: argparse.Namespace) -> None:
    """check what the files hold and say of themselves"""
    for line in check(options.dist):
        print(f"{line}: passed")


def again(options: argparse.Namespace) -> None:
    """build twice, in two places, and compare byte by byte"""
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        for name, digest in repeat(Path(scratch), compiled=not options.pure).items():
            print(f"{digest}  {name}")
    print(f"the same twice, with SOURCE_DATE_EPOCH={commit_time()}")


def users(options: argparse.Namespace) -> None:
    """install each distribution alone, as its users would, and run the examples"""
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        for line in try_as_each_user(options.dist, Path(scratch)):
            print(line)


def public(options: argparse.Namespace) -> None:
    """name the distributions that are uploaded, in order"""
    print(*public_packages(), sep="\n")


def every(options: argparse.Namespace) -> None:
    """build, wheels, verify, users"""
    for step in (build, wheels, verify, users):
        print(f"\n==> {step.__name__}: {step.__doc__}", flush=True)
        step(options)


def upload(options: argparse.Namespace) -> None:
    """copy one distribution to where it is uploaded from, if it may be"""
    for path in stage(options.name, options.dist, options.to):
        print(path)


def tag(options: argparse.Namespace) -> None:
    """see that a tag, the version and the changelogs say the same"""
    check_tag(options.tag)
    print(f"{options.tag} is the tag of {version()}")


if __name__ == "__main__":
    sys.exit(main())
