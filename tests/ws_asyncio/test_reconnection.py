from __future__ import annotations

import asyncio
from itertools import islice
from ssl import SSLCertVerificationError

import pytest

from ws_asyncio.reconnection import backoff_delays, is_transient
from ws_http import InvalidMessage, InvalidStatusCode, InvalidUpgrade, InvalidURI, SecurityError


@pytest.mark.parametrize(
    "exc",
    [
        ConnectionRefusedError(),
        OSError("no route"),
        EOFError(),
        asyncio.TimeoutError(),
        InvalidMessage("connection closed before the response"),
        InvalidStatusCode(500),
        InvalidStatusCode(502),
        InvalidStatusCode(503),
        InvalidStatusCode(504),
    ],
    ids=repr,
)
def test_what_may_pass_is_worth_a_retry(exc: Exception) -> None:
    assert is_transient(exc)


@pytest.mark.parametrize(
    "exc",
    [
        InvalidStatusCode(401),
        InvalidStatusCode(404),
        InvalidStatusCode(501),
        InvalidUpgrade("Upgrade", "h2c"),
        InvalidURI("http://localhost"),
        SecurityError("redirect from wss to ws"),
        SSLCertVerificationError("self-signed certificate"),
        ValueError(),
    ],
    ids=repr,
)
def test_what_stays_wrong_is_not(exc: Exception) -> None:
    assert not is_transient(exc)


def test_delays_are_random_below_a_bound_that_doubles() -> None:
    bounds = [1, 2, 4, 8, 16, 32, 64, 64, 64]
    runs = [list(islice(backoff_delays(), len(bounds))) for _ in range(200)]
    for delays in runs:
        assert all(0 <= delay <= bound for delay, bound in zip(delays, bounds))
    # Random: no two clients come back at the same moments, and some come late.
    assert len({tuple(delays) for delays in runs}) == len(runs)
    assert max(delays[8] for delays in runs) > 32
