"""Processes under test, as whoever tests them sees them."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from attack.wire import dial
from bench.program import Server
from soak.holdings import Holdings
from soak.kind import Kind

__all__ = ["PATIENCE", "Broken", "Subject"]

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 60

#: Seconds between two looks at a process that is letting go.
PAUSE = 0.01


class Broken(Exception):
    """A bound is broken, or something was not as it has to be."""


class Subject(Server):
    """A running ``soak.subject``."""

    #: What it is asked for may be much work, on a machine that is busy with something else.
    timeout = 600

    def __init__(
        self, kind: Kind, *, leak: str | None = None, exact: bool = False, **options: Any
    ) -> None:
        command = [sys.executable, "-W", "error", "-m", "soak.subject", "--loop", kind.loop]
        command += ["--options", json.dumps(options), "--no-gc"]
        if leak is not None:
            command += ["--leak", leak]
        # Python's own allocator keeps 1 MiB where one object of it is left, at random.
        allocator = {"PYTHONMALLOC": "malloc"} if exact else {}
        super().__init__(command, {**kind.environment, **allocator})
        self.kind = kind

    def do(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call a method of the subject."""
        answer: dict[str, Any] = self.ask(json.dumps({"do": name, **arguments}))
        return answer

    def stock(self) -> Holdings:
        """See what it holds; raises Broken if it has complained of something."""
        answer = self.do("stock")
        complaints = answer.pop("complaints")
        if complaints:
            raise Broken(f"{len(complaints)} lines in the log, the first:\n{complaints[0]}")
        if answer.pop("connections"):
            raise Broken("handlers still run")
        return Holdings(**answer)

    def settle(self, before: Holdings, patience: float = PATIENCE) -> float:
        """Wait until it holds no more tasks and descriptors; gives for how many seconds.

        After ``patience`` seconds that is how long it took: the bounds will tell.
        """
        # What it has not accepted yet can't be seen; this one is behind that.
        peer = dial(self.port)
        peer.sock.settimeout(self.timeout)
        peer.open("/echo")
        peer.close()
        return self._wait(patience, tasks=before.tasks, descriptors=before.descriptors)

    def rest(self, patience: float = PATIENCE) -> None:
        """Wait until it has no timer of ours: one that connections share stays until it is due."""
        self._wait(patience, timers=0)

    def _wait(self, patience: float, **most: int) -> float:
        start = time.monotonic()
        while (passed := time.monotonic() - start) < patience:
            if self.do("poll", **most)["quiet"]:
                return time.monotonic() - start
            time.sleep(PAUSE)
        return passed
