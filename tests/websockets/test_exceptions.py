"""``websockets.exceptions``."""

from __future__ import annotations

import inspect

import websockets
import websockets.exceptions
import ws_frames
import ws_http

# Those of the lower packages that the documentation of websockets doesn't know.
ADDITIONS = {"InvalidUTF8", "PolicyViolation", "TargetTooLong", "UnsupportedMethod"}


def exceptions_of(*modules: object) -> dict[str, object]:
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, ws_frames.WebSocketException)
    }


def test_it_hands_on_every_documented_exception_of_the_packages_below() -> None:
    below = exceptions_of(ws_frames, ws_http)
    found = exceptions_of(websockets.exceptions)
    assert found == {name: value for name, value in below.items() if name not in ADDITIONS}
    assert sorted(found) == sorted(websockets.exceptions.__all__)


def test_all_of_them_are_at_the_top_too() -> None:
    assert set(websockets.exceptions.__all__) < set(websockets.__all__)
