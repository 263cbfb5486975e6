"""Mixed traffic, with everything that may happen to a connection, for an hour."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import sys
import time
from collections import Counter
from typing import Any

from attack.wire import Listener
from bench.program import ProgramFailed
from fault_proxy import Fault, Plan, Proxy, Way, open_proxy
from soak import rogues
from soak.holdings import MIB, Holdings
from soak.kind import Kind
from soak.process import Broken, Subject
from soak.table import Table

__all__ = ["ABOUT", "Mixed", "counts_table", "run_mixed", "table_of"]

ABOUT = """{seconds:,.0f} s of traffic in rounds, drawn from seed {seed}. In each round a client of ours does all kinds of things with a
server of ours, some of it through proxies that break TCP, while peers on raw sockets break the rules towards both. Every echo
is compared, and every close code and status. Between the rounds nobody is connected: these are the quiet points. What is held
then is compared with the most that was held at the first ones, those of the first {warm_up:,.0f} s. `gc.disable()`; nothing is logged
at WARNING or above but what a handler raises on purpose. Up to {objects} objects more are timers that were cancelled, which
event loops keep until they are due. A client on uvloop that is cancelled while TCP connects leaves cyclic garbage, as a bare
`asyncio.Protocol` does there."""

#: In each round.
PROXIES, ROGUE_SERVERS, ROGUE_CLIENTS = 4, 4, 8

#: Seconds for a handshake, a pong and a close frame, more than a machine that is busy with
#: something else keeps a process waiting. Where something stalls on purpose it is 1.
PATIENCE = 300

#: Timers that were cancelled are kept until they would have been due, and so are caches.
OBJECTS = 100

#: A client on uvloop that is cancelled while TCP connects leaves its transport and all that this
#: refers to, as a bare asyncio.Protocol does there: connection_lost() is never called.
UVLOOP_GARBAGE = 40

#: So much that is wrong ends a run.
ENOUGH = 10

#: Rounds that have to be done before the first quiet point that counts.
WARM_UP = 2


class Mixed:
    """A server and a client of one kind, and what came of their traffic."""

    def __init__(self, kind: Kind, seed: int, leak: str | None) -> None:
        self.kind = kind
        self.seed = seed
        self.subjects = {
            "server": Subject(
                kind,
                leak=leak,
                open_timeout=PATIENCE,
                ping_interval=1,
                ping_timeout=PATIENCE,
                close_timeout=PATIENCE,
            ),
            "client": Subject(kind),
        }
        self.impatient: int = self.server.do("ports")["impatient"]
        self.proxies: list[tuple[Proxy, int]] = []
        self.fresh = {role: subject.stock() for role, subject in self.subjects.items()}
        #: What was held at the quiet points, and when, in seconds from the start.
        self.held: dict[str, list[Holdings]] = {role: [] for role in self.subjects}
        self.warm_up = 0
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []
        self.rounds = 0
        self.longest = 0.0

    async def run(self, seconds: float, warm_up: float, load: float) -> None:
        """Go on for so many seconds, with at most so much of a CPU."""
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(PROXIES):
                proxy = open_proxy(self.impatient, sees_arrivals=False)
                self.proxies.append(await stack.enter_async_context(proxy))
            start = time.monotonic()
            spent = self.cpu()
            while time.monotonic() - start < seconds or self.rounds <= self.warm_up:
                try:
                    await self.do_round()
                except (Broken, ProgramFailed, OSError, EOFError) as exc:
                    self.complain(f"{type(exc).__name__}: {exc}")
                if len(self.broken) >= ENOUGH:
                    break
                if self.rounds <= WARM_UP or time.monotonic() - start < warm_up:
                    self.warm_up = self.rounds
                # What is too much for the load is made up for by a rest.
                busy = (self.cpu() - spent) / load
                await asyncio.sleep(max(0.0, busy - (time.monotonic() - start)))

    @property
    def server(self) -> Subject:
        return self.subjects["server"]

    def cpu(self) -> float:
        """Seconds of CPU that both processes took; what breaks them takes about as much."""
        return 2 * sum(subject.cpu() for subject in self.subjects.values())

    async def do_round(self) -> None:
        """Traffic, and the quiet after it."""
        draw = random.Random(f"{self.seed} {self.kind} {self.rounds}")
        self.rounds += 1
        for proxy, _ in self.proxies:
            proxy.plan = plan_of(draw)
        with contextlib.ExitStack() as stack:
            listeners = [stack.enter_context(Listener()) for _ in range(ROGUE_SERVERS)]
            jobs: list[Any] = [
                asyncio.to_thread(rogues.server, listener, fork(draw)) for listener in listeners
            ]
            jobs.append(asyncio.to_thread(self.break_rules, fork(draw)))
            traffic = asyncio.to_thread(
                self.subjects["client"].do,
                "traffic",
                port=self.server.port,
                impatient=self.impatient,
                proxies=[port for _, port in self.proxies],
                rogues=[listener.sock.getsockname()[1] for listener in listeners],
                seed=draw.getrandbits(64),
            )
            report, found, *served = await asyncio.gather(traffic, jobs.pop(), *jobs)
        self.note(report, [*found, *served])
        await self.become_quiet()

    def break_rules(self, draw: random.Random) -> list[tuple[str, str]]:
        return [rogues.client(self.server.port, draw) for _ in range(ROGUE_CLIENTS)]

    def note(self, report: dict[str, Any], rules: list[tuple[str, str]]) -> None:
        self.done.update(report["done"])
        self.done.update(f"rogue: {name}" for name, _ in rules)
        for proxy, _ in self.proxies:
            assert proxy.plan is not None
            struck = any(relay.struck for relay in proxy.relays)
            fault = proxy.plan.fault.name.lower()
            self.done[
                f"proxy: {fault}" if struck else "proxy: nothing, the plan was not reached"
            ] += 1
        wrong = report["wrong"] + [f"{name}: {what}" for name, what in rules if what]
        for what in wrong:
            self.complain(what)

    def complain(self, what: str) -> None:
        self.broken.append(f"{self.kind}, round {self.rounds}: {what}")
        print(self.broken[-1], file=sys.stderr, flush=True)

    async def become_quiet(self) -> None:
        """Wait until everything has gone, and see what is held."""
        for role, subject in self.subjects.items():
            took = await asyncio.to_thread(subject.settle, self.fresh[role])
            self.longest = max(self.longest, took)
        for proxy, _ in self.proxies:
            await proxy.wait_closed()
        for role, subject in self.subjects.items():
            held = await asyncio.to_thread(subject.stock)
            self.held[role].append(held)
            print(f"{self.kind}, round {self.rounds}: {role}: {held}", file=sys.stderr, flush=True)

    def judge(self) -> None:
        """Compare the quiet points with those of the warm-up."""
        for role, held in self.held.items():
            before = self.before(role)
            garbage = UVLOOP_GARBAGE if (self.kind.loop, role) == ("uvloop", "client") else 0
            excesses = [
                excess
                for after in held[self.warm_up :]
                for excess in after.excess(before, objects=OBJECTS, garbage=garbage)
            ]
            self.broken += [f"{self.kind}: {role}: {excess}" for excess in excesses[:3]]

    def before(self, role: str) -> Holdings:
        """The most that was held of each during the warm-up."""
        held = self.held[role][: self.warm_up] or [self.fresh[role]]
        return Holdings(*(max(values) for values in zip(*held)))

    def close(self) -> None:
        for subject in self.subjects.values():
            subject.close()


def plan_of(draw: random.Random) -> Plan:
    """Draw what happens to TCP: often within the handshake, at times after much traffic."""
    after = int(10 ** draw.uniform(0, 5))
    return Plan(draw.choice(list(Way)), after, draw.choice(list(Fault)))


def fork(draw: random.Random) -> random.Random:
    return random.Random(draw.getrandbits(64))


def run_mixed(
    kinds: list[Kind],
    seconds: float,
    warm_up: float,
    seed: int,
    load: float = math.inf,
    leak: str | None = None,
) -> list[Mixed]:
    """Run all kinds at once, which share the load; ``leak`` is planted in the servers."""
    runs = [Mixed(kind, seed, leak) for kind in kinds]

    async def main() -> None:
        await asyncio.gather(*[each.run(seconds, warm_up, load / len(runs)) for each in runs])

    try:
        asyncio.run(main())
        for each in runs:
            each.judge()
    finally:
        for each in runs:
            each.close()
    return runs


def table_of(runs: list[Mixed]) -> Table:
    table = Table("event loop", "twin", "role", "quiet points", "MiB at first")
    table.add_columns(
        "MiB more, at most", "at the end", "tasks", "descriptors", "objects", "garbage"
    )
    for each in runs:
        for role, held in each.held.items():
            before, after = each.before(role), held[each.warm_up :]
            if not after:
                continue
            table.add_row(
                *each.kind,
                role,
                len(held),
                f"{before.rss / MIB:.1f}",
                f"{(max(now.rss for now in after) - before.rss) / MIB:.2f}",
                f"{(after[-1].rss - before.rss) / MIB:.2f}",
                max(now.tasks for now in after) - before.tasks,
                max(now.descriptors for now in after) - before.descriptors,
                max(now.objects for now in after) - before.objects,
                max(now.garbage for now in after),
            )
    return table


def counts_table(runs: list[Mixed]) -> Table:
    """What was done, and how often."""
    done = sum((each.done for each in runs), Counter[str]())
    table = Table("what", "times")
    for what in sorted(done):
        table.add_row(what, f"{done[what]:,}")
    return table
