"""
The gate: everything that a change has to pass, one announced step after the other.

python tools/gate.py                  run all steps
python tools/gate.py style types      run these
python tools/gate.py --list           say what there is

A step that fails does not keep the next ones from running, but makes the whole fail.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "WS_FRAMES_SPEEDUPS"
PYTEST = [sys.executable, "-m", "pytest"]
HATCH = [sys.executable, "-m", "hatch"]


@dataclass
class Step:
    name: str
    about: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    needs_c: bool = False


def steps(mode: str) -> list[Step]:
    """What there is to do, in order; mode says how the tests are to choose between the twins."""
    chosen = {VARIABLE: mode}
    unit = [*PYTEST, "-m", "not packaging and not compliance and not attacks and not soak"]
    # What knows nothing of the C, or tries both twins anyhow, would only do the same again.
    alike = ("benchmarks", "docs", "examples", "fuzz", "interop", "repository", "ws_http")
    pure = [*unit, *(f"--ignore=tests/{folder}" for folder in alike)]
    return [
        Step("style", "format and lint (ruff)", [*HATCH, "run", "lint:style"]),
        Step("layers", "who imports whom, and what", [*HATCH, "run", "lint:layers"]),
        Step("versions", "one version everywhere", [*HATCH, "run", "lint:versions"]),
        Step("types", "mypy --strict", [*HATCH, "run", "types:check"]),
        Step(
            "stubs",
            "the stubs tell the truth about the C",
            [*HATCH, "run", "types:stubs"],
            needs_c=True,
        ),
        Step("docs", "the documentation site, warnings are errors", [*HATCH, "run", "docs:test"]),
        Step("tests", f"both twins, {VARIABLE}={mode}", unit, chosen),
        Step("pure", "the tests of the packages without the C", pure, {VARIABLE: "never"}),
        Step(
            "fuzz",
            "all that reads or writes bytes, on inputs made at random, for a minute",
            [sys.executable, str(ROOT / "tools" / "run_fuzz.py"), "--seconds", "60"],
            chosen,
        ),
        Step(
            "memory",
            "the C: warnings, sanitizers, leaks, failing allocations, lines that tests run",
            [sys.executable, str(ROOT / "tools" / "check_speedups.py")],
            needs_c=True,
        ),
        Step(
            "attacks",
            "a server and a client in processes of their own, attacked and measured",
            [*PYTEST, "-m", "attacks", "tests/attacks"],
            chosen,
        ),
        Step(
            "soak",
            "thousands of connections, idle ones, and mixed traffic: what is left of them",
            [*PYTEST, "-m", "soak", "tests/soak"],
            chosen,
        ),
        Step(
            "compliance",
            "Autobahn's test suite, server and client, both twins",
            [*PYTEST, "-m", "compliance"],
            chosen,
        ),
        Step(
            "wheels",
            "build, install and import each package alone",
            [*PYTEST, "-m", "packaging"],
            chosen,
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="step")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments)
    known = {step.name: step for step in steps(test_mode())}
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no step {', '.join(unknown)}; there are {', '.join(known)}")
    selected = [known[name] for name in options.names or known]
    if options.list:
        for step in selected:
            print(f"{step.name:10} {step.about}")
        return 0
    return run_all(selected)


def test_mode() -> str:
    """How the tests choose between the twins: where the C can be built, it has to be."""
    return os.environ.get(VARIABLE) or ("require" if can_compile() else "auto")


def can_compile() -> bool:
    """Whether the C can be built here, so that going without it would be a mistake."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which(shlex.split(compiler)[0]) is not None and headers.exists()


def run_all(selected: list[Step]) -> int:
    failed = [] if build_speedups(test_mode()) else ["speedups"]
    has_c = c_is_there()
    report = []
    for number, step in enumerate(selected, 1):
        announce(f"step {number} of {len(selected)}, {step.name}: {step.about}")
        if step.needs_c and not has_c:
            report.append(f"{step.name:10} left out: the C speedups are not built")
            print(report[-1], flush=True)
            continue
        start = time.monotonic()
        code = run(step.command, step.environment)
        took = time.monotonic() - start
        report.append(f"{step.name:10} {f'FAILED ({code})' if code else 'passed':12} {took:6.1f} s")
        if code:
            failed.append(step.name)
    announce("summary")
    print("\n".join(report))
    print(f"C speedups {'built and tested' if has_c else 'not built: only the pure twins tested'}")
    print(f"FAILED: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def build_speedups(mode: str) -> bool:
    announce(f"speedups: bring the C up to date, {VARIABLE}={mode}")
    build = [sys.executable, str(ROOT / "packages" / "ws-frames" / "hatch_build.py")]
    return run(build, {VARIABLE: mode}) == 0


def announce(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def run(command: list[str], environment: dict[str, str]) -> int:
    merged = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=merged, check=False).returncode


def c_is_there() -> bool:
    command = [sys.executable, "-m", "ws_frames"]
    environment = {**os.environ, VARIABLE: test_mode()}
    printed = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(printed.stdout or printed.stderr, end="", flush=True)
    return "with C speedups" in printed.stdout


if __name__ == "__main__":
    sys.exit(main())
