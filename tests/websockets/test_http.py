"""``websockets.http`` and ``websockets.legacy.http``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.http
import websockets.legacy.http
import ws_compat.http
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


FUNCTIONS = {
    "read_request": (ws_compat.http.read_request, "ws_http.RequestParser"),
    "read_response": (ws_compat.http.read_response, "ws_http.ResponseParser"),
}


def test_it_reads_requests_and_responses_and_has_headers(hands_on: HandsOn) -> None:
    headers = {
        "Headers": (ws_http.Headers, "websockets.Headers"),
        "MultipleValuesError": (ws_http.MultipleValuesError, "websockets.MultipleValuesError"),
    }
    hands_on(websockets.http, deprecated={**FUNCTIONS, **headers})


def test_the_legacy_path_has_the_functions(hands_on: HandsOn) -> None:
    hands_on(websockets.legacy.http, deprecated=FUNCTIONS)
