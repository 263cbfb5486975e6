"""
The guards that docs/threats.md speaks of: what in the packages stops which threat.

Each is a line or two of Python or C, what to put there to take the guard out, and the tests that
must fail for it.
"""

from __future__ import annotations

from .discretion import DISCRETION
from .faults import FAULTS
from .guard import Guard
from .meaning import MEANING
from .memory import MEMORY
from .speedups import SPEEDUPS
from .tests import ACCEPTING, LOGS, PROCESSES, READING, SOAK
from .times import TIMES

__all__ = ["GUARDS", "WITHOUT", "Guard"]

GUARDS = [*MEMORY, *TIMES, *MEANING, *DISCRETION, *FAULTS, *SPEEDUPS]

#: What has a test and no line of ours that could be taken out, and why.
WITHOUT = {
    f"{ACCEPTING}::test_a_server_without_descriptors_waits_until_it_has_some": (
        "the event loop waits; the test would notice an event loop that spins"
    ),
    f"{LOGS}::test_garbage_on_a_tls_port_leaves_no_traceback": (
        "what fails in TLS never gets to a connection; the event loop keeps it to itself"
    ),
    f"{PROCESSES}::test_frames_are_parsed_in_another_interpreter": (
        "the guard is how the C is built, and isolated interpreters came with Python 3.12"
    ),
    f"{READING}::test_connections_do_not_mix_what_they_read": (
        "the guard is in the C, which copies what it keeps of a buffer"
    ),
    f"{SOAK}::test_a_leak_that_is_planted_is_found": "it plants what it has to find",
}
