"""What a connection tells its user besides messages."""

from __future__ import annotations

from typing import get_args

import pytest

from ws_frames import Close, Event, Failure, Ping, Pong, ProtocolError


def test_events_are_records() -> None:
    error = ProtocolError("wrong")
    assert Ping(b"a").data == b"a"
    assert Pong(b"b", (b"a", b"b")).answered == (b"a", b"b")
    assert Failure(error).error is error


def test_an_event_is_a_message_or_one_of_the_records() -> None:
    assert set(get_args(Event)) == {str, bytes, Ping, Pong, Close, Failure}


@pytest.mark.parametrize("event", [Ping(b""), Pong(b"", ()), Close(1000), Failure(ProtocolError())])
def test_no_record_is_mistaken_for_a_message(event: Event) -> None:
    assert not isinstance(event, (str, bytes))
