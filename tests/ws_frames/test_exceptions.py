"""What can go wrong, and the status code that each failure has in RFC 6455 §7.4.1."""

from __future__ import annotations

import copy
import pickle

import pytest

from ws_frames import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidState,
    InvalidUTF8,
    PayloadTooBig,
    PolicyViolation,
    ProtocolError,
    WebSocketException,
)
from ws_frames.exceptions import detached


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (ConnectionClosed, {WebSocketException}),
        (ConnectionClosedError, {ConnectionClosed}),
        (ConnectionClosedOK, {ConnectionClosed}),
        (InvalidState, {WebSocketException, AssertionError}),
        (PayloadTooBig, {WebSocketException}),
        (ProtocolError, {WebSocketException}),
        (InvalidUTF8, {ProtocolError}),
        (PolicyViolation, {ProtocolError}),
    ],
)
def test_exceptions_form_a_tree(error: type[Exception], bases: set[type[Exception]]) -> None:
    assert set(error.__bases__) == bases


@pytest.mark.parametrize(
    ("error", "code"),
    [(ProtocolError, 1002), (InvalidUTF8, 1007), (PolicyViolation, 1008), (PayloadTooBig, 1009)],
)
def test_what_a_peer_does_wrong_carries_the_code_to_close_with(
    error: type[ProtocolError | PayloadTooBig], code: int
) -> None:
    assert error.close_code == code


def test_a_closed_connection_says_how_it_was_closed() -> None:
    error = ConnectionClosedOK(1001, "bye")
    assert (error.code, error.reason) == (1001, "bye")
    assert str(error) == "code = 1001 (going away), reason = bye"


def test_a_closed_connection_needs_no_reason() -> None:
    assert str(ConnectionClosedError(1011)) == "code = 1011 (unexpected error), no reason"


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_a_closed_connection_can_be_copied_and_pickled(again: object) -> None:
    assert callable(again)
    error = again(ConnectionClosedError(1011, "oops"))
    assert type(error) is ConnectionClosedError
    assert (error.code, error.reason) == (1011, "oops")


def test_a_detached_error_keeps_its_cause_and_no_frame() -> None:
    def fail() -> None:
        try:
            raise ValueError("deep")
        except ValueError as exc:
            raise ProtocolError("wrong") from exc

    with pytest.raises(ProtocolError) as info:
        fail()
    error = detached(info.value)
    assert error is info.value
    assert error.__traceback__ is None
    cause = error.__cause__
    assert isinstance(cause, ValueError)
    assert (cause.__traceback__, cause.__context__) == (None, None)


def test_detaching_leaves_alone_what_was_being_handled() -> None:
    outer = ValueError("outer")

    def fail() -> None:
        try:
            raise outer
        finally:
            raise ProtocolError("wrong")

    with pytest.raises(ProtocolError) as info:
        fail()
    assert detached(info.value).__context__ is None
    assert outer.__traceback__ is not None
