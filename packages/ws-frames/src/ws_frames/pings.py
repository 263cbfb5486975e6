"""Pings that wait for their pong (RFC 6455 §5.5.2, §5.5.3)."""

from __future__ import annotations

from .opcodes import MAX_CONTROL_SIZE
from .speedups import new_mask

__all__ = ["PingLog"]


class PingLog:
    """The data of the pings that were sent and not yet answered, oldest first."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[bytes, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, data: bytes) -> None:
        """Note a ping. Raises ValueError if the same data waits already or is too long."""
        if data in self._waiting:
            raise ValueError("a ping with the same data is waiting for its pong")
        if len(data) > MAX_CONTROL_SIZE:
            raise ValueError(f"ping of {len(data)} bytes, at most {MAX_CONTROL_SIZE} are allowed")
        self._waiting[data] = None

    def choose(self) -> bytes:
        """Choose four bytes that don't wait already, and that the peer can't guess."""
        while True:
            data = new_mask()
            if data not in self._waiting:
                return data

    def answer(self, data: bytes) -> tuple[bytes, ...]:
        """Take out the pings that a pong answers: the one with its data and all before it.

        "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in
        response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame
        for only the most recently processed Ping frame" (§5.5.3).
        """
        if data not in self._waiting:
            return ()
        waiting = list(self._waiting)
        answered = waiting[: waiting.index(data) + 1]
        for ping in answered:
            del self._waiting[ping]
        return tuple(answered)
