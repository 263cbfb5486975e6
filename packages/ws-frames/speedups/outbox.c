/* The type Outbox. */

#include "outbox.h"

#include <string.h>
#include <structmember.h>

#include "compat.h"
#include "serializer.h"

#define GATHER_SIZE 65536
#define MAX_PIECES 1024
#define SLICE 1048576
#define COPIED 262144

/* -------------------------------------------------------------------------- */
/* Handing over                                                               */

static int
hand_over_whole(ws_outbox *self, PyObject *data)
{
    PyObject *result = PyObject_CallMethodNoArgs(self->sink, self->state->is_closing);
    int closing = result == NULL ? -1 : PyObject_IsTrue(result);

    Py_XDECREF(result);
    if (closing == 0) {
        result = PyObject_CallMethodOneArg(self->sink, self->state->write, data);
        Py_XDECREF(result);
        return result == NULL ? -1 : 0;
    }
    self->paused |= closing > 0;
    return closing < 0 ? -1 : 0;
}

/* Making an object may run the garbage collector, up to Python 3.11 in the middle of a function,
 * and so finalizers, which may write, flush or discard. What follows such a call looks again. */

/* Divide a piece; both parts are NULL with an exception. */
static int
divide(PyObject *piece, PyObject **slice, PyObject **rest)
{
    Py_ssize_t size = PyMemoryView_GET_BUFFER(piece)->len;

    *rest = NULL;
    *slice = PySequence_GetSlice(piece, 0, SLICE);
    if (*slice != NULL) {
        *rest = PySequence_GetSlice(piece, SLICE, size);
    }
    if (*rest == NULL) {
        Py_CLEAR(*slice);
        return -1;
    }
    return 0;
}

/* Take the next slice from what is left of a large piece. Return NULL without an exception if
 * somebody else has. */
static PyObject *
next_slice(ws_outbox *self)
{
    PyObject *large = self->large, *rest, *slice;

    if (PyMemoryView_GET_BUFFER(large)->len <= SLICE) {
        self->large = NULL;
        return large;
    }
    Py_INCREF(large);
    if (divide(large, &slice, &rest) == 0) {
        if (self->large == large) {
            Py_SETREF(self->large, rest);
        }
        else {
            Py_CLEAR(slice);
            Py_DECREF(rest);
        }
    }
    Py_DECREF(large);
    return slice;
}

/* Hand over a part of a large piece; what is written meanwhile waits for the other parts. Where
 * the sink refuses it, the rest has no sense. */
static int
hand_over_part(ws_outbox *self, PyObject *part)
{
    int result;

    if (part == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    self->dividing = true;
    result = hand_over_whole(self, part);
    self->dividing = false;
    if (result < 0) {
        Py_CLEAR(self->large);
    }
    Py_DECREF(part);
    return result;
}

/* Write a large piece, or what is left of it, until the sink is full. */
static int
write_slices(ws_outbox *self)
{
    int result = 0;

    while (self->large != NULL && !self->paused && result == 0) {
        result = hand_over_part(self, next_slice(self));
    }
    return result;
}

/* Whether bytes may be handed over before anything else. */
static bool
is_idle(const ws_outbox *self)
{
    return self->gathered == NULL && self->large == NULL && !self->paused && !self->dividing;
}

static int
gather(ws_outbox *self, PyObject *data)
{
    if (PyBytes_GET_SIZE(data) > PY_SSIZE_T_MAX - self->size) {
        PyErr_NoMemory();
        return -1;
    }
    if (self->gathered == NULL) {
        PyObject *pieces = PyList_New(0);

        if (pieces == NULL) {
            return -1;
        }
        if (self->gathered == NULL) {
            self->gathered = pieces;
        }
        else {
            Py_DECREF(pieces);
        }
    }
    if (PyList_Append(self->gathered, data) < 0) {
        return -1;
    }
    self->size += PyBytes_GET_SIZE(data);
    return 0;
}

static int
hand_over(ws_outbox *self, PyObject *data)
{
    PyObject *view;

    if (PyBytes_GET_SIZE(data) <= SLICE) {
        return hand_over_whole(self, data);
    }
    view = PyMemoryView_FromObject(data);
    if (view == NULL) {
        return -1;
    }
    if (!is_idle(self)) {
        Py_DECREF(view);
        return gather(self, data) < 0 ? -1 : ws_outbox_flush(self);
    }
    self->large = view;
    return ws_outbox_flush(self);
}

static void
discard(ws_outbox *self)
{
    self->size = 0;  /* first: a piece of a subclass may write when it goes */
    Py_CLEAR(self->large);
    Py_CLEAR(self->gathered);
}

/* Take out the pieces, joined to one. */
static PyObject *
join(ws_outbox *self)
{
    PyObject *pieces = self->gathered, *joined;
    char *out;

    if (PyList_GET_SIZE(pieces) == 1) {
        joined = PyList_GET_ITEM(pieces, 0);
        Py_INCREF(joined);
    }
    else {
        joined = PyBytes_FromStringAndSize(NULL, self->size);
        if (joined == NULL) {
            return NULL;
        }
        out = PyBytes_AS_STRING(joined);
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pieces); i++) {
            PyObject *piece = PyList_GET_ITEM(pieces, i);

            memcpy(out, PyBytes_AS_STRING(piece), (size_t)PyBytes_GET_SIZE(piece));
            out += PyBytes_GET_SIZE(piece);
        }
    }
    self->size = 0;  /* first: a piece of a subclass may write when it goes */
    self->gathered = NULL;
    Py_DECREF(pieces);
    return joined;
}

/* Hand over what was gathered, all of it whatever the sink has, or by slices. */
static int
hand_over_gathered(ws_outbox *self, bool whole)
{
    PyObject *data = join(self);
    int result;

    if (data == NULL) {
        return -1;
    }
    result = whole ? hand_over_whole(self, data) : hand_over(self, data);
    Py_DECREF(data);
    return result;
}

static int
finish(ws_outbox *self)
{
    PyObject *large = self->large;
    int result = 0;

    self->large = NULL;
    if (large != NULL) {
        result = hand_over_whole(self, large);
        Py_DECREF(large);
    }
    if (result == 0 && self->gathered != NULL) {
        result = hand_over_gathered(self, true);
    }
    return result;
}

int
ws_outbox_flush(ws_outbox *self)
{
    int result;

    if (self->dividing) {
        return 0;  /* who hands over a part does this when it is done */
    }
    result = write_slices(self);
    if (result == 0 && self->gathered != NULL && !self->paused) {
        result = hand_over_gathered(self, false);
    }
    return result;
}

/* Have the pieces written at the end of this turn of the event loop. */
static int
schedule(ws_outbox *self)
{
    PyObject *method, *handle;

    if (self->scheduled) {
        return 0;
    }
    method = PyObject_GetAttr((PyObject *)self, self->state->end_turn);
    if (method == NULL) {
        return -1;
    }
    self->scheduled = true;
    handle = PyObject_CallFunctionObjArgs(self->call_soon, method, NULL);
    Py_DECREF(method);
    if (handle == NULL) {
        self->scheduled = false;
        return -1;
    }
    Py_DECREF(handle);
    return 0;
}

int
ws_outbox_write(ws_outbox *self, PyObject *data, bool more)
{
    if (!more && is_idle(self)) {
        return hand_over(self, data);
    }
    if (gather(self, data) < 0) {
        return -1;
    }
    if (!more || self->size >= self->gather_size
        || PyList_GET_SIZE(self->gathered) >= MAX_PIECES)
    {
        return ws_outbox_flush(self);
    }
    return schedule(self);
}

bool
ws_outbox_shares(const ws_outbox *self, PyObject *message)
{
    return self->encoding == WS_UNMASKED && PyBytes_CheckExact(message)
           && PyBytes_GET_SIZE(message) > COPIED && is_idle(self);
}

static int
write_frame(ws_outbox *self, PyObject *message)
{
    PyObject *frame = ws_encode_message(self->state, message, false);
    int result = frame == NULL ? -1 : ws_outbox_write(self, frame, false);

    Py_XDECREF(frame);
    return result;
}

int
ws_outbox_share(ws_outbox *self, PyObject *message)
{
    PyObject *view = PyMemoryView_FromObject(message), *start, *rest;

    if (view == NULL) {
        return -1;
    }
    rest = PySequence_GetSlice(view, COPIED, PyBytes_GET_SIZE(message));
    Py_DECREF(view);
    start = rest == NULL ? NULL : ws_encode_start(message, COPIED);
    if (start == NULL) {
        Py_XDECREF(rest);
        return -1;
    }
    if (!is_idle(self)) {
        Py_DECREF(start);
        Py_DECREF(rest);
        return write_frame(self, message);
    }
    self->large = rest;  /* first: what writes may write more */
    return hand_over_part(self, start) < 0 ? -1 : ws_outbox_flush(self);
}

/* -------------------------------------------------------------------------- */
/* Methods                                                                    */

static PyObject *
none_or_raise(int result)
{
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(open_doc,
"open($self, connection, masked)\n"
"--\n"
"\n"
"Let messages be sent.");

static PyObject *
Outbox_open(ws_outbox *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"connection", "masked", NULL};
    PyObject *connection, *masked;
    int truth = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:open", keywords, &connection,
                                     &masked)) {
        return NULL;
    }
    if (masked != Py_None) {
        truth = PyObject_IsTrue(masked);
        if (truth < 0) {
            return NULL;
        }
    }
    self->encoding = masked == Py_None ? WS_BY_CONNECTION
                     : truth           ? WS_WITH_MASK
                                       : WS_UNMASKED;
    if (ws_connection_set(&self->connection, self->state, connection) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(send_doc,
"send($self, sender, message, compress=True, /)\n"
"--\n"
"\n"
"Send a message: at once where that can be done, else as sender does.");

static PyObject *
Outbox_send(ws_outbox *self, PyObject *const *args, Py_ssize_t nargs)
{
    int compress = 1;

    if (nargs != 2 && nargs != 3) {
        return PyErr_Format(PyExc_TypeError, "send() takes 2 or 3 arguments, got %zd",
                            nargs);
    }
    if (nargs == 3) {
        compress = PyObject_IsTrue(args[2]);
        if (compress < 0) {
            return NULL;
        }
    }
    return ws_send_new(self, args[0], args[1], compress);
}

PyDoc_STRVAR(write_doc,
"write($self, data, more=False, /)\n"
"--\n"
"\n"
"Write, behind what was gathered; with more gather it, for flush() or end_turn().");

static PyObject *
Outbox_write(ws_outbox *self, PyObject *const *args, Py_ssize_t nargs)
{
    int more = 0;

    if (nargs != 1 && nargs != 2) {
        return PyErr_Format(PyExc_TypeError, "write() takes 1 or 2 arguments, got %zd",
                            nargs);
    }
    if (!PyBytes_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "data must be bytes, not %.200s",
                            Py_TYPE(args[0])->tp_name);
    }
    if (nargs == 2) {
        more = PyObject_IsTrue(args[1]);
        if (more < 0) {
            return NULL;
        }
    }
    return none_or_raise(ws_outbox_write(self, args[0], more));
}

PyDoc_STRVAR(end_turn_doc,
"end_turn($self, /)\n"
"--\n"
"\n"
"Write what was gathered in this turn of the event loop.");

static PyObject *
Outbox_end_turn(ws_outbox *self, PyObject *Py_UNUSED(ignored))
{
    self->scheduled = false;
    return none_or_raise(ws_outbox_flush(self));
}

PyDoc_STRVAR(flush_doc,
"flush($self, /)\n"
"--\n"
"\n"
"Write what was gathered, if the sink can take it.");

static PyObject *
Outbox_flush(ws_outbox *self, PyObject *Py_UNUSED(ignored))
{
    return none_or_raise(ws_outbox_flush(self));
}

PyDoc_STRVAR(finish_doc,
"finish($self, /)\n"
"--\n"
"\n"
"Hand over what was gathered in any case: the sink is about to close.");

static PyObject *
Outbox_finish(ws_outbox *self, PyObject *Py_UNUSED(ignored))
{
    return none_or_raise(finish(self));
}

PyDoc_STRVAR(discard_doc,
"discard($self, /)\n"
"--\n"
"\n"
"Forget what was gathered.");

static PyObject *
Outbox_discard(ws_outbox *self, PyObject *Py_UNUSED(ignored))
{
    discard(self);
    Py_RETURN_NONE;
}

static PyObject *
Outbox_get_backlog(ws_outbox *self, void *Py_UNUSED(closure))
{
    Py_ssize_t large = self->large == NULL ? 0 : PyMemoryView_GET_BUFFER(self->large)->len;

    return PyLong_FromSsize_t(self->paused ? self->size + large : 0);
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

static PyObject *
Outbox_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"sink", "call_soon", "inbox", "limit", NULL};
    PyObject *sink, *call_soon, *inbox, *limit = NULL;
    Py_ssize_t gather_size = GATHER_SIZE;
    const ws_state *state = PyType_GetModuleState(type);
    ws_outbox *self;

    if (state == NULL
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "OOO!|$O:Outbox", keywords, &sink,
                                        &call_soon, state->Inbox, &inbox, &limit))
    {
        return NULL;
    }
    if (limit != NULL) {
        gather_size = PyNumber_AsSsize_t(limit, NULL);  /* as large as can be, at most */
        if (gather_size == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    self = (ws_outbox *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    Py_INCREF(sink);
    self->sink = sink;
    Py_INCREF(call_soon);
    self->call_soon = call_soon;
    Py_INCREF(inbox);
    self->inbox = (ws_inbox *)inbox;
    self->gather_size = gather_size < GATHER_SIZE ? gather_size : GATHER_SIZE;
    return (PyObject *)self;
}

static int
Outbox_traverse(ws_outbox *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->sink);
    Py_VISIT(self->call_soon);
    Py_VISIT(self->inbox);
    Py_VISIT(self->connection.object);
    Py_VISIT(self->large);
    Py_VISIT(self->gathered);
    Py_VISIT(self->spare);
    return 0;
}

/* What is a part of cycles: sink and call_soon refer to what this object belongs to. */
static int
Outbox_clear(ws_outbox *self)
{
    Py_CLEAR(self->connection.object);
    Py_CLEAR(self->spare);
    discard(self);
    return 0;
}

static void
Outbox_dealloc(ws_outbox *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Outbox_clear(self);
    Py_XDECREF(self->sink);
    Py_XDECREF(self->call_soon);
    Py_XDECREF(self->inbox);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"open", METHOD(Outbox_open), METH_VARARGS | METH_KEYWORDS, open_doc},
    {"send", METHOD(Outbox_send), METH_FASTCALL, send_doc},
    {"write", METHOD(Outbox_write), METH_FASTCALL, write_doc},
    {"end_turn", METHOD(Outbox_end_turn), METH_NOARGS, end_turn_doc},
    {"flush", METHOD(Outbox_flush), METH_NOARGS, flush_doc},
    {"finish", METHOD(Outbox_finish), METH_NOARGS, finish_doc},
    {"discard", METHOD(Outbox_discard), METH_NOARGS, discard_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"backlog", (getter)(void (*)(void))Outbox_get_backlog, NULL,
     PyDoc_STR("Bytes that wait for the sink to be below its high-water mark."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"paused", T_BOOL, offsetof(ws_outbox, paused), 0,
     PyDoc_STR("Whether the sink is above its high-water mark.")},
    {"held", T_BOOL, offsetof(ws_outbox, held), 0,
     PyDoc_STR("Whether a fragmented message is under way, which no other may "
               "interrupt.")},
    {"traced", T_BOOL, offsetof(ws_outbox, traced), 0,
     PyDoc_STR("Whether _send_slowly() of the sender is to see each message.")},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(outbox_doc,
"Outbox(sink, call_soon, inbox, *, limit=65536)\n"
"--\n"
"\n"
"Hands bytes to a sink, joined where several are written in a row.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)outbox_doc},
    {Py_tp_new, SLOT(Outbox_new)},
    {Py_tp_traverse, SLOT(Outbox_traverse)},
    {Py_tp_clear, SLOT(Outbox_clear)},
    {Py_tp_dealloc, SLOT(Outbox_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, NULL},
};

PyType_Spec ws_outbox_spec = {
    .name = "ws_frames._speedups.Outbox",
    .basicsize = sizeof(ws_outbox),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
