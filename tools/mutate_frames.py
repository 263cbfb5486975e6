"""
See whether the tests of ws_frames notice when one of its rules is another.

python tools/mutate_frames.py               change one rule after the other, and run the tests each time
python tools/mutate_frames.py phases close  only what has one of these in its name
python tools/mutate_frames.py --list        say what there is

Each mutant is a copy of the package in which an entry of the table of phases is gone, leads
elsewhere or is new; or in which one comparison, condition, number or error of the modules below
is another. The tests of pure Python have to fail for it; for the table, those of what comes of it,
without the ones that compare it with a copy. It takes long, so it is no step of the gate.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Callable, Union

from mutants import Mutant, copy_with, passes, run
from ws_frames.phases import TRANSITIONS, Phase, Step

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "packages" / "ws-frames" / "src"

TESTS = "tests/ws_frames"

#: Whose rules are changed, and the tests that notice most of it.
MODULES = {
    "close": ["close"],
    "codes": ["codes", "close"],
    "message": ["message", "parser", "parser_faults"],
    "decoder": ["decoder", "connection"],
    "pings": ["pings", "connection"],
    "pure/parser": ["parser", "parser_faults", "parser_extensions", "parser_floods"],
    "pure/inbox": [
        "receiving",
        "receiving_faults",
        "inbox",
        "recv",
        "recv_tasks",
        "recv_coroutine",
    ],
    "pure/outbox": ["outbox", "sharing", "send"],
    "pure/waiter": [
        "waking",
        "waiter",
        "waiter_cancellation",
        "waiter_contexts",
        "waiter_exceptions",
    ],
}

#: Compares the table with a copy of it, so that it says nothing about what comes of it.
COPY = "test_phases.py"

#: What can't be noticed, and why.
EQUIVALENT = {
    **{
        f"phases: {step} when {phase} leads to {phase}": "the phase is asked for first"
        for phase, steps in {
            "close exchanged": ("receive close", "fail"),
            "failed": ("receive close", "fail"),
            "closed": ("receive close", "fail", "TCP ends"),
        }.items()
        for step in steps
    },
    "pure/parser: 65_536 → 65537": "how much is unmasked at once changes no result",
    "pure/parser: 0 → 1 (2)": "the place in no bytes: the first ones set it",
    "pure/parser: 0 → 1 (3)": "the head before there is a frame: the first one sets it",
    "pure/parser: 0 → 1 (4)": "what remains before there is a frame: the first one sets it",
    "pure/parser: 0 → 1 (10)": "a bit that is no reserved one, where none is allowed",
    "pure/parser: 0 → 1 (13)": "the place in no bytes, where nothing is parsed any more",
    "decoder: whole is not None and frame.fin and frame[3:] == self._ma... → (frame.fin and frame[3:] == self._marks and self._message...": (
        "where nothing takes messages there are no marks, and each frame has three"
    ),
    "pure/inbox: 0 → 1 (7)": "it is full above half of that, which is nothing for both",
    "pure/inbox: 2 → 3": "no limit is far more than there is memory for",
    "pure/inbox: 62 → 63": "no limit is far more than there is memory for",
    "pure/inbox: source is None or connection is None or waiter is None → (source is None or waiter is None)": (
        "open() gives all three of them, and close() takes all away"
    ),
    "pure/inbox: source is None or connection is None or waiter is None → (source is None or connection is None)": (
        "open() gives all three of them, and close() takes all away"
    ),
    "pure/outbox: 0 → 1 (5)": "a bit that is set anyway in the length of a large message",
    "pure/parser: self.error is not None or self.closed → (self.error is not None)": (
        "after a close frame nothing is parsed: the loop stops, this only saves the way there"
    ),
}

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}


#: What is in a place of the source, and the conditions that nothing else above changes.
Place = Union[ast.expr, ast.stmt]
PLAIN = (ast.Name, ast.Attribute, ast.Call)


def read(module: str) -> str:
    return SOURCE.joinpath("ws_frames", f"{module}.py").read_text(encoding="utf-8")


def all_mutants() -> list[Mutant]:
    found = [*entries(), *(mutant for module in MODULES for mutant in rules(module))]
    return [mutant for mutant in found if mutant.name not in EQUIVALENT]


# The table


def entries() -> Iterator[Mutant]:
    """Each entry that the table has, or could have, changed in each way."""
    for phase in Phase:
        for step in Step:
            now = TRANSITIONS.get((phase, step))
            name = f"phases: {step.value} when {phase.value}"
            if now is not None:
                yield table(f"{name} is illegal", phase, step, None)
            for other in Phase:
                # What could be new leads where the phase stays: that is the least to see.
                if other is not now and (now is not None or other is phase):
                    yield table(f"{name} leads to {other.value}", phase, step, other)


def table(name: str, phase: Phase, step: Step, after: Phase | None) -> Mutant:
    key = f"(Phase.{phase.name}, Step.{step.name})"
    change = f"TRANSITIONS[{key}] = Phase.{after.name}" if after else f"del TRANSITIONS[{key}]"
    return Mutant(name, "phases", f"{read('phases')}\n{change}\n")


# Rules


def rules(module: str) -> Iterator[Mutant]:
    """Each comparison, condition, number and error of a module, changed."""
    source = Source(read(module))
    seen: dict[str, int] = {}
    for node in ast.walk(ast.parse(source.text)):
        for place, new in changes(node, source.of):
            where = f"{module}: {one_line(source.of(place))} → {one_line(new)}"
            seen[where] = number = seen.get(where, 0) + 1
            name = where if number == 1 else f"{where} ({number})"
            yield Mutant(name, module, source.replaced(place, new))


def one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


class Source:
    """The text of a module, and where the nodes of its tree are in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._data = text.encode()  # columns are counted in bytes
        sizes = map(len, self._data.splitlines(keepends=True))
        self._lines = [0, *accumulate(sizes)]

    def _span(self, node: Place) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: Place) -> str:
        """Give the text of a node."""
        start, end = self._span(node)
        return self._data[start:end].decode()

    def replaced(self, node: Place, new: str) -> str:
        """Give the whole text with another one in place of a node's."""
        start, end = self._span(node)
        return (self._data[:start] + new.encode() + self._data[end:]).decode()


def changes(node: ast.AST, of: Callable[[Place], str]) -> Iterator[tuple[Place, str]]:
    """Say what is to be changed in a node, and into what; ``of`` gives the text of a node."""
    if isinstance(node, ast.Compare):
        for number, op in enumerate(node.ops):
            signs = [COMPARISONS[type(each)][0] for each in node.ops]
            signs[number] = COMPARISONS[type(op)][1]
            parts = (f"{sign} {of(each)}" for sign, each in zip(signs, node.comparators))
            yield node, f"({of(node.left)} {' '.join(parts)})"
    elif isinstance(node, ast.BoolOp):
        joint = " and " if isinstance(node.op, ast.And) else " or "
        for number in range(len(node.values)):
            rest = node.values[:number] + node.values[number + 1 :]
            yield node, f"({joint.join(map(of, rest))})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, of(node.operand)
    elif isinstance(node, ast.Raise):
        yield node, "pass"
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield node, str(node.value + 1)
    elif isinstance(node, (ast.If, ast.IfExp)) and isinstance(node.test, PLAIN):
        yield node.test, f"(not {of(node.test)})"


# Tests


def survives(mutant: Mutant) -> bool:
    """Whether all tests pass in spite of it."""
    pure = {"WS_FRAMES_SPEEDUPS": "never"}
    left_out = [f"--ignore={TESTS}/{COPY}"] if mutant.module == "phases" else []
    first = MODULES.get(mutant.module, ["connection", "closing_handshake"])
    with copy_with(mutant, SOURCE, "ws_frames") as copy:
        return all(
            passes(tests, copy, pure)
            for tests in (
                *(f"{TESTS}/test_{name}.py" for name in first),
                [*left_out, TESTS],
            )
        )


def main(arguments: list[str] | None = None) -> int:
    return run(__doc__, all_mutants(), survives, read, arguments)


if __name__ == "__main__":
    sys.exit(main())
