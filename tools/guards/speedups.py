"""The guards of frames once more, in C."""

from __future__ import annotations

from .guard import Guard
from .tests import BUFFERS, FRAMES, PARSER_FAULTS, PROCESSES, STRICTNESS

__all__ = ["SPEEDUPS"]

SPEEDUPS = [
    Guard(
        "in C each fragment may be as long as a message",
        "header.c",
        "uint64_t have = marked ? 0 : self->message.size;",
        "uint64_t have = 0;",
        [f"{FRAMES}::test_a_peer_that_reads -k small"],
    ),
    Guard(
        "in C a length is not judged",
        "header.c",
        "if (have <= limit && length <= limit - have) {",
        "if (1) {",
        [f"{FRAMES}::test_a_length_is_judged_from_the_header"],
    ),
    Guard(
        "in C empty fragments go on for ever",
        "header.c",
        "if (self->empty_fragments > MAX_EMPTY_FRAGMENTS) {",
        "if (0) {",
        [f"{FRAMES}::test_a_peer_that_reads -k empty"],
    ),
    Guard(
        "in C masks do not matter",
        "header.c",
        "if (((byte & WS_MASKED) != 0) != self->masked) {",
        "if (0) {",
        [
            f"{PARSER_FAULTS}::test_a_rule_is_judged_at_the_byte_that_breaks_it",
            f"{STRICTNESS}::test_the_server_is_strict",
            f"{STRICTNESS}::test_the_client_is_strict",
        ],
    ),
    Guard(
        "in C reserved bits do not matter",
        "header.c",
        "    if (rsv) {\n",
        "    if (0) {\n",
        [f"{PARSER_FAULTS}::test_a_rule_is_judged_at_the_byte_that_breaks_it"],
    ),
    Guard(
        "in C a length may take more bytes than it needs",
        "header.c",
        "if (length < (size == 2 ? 126 : 65536)) {",
        "if (0) {",
        [f"{STRICTNESS}::test_the_server_is_strict"],
    ),
    Guard(
        "in C a ping counts as a part of a message",
        "header.c",
        "if (WS_IS_CONTROL(head & WS_OPCODE_MASK) || limit == WS_NO_LIMIT) {",
        "if (limit == WS_NO_LIMIT) {",
        [f"{FRAMES}::test_a_ping_inside_a_message_of_max_size_is_answered_before_it"],
    ),
    Guard(
        "in C fragments that hold something count as empty",
        "header.c",
        "if (length || (head & WS_FIN)) {",
        "if (head & WS_FIN) {",
        [f"{FRAMES}::test_small_fragments_of_a_message_that_is_allowed_pass"],
    ),
    Guard(
        "in C half of a surrogate waits for the other",
        "utf8.c",
        "return lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;",
        "return lead == 0xF4 ? 0x8F : 0xBF;",
        [f"{PARSER_FAULTS}::test_a_text_fails_at_the_bad_byte"],
    ),
    Guard(
        "in C text is judged at its end",
        "payload.c",
        "if (result == WS_OK && self->text) {",
        "if (result == WS_OK && self->text && complete) {",
        [f"{PARSER_FAULTS}::test_a_text_fails_at_the_bad_byte_also_across_fragments"],
    ),
    Guard(
        "in C a queue is never full of bytes",
        "queue.c",
        "if (self->size > self->max_bytes / 2 || self->count >= self->max_queue) {",
        "if (self->count >= self->max_queue) {",
        [f"{FRAMES}::test_a_peer_that_never_reads -k waits"],
    ),
    Guard(
        "in C who sends does not wait",
        "send.c",
        "    if (self->outbox->paused) {\n",
        "    if (0) {\n",
        [f"{FRAMES}::test_a_peer_that_never_reads -k echo"],
    ),
    Guard(
        "in C what was read stays in the buffer",
        "arrival.c",
        "data = PyBytes_FromStringAndSize(view->buf, (Py_ssize_t)n);",
        "data = PyMemoryView_FromMemory(view->buf, (Py_ssize_t)n, PyBUF_READ);",
        [f"{BUFFERS}::test_what_is_received_slowly_is_an_object_of_its_own"],
    ),
    Guard(
        "in C masks are no secret",
        "masks.c",
        "memcpy(state->pool, PyBytes_AS_STRING(drawn), WS_POOL_SIZE);",
        "memset(state->pool, 0, WS_POOL_SIZE);",
        [f"{PROCESSES}::test_masks_can_not_be_predicted"],
    ),
    Guard(
        "in C a forked child has the masks of its parent",
        "masks.c",
        "    state->left = 0;\n",
        "",
        [f"{PROCESSES}::test_a_forked_child_masks_with_other_keys"],
    ),
]
