/* The type Inbox. */

#include "inbox.h"

#include <stdint.h>
#include <structmember.h>

#include "compat.h"
#include "parser.h"

#define FIRST_CAPACITY 8
#define KEPT_CAPACITY 1024

/* -------------------------------------------------------------------------- */
/* Queue                                                                      */

/* What sys.getsizeof() says of a message. */
static size_t
memory_of(PyObject *message)
{
    if (PyBytes_Check(message)) {
        return (size_t)Py_TYPE(message)->tp_basicsize + (size_t)PyBytes_GET_SIZE(message);
    }
    if (PyUnicode_Check(message)) {
        size_t units = (size_t)PyUnicode_GET_LENGTH(message) + 1;

        if (PyUnicode_IS_COMPACT_ASCII(message)) {
            return sizeof(PyASCIIObject) + units;
        }
        return sizeof(PyCompactUnicodeObject) + units * PyUnicode_KIND(message);
    }
    return (size_t)Py_TYPE(message)->tp_basicsize;
}

static int
grow(ws_inbox *self, size_t needed)
{
    size_t capacity = self->capacity == 0 ? FIRST_CAPACITY : self->capacity;
    PyObject **ring;

    while (capacity < needed) {
        capacity *= 2;
    }
    ring = PyMem_New(PyObject *, capacity);
    if (ring == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < self->count; i++) {
        ring[i] = self->ring[(self->first + i) & (self->capacity - 1)];
    }
    PyMem_Free(self->ring);
    self->ring = ring;
    self->capacity = capacity;
    self->first = 0;
    return 0;
}

/* Add n messages. */
static int
push(ws_inbox *self, PyObject *const *messages, size_t n)
{
    if (self->count + n > self->capacity && grow(self, self->count + n) < 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t place = (self->first + self->count) & (self->capacity - 1);

        self->size += memory_of(messages[i]);
        Py_INCREF(messages[i]);
        self->ring[place] = messages[i];
        self->count++;
    }
    return 0;
}

PyObject *
ws_inbox_pop(ws_inbox *self)
{
    PyObject *message = self->ring[self->first];

    self->first = (self->first + 1) & (self->capacity - 1);
    self->count--;
    if (self->count == 0 && self->capacity > KEPT_CAPACITY) {
        PyMem_Free(self->ring);
        self->ring = NULL;
        self->capacity = self->first = 0;
    }
    return message;
}

static size_t
room(ws_inbox *self)
{
    if (self->ended) {
        return 0;
    }
    if (self->count == 0) {
        self->size = 0;
        return self->max_queue;
    }
    if (self->size > self->max_bytes / 2 || self->count >= self->max_queue) {
        return 0;
    }
    return self->max_queue - self->count;
}

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
    result = push(self, PySequence_Fast_ITEMS(sequence),
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

/* Take over what was parsed; return what is left to do, or None. */
static PyObject *
take_parsed(ws_inbox *self, const ws_parser *parser, PyObject *parsed)
{
    size_t n = count_messages(parsed, room(self));

    if (push(self, PySequence_Fast_ITEMS(parsed), n) < 0) {
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

PyDoc_STRVAR(fill_doc,
"fill($self, parser, data, /)\n"
"--\n"
"\n"
"Parse bytes, and add the messages before anything else that there is room for.");

static PyObject *
Inbox_fill(ws_inbox *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *parsed, *left;

    if (nargs != 2) {
        return PyErr_Format(PyExc_TypeError, "fill() takes 2 arguments, got %zd", nargs);
    }
    if (!Py_IS_TYPE(args[0], self->state->Parser)) {
        return PyErr_Format(PyExc_TypeError, "parser must be a Parser, not %.200s",
                            Py_TYPE(args[0])->tp_name);
    }
    parsed = ws_parser_feed((ws_parser *)args[0], args[1]);
    if (parsed == NULL) {
        return NULL;
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    left = take_parsed(self, (ws_parser *)args[0], parsed);
    Py_END_CRITICAL_SECTION();
    return left;
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
    return 0;
}

static int
Inbox_clear(ws_inbox *self)
{
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
    size_t n = room(self);

    return PyLong_FromSize_t(n > PY_SSIZE_T_MAX ? PY_SSIZE_T_MAX : n);
}

static PyObject *
Inbox_get_taken(ws_inbox *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->taken);
}

static PyMethodDef methods[] = {
    {"put", METHOD(Inbox_put), METH_O, put_doc},
    {"fill", METHOD(Inbox_fill), METH_FASTCALL, fill_doc},
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
    {Py_sq_length, SLOT(Inbox_length)},
    {0, NULL},
};

PyType_Spec ws_inbox_spec = {
    .name = "ws_frames._speedups.Inbox",
    .basicsize = sizeof(ws_inbox),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
