/* Headers of frames, RFC 6455 section 5.2. */

#include "parser.h"

#include <string.h>

#define MAX_CONTROL_SIZE 125
#define MAX_EMPTY_FRAGMENTS 1000

static const char *const names[16] = {
    [WS_CONT] = "CONT", [WS_TEXT] = "TEXT", [WS_BINARY] = "BINARY",
    [WS_CLOSE] = "CLOSE", [WS_PING] = "PING", [WS_PONG] = "PONG",
};

/* -------------------------------------------------------------------------- */
/* Rules                                                                      */

static uint8_t
allowed_bits(const ws_parser *self, uint8_t opcode)
{
    bool unseen = opcode == WS_CONT && self->in_message && !self->marked;

    return WS_IS_CONTROL(opcode) || unseen ? 0 : self->rsv;
}

static ws_result
judge_first_byte(ws_parser *self, uint8_t head)
{
    PyObject *type = self->state->ProtocolError;
    uint8_t opcode = head & WS_OPCODE_MASK;
    uint8_t rsv;

    if (names[opcode] == NULL) {
        return ws_fault(self, type, "reserved opcode 0x%x", opcode);
    }
    rsv = head & WS_RSV_MASK & (uint8_t)~allowed_bits(self, opcode);
    if (rsv) {
        return ws_fault(self, type, "reserved bits %d%d%d in a %s frame",
                        rsv >> 6, rsv >> 5 & 1, rsv >> 4 & 1, names[opcode]);
    }
    if (WS_IS_CONTROL(opcode)) {
        if (!(head & WS_FIN)) {
            return ws_fault(self, type, "fragmented %s frame", names[opcode]);
        }
    }
    else if (opcode == WS_CONT) {
        if (!self->in_message) {
            return ws_fault(self, type,
                            "continuation frame without a message to continue");
        }
    }
    else if (self->in_message) {
        return ws_fault(self, type, "%s frame inside a fragmented message",
                        names[opcode]);
    }
    return WS_OK;
}

static ws_result
judge_second_byte(ws_parser *self, uint8_t opcode, uint8_t byte)
{
    PyObject *type = self->state->ProtocolError;
    uint8_t length = byte & (uint8_t)~WS_MASKED;

    if (((byte & WS_MASKED) != 0) != self->masked) {
        return ws_fault(self, type, self->masked ? "unmasked frame from the client"
                                              : "masked frame from the server");
    }
    if (WS_IS_CONTROL(opcode) && length > MAX_CONTROL_SIZE) {
        return ws_fault(self, type, "%s frame of more than %d bytes", names[opcode],
                        MAX_CONTROL_SIZE);
    }
    if (opcode == WS_CLOSE && length == 1) {
        return ws_fault(self, type, "close frame with a body of 1 byte");
    }
    return WS_OK;
}

static uint64_t
read_length(const uint8_t *data, size_t size)
{
    uint64_t length = 0;

    for (size_t i = 0; i < size; i++) {
        length = length << 8 | data[i];
    }
    return length;
}

static ws_result
judge_long_length(ws_parser *self, uint64_t length, size_t size)
{
    PyObject *type = self->state->ProtocolError;

    if (length >> 63) {
        return ws_fault(self, type, "length of 2**63 bytes or more");
    }
    if (length < (size == 2 ? 126 : 65536)) {
        return ws_fault(self, type, "length of %llu encoded in %zu bytes",
                        (unsigned long long)length, size);
    }
    return WS_OK;
}

/* Whether a data frame is handed out as it is, for an extension to decode. */
static bool
is_marked(const ws_parser *self, uint8_t head)
{
    if (self->in_message) {
        return self->marked;
    }
    return self->all_frames || (head & WS_RSV_MASK);
}

static ws_result
judge_length(ws_parser *self, uint8_t head, uint64_t length)
{
    bool marked = is_marked(self, head);
    uint64_t have = marked ? 0 : self->message.size;
    uint64_t limit = marked ? self->marked_limit : self->max_size;

    if (WS_IS_CONTROL(head & WS_OPCODE_MASK) || limit == WS_NO_LIMIT) {
        return WS_OK;
    }
    /* The limit may have been made less than what is there already. */
    if (have <= limit && length <= limit - have) {
        return WS_OK;
    }
    return ws_fault(self, self->state->PayloadTooBig,
                    "message of %llu bytes or more, at most %llu allowed",
                    (unsigned long long)(have + length), (unsigned long long)limit);
}

static ws_result
start_frame(ws_parser *self, uint8_t head, uint64_t length)
{
    uint8_t opcode = head & WS_OPCODE_MASK;

    self->reading = true;
    self->head = head;
    self->opcode = opcode;
    self->phase = 0;
    self->remaining = length;
    if (WS_IS_CONTROL(opcode)) {
        return WS_OK;
    }
    if (!self->in_message) {
        self->marked = is_marked(self, head);
        self->in_message = true;
        self->text = opcode == WS_TEXT;
        memset(&self->utf8, 0, sizeof(self->utf8));
    }
    if (length || (head & WS_FIN)) {
        self->empty_fragments = 0;
        return WS_OK;
    }
    self->empty_fragments++;
    if (self->empty_fragments > MAX_EMPTY_FRAGMENTS) {
        return ws_fault(self, self->state->PolicyViolation,
                        "more than %d empty fragments in a row", MAX_EMPTY_FRAGMENTS);
    }
    return WS_OK;
}

/* Judge the header at data as far as it is there, n > 0 bytes. Set *size to its size,
 * or to 0 if it isn't complete. */
static ws_result
read_header(ws_parser *self, const uint8_t *data, size_t n, size_t *size)
{
    uint8_t head = data[0];
    size_t end = 2, extended;
    uint64_t length;
    ws_result result;

    *size = 0;
    result = judge_first_byte(self, head);
    if (result != WS_OK || n < 2) {
        return result;
    }
    result = judge_second_byte(self, head & WS_OPCODE_MASK, data[1]);
    if (result != WS_OK) {
        return result;
    }
    length = data[1] & ~WS_MASKED;
    if (length >= 126) {
        extended = length == 126 ? 2 : 8;
        end += extended;
        if (n < end) {
            return WS_OK;
        }
        length = read_length(data + 2, extended);
        result = judge_long_length(self, length, extended);
        if (result != WS_OK) {
            return result;
        }
    }
    result = judge_length(self, head, length);
    if (result != WS_OK) {
        return result;
    }
    if (self->masked) {
        if (n < end + WS_MASK_SIZE) {
            return WS_OK;
        }
        memcpy(self->mask, data + end, WS_MASK_SIZE);
        end += WS_MASK_SIZE;
    }
    *size = end;
    return start_frame(self, head, length);
}

/* Go on with a header that came in pieces: put n > 0 bytes behind those that are there.
 * Set *used to how many of them belong to it. */
static ws_result
continue_header(ws_parser *self, const uint8_t *data, size_t n, size_t *used)
{
    size_t have = self->header_size;
    size_t taken = n < WS_MAX_HEADER - have ? n : WS_MAX_HEADER - have;
    size_t size;
    ws_result result;

    memcpy(self->header + have, data, taken);
    result = read_header(self, self->header, have + taken, &size);
    if (size) {
        self->header_size = 0;
        *used = size - have;
    }
    else {
        self->header_size = (uint8_t)(have + taken);
        *used = taken;
    }
    return result;
}

ws_result
ws_take_header(ws_parser *self, const uint8_t *data, size_t n, size_t *used)
{
    ws_result result;

    if (self->header_size) {
        return continue_header(self, data, n, used);
    }
    result = read_header(self, data, n, used);
    if (result == WS_OK && *used == 0) {
        /* One that isn't complete has less than WS_MAX_HEADER bytes. */
        memcpy(self->header, data, n);
        self->header_size = (uint8_t)n;
        *used = n;
    }
    return result;
}
