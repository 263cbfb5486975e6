/* The coroutine that takes a message from an inbox, and the iterator that gives one such
 * coroutine after the other. */

#include <stdbool.h>

#include "compat.h"
#include "coroutine.h"
#include "inbox.h"

typedef struct ws_messages ws_messages;

typedef struct {
    PyObject_HEAD
    ws_inbox *inbox;        /* these three are NULL when it is finished */
    PyObject *source;
    ws_messages *messages;  /* what it is a step of, or NULL */
    ws_stage stage;
} ws_recv;

struct ws_messages {
    PyObject_HEAD
    ws_inbox *inbox;
    PyObject *source;
    ws_recv *spare;  /* the last one that finished: when nobody has it, it is used again */
};

/* -------------------------------------------------------------------------- */
/* Life of a coroutine                                                        */

static ws_recv *
allocate(const ws_state *state)
{
    ws_recv *self = PyObject_GC_New(ws_recv, state->Recv);

    if (self != NULL) {
        self->inbox = NULL;
        self->source = NULL;
        self->messages = NULL;
        self->stage = WS_FINISHED;
        PyObject_GC_Track(self);
    }
    return self;
}

static void
begin(ws_recv *self, ws_inbox *inbox, PyObject *source, ws_messages *messages)
{
    Py_INCREF(inbox);
    self->inbox = inbox;
    Py_INCREF(source);
    self->source = source;
    Py_XINCREF(messages);
    self->messages = messages;
    self->stage = WS_CREATED;
}

PyObject *
ws_recv_new(ws_inbox *inbox, PyObject *source)
{
    ws_recv *self = allocate(inbox->state);

    if (self != NULL) {
        begin(self, inbox, source, NULL);
    }
    return (PyObject *)self;
}

/* Let go what it had; a task that waits is no longer there. */
static void
finish(ws_recv *self)
{
    if (self->stage == WS_SUSPENDED) {
        self->inbox->taken = false;
    }
    self->stage = WS_FINISHED;
    Py_CLEAR(self->inbox);
    Py_CLEAR(self->source);
    Py_CLEAR(self->messages);
}

/* Finish what somebody is in the middle of calling. */
static void
finish_and_keep(ws_recv *self)
{
    if (self->messages != NULL) {
        Py_INCREF(self);
        Py_XSETREF(self->messages->spare, self);
    }
    finish(self);
}

/* "raise StopAsyncIteration" where a connection was closed in good order. */
static void
end_iteration(const ws_state *state)
{
    if (PyErr_ExceptionMatches(state->ConnectionClosedOK)) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopAsyncIteration);
    }
}

/* Take the next message. Have reading go on where it was stopped and there is room again: who
 * takes the last message may not wait for another one for long. Not for each message: when
 * half of them are left, and when none is. */
static PyObject *
take(const ws_recv *self)
{
    ws_inbox *inbox = self->inbox;
    size_t left = inbox->count - 1;
    PyObject *done;

    if (inbox->stopped && (left == 0 || left == inbox->max_queue / 2)) {
        done = PyObject_CallMethodNoArgs(self->source, inbox->state->schedule_rest);
        if (done == NULL) {
            return NULL;
        }
        Py_DECREF(done);
    }
    return ws_inbox_pop(inbox);
}

/* Ask the source how to wait, until there is a message. */
static PySendResult
look(ws_recv *self, PyObject **result)
{
    ws_inbox *inbox = self->inbox;

    while (inbox->count == 0) {
        PyObject *blocker = ws_inbox_wait(inbox, self->source);

        if (blocker == NULL) {
            if (self->messages != NULL) {
                end_iteration(inbox->state);
            }
            ws_seal_error();
            return PYGEN_ERROR;
        }
        if (blocker != Py_None) {
            *result = blocker;
            return PYGEN_NEXT;
        }
        Py_DECREF(blocker);
    }
    *result = take(self);
    return *result == NULL ? PYGEN_ERROR : PYGEN_RETURN;
}

static PySendResult
step(ws_recv *self, PyObject *value, PyObject **result)
{
    PySendResult status;
    int before = ws_start(&self->stage, value);

    *result = NULL;
    if (before < 0) {
        return PYGEN_ERROR;
    }
    if (before == WS_SUSPENDED) {
        self->inbox->taken = false;
    }
    else if (self->inbox->taken) {
        PyErr_SetString(PyExc_RuntimeError,
                        "recv() or iteration is running already; only one coroutine can "
                        "receive at a time");
        finish(self);
        return PYGEN_ERROR;
    }
    status = look(self, result);
    if (status == PYGEN_NEXT) {
        self->inbox->taken = true;
        self->stage = WS_SUSPENDED;
    }
    else {
        finish_and_keep(self);
    }
    return status;
}

/* -------------------------------------------------------------------------- */
/* What a coroutine does                                                      */

static PyObject *
Recv_next(ws_recv *self)
{
    PyObject *result;
    PySendResult status = step(self, Py_None, &result);

    return ws_give_by_next(status, result);
}

static PyObject *
Recv_send(ws_recv *self, PyObject *value)
{
    PyObject *result;
    PySendResult status = step(self, value, &result);

    return ws_give_by_send(status, result);
}

static PyObject *
Recv_throw(ws_recv *self, PyObject *const *args, Py_ssize_t nargs)
{
    const ws_state *iterating = NULL;

    if (ws_may_throw(self->stage, nargs) < 0) {
        return NULL;
    }
    if (self->stage == WS_SUSPENDED && self->messages != NULL) {
        iterating = self->inbox->state;
    }
    finish(self);
    ws_raise_thrown(args, nargs);
    if (iterating != NULL) {
        end_iteration(iterating);
    }
    return NULL;
}

static PyObject *
Recv_close(ws_recv *self, PyObject *Py_UNUSED(ignored))
{
    if (ws_may_close(self->stage) < 0) {
        return NULL;
    }
    finish(self);
    Py_RETURN_NONE;
}

static const char *
name_of(const ws_recv *self)
{
    return self->messages == NULL ? "Inbox.recv" : "Messages.__anext__";
}

static PyObject *
Recv_get_name(const ws_recv *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(name_of(self));
}

/* -------------------------------------------------------------------------- */
/* Type of the coroutine                                                      */

static int
Recv_traverse(ws_recv *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->inbox);
    Py_VISIT(self->source);
    Py_VISIT(self->messages);
    return 0;
}

static int
Recv_clear(ws_recv *self)
{
    finish(self);
    return 0;
}

static void
Recv_finalize(ws_recv *self)
{
    if (self->stage == WS_CREATED) {
        ws_warn_never_awaited((PyObject *)self, name_of(self));
    }
}

static void
Recv_dealloc(ws_recv *self)
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

static PyMethodDef recv_methods[] = {
    {"send", METHOD(Recv_send), METH_O, NULL},
    {"throw", METHOD(Recv_throw), METH_FASTCALL, NULL},
    {"close", METHOD(Recv_close), METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef recv_properties[] = {
    {"__name__", (getter)(void (*)(void))Recv_get_name, NULL, NULL, NULL},
    {"__qualname__", (getter)(void (*)(void))Recv_get_name, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot recv_slots[] = {
    {Py_tp_new, SLOT(ws_no_new)},
    {Py_tp_traverse, SLOT(Recv_traverse)},
    {Py_tp_clear, SLOT(Recv_clear)},
    {Py_tp_finalize, SLOT(Recv_finalize)},
    {Py_tp_dealloc, SLOT(Recv_dealloc)},
    {Py_tp_methods, recv_methods},
    {Py_tp_getset, recv_properties},
    {Py_tp_iter, SLOT(PyObject_SelfIter)},
    {Py_tp_iternext, SLOT(Recv_next)},
    {Py_am_await, SLOT(PyObject_SelfIter)},
#if PY_VERSION_HEX >= 0x030A0000
    {Py_am_send, SLOT(step)},
#endif
    {0, NULL},
};

PyType_Spec ws_recv_spec = {
    .name = "ws_frames._speedups.recv",
    .basicsize = sizeof(ws_recv),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = recv_slots,
};

/* -------------------------------------------------------------------------- */
/* Type of the iterator                                                       */

PyObject *
ws_messages_new(ws_inbox *inbox, PyObject *source)
{
    ws_messages *self = PyObject_GC_New(ws_messages, inbox->state->Messages);

    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(inbox);
    self->inbox = inbox;
    Py_INCREF(source);
    self->source = source;
    self->spare = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
Messages_next(ws_messages *self)
{
    ws_recv *step = self->spare;

    if (step != NULL && Py_REFCNT(step) == 1) {
        self->spare = NULL;
    }
    else {
        step = allocate(self->inbox->state);
        if (step == NULL) {
            return NULL;
        }
    }
    begin(step, self->inbox, self->source, self);
    return (PyObject *)step;
}

static int
Messages_traverse(ws_messages *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->inbox);
    Py_VISIT(self->source);
    Py_VISIT(self->spare);
    return 0;
}

static void
Messages_dealloc(ws_messages *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Py_DECREF(self->inbox);
    Py_DECREF(self->source);
    Py_XDECREF(self->spare);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot messages_slots[] = {
    {Py_tp_new, SLOT(ws_no_new)},
    {Py_tp_traverse, SLOT(Messages_traverse)},
    {Py_tp_dealloc, SLOT(Messages_dealloc)},
    {Py_am_aiter, SLOT(PyObject_SelfIter)},
    {Py_am_anext, SLOT(Messages_next)},
    {0, NULL},
};

PyType_Spec ws_messages_spec = {
    .name = "ws_frames._speedups.Messages",
    .basicsize = sizeof(ws_messages),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = messages_slots,
};
