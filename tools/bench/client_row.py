"""Row 5: clients, all of them against the same fast server."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from .figure import Figures
from .program import Program, load_server, started_clients
from .row import Effort, Row, in_turns
from .server_row import BIG, ONE, TARGETS, Work, goals_of
from .target import LOOPS, PEER_NAMES, Target

__all__ = ["ROWS"]

# The next message goes with each echo, as in a server; a burst is for comparison.
MANY = [
    Work("16 B, 64 in flight", 16, text=True, burst=64, sliding=True),
    Work("256 B, 64 in flight", 256, text=True, burst=64, sliding=True),
]
BURST = Work("256 B, in bursts of 64", 256, text=True, burst=64, in_quick=False)


def measure(works: list[Work], effort: Effort, figures: Figures) -> None:
    with load_server() as server, load_server(raw=True) as raw, started_clients(TARGETS) as clients:
        for work in works:
            if effort.quick and not work.in_quick:
                continue
            runs = []
            for target, client in clients.items():
                port = (raw if target.library.raw else server).port
                runs.append(partial(measure_one, work, target, client, port, effort, figures))
            in_turns(effort.rounds, runs)


def measure_one(
    work: Work, target: Target, client: Program, port: int, effort: Effort, figures: Figures
) -> None:
    trial: dict[str, Any] = {"port": port, "size": work.size, "text": work.text}
    trial.update(burst=work.burst, sliding=work.sliding, seconds=effort.seconds)
    figures.add_run(f"client, {work.name}", target.name, client.ask(json.dumps(trial)))


def row(name: str, about: str, works: list[Work], least: float) -> Row:
    judged = [work for work in works if work is not BURST]
    goals = goals_of("client", judged, {PEER_NAMES: least}, LOOPS)
    return Row(name, about, partial(measure, works), goals, in_quick=True)


ROWS = [
    row("client-one", "client, 256 B text and binary, one at a time", ONE, 1.0),
    row("client-many", "client, 16 B and 256 B, 64 in flight", [*MANY, BURST], 5.0),
    row("client-big", "client, 64 KiB and 1 MiB, one at a time", BIG, 1.0),
]
