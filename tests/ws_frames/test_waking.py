"""What a waiter calls when it is woken, and what goes wrong or happens there, by both twins."""

from __future__ import annotations

import contextvars
import gc
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from ws_frames import pure


class Oops(Exception):
    """What goes wrong here."""


def fail(*_: object) -> Any:
    raise Oops


class Loop:
    """An event loop that turns when it is told to, and runs a task or none."""

    def __init__(self) -> None:
        self.due: list[tuple[Callable[..., object], tuple[Any, ...], Any]] = []
        self.hooks: dict[str, Callable[[], object]] = {}
        self.current: object = None

    @property
    def call_soon(self) -> Callable[..., object]:
        self.hook("look up")
        return self.schedule

    def schedule(self, callback: Callable[..., object], *args: Any, context: Any = None) -> object:
        self.hook("call")
        self.due.append((callback, args, context))
        return object()

    def current_task(self) -> object:
        self.hook("current")
        return self.current

    def hook(self, name: str) -> None:
        self.hooks.pop(name, lambda: None)()

    def turn(self) -> None:
        due, self.due = self.due, []
        for callback, arguments, context in due:
            (context or contextvars.Context()).run(callback, *arguments)


class Waiting:
    """A waiter, somebody who waits for it, and how often they were let go on."""

    def __init__(self, twin: ModuleType) -> None:
        self.loop = Loop()
        self.waiter = twin.Waiter(self.loop, Loop.current_task)
        self.steps: list[object] = []
        self.context = contextvars.Context()
        self.on_step: Callable[[], object] = lambda: None

    def wait(self) -> None:
        assert self.waiter.start() is self.waiter
        # Nobody but the waiter has these.
        self.waiter.add_done_callback(Step(self), context=contextvars.Context())

    def step(self, waiter: object) -> None:
        self.steps.append(waiter)
        self.on_step()


class Step:
    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting

    def __call__(self, waiter: object) -> None:
        self.waiting.step(waiter)


@pytest.fixture
def waiting(twin: ModuleType) -> Waiting:
    waiting = Waiting(twin)
    waiting.wait()
    return waiting


def test_who_waits_is_called_with_the_waiter(waiting: Waiting) -> None:
    waiting.waiter.wake()
    waiting.waiter.wake()
    assert waiting.steps == [waiting.waiter]
    assert waiting.loop.due == []


def test_who_waits_is_called_later_while_a_task_runs(waiting: Waiting) -> None:
    waiting.loop.current = object()
    waiting.waiter.wake()
    waiting.waiter.wake()
    assert (waiting.steps, len(waiting.loop.due)) == ([], 1)
    waiting.loop.turn()
    assert waiting.steps == [waiting.waiter]


def test_a_wake_is_forgotten_when_it_is_waited_for_anew(twin: ModuleType) -> None:
    waiting = Waiting(twin)
    waiting.waiter.wake()
    waiting.wait()
    assert waiting.loop.due == []
    waiting.waiter.wake()
    assert len(waiting.steps) == 1


def test_it_blocks_from_its_start_on(waiting: Waiting) -> None:
    waiter = waiting.waiter
    assert waiter._asyncio_future_blocking is True
    waiter._asyncio_future_blocking = False
    assert waiter._asyncio_future_blocking is False
    waiter.wake()
    assert waiter._asyncio_future_blocking is False
    waiter.start()
    assert waiter._asyncio_future_blocking is True


@pytest.mark.parametrize("hook", ["look up", "call"])
@pytest.mark.parametrize("act", ["wake", "cancel"])
def test_who_could_not_be_called_later_still_waits(waiting: Waiting, hook: str, act: str) -> None:
    waiting.loop.current = object()
    waiting.loop.hooks[hook] = fail
    with pytest.raises(Oops):
        getattr(waiting.waiter, act)()
    assert waiting.loop.due == []
    waiting.waiter.wake()
    waiting.loop.turn()
    assert waiting.steps == [waiting.waiter]


def test_a_current_task_that_can_not_be_told_is_an_error(waiting: Waiting) -> None:
    waiting.loop.hooks["current"] = fail
    with pytest.raises(Oops):
        waiting.waiter.wake()
    assert waiting.steps == []
    waiting.waiter.wake()
    assert waiting.steps == [waiting.waiter]


@pytest.mark.parametrize("hook", ["look up", "call"])
@pytest.mark.parametrize("act", ["wake", "cancel"])
def test_who_is_woken_while_that_happens_is_called_once(
    waiting: Waiting, hook: str, act: str
) -> None:
    def meddle() -> None:
        getattr(waiting.waiter, act)()
        for _ in range(2):
            waiting.loop.turn()
        gc.collect()

    waiting.loop.current = object()
    waiting.loop.hooks[hook] = meddle
    waiting.waiter.wake()
    waiting.loop.turn()
    assert waiting.steps == [waiting.waiter]


def test_who_waits_anew_while_the_last_one_is_woken_is_not_forgotten(waiting: Waiting) -> None:
    waiting.loop.current = object()
    waiting.loop.hooks["call"] = waiting.wait
    waiting.waiter.wake()
    waiting.loop.turn()
    assert len(waiting.steps) == 1
    waiting.waiter.wake()
    waiting.loop.turn()
    assert len(waiting.steps) == 2


def test_who_waits_anew_while_the_last_one_can_not_be_woken_is_not_forgotten(
    waiting: Waiting,
) -> None:
    called: list[object] = []

    def wait_and_fail() -> None:
        waiting.waiter.start()
        waiting.waiter.add_done_callback(called.append, context=contextvars.Context())
        raise Oops

    waiting.loop.current = object()
    waiting.loop.hooks["call"] = wait_and_fail
    with pytest.raises(Oops):
        waiting.waiter.wake()
    waiting.waiter.wake()
    waiting.waiter.wake()
    waiting.loop.turn()
    assert (called, waiting.steps) == ([waiting.waiter], [])


@pytest.mark.parametrize("current", [None, 1])
def test_who_is_woken_while_the_current_task_is_looked_up_is_called_once(
    waiting: Waiting, current: object
) -> None:
    waiting.loop.current = current
    waiting.loop.hooks["current"] = waiting.waiter.wake
    waiting.waiter.wake()
    waiting.loop.turn()
    assert waiting.steps == [waiting.waiter]


def test_who_goes_on_may_wait_again_and_wake(waiting: Waiting) -> None:
    def again() -> None:
        if len(waiting.steps) < 3:
            waiting.waiter.wake()  # nobody waits now
            waiting.wait()
            waiting.waiter.wake()

    waiting.on_step = again
    waiting.waiter.wake()
    assert len(waiting.steps) == 3


def test_what_a_callback_raises_is_raised(waiting: Waiting) -> None:
    waiting.on_step = fail
    with pytest.raises(Oops):
        waiting.waiter.wake()
    waiting.waiter.wake()
    assert len(waiting.steps) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_raised_in_the_next_turn(
    waiting: Waiting, error: type[BaseException]
) -> None:
    def end() -> None:
        raise error("why")

    waiting.on_step = end
    waiting.waiter.wake()
    with pytest.raises(error, match="why"):
        waiting.loop.turn()
    assert len(waiting.steps) == 1


@pytest.mark.parametrize("hook", ["look up", "call"])
def test_what_ends_the_program_may_be_in_the_way_of_itself(waiting: Waiting, hook: str) -> None:
    def end() -> None:
        raise KeyboardInterrupt

    waiting.on_step = end
    waiting.loop.hooks[hook] = fail
    with pytest.raises(Oops):
        waiting.waiter.wake()


def test_a_context_in_use_puts_the_step_off(waiting: Waiting) -> None:
    context = contextvars.Context()
    waiting.waiter.wake()
    del waiting.steps[:]
    waiting.waiter.start()
    waiting.waiter.add_done_callback(waiting.step, context=context)
    context.run(waiting.waiter.wake)
    assert (waiting.steps, len(waiting.loop.due)) == ([], 1)
    assert waiting.loop.due[0][2] is context
    waiting.loop.turn()
    assert waiting.steps == [waiting.waiter]


def test_what_is_no_context_is_refused(twin: ModuleType, waiting: Waiting) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its caller promised")
    waiting.waiter.wake()
    others: list[Any] = [5, "context", {}]
    for context in others:
        with pytest.raises(TypeError, match="context must be a Context"):
            waiting.waiter.add_done_callback(waiting.step, context=context)
    waiting.wait()
    waiting.waiter.wake()
    assert len(waiting.steps) == 2


def test_a_waiter_needs_a_loop_and_a_way_to_tell_what_runs(twin: ModuleType) -> None:
    for arguments in ((), (Loop(),), (Loop(), Loop.current_task, 5)):
        with pytest.raises(TypeError):
            twin.Waiter(*arguments)
    with pytest.raises(AttributeError):
        lonely(twin).cancel()


def lonely(twin: ModuleType) -> Any:
    """A waiter with an event loop that is none."""
    waiter = twin.Waiter(object(), fail)
    waiter.start()
    waiter.add_done_callback(fail, context=contextvars.Context())
    return waiter


@pytest.mark.parametrize("hook", ["look up", "call", "current"])
def test_the_last_references_may_be_dropped_in_between(twin: ModuleType, hook: str) -> None:
    waitings = [Waiting(twin)]

    def drop() -> None:
        waitings[0].waiter.cancel()
        waitings[0].waiter = None
        waitings[0].loop.due.clear()
        waitings.clear()
        gc.collect()

    waitings[0].wait()
    waitings[0].loop.current = object()
    waitings[0].loop.hooks[hook] = drop
    reference = weakref.ref(waitings[0])
    wake = waitings[0].waiter.wake
    wake()
    assert waitings == []
    del wake
    gc.collect()
    assert reference() is None


def test_cycles_through_who_waits_are_collected(twin: ModuleType) -> None:
    def use() -> weakref.ref[Waiting]:
        waiting = Waiting(twin)
        waiting.wait()
        return weakref.ref(waiting)

    reference = use()
    gc.collect()
    assert reference() is None
