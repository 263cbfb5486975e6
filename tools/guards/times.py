"""What keeps a peer from taking long."""

from __future__ import annotations

from .guard import Guard
from .tests import FRAMES, HANDSHAKES, STALLS, TCP_FAULTS

__all__ = ["TIMES"]

TIMES = [
    Guard(
        "a turn has no end",
        "ws_asyncio/work",
        "return self._done >= MOST",
        "return False",
        [f"{FRAMES}::test_a_peer_that_reads"],
    ),
    Guard(
        "a message is copied with each piece",
        "ws_frames/message",
        "self._data.write(data)",
        "self._data = BytesIO(bytes(bytearray(self._data.getvalue())) + data); self._data.seek(0, 2)",
        [f"{FRAMES}::test_reads_of_one_byte_take_time_in_proportion"],
    ),
    Guard(
        "a list has any number of items",
        "ws_http/grammar",
        "if self._items > MAX_ITEMS:",
        "if False:",
        [f"{HANDSHAKES}::test_no_request_takes_long_to_parse"],
    ),
    Guard(
        "white space belongs here or there",
        "ws_http/parser",
        r":[\t ]*((?:[!-~\x80-\xff][\t -~\x80-\xff]*)?)\r\n",
        r":[\t ]*([\t -~\x80-\xff]*)\r\n",
        [f"{HANDSHAKES}::test_no_bad_request_takes_long_to_refuse"],
    ),
    Guard(
        "a client has any time for its request",
        "ws_asyncio/server_protocol",
        'self._open_timeout, "opening handshake"',
        'None, "opening handshake"',
        [
            f"{HANDSHAKES}::test_a_client_that_falls_silent_is_refused_in_time",
            f"{HANDSHAKES}::test_a_client_that_is_slow_is_refused_in_time",
        ],
    ),
    Guard(
        "a client has a minute for TLS",
        "ws_asyncio/server",
        'kwds.setdefault("ssl_handshake_timeout", self._open_timeout)',
        "pass",
        [f"{HANDSHAKES}::test_a_client_that_is_silent_in_tls_is_dropped_in_time"],
    ),
    Guard(
        "TLS and the request have a time limit each",
        "ws_asyncio/server",
        "protocol._accepted_at = loop.time()",
        "pass",
        [f"{HANDSHAKES}::test_one_deadline_is_over_tls_and_the_request"],
    ),
    Guard(
        "a server has any time to respond",
        "ws_asyncio/client",
        'Deadline(self._open_timeout, "connecting")',
        'Deadline(None, "connecting")',
        [
            f"{HANDSHAKES}::test_a_server_that_is_silent_or_slow_is_given_up_in_time",
            f"{HANDSHAKES}::test_a_server_that_is_silent_in_tls_is_given_up_in_time",
        ],
    ),
    Guard(
        "a close frame is waited for without end",
        "ws_asyncio/closer",
        "self._disconnector.limit(self._give_up)",
        "pass",
        [
            f"{STALLS}::test_a_peer_that_lets_the_closing_handshake_wait_is_dropped",
            f"{TCP_FAULTS}::test_a_peer_may_fall_silent_after_any_byte",
        ],
    ),
    Guard(
        "redirects are followed for ever",
        "ws_asyncio/client",
        "for _ in range(MAX_REDIRECTS + 1):",
        "while True:",
        [f"{HANDSHAKES}::test_a_redirect_loop_ends"],
    ),
]
