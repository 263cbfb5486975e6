"""Pings that wait for their pong, RFC 6455 §5.5.2 and §5.5.3."""

from __future__ import annotations

import pytest

from ws_frames import pings
from ws_frames.pings import PingLog


def log_of(*data: bytes) -> PingLog:
    log = PingLog()
    for ping in data:
        log.add(ping)
    return log


def test_a_pong_answers_the_ping_with_its_data() -> None:
    log = log_of(b"a")
    assert log.answer(b"a") == (b"a",)
    assert len(log) == 0


def test_a_pong_answers_all_pings_before_its_own_too() -> None:
    log = log_of(b"a", b"b", b"c", b"d")
    assert log.answer(b"c") == (b"a", b"b", b"c")
    assert len(log) == 1


def test_a_pong_that_nobody_asked_for_answers_nothing() -> None:
    log = log_of(b"a")
    assert log.answer(b"b") == ()
    assert len(log) == 1


def test_a_pong_answers_once() -> None:
    log = log_of(b"a", b"b")
    log.answer(b"b")
    assert log.answer(b"a") == ()


def test_data_that_waits_cannot_be_sent_again() -> None:
    log = log_of(b"a")
    with pytest.raises(ValueError, match=r"^a ping with the same data is waiting for its pong$"):
        log.add(b"a")
    log.answer(b"a")
    log.add(b"a")
    assert len(log) == 1


def test_a_ping_has_125_bytes_at_most() -> None:
    log = log_of(b"x" * 125)
    with pytest.raises(ValueError, match=r"^ping of 126 bytes, at most 125 are allowed$"):
        log.add(b"x" * 126)
    assert len(log) == 1


def test_data_is_chosen_that_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([b"aaaa", b"aaaa", b"bbbb"])
    monkeypatch.setattr(pings, "new_mask", lambda: next(drawn))
    log = PingLog()
    log.add(log.choose())
    assert log.choose() == b"bbbb"


def test_an_empty_ping_can_wait_too() -> None:
    log = log_of(b"")
    assert log.answer(b"") == (b"",)
