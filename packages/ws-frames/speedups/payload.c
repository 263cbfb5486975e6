/* Payloads of frames, and what they make: messages and Frame objects. */

#include "parser.h"

#include <string.h>

static ws_result
invalid_text(ws_parser *self, size_t position)
{
    return ws_fault(self, self->state->InvalidUTF8,
                    "invalid UTF-8 in a text message at byte %zu", position);
}

static ws_result
append(PyObject *events, PyObject *event)
{
    int failed;

    if (event == NULL) {
        return WS_RAISED;
    }
    failed = PyList_Append(events, event);
    Py_DECREF(event);
    return failed ? WS_RAISED : WS_OK;
}

/* Copy a piece of payload to where it is wanted. */
static void
unmask(const ws_parser *self, uint8_t *to, const uint8_t *data, size_t n)
{
    if (self->masked) {
        ws_mask(to, data, n, self->mask, self->phase);
    }
    else if (n) {
        memcpy(to, data, n);
    }
}

static PyObject *
whole_bytes(const ws_parser *self, const uint8_t *data, size_t n)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)n);

    if (bytes != NULL) {
        unmask(self, (uint8_t *)PyBytes_AS_STRING(bytes), data, n);
    }
    return bytes;
}

/* Decode a text that is in one piece. Return NULL with an exception or a fault. */
static PyObject *
decode(ws_parser *self, const uint8_t *data, size_t n)
{
    PyObject *text;
    size_t good;

    text = PyUnicode_DecodeUTF8((const char *)data, (Py_ssize_t)n, NULL);
    if (text != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        return text;
    }
    PyErr_Clear();  /* it holds the whole text */
    good = ws_utf8_judge(&self->utf8, data, n);
    invalid_text(self, good - self->utf8.seen);
    return NULL;
}

static PyObject *
whole_text(ws_parser *self, const uint8_t *data, size_t n)
{
    PyObject *ascii, *text;
    uint8_t *to;

    if (!self->masked) {
        return decode(self, data, n);
    }
    /* Unmask as if it were ASCII, a byte a character, and look on the way. */
    ascii = PyUnicode_New((Py_ssize_t)n, 0x7F);
    if (ascii == NULL) {
        return NULL;
    }
    to = PyUnicode_DATA(ascii);
    if (ws_mask_ascii(to, data, n, self->mask, 0)) {
        return ascii;
    }
    text = decode(self, to, n);
    Py_DECREF(ascii);
    return text;
}

/* A message of one frame in one piece: the common case. */
static ws_result
whole_message(ws_parser *self, const uint8_t *data, size_t n, PyObject *events)
{
    PyObject *message;

    self->in_message = false;
    message = self->text ? whole_text(self, data, n) : whole_bytes(self, data, n);
    if (message == NULL && self->error != NULL) {
        return WS_FAULT;
    }
    return append(events, message);
}

/* Put a piece behind what is there; *to is where it is then, NULL if it has no byte. */
static ws_result
gather(const ws_parser *self, ws_buffer *buffer, const uint8_t *data, size_t n,
       uint64_t total, uint8_t **to)
{
    *to = NULL;
    if (n == 0) {
        return WS_OK;
    }
    *to = ws_buffer_extend(buffer, n, total, self->text && buffer == &self->message);
    if (*to == NULL) {
        return WS_RAISED;
    }
    unmask(self, *to, data, n);
    return WS_OK;
}

static ws_result
judge_text(ws_parser *self, const uint8_t *data, size_t n, bool complete)
{
    size_t before = self->message.size - n;
    size_t good = ws_utf8_judge(&self->utf8, data, n);

    if (good < n || (complete && self->utf8.seen)) {
        return invalid_text(self, before + good - self->utf8.seen);
    }
    return WS_OK;
}

static ws_result
add_to_message(ws_parser *self, const uint8_t *data, size_t n, PyObject *events)
{
    bool last = (self->head & WS_FIN) != 0;
    bool complete = last && n == self->remaining;
    uint64_t total = last ? self->message.size + self->remaining : WS_UNKNOWN;
    uint8_t *to;
    PyObject *message;
    ws_result result;

    if (complete && self->message.size == 0) {
        return whole_message(self, data, n, events);
    }
    result = gather(self, &self->message, data, n, total, &to);
    if (result == WS_OK && self->text) {
        result = judge_text(self, to, n, complete);
    }
    if (result != WS_OK || !complete) {
        return result;
    }
    self->in_message = false;
    message = self->text ? ws_buffer_take_text(&self->message, self->utf8.wide)
                         : ws_buffer_take_bytes(&self->message);
    return append(events, message);
}

/* Whether a status code may be on the wire (7.4). */
static bool
may_be_sent(unsigned code)
{
    if (code >= 3000) {
        return code < 5000;
    }
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

static ws_result
judge_close(ws_parser *self, const uint8_t *body, size_t n)
{
    ws_utf8 utf8 = {0};
    unsigned code;
    size_t good;

    if (n == 0) {
        return WS_OK;
    }
    code = (unsigned)body[0] << 8 | body[1];
    if (!may_be_sent(code)) {
        return ws_fault(self, self->state->ProtocolError,
                        "close code %u must not be sent", code);
    }
    good = ws_utf8_judge(&utf8, body + 2, n - 2);
    if (good < n - 2 || utf8.seen) {
        return ws_fault(self, self->state->InvalidUTF8,
                        "invalid UTF-8 in the reason of a close frame at byte %zu",
                        good - utf8.seen);
    }
    return WS_OK;
}

/* Make a Frame around a payload, which is taken over. */
static PyObject *
make_frame(const ws_parser *self, PyObject *data)
{
    uint8_t head = self->head;
    PyObject *fields, *arguments, *frame = NULL;

    fields = Py_BuildValue("(NONNNN)",
                           PyBool_FromLong(head & WS_FIN),
                           self->state->opcodes[self->opcode],
                           data,
                           PyBool_FromLong(head & WS_RSV1),
                           PyBool_FromLong(head & WS_RSV2),
                           PyBool_FromLong(head & WS_RSV3));
    if (fields == NULL) {
        return NULL;
    }
    /* As Frame._make() does, around the __new__ that is written in Python. */
    arguments = PyTuple_Pack(1, fields);
    Py_DECREF(fields);
    if (arguments != NULL) {
        frame = PyTuple_Type.tp_new((PyTypeObject *)self->state->Frame, arguments,
                                    NULL);
        Py_DECREF(arguments);
    }
    return frame;
}

static ws_result
take_frame(ws_parser *self, PyObject *data, PyObject *events)
{
    ws_result result = WS_OK;

    if (data == NULL) {
        return WS_RAISED;
    }
    if (self->opcode == WS_CLOSE) {
        result = judge_close(self, (const uint8_t *)PyBytes_AS_STRING(data),
                             (size_t)PyBytes_GET_SIZE(data));
        if (result != WS_OK) {
            Py_DECREF(data);
            return result;
        }
        self->closed = 1;
    }
    else if ((self->head & WS_FIN) && !WS_IS_CONTROL(self->opcode)) {
        self->in_message = false;
    }
    return append(events, make_frame(self, data));
}

static ws_result
add_to_frame(ws_parser *self, const uint8_t *data, size_t n, PyObject *events)
{
    bool complete = n == self->remaining;
    uint64_t total = self->frame.size + self->remaining;
    uint8_t *to;
    ws_result result;

    if (complete && self->frame.size == 0) {
        return take_frame(self, whole_bytes(self, data, n), events);
    }
    result = gather(self, &self->frame, data, n, total, &to);
    if (result != WS_OK || !complete) {
        return result;
    }
    return take_frame(self, ws_buffer_take_bytes(&self->frame), events);
}

/* Take what is there of a payload. Set *used to how many of the n bytes that is. */
ws_result
ws_take_payload(ws_parser *self, const uint8_t *data, size_t n, PyObject *events,
                size_t *used)
{
    size_t size = n < self->remaining ? n : (size_t)self->remaining;
    ws_result result;

    if (WS_IS_CONTROL(self->opcode) || self->marked) {
        result = add_to_frame(self, data, size, events);
    }
    else {
        result = add_to_message(self, data, size, events);
    }
    self->phase = (uint8_t)((self->phase + size) % WS_MASK_SIZE);
    self->remaining -= size;
    self->reading = self->remaining > 0;
    *used = size;
    return result;
}
