"""What keeps bytes from being taken for what they are not."""

from __future__ import annotations

from .guard import Guard
from .tests import (
    BUFFERS,
    FRAMES,
    HANDSHAKES,
    HEADERS,
    HTTP_PARSER,
    MESSAGES,
    NEGOTIATION,
    PARAMETERS,
    PARSER_FAULTS,
    READING,
    SERVER_REFUSALS,
    STRICTNESS,
    UPGRADE,
    URI,
)

__all__ = ["MEANING"]

MEANING = [
    Guard(
        "lines have any length",
        "ws_http/parser",
        "if self._searched - self._line > self.limits.line + 2:",
        "if False:",
        [
            f"{HANDSHAKES}::test_a_request_of_garbage_is_refused",
            f"{HANDSHAKES}::test_a_response_of_garbage_is_refused",
        ],
    ),
    Guard(
        "any number of headers is taken",
        "ws_http/parser",
        "if number > self.limits.headers:",
        "if False:",
        [
            f"{HANDSHAKES}::test_a_request_of_garbage_is_refused",
            f"{HANDSHAKES}::test_a_response_of_garbage_is_refused",
        ],
    ),
    Guard(
        "a head has any length",
        "ws_http/parser",
        "if self._searched > self.limits.total:",
        "if False:",
        [
            f"{HANDSHAKES}::test_a_request_of_garbage_is_refused",
            f"{HANDSHAKES}::test_a_response_of_garbage_is_refused",
        ],
    ),
    Guard(
        "the body of a refusal has any length",
        "ws_http/bodies",
        "self._missing = limit if length is None else min(length, limit)",
        "self._missing = 2**62",
        [f"{HANDSHAKES}::test_a_response_of_garbage_is_refused"],
    ),
    Guard(
        "an unmasked frame is taken from a client",
        "ws_frames/pure/parser",
        "if bool(byte & MASKED) is not self._masked:",
        "if byte & MASKED and not self._masked:",
        [
            f"{PARSER_FAULTS}::test_a_rule_is_judged_at_the_byte_that_breaks_it",
            f"{STRICTNESS}::test_the_server_is_strict",
        ],
    ),
    Guard(
        "a masked frame is taken from a server",
        "ws_frames/pure/parser",
        "if bool(byte & MASKED) is not self._masked:",
        "if self._masked and not byte & MASKED:",
        [
            f"{PARSER_FAULTS}::test_a_rule_is_judged_at_the_byte_that_breaks_it",
            f"{STRICTNESS}::test_the_client_is_strict",
        ],
    ),
    Guard(
        "reserved bits do not matter",
        "ws_frames/pure/parser",
        "        if rsv:\n",
        "        if False:\n",
        [f"{PARSER_FAULTS}::test_a_rule_is_judged_at_the_byte_that_breaks_it"],
    ),
    Guard(
        "a length may take more bytes than it needs",
        "ws_frames/pure/parser",
        "if length < (126 if len(data) == 2 else 65_536):",
        "if False:",
        [f"{STRICTNESS}::test_the_server_is_strict", f"{STRICTNESS}::test_the_client_is_strict"],
    ),
    Guard(
        "half of a surrogate waits for the other",
        "ws_frames/message",
        "return len(pending) == 2 and pending[0] == 0xED and pending[1] >= 0xA0",
        "return False",
        [
            f"{PARSER_FAULTS}::test_a_text_fails_at_the_bad_byte",
            f"{PARSER_FAULTS}::test_a_text_fails_at_the_bad_byte_also_across_fragments",
        ],
    ),
    Guard(
        "text is judged at its end",
        "ws_frames/message",
        "self._judge(data)\n",
        "pass\n",
        [f"{PARSER_FAULTS}::test_a_text_fails_at_the_bad_byte_also_across_fragments"],
    ),
    Guard(
        "a ping counts as a part of a message",
        "ws_frames/pure/parser",
        "if opcode.is_control or self._max_size is None:\n            return",
        "if self._max_size is None:\n            return",
        [f"{FRAMES}::test_a_ping_inside_a_message_of_max_size_is_answered_before_it"],
    ),
    Guard(
        "fragments that hold something count as empty",
        "ws_frames/pure/parser",
        "if length or head & FIN:",
        "if head & FIN:",
        [f"{FRAMES}::test_small_fragments_of_a_message_that_is_allowed_pass"],
    ),
    Guard(
        "what was read stays in the buffer",
        "ws_frames/pure/inbox",
        "self.receive(bytes(buffer[:nbytes]))",
        "self.receive(buffer[:nbytes])",
        [f"{BUFFERS}::test_it_is_received_as_what_comes_in_objects"],
    ),
    Guard(
        "any transport may share a buffer",
        "ws_asyncio/reading",
        "and type(transport).__module__ in MODULES",
        "",
        [f"{READING}::test_a_transport_that_may_fill_it_while_others_do_has_none"],
    ),
    Guard(
        "white space may stand before a colon",
        "ws_http/parser",
        r":[\t ]*((?:[!-~\x80-\xff][\t -~\x80-\xff]*)?)\r\n",
        r"[\t ]*:[\t ]*((?:[!-~\x80-\xff][\t -~\x80-\xff]*)?)\r\n",
        [
            f"{HTTP_PARSER}::test_a_bad_request_is_refused",
            f"{HTTP_PARSER}::test_a_bad_response_is_refused",
        ],
    ),
    Guard(
        "a request may have a body",
        "ws_http/server",
        'if "Transfer-Encoding" in headers:',
        "if False:",
        [
            f"{SERVER_REFUSALS}::TestRefusing::test_a_broken_request_is_an_error",
            f"{STRICTNESS}::test_the_server_is_strict",
        ],
    ),
    Guard(
        "several headers are as good as one",
        "ws_http/upgrade",
        "if len(values) == 1:",
        "if values:",
        [f"{UPGRADE}::test_a_request_may_not_have"],
    ),
    Guard(
        "any extension is confirmed",
        "ws_http/negotiation",
        "        if factory.name != name:\n            continue\n"
        "        # Where it is not the answer",
        "        # Where it is not the answer",
        [f"{NEGOTIATION}::TestClientExtensions::test_an_extension_that_was_not_offered_is_refused"],
    ),
    Guard(
        "any subprotocol is confirmed",
        "ws_http/negotiation",
        "if chosen[0] not in offered:",
        "if False:",
        [f"{NEGOTIATION}::TestClientSubprotocol::test_one_that_was_not_offered_is_refused"],
    ),
    Guard(
        "a window may have any size",
        "ws_deflate/parameters",
        "if value is None or not _BITS.fullmatch(value):",
        "if value is None or not value.isdigit():",
        [f"{PARAMETERS}::test_other_window_bits_are_refused"],
    ),
    Guard(
        "a parameter may come twice",
        "ws_deflate/parameters",
        "if name in values:",
        "if False:",
        [f"{PARAMETERS}::test_a_parameter_twice_is_refused"],
    ),
    Guard(
        "a header may have any value",
        "ws_http/headers",
        "if _VALUE.fullmatch(value) is None:",
        "if False:",
        [f"{HEADERS}::test_a_value_that_cannot_be_sent_is_refused_and_not_shown"],
    ),
    Guard(
        "a header may have any name",
        "ws_http/headers",
        "if _NAME.fullmatch(name) is None:",
        "if False:",
        [f"{HEADERS}::test_a_name_that_is_no_token_is_refused"],
    ),
    Guard(
        "a target may have spaces",
        "ws_http/messages",
        "if not is_target(self.target):",
        "if False:",
        [f"{MESSAGES}::test_a_request_that_cannot_be_sent_is_refused_and_not_shown"],
    ),
    Guard(
        "a reason may have line ends",
        "ws_http/messages",
        "if _REASON.fullmatch(reason) is None:",
        "if False:",
        [f"{MESSAGES}::test_a_response_that_cannot_be_sent_is_refused"],
    ),
    Guard(
        "a host may be anything",
        "ws_http/uri",
        "if _NAME.fullmatch(name) is None:",
        "if False:",
        [f"{URI}::test_an_invalid_uri_is_refused_and_no_password_shown"],
    ),
]
