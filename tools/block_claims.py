"""
The blocks of Python in a page of the documentation, and what they say about themselves.

print(x)  # Hello            it prints this line, and no others than those it says
print(x)  # such as 0.03     it prints a line, whatever is in it
f(x)  # raises E: text       it ends here, with this exception; the text may be left out
f(x)  # warns W: text        there is this warning, and no others than those it says
"""

from __future__ import annotations

import ast
import re
import traceback
import warnings
from dataclasses import dataclass
from types import CodeType
from unittest import SkipTest

from sybil import Document, Example
from sybil.parsers.myst import CodeBlockParser, SkipParser

PRINTS = re.compile(r"^ *print\(.*\)  # (?P<text>.+)$", re.MULTILINE)
RAISES = re.compile(r"  # raises (?P<name>[\w.]+)(?:: (?P<text>.+))?$", re.MULTILINE)
WARNS = re.compile(r"  # warns (?P<name>[\w.]+)(?:: (?P<text>.+))?$", re.MULTILINE)
SKIP_WITHOUT_REASON = re.compile(r"skip: *(?:next|start)(?!.*\")")


class Wrong(Exception):
    """A block doesn't do what it says."""


@dataclass(frozen=True)
class Block:
    """Some Python, and where it stands."""

    path: str
    line: int  # of its first line of code
    code: str

    def compiled(self) -> CodeType:
        """Code whose lines are those of the page, so that a traceback shows them."""
        tree = ast.parse(self.code, self.path)
        ast.increment_lineno(tree, self.line - 1)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(tree, self.path, "exec", flags, dont_inherit=True)
        assert isinstance(code, CodeType)
        return code

    def line_of(self, match: re.Match[str]) -> int:
        return self.line + self.code.count("\n", 0, match.start())


@dataclass(frozen=True)
class Skipped:
    """A block that is left out, and why."""

    path: str
    line: int
    reason: str


def blocks(path: str) -> list[Block | Skipped]:
    """The blocks of a page, in order."""
    found: list[Block | Skipped] = []

    def note(example: Example) -> None:
        line = example.line + example.parsed.line_offset + 1
        found.append(Block(path, line, str(example.parsed)))

    document = Document.parse(path, CodeBlockParser("python", note), SkipParser())
    if match := SKIP_WITHOUT_REASON.search(document.text):
        line = document.text.count("\n", 0, match.start()) + 1
        raise Wrong(f"{path}:{line}: a block is left out without a reason")
    for example in document.examples():
        try:
            example.evaluate()
        except SkipTest as exc:
            found.append(Skipped(path, example.line, str(exc)))
    return found


class Claims:
    """What a block says that it does."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._prints = [match["text"] for match in PRINTS.finditer(block.code)]
        self._raises = RAISES.search(block.code)
        self._warns = list(WARNS.finditer(block.code))

    def check(
        self,
        output: str,
        error: BaseException | None = None,
        caught: list[warnings.WarningMessage] | None = None,
    ) -> None:
        """Compare with what it did; an exception that it does not tell of goes on."""
        self._check_error(error)
        self._check_output(output.splitlines())
        self._check_warnings(caught or [])

    def _check_error(self, error: BaseException | None) -> None:
        if self._raises is None:
            if error is not None:
                raise error
            return
        said = self._raises[0].strip(" #")
        if error is None:
            raise Wrong(f"nothing is raised, and it says: {said}")
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)]
        if not (is_meant(error, self._raises) and self._block.line_of(self._raises) in lines):
            raise Wrong(f"another error, or another line, than it says: {said}") from error

    def _check_output(self, lines: list[str]) -> None:
        fits = [
            said == line or said.startswith("such as ") for said, line in zip(self._prints, lines)
        ]
        if len(lines) != len(self._prints) or not all(fits):
            raise Wrong(f"it says that it prints {self._prints}, and prints {lines}")

    def _check_warnings(self, caught: list[warnings.WarningMessage]) -> None:
        left = list(self._warns)
        for warning in caught:
            message = warning.message
            assert isinstance(message, Warning)
            match = next((match for match in left if is_meant(message, match)), None)
            if match is None:
                raise Wrong("it warns, and does not say so") from message
            left.remove(match)
        if left:
            raise Wrong(f"nothing warns, and it says: {left[0][0].strip(' #')}")


def is_meant(error: BaseException, claim: re.Match[str]) -> bool:
    """Whether this is the exception or the warning that a comment tells of."""
    name = claim["name"].rpartition(".")[2]
    return type(error).__name__ == name and claim["text"] in (None, str(error))
