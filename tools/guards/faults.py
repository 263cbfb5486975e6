"""What is there for TCP that breaks, callers that give up, and programs that end."""

from __future__ import annotations

from .guard import Guard
from .tests import CANCELLATION, PROCESSES, TCP_FAULTS, WRITER

__all__ = ["FAULTS"]

# In this order, so that who gives up waiting has sent its message.
WRITES = """\
        if self._shares(message):
            self._share(message)
        else:
            data = connection.send_message(message, compress=compress)
            # While received messages are waiting to be handled, more will follow soon.
            self.write(data, len(self._inbox) > 0 or connection.pending)
"""
WAITS = """\
        if self.paused:
            await sender._drain()
"""

FAULTS = [
    Guard(
        "why TCP ended is forgotten",
        "ws_asyncio/link",
        "self._cause = self._cause or (exc and exc.with_traceback(None))",
        "pass",
        [f"{TCP_FAULTS}::test_tcp_may_break_after_any_byte"],
    ),
    Guard(
        "the beginning of a frame is forgotten",
        "ws_frames/pure/parser",
        "self._rest = self._rest[self._position :] + piece",
        "self._rest = piece",
        [f"{TCP_FAULTS}::test_bytes_may_arrive_one_by_one"],
    ),
    Guard(
        "the end of TCP is not acted on before the handshake",
        "ws_asyncio/link",
        "        if self._ws_connection is None:\n            self._receive_handshake_eof()\n"
        "        else:\n            self._end(self._ws_connection)",
        "        if self._ws_connection is not None:\n            self._end(self._ws_connection)",
        [f"{TCP_FAULTS}::test_tls_may_be_truncated_anywhere"],
    ),
    Guard(
        "connecting may take any time",
        "ws_asyncio/client",
        'Deadline(self._open_timeout, "connecting")',
        'Deadline(None, "connecting")',
        [f"{TCP_FAULTS}::test_a_peer_may_fall_silent_within_tls"],
    ),
    Guard(
        "who was cancelled still has the turn to receive",
        "ws_frames/pure/inbox",
        "                finally:\n                    self._taken = False",
        "                finally:\n                    pass",
        [f"{CANCELLATION}::test_receiving_loses_nothing"],
    ),
    Guard(
        "who gives up sending ends the wait of others",
        "ws_asyncio/writer",
        "await asyncio.shield(self._drained)",
        "await self._drained",
        [f"{WRITER}::test_one_who_no_longer_waits_lets_the_others_wait"],
    ),
    Guard(
        "who sends waits before it writes",
        "ws_frames/pure/outbox",
        WRITES + WAITS,
        WAITS + WRITES,
        [f"{CANCELLATION}::test_sending_under_backpressure_loses_nothing"],
    ),
    Guard(
        "half of a message is no failure",
        "ws_asyncio/protocol",
        "if empty is not None and self.open:",
        "if False:",
        [f"{CANCELLATION}::test_a_message_half_sent_fails_the_connection"],
    ),
    Guard(
        "who gives up its turn ends the wait of others",
        "ws_asyncio/fragments",
        "await asyncio.shield(self._ended)",
        "await self._ended",
        [f"{CANCELLATION}::test_one_who_waits_for_a_message_to_end_may_give_up"],
    ),
    Guard(
        "a pong is for somebody who waits",
        "ws_asyncio/keepalive",
        "            if not future.done():\n                future.set_result(self.latency)",
        "            future.set_result(self.latency)",
        [f"{CANCELLATION}::test_a_ping_may_be_given_up"],
    ),
    Guard(
        "the end of TCP is for somebody who waits",
        "ws_asyncio/link",
        "            if not future.done():\n                future.set_result(None)",
        "            future.set_result(None)",
        [f"{CANCELLATION}::test_closing_goes_on"],
    ),
    Guard(
        "who gives up closing a server ends the closing",
        "ws_asyncio/server",
        "await asyncio.shield(self._closed)",
        "await self._closed",
        [f"{CANCELLATION}::test_closing_a_server_goes_on"],
    ),
    Guard(
        "a context may be left without closing what it has opened",
        "ws_asyncio/server",
        "        self.ws_server.close()\n",
        "        await asyncio.sleep(0)\n        self.ws_server.close()\n",
        [f"{CANCELLATION}::test_leaving_the_contexts_goes_on"],
    ),
    Guard(
        "a connection that was given up stays open",
        "ws_asyncio/client",
        "            transport.abort()\n",
        "            pass\n",
        [f"{CANCELLATION}::test_reconnecting_may_be_given_up"],
    ),
    Guard(
        "a handler that is cancelled leaves its connection",
        "ws_asyncio/server_protocol",
        "            self.fail_connection(CloseCode.GOING_AWAY)\n"
        "            self._disconnector.close()\n",
        "",
        [f"{PROCESSES}::test_a_program_ends_without_a_warning"],
    ),
]
