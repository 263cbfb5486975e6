"""
Fuzz with atheris: bytes are changed so that they reach code that none before did.

python tools/run_guided.py                           each target, a minute
python tools/run_guided.py --seconds 600 parser uri  ten minutes for each of these

It begins with the seeds of the targets, and goes on with what reached new code in runs before;
that is kept in build/fuzz/corpus. It goes by the lines of Python: the C is not measured, but runs
beside its twin. What fails is kept in build/fuzz, to be seen again with tools/run_fuzz.py.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fuzz.finds import FINDS, keep
from fuzz.table import Row, add_row
from fuzz.targets import TARGETS, words

#: The longest input in bytes; the time for one, in seconds; the memory for all, in MiB.
LONGEST = 4096
PATIENCE = 20
MEMORY = 2048

#: How libFuzzer says what it did.
RUNS = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)
COVERED = re.compile(r"\bcov: (\d+)")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    add("--seconds", type=int, default=60, help="how long, each target")
    add("--seed", type=int, default=0, help="of libFuzzer; 0 is another one each time")
    add("--finds", type=Path, default=FINDS, metavar="FOLDER", help="where to keep what fails")
    add("--table", type=Path, metavar="FILE", help="add a row for each target to a page")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    if find_spec("atheris") is None:
        print(f"left out: there is no atheris for {platform.platform()}, Python {python()}")
        return 0
    return int(sum(run(name, options) for name in options.targets or TARGETS) > 0)


def python() -> str:
    return platform.python_version()


def run(name: str, options: argparse.Namespace) -> bool:
    """Fuzz a target; tell whether an input failed."""
    corpus = options.finds / "corpus" / name
    plant(corpus, TARGETS[name].SEEDS)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        dictionary = Path(folder, "words")
        dictionary.write_text(
            "".join(map(quoted, words(name) or TARGETS[name].SEEDS)), encoding="ascii"
        )
        command = [
            *(sys.executable, "-m", "fuzz.guided", name, str(options.finds), str(corpus)),
            *(f"-max_total_time={options.seconds}", f"-seed={options.seed}"),
            *(f"-max_len={LONGEST}", f"-timeout={PATIENCE}", f"-rss_limit_mb={MEMORY}"),
            *(f"-artifact_prefix={folder}/", f"-dict={dictionary}", "-print_final_stats=1"),
        ]
        start = cpu_of_children()
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        cpu = cpu_of_children() - start
        runs = RUNS.search(done.stdout)
        if done.returncode or runs is None:
            print(f"{name}: ended with {done.returncode}\n{done.stdout[-5000:]}")
            keep_bytes(name, Path(folder), options.finds)
            return True
    covered = COVERED.findall(done.stdout)
    said = f"{int(runs[1]):,} inputs in {int(runs[2])} s, {cpu:.1f} s of CPU"
    print(f"{name}: {said}, {covered[-1]} places reached", flush=True)
    if options.table is not None:
        add_row(options.table, Row(name, "guided", int(runs[1]), cpu, python()))
    return False


def cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def plant(corpus: Path, seeds: Sequence[bytes]) -> None:
    """Write seeds to where libFuzzer reads them."""
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        corpus.joinpath(hashlib.sha256(seed).hexdigest()[:12]).write_bytes(seed)


def quoted(word: bytes) -> str:
    """Write a word as a line of a dictionary of libFuzzer."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def keep_bytes(name: str, folder: Path, finds: Path) -> None:
    """Keep what libFuzzer itself found: what took too long, or too much memory, or crashed."""
    for pattern in ("crash-*", "timeout-*", "oom-*"):
        for path in folder.glob(pattern):
            print(f"kept: {keep(name, TARGETS[name].read(path.read_bytes()), finds)}")


if __name__ == "__main__":
    sys.exit(main())
