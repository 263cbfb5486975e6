"""What is measured: a server or a client of some library, on some event loop."""

from __future__ import annotations

from dataclasses import dataclass

from .environment import OURS, PEERS, python_of

__all__ = ["BARE", "FAST", "LOOPS", "PEER_NAMES", "Library", "Target", "targets_of"]

LOOPS = ("asyncio", "uvloop")
FAST = "ours, fast"
BARE = "bare"
PEER_NAMES = ("picows", "picows.websockets", "aiohttp", "websockets")


@dataclass(frozen=True)
class Library:
    name: str
    environment: str
    program: str
    options: tuple[str, ...] = ()
    raw: bool = False  # no WebSocket, bytes only


@dataclass(frozen=True)
class Target:
    library: Library
    loop: str

    @property
    def name(self) -> str:
        return f"{self.library.name}, {self.loop}"

    def command(self, kind: str, *options: str) -> list[str]:
        """How to start it; kind is ``servers`` or ``clients``."""
        module = f"bench.{kind}.{self.library.program}"
        python = python_of(self.library.environment)
        return [python, "-m", module, "--loop", self.loop, *self.library.options, *options]


LIBRARIES = {
    library.name: library
    for library in (
        Library("ours", OURS, "ours"),
        Library("ours, fast", OURS, "ours", ("--transports", "aiofastnet")),
        Library("ours, zlib-ng", OURS, "ours", ("--zlib", "zlib-ng")),
        Library("ours, processes", OURS, "processes"),
        Library("picows", PEERS, "picows_core"),
        Library("picows.websockets", PEERS, "picows_websockets"),
        Library("aiohttp", PEERS, "aiohttp_program"),
        Library("websockets", PEERS, "foreign"),
        Library("bare", OURS, "bare", raw=True),
    )
}


def targets_of(*names: str, loops: tuple[str, ...] = LOOPS) -> list[Target]:
    """These libraries on these event loops."""
    return [Target(LIBRARIES[name], loop) for name in names for loop in loops]
