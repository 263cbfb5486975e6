/* The type Inbox. */

#include "inbox.h"

#include <stdint.h>
#include <structmember.h>

#include "compat.h"
#include "outbox.h"

/* -------------------------------------------------------------------------- */
/* Filling it                                                                 */

PyDoc_STRVAR(put_doc,
"put($self, messages, /)\n"
"--\n"
"\n"
"Add messages.");

static PyObject *
Inbox_put(ws_inbox *self, PyObject *messages)
{
    PyObject *sequence = PySequence_Fast(messages, "messages must be a sequence");
    int result;

    if (sequence == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    result = ws_inbox_push(self, PySequence_Fast_ITEMS(sequence),
                           (size_t)PySequence_Fast_GET_SIZE(sequence));
    Py_END_CRITICAL_SECTION();
    Py_DECREF(sequence);
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* How many messages stand before anything else, at most so many as there is room for. */
static size_t
count_messages(PyObject *parsed, size_t room)
{
    size_t n = (size_t)PyList_GET_SIZE(parsed), i = 0;

    for (; i < n && i < room; i++) {
        PyObject *item = PyList_GET_ITEM(parsed, (Py_ssize_t)i);

        if (!PyUnicode_CheckExact(item) && !PyBytes_CheckExact(item)) {
            break;
        }
    }
    return i;
}

/* Whether it is a frame of a message. */
static bool
is_data_frame(const ws_state *state, PyObject *item)
{
    PyObject *opcode;

    if (!Py_IS_TYPE(item, (PyTypeObject *)state->Frame)) {
        return false;
    }
    opcode = PyTuple_GET_ITEM(item, 1);
    return opcode == state->opcodes[WS_TEXT] || opcode == state->opcodes[WS_BINARY]
           || opcode == state->opcodes[WS_CONT];
}

static size_t
work_of(PyObject *message)
{
    Py_ssize_t length = 0;

    if (PyBytes_Check(message)) {
        length = PyBytes_GET_SIZE(message);
    }
    else if (PyUnicode_Check(message)) {
        length = PyUnicode_GET_LENGTH(message);
    }
    return 1 + ((size_t)length >> 12);
}

/* Add what is made of a frame. Return whether something is, or -1. */
static int
decode(ws_inbox *self, PyObject *decoder, PyObject *frame)
{
    PyObject *message;
    int result = 1;

    Py_INCREF(frame);
    message = PyObject_CallMethodOneArg(decoder, self->state->try_decode, frame);
    Py_DECREF(frame);  /* below, only its address counts */
    if (message == NULL) {
        return -1;
    }
    if (message == frame) {
        result = 0;
    }
    else {
        self->work += (Py_ssize_t)work_of(message);
        if (message != Py_None && ws_inbox_push(self, &message, 1) < 0) {
            result = -1;
        }
    }
    Py_DECREF(message);
    return result;
}

/* Add messages, and what is made of frames, from the n-th on, and set *n to how many of these
 * are done with. Return 0, or -1 with an exception. */
static int
decode_frames(ws_inbox *self, PyObject *decoder, PyObject *parsed, size_t *n)
{
    int result = 1;

    while (result > 0 && *n < (size_t)PyList_GET_SIZE(parsed) && ws_inbox_room(self)) {
        PyObject *item = PyList_GET_ITEM(parsed, (Py_ssize_t)*n);

        if (!PyUnicode_CheckExact(item) && !PyBytes_CheckExact(item)) {
            if (self->work >= WS_MAX_WORK || !is_data_frame(self->state, item)) {
                break;
            }
            result = decode(self, decoder, item);
        }
        else if (ws_inbox_push(self, &item, 1) < 0) {
            result = -1;
        }
        *n += result > 0;
    }
    return result < 0 ? -1 : 0;
}

/* Take over what was parsed; return what is left to do, or None. */
static PyObject *
take_parsed(ws_inbox *self, const ws_parser *parser, PyObject *parsed, PyObject *decoder)
{
    size_t n = count_messages(parsed, ws_inbox_room(self));

    if (ws_inbox_push(self, PySequence_Fast_ITEMS(parsed), n) < 0
        || (decoder != Py_None && decode_frames(self, decoder, parsed, &n) < 0))
    {
        Py_DECREF(parsed);
        return NULL;
    }
    if ((Py_ssize_t)n == PyList_GET_SIZE(parsed) && !parser->waiting && parser->error == NULL) {
        Py_DECREF(parsed);
        Py_RETURN_NONE;
    }
    if (PyList_SetSlice(parsed, 0, (Py_ssize_t)n, NULL) < 0) {
        Py_CLEAR(parsed);
    }
    return parsed;
}

PyObject *
ws_inbox_add(ws_inbox *self, const ws_parser *parser, PyObject *parsed, PyObject *decoder)
{
    PyObject *left;

    if (parsed == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    left = take_parsed(self, parser, parsed, decoder);
    Py_END_CRITICAL_SECTION();
    return left;
}

PyDoc_STRVAR(fill_doc,
"fill($self, parser, data, decoder=None, /)\n"
"--\n"
"\n"
"Parse bytes, and add the messages before anything else that there is room for.");

static PyObject *
Inbox_fill(ws_inbox *self, PyObject *const *args, Py_ssize_t nargs)
{
    ws_parser *parser;

    if (nargs != 2 && nargs != 3) {
        return PyErr_Format(PyExc_TypeError, "fill() takes 2 or 3 arguments, got %zd", nargs);
    }
    parser = ws_as_parser(self->state, args[0]);
    if (parser == NULL) {
        return NULL;
    }
    return ws_inbox_add(self, parser, ws_parser_feed_object(parser, args[1]),
                        nargs == 3 ? args[2] : Py_None);
}

PyDoc_STRVAR(end_doc,
"end($self, /)\n"
"--\n"
"\n"
"Take no more: a message was dropped, and what followed it would hide that.");

static PyObject *
Inbox_end(ws_inbox *self, PyObject *Py_UNUSED(ignored))
{
    self->ended = true;
    Py_RETURN_NONE;
}

/* -------------------------------------------------------------------------- */
/* Source                                                                     */

PyDoc_STRVAR(open_doc,
"open($self, source, connection, waiter, outbox, /)\n"
"--\n"
"\n"
"Let receive() be called.");

static PyObject *
Inbox_open(ws_inbox *self, PyObject *args)
{
    PyObject *source, *connection, *waiter, *outbox;

    if (!PyArg_ParseTuple(args, "OOO!O!:open", &source, &connection, self->state->Waiter,
                          &waiter, self->state->Outbox, &outbox)) {
        return NULL;
    }
    if (ws_connection_set(&self->connection, self->state, connection) < 0) {
        return NULL;
    }
    Py_INCREF(source);
    Py_XSETREF(self->source, source);
    Py_INCREF(waiter);
    Py_XSETREF(self->waiter, (ws_waiter *)waiter);
    Py_INCREF(outbox);
    Py_XSETREF(self->outbox, (ws_outbox *)outbox);
    Py_RETURN_NONE;
}

static void
close_source(ws_inbox *self)
{
    Py_CLEAR(self->source);
    Py_CLEAR(self->connection.object);
    Py_CLEAR(self->waiter);
    Py_CLEAR(self->outbox);
}

PyDoc_STRVAR(close_doc,
"close($self, /)\n"
"--\n"
"\n"
"Forget what open() was given: nothing more will be received.");

static PyObject *
Inbox_close(ws_inbox *self, PyObject *Py_UNUSED(ignored))
{
    close_source(self);
    Py_RETURN_NONE;
}

/* Note that nothing is left to take, if that is so. */
static int
settle(const ws_inbox *self, const ws_connection *connection)
{
    PyObject *parser = ws_parser_of(self->state, connection);
    int result = 0;

    if (parser == NULL) {
        return -1;
    }
    if (Py_IS_TYPE(parser, self->state->Parser) && !((ws_parser *)parser)->waiting
        && ((ws_parser *)parser)->error == NULL)
    {
        result = PyObject_SetAttr(connection->object, self->state->pending, Py_False);
    }
    Py_DECREF(parser);
    return result;
}

/* Take over messages of the last read that had no room. Return whether there were any, or
 * -1. Anything else is the source's business, which counts how much is done in a turn. */
static int
refill(ws_inbox *self, const ws_connection *connection)
{
    PyObject *parsed = PyObject_GetAttr(connection->object, self->state->parsed);
    size_t n = ws_inbox_room(self);
    int result;

    if (parsed == NULL) {
        return -1;
    }
    n = n < self->left ? n : self->left;
    n = PyList_CheckExact(parsed) ? count_messages(parsed, n) : 0;
    if (n == 0) {
        Py_DECREF(parsed);
        return 0;
    }
    self->left -= n;
    result = ws_inbox_push(self, PySequence_Fast_ITEMS(parsed), n);
    if (result == 0 && PyList_SetSlice(parsed, 0, (Py_ssize_t)n, NULL) < 0) {
        ws_inbox_drop(self, n);  /* they are still there */
        result = -1;
    }
    if (result == 0 && PyList_GET_SIZE(parsed) == 0) {
        result = settle(self, connection);
    }
    Py_DECREF(parsed);
    return result < 0 ? -1 : 1;
}

/* Wait, where nothing else has to be done. Return NULL without an exception if it has. */
static PyObject *
wait_idle(ws_inbox *self, const ws_connection *connection, ws_waiter *waiter,
          ws_outbox *outbox)
{
    PyObject *blocker;
    int state = ws_is_open(self->state, connection);

    if (state > 0) {
        state = ws_is_pending(self->state, connection);
        if (state == 0) {
            blocker = ws_waiter_start(waiter);  /* first: what flushes may wake it */
            if (ws_outbox_flush(outbox) < 0) {
                Py_CLEAR(blocker);
            }
            return blocker;
        }
        if (state > 0) {
            state = refill(self, connection);
        }
    }
    if (state > 0) {
        Py_INCREF(Py_None);
        return Py_None;
    }
    return NULL;
}

PyObject *
ws_inbox_wait(ws_inbox *self, PyObject *source)
{
    ws_connection connection = self->connection;
    PyObject *blocker;
    ws_waiter *waiter = self->waiter;
    ws_outbox *outbox = self->outbox;

    if (self->stopped || connection.object == NULL || waiter == NULL || outbox == NULL) {
        return PyObject_CallMethodNoArgs(source, self->state->wait_for_message);
    }
    Py_INCREF(connection.object);
    Py_INCREF(waiter);
    Py_INCREF(outbox);
    blocker = wait_idle(self, &connection, waiter, outbox);
    Py_DECREF(outbox);
    Py_DECREF(waiter);
    Py_DECREF(connection.object);
    if (blocker == NULL && !PyErr_Occurred()) {
        return PyObject_CallMethodNoArgs(source, self->state->wait_for_message);
    }
    return blocker;
}

/* -------------------------------------------------------------------------- */
/* Taking messages                                                            */

PyDoc_STRVAR(pop_doc,
"pop($self, /)\n"
"--\n"
"\n"
"Take the next message. Raises IndexError if there is none.");

static PyObject *
Inbox_pop(ws_inbox *self, PyObject *Py_UNUSED(ignored))
{
    if (self->count == 0) {
        PyErr_SetString(PyExc_IndexError, "no message is there");
        return NULL;
    }
    return ws_inbox_pop(self);
}

PyDoc_STRVAR(recv_doc,
"recv($self, source, /)\n"
"--\n"
"\n"
"Take the next message; wait until there is one.");

static PyObject *
Inbox_recv(ws_inbox *self, PyObject *source)
{
    return ws_recv_new(self, source);
}

PyDoc_STRVAR(messages_doc,
"messages($self, source, /)\n"
"--\n"
"\n"
"Go through the messages, until source raises ConnectionClosedOK.");

static PyObject *
Inbox_messages(ws_inbox *self, PyObject *source)
{
    return ws_messages_new(self, source);
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

/* Read a limit: None is none, and less than the least is the least. */
static int
read_limit(PyObject *object, size_t least, size_t *limit)
{
    Py_ssize_t number;

    *limit = SIZE_MAX;
    if (object == Py_None) {
        return 0;
    }
    number = PyNumber_AsSsize_t(object, NULL);  /* as large as can be, if it is larger */
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    *limit = number < (Py_ssize_t)least ? least : (size_t)number;
    return 0;
}

static PyObject *
Inbox_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"max_queue", "max_bytes", NULL};
    PyObject *max_queue = Py_None, *max_bytes = Py_None;
    ws_inbox *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OO:Inbox", keywords, &max_queue,
                                     &max_bytes)) {
        return NULL;
    }
    self = (ws_inbox *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    if (self->state == NULL
        || read_limit(max_queue, 1, &self->max_queue) < 0
        || read_limit(max_bytes, 0, &self->max_bytes) < 0)
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
Inbox_traverse(ws_inbox *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (size_t i = 0; i < self->count; i++) {
        Py_VISIT(self->ring[(self->first + i) & (self->capacity - 1)]);
    }
    Py_VISIT(self->buffer);
    Py_VISIT(self->source);
    Py_VISIT(self->connection.object);
    Py_VISIT(self->waiter);
    Py_VISIT(self->outbox);
    return 0;
}

static int
Inbox_clear(ws_inbox *self)
{
    close_source(self);
    Py_CLEAR(self->buffer);
    while (self->count) {
        Py_DECREF(ws_inbox_pop(self));
    }
    return 0;
}

static void
Inbox_dealloc(ws_inbox *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Inbox_clear(self);
    PyMem_Free(self->ring);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t
Inbox_length(ws_inbox *self)
{
    return (Py_ssize_t)self->count;
}

static PyObject *
Inbox_get_room(ws_inbox *self, void *Py_UNUSED(closure))
{
    size_t n = ws_inbox_room(self);

    return PyLong_FromSize_t(n > PY_SSIZE_T_MAX ? PY_SSIZE_T_MAX : n);
}

static PyObject *
Inbox_get_taken(ws_inbox *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->taken);
}

PyDoc_STRVAR(receive_doc,
"receive($self, data, /)\n"
"--\n"
"\n"
"Take bytes that arrived, and let go on who waits for a message.");

PyDoc_STRVAR(get_buffer_doc,
"get_buffer($self, sizehint, /)\n"
"--\n"
"\n"
"Give where to put the bytes that arrive next: the attribute buffer.");

PyDoc_STRVAR(buffer_updated_doc,
"buffer_updated($self, nbytes, /)\n"
"--\n"
"\n"
"Take so many bytes that arrived in the buffer, as receive() does.");

static PyMethodDef methods[] = {
    {"put", METHOD(Inbox_put), METH_O, put_doc},
    {"fill", METHOD(Inbox_fill), METH_FASTCALL, fill_doc},
    {"open", METHOD(Inbox_open), METH_VARARGS, open_doc},
    {"close", METHOD(Inbox_close), METH_NOARGS, close_doc},
    {"receive", METHOD(ws_inbox_receive), METH_O, receive_doc},
    {"get_buffer", METHOD(ws_inbox_get_buffer), METH_O, get_buffer_doc},
    {"buffer_updated", METHOD(ws_inbox_buffer_updated), METH_O, buffer_updated_doc},
    {"end", METHOD(Inbox_end), METH_NOARGS, end_doc},
    {"pop", METHOD(Inbox_pop), METH_NOARGS, pop_doc},
    {"recv", METHOD(Inbox_recv), METH_O, recv_doc},
    {"messages", METHOD(Inbox_messages), METH_O, messages_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"room", (getter)(void (*)(void))Inbox_get_room, NULL,
     PyDoc_STR("How many messages may be put in; 0 when it is full, or has ended."), NULL},
    {"taken", (getter)(void (*)(void))Inbox_get_taken, NULL,
     PyDoc_STR("Whether a coroutine waits for a message, or can go on and has not done "
               "so yet."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"buffer", T_OBJECT, offsetof(ws_inbox, buffer), 0,
     PyDoc_STR("What get_buffer() gives: bytes-like, writable, and None to begin with.")},
    {"stopped", T_BOOL, offsetof(ws_inbox, stopped), 0,
     PyDoc_STR("Whether the source has stopped reading, and has to begin again for who "
               "waits.")},
    {"traced", T_BOOL, offsetof(ws_inbox, traced), 0,
     PyDoc_STR("Whether _receive_slowly() of the source is to see all bytes.")},
    {"work", T_PYSSIZET, offsetof(ws_inbox, work), 0,
     PyDoc_STR("What fill() had decoded: 1 for each frame, and for each 4 KiB that came of "
               "it.")},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(inbox_doc,
"Inbox(*, max_queue=None, max_bytes=None)\n"
"--\n"
"\n"
"The queue of the messages of one connection, and who waits for them.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)inbox_doc},
    {Py_tp_new, SLOT(Inbox_new)},
    {Py_tp_traverse, SLOT(Inbox_traverse)},
    {Py_tp_clear, SLOT(Inbox_clear)},
    {Py_tp_dealloc, SLOT(Inbox_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {Py_sq_length, SLOT(Inbox_length)},
    {0, NULL},
};

PyType_Spec ws_inbox_spec = {
    .name = "ws_frames._speedups.Inbox",
    .basicsize = sizeof(ws_inbox),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
