"""Both twins with several threads: masks are drawn once, and a parser is for one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from types import ModuleType

import pytest

THREADS = 4


def run_at_once(*functions: Callable[[], None]) -> None:
    """Run functions in a thread each, from the same moment; raise what one of them raises."""
    start = threading.Barrier(len(functions))
    errors: list[BaseException] = []

    def run(function: Callable[[], None]) -> None:
        start.wait()
        try:
            function()
        except BaseException as exc:  # noqa: BLE001 - it is raised in the main thread
            errors.append(exc)

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def test_no_mask_is_drawn_by_two_threads(twin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(range(10**6))
    lock = threading.Lock()

    def counted(size: int) -> bytes:
        with lock:
            return b"".join(next(drawn).to_bytes(4, "big") for _ in range(size // 4))

    monkeypatch.setattr("os.urandom", counted)
    twin.forget_masks()
    masks: list[list[bytes]] = [[] for _ in range(THREADS)]

    def draw(into: list[bytes]) -> None:
        for _ in range(3000):
            into.append(twin.new_mask())
            into.append(twin.encode_frame(0x81, "", True)[2:])

    try:
        run_at_once(*(partial(draw, into) for into in masks))
    finally:
        twin.forget_masks()
    together = [mask for each in masks for mask in each]
    assert len(set(together)) == len(together) == THREADS * 6000


def test_each_thread_can_have_a_parser(twin: ModuleType) -> None:
    stream = twin.encode_frame(0x81, "é" * 50, True) + twin.encode_frame(0x82, b"x" * 300, True)

    def parse() -> None:
        parser = twin.Parser(masked=True)
        for _ in range(200):
            assert parser.feed(stream[:7]) + parser.feed(stream[7:]) == ["é" * 50, b"x" * 300]

    run_at_once(*[parse] * THREADS)


def test_the_c_refuses_a_second_thread_in_a_parser_at_the_worst(twin: ModuleType) -> None:
    if twin.__name__ != "ws_frames._speedups":
        pytest.skip("the pure twin doesn't look whether it is alone")
    parser = twin.Parser(masked=False)

    def parse() -> None:
        for _ in range(500):
            try:
                assert parser.feed(b"\x81\x01a\x82\x01b") == ["a", b"b"]
            except RuntimeError as exc:
                if str(exc) != "feed() is running already":
                    raise

    run_at_once(*[parse] * THREADS)
    assert parser.feed(b"\x81\x01a") == ["a"]
