/* The coroutine that sends a message through an outbox. */

#include <stdbool.h>

#include "compat.h"
#include "coroutine.h"
#include "outbox.h"
#include "serializer.h"

typedef struct {
    PyObject_HEAD
    ws_outbox *outbox;   /* these three are NULL when it is finished */
    PyObject *sender;
    PyObject *message;
    PyObject *slowly;    /* the coroutine that does the rest, or NULL */
    ws_stage stage;
    bool compress;
} ws_send;

/* Take the spare one, or a new one. */
static ws_send *
allocate(ws_outbox *outbox)
{
    ws_send *self = (ws_send *)outbox->spare;

    if (self != NULL && Py_REFCNT(self) == 1) {
        outbox->spare = NULL;
        return self;
    }
    self = PyObject_GC_New(ws_send, outbox->state->Send);
    if (self != NULL) {
        self->outbox = NULL;
        self->sender = self->message = self->slowly = NULL;
        self->stage = WS_FINISHED;
        PyObject_GC_Track(self);
    }
    return self;
}

PyObject *
ws_send_new(ws_outbox *outbox, PyObject *sender, PyObject *message, bool compress)
{
    ws_send *self = allocate(outbox);

    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(outbox);
    self->outbox = outbox;
    Py_INCREF(sender);
    self->sender = sender;
    Py_INCREF(message);
    self->message = message;
    self->stage = WS_CREATED;
    self->compress = compress;
    return (PyObject *)self;
}

static void
finish(ws_send *self)
{
    self->stage = WS_FINISHED;
    Py_CLEAR(self->outbox);
    Py_CLEAR(self->sender);
    Py_CLEAR(self->message);
    Py_CLEAR(self->slowly);
}

/* Finish what somebody is in the middle of calling. */
static void
finish_and_keep(ws_send *self)
{
    Py_INCREF(self);
    Py_XSETREF(self->outbox->spare, (PyObject *)self);
    finish(self);
}

/* -------------------------------------------------------------------------- */
/* Sending at once                                                            */

/* Whether nothing has to be waited for, or -1. */
static int
can_send(const ws_send *self)
{
    const ws_outbox *outbox = self->outbox;
    PyObject *message = self->message;

    if (outbox->connection.object == NULL || outbox->held || outbox->traced
        || !(PyUnicode_Check(message) || PyBytes_Check(message)
             || PyByteArray_Check(message) || PyMemoryView_Check(message)))
    {
        return 0;
    }
    return ws_is_open(outbox->state, &outbox->connection);
}

static PyObject *
encode(const ws_send *self)
{
    const ws_outbox *outbox = self->outbox;

    if (outbox->encoding == WS_BY_CONNECTION) {
        const ws_state *state = outbox->state;
        PyObject *connection = outbox->connection.object, *frame;
        PyObject *arguments[] = {connection, self->message,
                                 self->compress ? Py_True : Py_False};

        Py_INCREF(connection);
        frame = PyObject_VectorcallMethod(state->send_message, arguments, 2,
                                          state->compress_keyword);
        Py_DECREF(connection);
        if (frame != NULL && !PyBytes_Check(frame)) {
            PyErr_Format(PyExc_TypeError, "send_message() must return bytes, not %.200s",
                         Py_TYPE(frame)->tp_name);
            Py_CLEAR(frame);
        }
        return frame;
    }
    return ws_encode_message(outbox->state, self->message,
                             outbox->encoding == WS_WITH_MASK);
}

static int
send_at_once(const ws_send *self)
{
    ws_outbox *outbox = self->outbox;
    PyObject *frame;
    int more, result = -1;

    if (ws_outbox_shares(outbox, self->message)) {
        return ws_outbox_share(outbox, self->message);
    }
    frame = encode(self);
    if (frame == NULL) {
        return -1;
    }
    /* While received messages are waiting to be handled, more will follow soon. */
    more = outbox->inbox->count ? 1 : ws_is_pending(outbox->state, &outbox->connection);
    if (more >= 0) {
        result = ws_outbox_write(outbox, frame, more);
    }
    Py_DECREF(frame);
    return result;
}

/* Do what can be done at once. Set self->slowly if there is more to do. */
static int
send(ws_send *self)
{
    const ws_state *state = self->outbox->state;
    int ready = can_send(self);

    if (ready < 0) {
        return -1;
    }
    if (!ready) {
        PyObject *compress = self->compress ? Py_True : Py_False;

        self->slowly = PyObject_CallMethodObjArgs(self->sender, state->send_slowly,
                                                  self->message, compress, NULL);
        return self->slowly == NULL ? -1 : 0;
    }
    if (send_at_once(self) < 0) {
        return -1;
    }
    if (self->outbox->paused) {
        self->slowly = PyObject_CallMethodNoArgs(self->sender, state->drain);
        return self->slowly == NULL ? -1 : 0;
    }
    return 0;
}

/* -------------------------------------------------------------------------- */
/* What a coroutine does                                                      */

/* Go on with the coroutine that does the rest. */
static PySendResult
delegate(ws_send *self, PyObject *value, PyObject **result)
{
    const ws_state *state = self->outbox->state;

    *result = PyObject_CallMethodOneArg(self->slowly, state->send, value);
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return PYGEN_ERROR;
    }
    PyErr_Clear();  /* what it returns is of no interest */
    Py_INCREF(Py_None);
    *result = Py_None;
    return PYGEN_RETURN;
}

static PySendResult
step(ws_send *self, PyObject *value, PyObject **result)
{
    PySendResult status;
    int before = ws_start(&self->stage, value);

    *result = NULL;
    if (before < 0) {
        return PYGEN_ERROR;
    }
    if (before == WS_CREATED && send(self) < 0) {
        ws_seal_error();
        status = PYGEN_ERROR;
    }
    else if (self->slowly != NULL) {
        status = delegate(self, value, result);
    }
    else {
        Py_INCREF(Py_None);
        *result = Py_None;
        status = PYGEN_RETURN;
    }
    if (status == PYGEN_NEXT) {
        self->stage = WS_SUSPENDED;
    }
    else {
        finish_and_keep(self);
    }
    return status;
}

static PyObject *
Send_next(ws_send *self)
{
    PyObject *result;
    PySendResult status = step(self, Py_None, &result);

    return ws_give_by_next(status, result);
}

static PyObject *
Send_send(ws_send *self, PyObject *value)
{
    PyObject *result;
    PySendResult status = step(self, value, &result);

    return ws_give_by_send(status, result);
}

static PyObject *
Send_throw(ws_send *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *method, *result = NULL;

    if (ws_may_throw(self->stage, nargs) < 0) {
        return NULL;
    }
    if (self->stage == WS_CREATED) {
        finish(self);
        ws_raise_thrown(args, nargs);
        return NULL;
    }
    self->stage = WS_RUNNING;
    method = PyObject_GetAttr(self->slowly, self->outbox->state->throw);
    if (method != NULL) {
        result = PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
        Py_DECREF(method);
    }
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_SetNone(PyExc_StopIteration);  /* without what it returns */
        }
        finish(self);
    }
    else {
        self->stage = WS_SUSPENDED;
    }
    return result;
}

static PyObject *
Send_close(ws_send *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *result = Py_None;

    if (ws_may_close(self->stage) < 0) {
        return NULL;
    }
    Py_INCREF(result);
    if (self->stage == WS_SUSPENDED) {
        self->stage = WS_RUNNING;
        Py_SETREF(result, PyObject_CallMethodNoArgs(self->slowly,
                                                    self->outbox->state->close));
    }
    finish(self);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);  /* since 3.13 it may be what the other coroutine returns */
    Py_RETURN_NONE;
}

static PyObject *
Send_get_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("Outbox.send");
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

static int
Send_traverse(ws_send *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->outbox);
    Py_VISIT(self->sender);
    Py_VISIT(self->message);
    Py_VISIT(self->slowly);
    return 0;
}

static int
Send_clear(ws_send *self)
{
    finish(self);
    return 0;
}

static void
Send_finalize(ws_send *self)
{
    if (self->stage == WS_CREATED) {
        ws_warn_never_awaited((PyObject *)self, "Outbox.send");
    }
}

static void
Send_dealloc(ws_send *self)
{
    PyTypeObject *type = Py_TYPE(self);

    if (self->stage == WS_CREATED
        && PyObject_CallFinalizerFromDealloc((PyObject *)self) < 0)
    {
        return;
    }
    PyObject_GC_UnTrack(self);
    finish(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"send", METHOD(Send_send), METH_O, NULL},
    {"throw", METHOD(Send_throw), METH_FASTCALL, NULL},
    {"close", METHOD(Send_close), METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"__name__", Send_get_name, NULL, NULL, NULL},
    {"__qualname__", Send_get_name, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, SLOT(ws_no_new)},
    {Py_tp_traverse, SLOT(Send_traverse)},
    {Py_tp_clear, SLOT(Send_clear)},
    {Py_tp_finalize, SLOT(Send_finalize)},
    {Py_tp_dealloc, SLOT(Send_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_iter, SLOT(PyObject_SelfIter)},
    {Py_tp_iternext, SLOT(Send_next)},
    {Py_am_await, SLOT(PyObject_SelfIter)},
#if PY_VERSION_HEX >= 0x030A0000
    {Py_am_send, SLOT(step)},
#endif
    {0, NULL},
};

PyType_Spec ws_send_spec = {
    .name = "ws_frames._speedups.send",
    .basicsize = sizeof(ws_send),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
