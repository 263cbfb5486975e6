"""
Exercise the C speedups, each path of them, and look for what it leaves behind.

python tools/exercise_speedups.py leaks          does memory grow, or a reference count?
python tools/exercise_speedups.py allocations    what if an allocation fails, each in its turn?

A debug build of Python counts all references; any other one counts blocks, bytes and the
references to what the C holds on to. Failing allocations need the module _testcapi.
It exits with 1 if anything is found. `tools/check_speedups.py` runs it with all that is there.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence

from exercise import frames, receiving, sending  # noqa: F401 - they add what they have
from exercise.allocations import allocations
from exercise.case import EXERCISES
from exercise.leaks import leaks


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["leaks", "allocations"])
    options = parser.parse_args(arguments)
    # Where memory is short, a coroutine may be dropped before it is awaited.
    warnings.simplefilter("ignore", RuntimeWarning)
    look = leaks if options.what == "leaks" else allocations
    found = look(EXERCISES)
    print("\n".join(found) or "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
