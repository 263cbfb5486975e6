"""What bounds what one peer, and all of them, may take."""

from __future__ import annotations

from .guard import Guard
from .tests import ACCEPTING, FRAMES, SOAK, STALLS, TIMERS

__all__ = ["MEMORY"]

MEMORY = [
    Guard(
        "a message in one frame is inflated without a limit",
        "ws_frames/decoder",
        "extension.decode_message(data, self.max_size)",
        "extension.decode_message(data, None)",
        [f"{FRAMES}::test_a_peer_that_reads -k bomb"],
    ),
    Guard(
        "fragments are inflated without a limit",
        "ws_frames/decoder",
        "left = None if self.max_size is None else max(self.max_size - have, 0)",
        "left = None",
        [f"{FRAMES}::test_a_peer_that_reads -k bomb"],
    ),
    Guard(
        "a queue is never full of bytes",
        "ws_frames/pure/inbox",
        "if self._size > self._max_bytes // 2:",
        "if False:",
        [f"{FRAMES}::test_a_peer_that_never_reads -k waits"],
    ),
    Guard(
        "empty fragments go on for ever",
        "ws_frames/pure/parser",
        "if self._empty_fragments > MAX_EMPTY_FRAGMENTS:",
        "if False:",
        [f"{FRAMES}::test_a_peer_that_reads -k empty"],
    ),
    Guard(
        "each fragment may be as long as a message",
        "ws_frames/pure/parser",
        'have, limit = len(self._message or b""), self._max_size',
        "have, limit = 0, self._max_size",
        [f"{FRAMES}::test_a_peer_that_reads -k small"],
    ),
    Guard(
        "a length is not judged",
        "ws_frames/pure/parser",
        "if length > limit - have:",
        "if False:",
        [f"{FRAMES}::test_a_length_is_judged_from_the_header"],
    ),
    Guard(
        "each ping is answered, whether the answers are read or not",
        "ws_asyncio/pump",
        "if self._outbox.paused and connection.phase in (Phase.OPEN, Phase.CLOSE_SENT):",
        "if False:",
        [f"{FRAMES}::test_a_peer_that_never_reads -k pings"],
    ),
    Guard(
        "who sends does not wait",
        "ws_frames/pure/outbox",
        "        if self.paused:\n            await sender._drain()",
        "        self.paused = False",
        [f"{FRAMES}::test_a_peer_that_never_reads -k echo"],
    ),
    Guard(
        "a pong that is missing does not matter",
        "ws_asyncio/keepalive",
        "self._report()\n            return",
        "return",
        [
            f"{STALLS}::test_sending_to_a_peer_that_stalls_ends",
            f"{STALLS}::test_a_peer_that_goes_while_reading_is_paused_is_noticed",
        ],
    ),
    Guard(
        "a backlog has no limit",
        "ws_asyncio/protocol",
        "if max_backlog is not None and self.backlog > max_backlog:",
        "if False:",
        [f"{STALLS}::test_broadcasting_to_a_peer_that_stalls_ends"],
    ),
    Guard(
        "TCP has no time limit once this end is done",
        "ws_asyncio/disconnector",
        "self.limit(then or self._transport.abort, at_most)",
        "pass",
        [
            f"{STALLS}::test_a_peer_that_was_refused_and_goes_on_is_dropped",
            f"{STALLS}::test_a_client_that_is_refused_and_stays_is_dropped",
        ],
    ),
    Guard(
        "any number of connections is accepted",
        "ws_asyncio/server",
        "full = limit is not None and len(self.connections) >= limit",
        "full = False",
        [f"{ACCEPTING}::test_more_connections_than_the_maximum_are_refused"],
    ),
    Guard(
        "a connection that has ended keeps its place",
        "ws_asyncio/server",
        "self.connections.discard(protocol)",
        "pass",
        [
            f"{ACCEPTING}::test_a_place_that_gets_free_is_given_to_the_next",
            f"{SOAK}::test_nothing_is_left_of_thousands_of_connections",
            f"{SOAK}::test_nothing_is_left_of_mixed_traffic",
        ],
    ),
    Guard(
        "connections that have ended are pinged on",
        "ws_asyncio/keepalive",
        "self._timer.cancel(self._next)",
        "pass",
        [f"{SOAK}::test_hundreds_of_idle_connections_are_pinged_and_freed"],
    ),
    Guard(
        "a shared timer waits for what was added last",
        "ws_asyncio/timers",
        "self._arm(next(iter(self._due.values())))",
        "self._arm(next(reversed(self._due.values())))",
        [f"{TIMERS}::test_callbacks_that_add_themselves_anew_keep_nobody_waiting"],
    ),
]
