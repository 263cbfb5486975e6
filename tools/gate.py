"""
The gate: everything that a change has to pass, in steps that are announced.

python tools/gate.py                  run all steps
python tools/gate.py style types      run these
python tools/gate.py --jobs 1         run one after the other, and show what each says at once
python tools/gate.py --list           say what there is

A step that fails does not keep the next ones from running, but makes the whole fail. Those that
bear company run beside each other, as many at a time as there are cores; what one of them says is
shown when it has ended.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "WS_FRAMES_SPEEDUPS"
PYTEST = [sys.executable, "-m", "pytest"]
HATCH = [sys.executable, "-m", "hatch"]
# An environment that was made for older sources still says of the packages what those said: their
# versions, what they need. Hatch makes none anew for that.
INSTALL = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "--no-deps"]


@dataclass
class Step:
    name: str
    about: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    needs_c: bool = False
    #: Whether it may run beside others. What makes an environment may not, because that compiles
    #: the C anew into the sources; nor may what measures time or memory.
    company: bool = False


@dataclass
class End:
    """How a step ended: what the summary says of it, and what it said itself if that was kept."""

    step: Step
    about: str
    failed: bool = False
    output: str = ""


def steps(mode: str) -> list[Step]:
    """What there is to do, in order; mode says how the tests are to choose between the twins."""
    chosen = {VARIABLE: mode}
    unit = [*PYTEST, "-m", "not packaging and not compliance and not attacks and not soak"]
    # What knows nothing of the C, or tries both twins anyhow, would only do the same again.
    alike = ("benchmarks", "docs", "examples", "fuzz", "interop", "repository", "ws_http")
    pure = [*unit, *(f"--ignore=tests/{folder}" for folder in alike)]
    sources = sorted(str(path.parent) for path in ROOT.glob("packages/*/pyproject.toml"))
    return [
        Step(
            "install",
            "the packages into this environment, as their sources are now",
            [*INSTALL, *chain.from_iterable(("--editable", path) for path in sources)],
            chosen,
        ),
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
        # In company, and so the longest first: the cores have something to do until the end.
        Step("tests", f"both twins, {VARIABLE}={mode}", unit, chosen, company=True),
        Step(
            "wheels",
            "build, install and import each package alone",
            [*PYTEST, "-m", "packaging"],
            chosen,
            company=True,
        ),
        Step(
            "memory",
            "the C: warnings, sanitizers, leaks, failing allocations, lines that tests run",
            [sys.executable, str(ROOT / "tools" / "check_speedups.py")],
            needs_c=True,
            company=True,
        ),
        Step(
            "pure",
            "the tests of the packages without the C",
            pure,
            {VARIABLE: "never"},
            company=True,
        ),
        Step(
            "fuzz",
            "all that reads or writes bytes, on inputs made at random, for a minute",
            [sys.executable, str(ROOT / "tools" / "run_fuzz.py"), "--seconds", "60"],
            chosen,
            company=True,
        ),
        Step(
            "compliance",
            "Autobahn's test suite, server and client, both twins",
            [*PYTEST, "-m", "compliance", "tests/compliance"],
            chosen,
            company=True,
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
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="step")
    parser.add_argument("--jobs", type=int, default=cores(), help="how many at a time")
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
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        keep_bytecode(folder)
        return run_all(selected, options.jobs)


def test_mode() -> str:
    """How the tests choose between the twins: where the C can be built, it has to be."""
    return os.environ.get(VARIABLE) or ("require" if can_compile() else "auto")


def can_compile() -> bool:
    """Whether the C can be built here, so that going without it would be a mistake."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which(shlex.split(compiler)[0]) is not None and headers.exists()


def keep_bytecode(folder: str) -> None:
    """Let Python keep what it compiles, for as long as this runs.

    Some machines are told that it should not. The tests start thousands of programs, each of
    which would compile all that it imports; that takes six times as long as to import it.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = folder  # and leave none beside the sources


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(selected: list[Step], jobs: int = 1) -> int:
    failed = [] if build_speedups(test_mode()) else ["speedups"]
    has_c = c_is_there()
    report = {}
    for end in run_steps(selected, jobs, has_c):
        print(end.about, flush=True)
        report[end.step.name] = end.about
        if end.failed:
            failed.append(end.step.name)
    announce("summary")
    print("\n".join(report[step.name] for step in selected))
    print(f"C speedups {'built and tested' if has_c else 'not built: only the pure twins tested'}")
    print(f"FAILED: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def run_steps(selected: list[Step], jobs: int, has_c: bool) -> Iterator[End]:
    """Run steps in this order, some of them beside each other; gives each when it has ended."""
    titles = {
        step.name: f"step {number} of {len(selected)}, {step.name}: {step.about}"
        for number, step in enumerate(selected, 1)
    }
    for company, grouped in groupby(selected, key=lambda step: step.company):
        group = list(grouped)
        if company and jobs > 1 and len(group) > 1:
            names = ", ".join(step.name for step in group)
            announce(f"beside each other, {jobs} at a time: {names}")
            for end in run_beside_each_other(group, jobs, has_c):
                announce(titles[end.step.name])
                print(end.output, end="")
                yield end
        else:
            for step in group:
                announce(titles[step.name])
                yield run_step(step, has_c)


def run_beside_each_other(group: list[Step], jobs: int, has_c: bool) -> Iterator[End]:
    """Run so many at a time; gives the one that ends first first."""

    def run_quietly(step: Step) -> End:
        with tempfile.TemporaryFile() as output:
            end = run_step(step, has_c, output)
            output.seek(0)
            end.output = output.read().decode(errors="replace")
        return end

    pool = ThreadPoolExecutor(jobs)
    try:
        for future in as_completed([pool.submit(run_quietly, step) for step in group]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # ^C ends those that run, and begins no others


def run_step(step: Step, has_c: bool, output: IO[bytes] | None = None) -> End:
    """Run a step, which prints where this process does, or into a file."""
    if step.needs_c and not has_c:
        return End(step, f"{step.name:10} left out: the C speedups are not built")
    start = time.monotonic()
    code = run(step.command, step.environment, output)
    took = time.monotonic() - start
    about = f"{step.name:10} {f'FAILED ({code})' if code else 'passed':12} {took:6.1f} s"
    return End(step, about, failed=code != 0)


def build_speedups(mode: str) -> bool:
    announce(f"speedups: bring the C up to date, {VARIABLE}={mode}")
    build = [sys.executable, str(ROOT / "packages" / "ws-frames" / "hatch_build.py")]
    return run(build, {VARIABLE: mode}) == 0


def announce(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def run(command: list[str], environment: dict[str, str], output: IO[bytes] | None = None) -> int:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        check=False,
    )
    return done.returncode


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
