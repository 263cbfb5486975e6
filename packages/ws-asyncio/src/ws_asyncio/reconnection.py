"""When to try to connect again, and after how long."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

from ws_http import InvalidMessage, InvalidStatusCode

__all__ = ["backoff_delays", "is_transient"]

# Upper bounds of the delays in seconds: 1, 2, 4, … 64, 64, …
FIRST_DELAY = 1.0
LAST_DELAY = 64.0

# What a server or a proxy in front of it answers while it restarts.
TRANSIENT_STATUSES = (500, 502, 503, 504)


def is_transient(exc: Exception) -> bool:
    """Tell whether connecting may succeed if it is tried again later.

    That is so for errors of the network, for a connection that ends in the middle of the
    handshake, for timeouts, and for the HTTP statuses 500, 502, 503 and 504. A certificate
    that isn't trusted, an OSError too, stays so.
    """
    import ssl  # not before it is needed: it takes longer than all else here

    if isinstance(exc, ssl.SSLCertVerificationError):
        return False
    if isinstance(exc, InvalidStatusCode):
        return exc.status_code in TRANSIENT_STATUSES
    # asyncio.TimeoutError is an OSError from Python 3.11 on only.
    return isinstance(exc, (OSError, EOFError, asyncio.TimeoutError, InvalidMessage))


def backoff_delays() -> Iterator[float]:
    """Give the delays in seconds between attempts: random, up to a bound that doubles.

    Clients that lost the same server at the same moment so spread over the time.
    """
    bound = FIRST_DELAY
    while True:
        yield random.uniform(0, bound)
        bound = min(bound * 2, LAST_DELAY)
