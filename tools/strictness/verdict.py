"""What comes of a case: OK, NON-STRICT, FAILED, or left out."""

from __future__ import annotations

from typing import NamedTuple

from .case import Case
from .tokens import Token, in_words, matches

__all__ = ["FAILED", "LEFT_OUT", "NON_STRICT", "OK", "VERDICTS", "Result", "judge"]

OK, NON_STRICT, FAILED, LEFT_OUT = "OK", "NON-STRICT", "FAILED", "left out"
VERDICTS = (OK, NON_STRICT, FAILED, LEFT_OUT)


class Result(NamedTuple):
    """The verdict on a target in one case, and what came out of it."""

    case: str
    verdict: str
    about: str

    @property
    def area(self) -> str:
        return self.case.partition("/")[0]


def judge(case: Case, tokens: list[Token], *, late: bool = False) -> Result:
    """Compare what came out with what the case takes."""
    about = in_words(tokens) + (", late" if late else "")
    if any(matches(trace, tokens) for trace in case.strict):
        return Result(case.id, NON_STRICT if late else OK, about)
    if any(matches(trace, tokens) for trace in case.tolerated):
        return Result(case.id, NON_STRICT, about)
    return Result(case.id, FAILED, about)
