/* Bytes that arrive for an inbox: what becomes of them before the call returns. */

#include "inbox.h"

#include <stdint.h>

#include "compat.h"

#define LARGE_READ 65536

/* Whether a connection is open, and nothing that it received waits; or -1. */
static int
is_idle(const ws_state *state, const ws_connection *connection)
{
    int result = ws_is_pending(state, connection);

    if (result != 0) {
        return result < 0 ? -1 : 0;
    }
    return ws_is_open(state, connection);
}

/* Keep what is left to do, unless the connection has another parser than it was parsed by: then
 * it was failed meanwhile, and nothing of it counts. */
static int
keep(ws_inbox *self, const ws_connection *connection, PyObject *parser, PyObject *left)
{
    const ws_state *state = self->state;
    PyObject *now = ws_parser_of(state, connection);

    Py_XDECREF(now);
    if (now != parser) {
        return now == NULL ? -1 : 0;
    }
    self->left = (size_t)PyList_GET_SIZE(left);
    if (PyObject_SetAttr(connection->object, state->parsed, left) < 0) {
        return -1;
    }
    return PyObject_SetAttr(connection->object, state->pending, Py_True);
}

/* Parse bytes of an idle connection: see ws_parser_feed(). */
static int
parse(ws_inbox *self, const ws_connection *connection, PyObject *owner, const uint8_t *data,
      size_t n)
{
    const ws_state *state = self->state;
    PyObject *object = ws_parser_of(state, connection), *left = NULL, *decoder;
    ws_parser *parser;
    int result;

    if (object == NULL) {
        return -1;
    }
    parser = ws_as_parser(state, object);
    decoder = parser == NULL ? NULL : ws_decoder_of(state, connection);
    if (decoder != NULL) {
        left = ws_inbox_add(self, parser, ws_parser_feed(parser, owner, data, n), decoder);
        Py_DECREF(decoder);
    }
    result = left == NULL ? -1 : left == Py_None ? 0 : keep(self, connection, object, left);
    Py_XDECREF(left);
    Py_DECREF(object);
    return result;
}

/* What open() was given, for as long as something is done with it that may call close(). */
typedef struct {
    PyObject *source;
    ws_connection connection;
    ws_waiter *waiter;
} ws_refs;

static bool
take_refs(const ws_inbox *self, ws_refs *refs)
{
    if (self->source == NULL || self->connection.object == NULL || self->waiter == NULL) {
        return false;
    }
    Py_INCREF(self->source);
    Py_INCREF(self->connection.object);
    Py_INCREF(self->waiter);
    *refs = (ws_refs){self->source, self->connection, self->waiter};
    return true;
}

static void
drop_refs(ws_refs *refs)
{
    Py_DECREF(refs->waiter);
    Py_DECREF(refs->connection.object);
    Py_DECREF(refs->source);
}

static int
note_large_read(const ws_state *state, PyObject *source, size_t n)
{
    PyObject *size = PyLong_FromSize_t(n), *result;

    if (size == NULL) {
        return -1;
    }
    result = PyObject_CallMethodOneArg(source, state->note_large_read, size);
    Py_DECREF(size);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
note_work(const ws_state *state, PyObject *source)
{
    PyObject *result = PyObject_CallMethodNoArgs(source, state->note_work);

    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* Wake who waits, once n bytes were parsed, and see what is to be done then. */
static PyObject *
hand_on(ws_inbox *self, const ws_refs *refs, size_t n)
{
    const ws_state *state = self->state;
    int pending;

    if (n >= LARGE_READ && note_large_read(state, refs->source, n) < 0) {
        return NULL;
    }
    if (self->work >= WS_NOTABLE_WORK && note_work(state, refs->source) < 0) {
        return NULL;
    }
    if (self->count && ws_waiter_wake(refs->waiter) < 0) {
        return NULL;
    }
    pending = self->count ? 1 : ws_is_pending(state, &refs->connection);
    if (pending > 0) {
        return PyObject_CallMethodNoArgs(refs->source, state->pump);
    }
    if (pending < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Take bytes in an object. */
static PyObject *
receive_object(ws_inbox *self, const ws_refs *refs, PyObject *data)
{
    int idle = 0;
    size_t n;

    if (!self->traced && PyBytes_CheckExact(data)) {
        idle = is_idle(self->state, &refs->connection);
    }
    if (idle < 0) {
        return NULL;
    }
    if (!idle) {
        return PyObject_CallMethodOneArg(refs->source, self->state->receive_slowly, data);
    }
    n = (size_t)PyBytes_GET_SIZE(data);
    if (parse(self, &refs->connection, data, (const uint8_t *)PyBytes_AS_STRING(data), n) < 0) {
        return NULL;
    }
    return hand_on(self, refs, n);
}

/* Take bytes in a buffer, where others will be once this has returned. */
static PyObject *
receive_view(ws_inbox *self, const ws_refs *refs, const Py_buffer *view, size_t n)
{
    int idle = self->traced ? 0 : is_idle(self->state, &refs->connection);
    PyObject *data, *result;

    if (idle < 0) {
        return NULL;
    }
    if (idle) {
        if (parse(self, &refs->connection, NULL, view->buf, n) < 0) {
            return NULL;
        }
        return hand_on(self, refs, n);
    }
    data = PyBytes_FromStringAndSize(view->buf, (Py_ssize_t)n);
    if (data == NULL) {
        return NULL;
    }
    result = PyObject_CallMethodOneArg(refs->source, self->state->receive_slowly, data);
    Py_DECREF(data);
    return result;
}

PyObject *
ws_inbox_receive(ws_inbox *self, PyObject *data)
{
    PyObject *result;
    ws_refs refs;

    if (!take_refs(self, &refs)) {
        Py_RETURN_NONE;
    }
    result = receive_object(self, &refs, data);
    drop_refs(&refs);
    return result;
}

PyObject *
ws_inbox_get_buffer(ws_inbox *self, PyObject *Py_UNUSED(sizehint))
{
    PyObject *buffer = self->buffer == NULL ? Py_None : self->buffer;

    Py_INCREF(buffer);
    return buffer;
}

PyObject *
ws_inbox_buffer_updated(ws_inbox *self, PyObject *nbytes)
{
    PyObject *buffer, *result = NULL;
    Py_buffer view;
    Py_ssize_t n;
    ws_refs refs;

    if (!take_refs(self, &refs)) {
        Py_RETURN_NONE;
    }
    n = PyNumber_AsSsize_t(nbytes, NULL);  /* as large as can be, if it is larger */
    buffer = ws_inbox_get_buffer(self, NULL);
    if ((n != -1 || !PyErr_Occurred())
        && PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) == 0)
    {
        if (n < 0 || n > view.len) {
            PyErr_Format(PyExc_ValueError, "nbytes is %zd, the buffer has %zd", n, view.len);
        }
        else {
            result = receive_view(self, &refs, &view, (size_t)n);
        }
        PyBuffer_Release(&view);
    }
    Py_DECREF(buffer);
    drop_refs(&refs);
    return result;
}
