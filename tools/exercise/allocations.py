"""What if an allocation fails, each in its turn?"""

from __future__ import annotations

from collections.abc import Sequence

from .case import Case, Exercise

# So many runs in which nothing fails: there is no later allocation.
ENOUGH = 5

# How a SystemError reads that has nothing to do with the C.
PYTHONS_OWN = ("<function ", "error return without exception set")


def allocations(exercises: Sequence[Exercise]) -> list[str]:
    """Let the first allocation of a case fail, then the second, and so on to the last."""
    for run in exercises:
        failed = sum(fail_each(case) for case in run())
        print(f"{run.__name__:30} {failed} allocations failed", flush=True)
    use_all(exercises)
    return []


def use_all(exercises: Sequence[Exercise]) -> None:
    for run in exercises:
        for case in run():
            case()


def fail_each(case: Case) -> int:
    from _testcapi import (  # type: ignore[import-not-found]
        remove_mem_hooks,
        set_nomemory,
    )

    number = failed = good = 0
    while good < ENOUGH:
        try:
            set_nomemory(number, number + 1)
            try:
                case()
            finally:
                remove_mem_hooks()
        except (MemoryError, SystemError) as exc:
            # Python makes the latter of it in functions of its own, but the C must not.
            if isinstance(exc, SystemError) and not str(exc).startswith(PYTHONS_OWN):
                raise
            failed += 1
            good = 0
        else:
            good += 1
        number += 1
    return failed
