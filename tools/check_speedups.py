"""
Check the C speedups harder than their tests do alone.

python tools/check_speedups.py                 all of it, some minutes
python tools/check_speedups.py sanitize leaks  these checks
python tools/check_speedups.py --list          say what there is

Each check compiles the C in its own way, into a copy of the package that comes before the
installed one on the path. They need GCC; what else is missing here is said and left out.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "packages" / "ws-frames"
SOURCES = sorted(PACKAGE.glob("speedups/*.c"))
FOLDER = str(ROOT / "tests" / "ws_frames")
#: Without those of the Python twins, which would only say the same again.
TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--only-c", FOLDER]
FUZZED = ["parser", "differential", "serializer", "connection"]
FUZZ = [str(ROOT / "tools" / "run_fuzz.py"), *FUZZED, "--count", "5000", "--seed", "check"]
EXERCISE = str(ROOT / "tools" / "exercise_speedups.py")

OPTIMIZED = ["-O2", "-g"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion"]
SANITIZERS = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]

#: The least part of the lines of C that the tests have to run.
LEAST_COVERAGE = 95.0


class Missing(Exception):
    """Something that a check needs is not there."""


def compiler() -> list[str]:
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if shutil.which(command[0]) is None:
        raise Missing(f"no {command[0]}")
    return command


def build(folder: Path, flags: Sequence[str], *, python: str = sys.executable) -> dict[str, str]:
    """Put the package with its C, compiled for python, in a folder; give the environment."""
    query = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))"
    include, suffix = run([python, "-c", query], capture=True).split()
    target = folder / "ws_frames"
    folder.mkdir(exist_ok=True)
    shutil.copytree(
        PACKAGE / "src" / "ws_frames", target, ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    for source in SOURCES:
        command = [*compiler(), "-c", "-std=c11", "-fPIC", "-fvisibility=hidden", *flags]
        run([*command, f"-I{include}", str(source), "-o", source.stem + ".o"], cwd=folder)
    objects = [source.stem + ".o" for source in SOURCES]
    run([*compiler(), "-shared", *flags, *objects, "-o", f"{target}/_speedups{suffix}"], cwd=folder)
    return {"PYTHONPATH": str(folder), "WS_FRAMES_SPEEDUPS": "require"}


def run(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    *,
    cwd: Path = ROOT,
    capture: bool = False,
) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


# ---------------------------------------------------------------------------
# Checks


def check_warnings(folder: Path) -> None:
    """no warning of the compiler, of more kinds than in a normal build, and none without the GIL"""
    headers = sysconfig.get_path("include")  # those of Python do have some
    flags = ["-O3", *STRICT, "-Werror", f"-isystem{headers}"]
    build(folder / "default", flags)
    build(folder / "baseline", [*flags, "-DWS_FRAMES_BASELINE"])
    if sys.version_info >= (3, 13):
        build(folder / "free", [*flags, "-DPy_GIL_DISABLED=1", "-DWS_FRAMES_FREE_THREADING"])


def check_baseline(folder: Path) -> None:
    """the tests without the instructions that not every CPU has"""
    environment = build(folder, [*OPTIMIZED, "-DWS_FRAMES_BASELINE"])
    run([sys.executable, *TESTS], environment)


def check_sanitize(folder: Path) -> None:
    """the tests, the fuzzer and failing allocations under ASan and UBSan"""
    environment = build(folder, [*SANITIZERS, "-fsanitize=address,undefined"])
    libraries = [
        run([*compiler(), f"-print-file-name={name}"], capture=True).strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    if not all(map(os.path.exists, libraries)):
        raise Missing("no libasan or libubsan")
    environment.update(
        LD_PRELOAD=" ".join(libraries),
        PYTHONMALLOC="malloc",
        ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1",
        UBSAN_OPTIONS="print_stacktrace=1",
    )
    run([sys.executable, *FUZZ], environment)
    if find_spec("_testcapi"):
        run([sys.executable, EXERCISE, "allocations"], environment)
    run([sys.executable, *TESTS], environment)


def check_leaks(folder: Path) -> None:
    """nothing grows, in this Python and in a debug build where there is one"""
    run([sys.executable, EXERCISE, "leaks"], build(folder / "release", OPTIMIZED))
    python = shutil.which("python3-dbg") or shutil.which("python3d")
    if python is None:
        raise Missing("no python3-dbg, so no counts of all references")
    version = run([python, "-c", "import sys; print(sys.version_info >= (3, 9))"], capture=True)
    if version.strip() != "True":
        raise Missing("python3-dbg is too old")
    run([python, EXERCISE, "leaks"], build(folder / "debug", OPTIMIZED, python=python))


def check_allocations(folder: Path) -> None:
    """no crash and no leak where memory is short, at each allocation"""
    if find_spec("_testcapi") is None:
        raise Missing("no _testcapi in this Python")
    run([sys.executable, EXERCISE, "allocations"], build(folder, OPTIMIZED))


def check_coverage(folder: Path) -> None:
    """the lines of C that the tests run"""
    if shutil.which("gcov") is None:
        raise Missing("no gcov")
    environment = build(folder, ["-O0", "-g", "--coverage"])
    run([sys.executable, *TESTS], environment)
    if find_spec("_testcapi"):
        run([sys.executable, EXERCISE, "allocations"], environment)
    objects = [str(path) for path in sorted(folder.glob("*.gcda"))]
    report = run(["gcov", "-r", "-s", str(PACKAGE), *objects], cwd=folder, capture=True)
    print(report)
    percents = re.findall(r"^File '.*\.c'\nLines executed:([\d.]+)% of (\d+)", report, re.MULTILINE)
    covered = sum(float(percent) * int(lines) / 100 for percent, lines in percents)
    total = 100 * covered / sum(int(lines) for _, lines in percents)
    for path in sorted(folder.glob("*.c.gcov")):
        for line in path.read_text().splitlines():
            if line.lstrip().startswith("#####"):
                print(f"{path.name[:-5]}: {line.partition(':')[2].strip()}")
    print(f"{total:.1f} % of the lines, {LEAST_COVERAGE:g} % wanted")
    if total < LEAST_COVERAGE:
        raise subprocess.CalledProcessError(1, "gcov")


CHECKS: dict[str, Callable[[Path], None]] = {
    "warnings": check_warnings,
    "baseline": check_baseline,
    "leaks": check_leaks,
    "allocations": check_allocations,
    "coverage": check_coverage,
    "sanitize": check_sanitize,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="check")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in CHECKS]
    if unknown:
        parser.error(f"no check {', '.join(unknown)}; there are {', '.join(CHECKS)}")
    names = options.names or list(CHECKS)
    if options.list:
        for name in names:
            print(f"{name:12} {CHECKS[name].__doc__}")
        return 0
    results = {name: result_of(name) for name in names}
    print("\n==> summary")
    for name, result in results.items():
        print(f"{name:12} {result}")
    return int("FAILED" in results.values())


def result_of(name: str) -> str:
    print(f"\n==> {name}: {CHECKS[name].__doc__}", flush=True)
    with tempfile.TemporaryDirectory(prefix="ws-frames-check-") as folder:
        try:
            CHECKS[name](Path(folder))
        except subprocess.CalledProcessError as exc:
            print(exc)
            return "FAILED"
        except Missing as exc:
            return f"not all of it: {exc}"
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
