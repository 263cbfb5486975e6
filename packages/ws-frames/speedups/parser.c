/* The type Parser: arguments, bytes in, events out. */

#include "compat.h"
#include "parser.h"

#include <stdarg.h>
#include <string.h>
#include <structmember.h>

#define MAX_EVENTS 1024
#define MAX_FRAMES 2048

/* -------------------------------------------------------------------------- */
/* Faults                                                                     */

/* Keep an error of the given type. It is never raised here, so that it has neither
 * traceback nor context. */
ws_result
ws_fault(ws_parser *self, PyObject *type, const char *format, ...)
{
    va_list arguments;
    PyObject *text;

    va_start(arguments, format);
    text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        return WS_RAISED;
    }
    self->error = PyObject_CallFunctionObjArgs(type, text, NULL);
    Py_DECREF(text);
    return self->error == NULL ? WS_RAISED : WS_FAULT;
}

/* -------------------------------------------------------------------------- */
/* Bytes                                                                      */

/* Parse n bytes, or as many as make MAX_EVENTS events or begin MAX_FRAMES frames. Set
 * *used to how many. */
static ws_result
parse(ws_parser *self, const uint8_t *data, size_t n, PyObject *events, size_t *used)
{
    size_t i = 0, step;
    int frames = 0;
    ws_result result = WS_OK;

    self->waiting = 0;
    while (i < n && !self->closed && result == WS_OK) {
        if (PyList_GET_SIZE(events) == MAX_EVENTS || frames == MAX_FRAMES) {
            self->waiting = 1;
            break;
        }
        if (!self->reading) {
            result = ws_take_header(self, data + i, n - i, &step);
            i += step;
            if (result != WS_OK || !self->reading) {
                continue;
            }
            frames++;
        }
        result = ws_take_payload(self, data + i, n - i, events, &step);
        i += step;
    }
    *used = i;
    return result;
}

/* Parse bytes inside of an object, NULL if they are in a buffer that the caller has,
 * and keep what has to wait. */
static ws_result
parse_and_keep(ws_parser *self, PyObject *owner, const uint8_t *data, size_t n,
               PyObject *events)
{
    size_t used;
    ws_result result = parse(self, data, n, events, &used);

    if (result != WS_OK || !self->waiting) {
        return result;
    }
    if (owner != NULL) {
        const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(owner);

        Py_INCREF(owner);
        self->rest = owner;
        self->position = (size_t)(data - start) + used;
        return WS_OK;
    }
    self->position = 0;
    self->rest = PyBytes_FromStringAndSize((const char *)data + used,
                                           (Py_ssize_t)(n - used));
    return self->rest == NULL ? WS_RAISED : WS_OK;
}

/* Parse what waits, and new bytes behind it. */
static ws_result
parse_rest(ws_parser *self, const uint8_t *data, size_t n, PyObject *events)
{
    PyObject *rest = self->rest;
    const uint8_t *waiting = (const uint8_t *)PyBytes_AS_STRING(rest) + self->position;
    size_t left = (size_t)PyBytes_GET_SIZE(rest) - self->position;
    uint8_t *to;
    ws_result result;

    self->rest = NULL;  /* now ours */
    if (n) {
        PyObject *joined = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(left + n));
        if (joined == NULL) {
            Py_DECREF(rest);
            return WS_RAISED;
        }
        to = (uint8_t *)PyBytes_AS_STRING(joined);
        memcpy(to, waiting, left);
        memcpy(to + left, data, n);
        Py_DECREF(rest);
        rest = joined;
        waiting = to;
        left += n;
    }
    result = parse_and_keep(self, rest, waiting, left, events);
    Py_DECREF(rest);
    return result;
}

/* Free what will never be complete. */
static void
forget(ws_parser *self)
{
    self->waiting = 0;
    Py_CLEAR(self->rest);
    ws_buffer_clear(&self->frame);
    ws_buffer_clear(&self->message);
}

static PyObject *
feed(ws_parser *self, PyObject *owner, const uint8_t *data, size_t n)
{
    PyObject *events;
    ws_result result;

    /* No Python code runs below, unless the garbage collector does: then it may be
     * anything, also in another thread. */
    if (self->feeding) {
        PyErr_SetString(PyExc_RuntimeError, "feed() is running already");
        return NULL;
    }
    self->feeding = true;
    events = PyList_New(0);
    if (events == NULL || self->error != NULL || self->closed || self->broken) {
        self->feeding = false;
        return events;
    }
    if (self->rest == NULL) {
        result = parse_and_keep(self, owner, data, n, events);
    }
    else {
        result = parse_rest(self, data, n, events);
    }
    if (result == WS_RAISED) {
        self->broken = true;
        Py_CLEAR(events);
    }
    if (result != WS_OK || self->closed) {
        forget(self);
    }
    self->feeding = false;
    return events;
}

PyObject *
ws_parser_feed(ws_parser *self, PyObject *owner, const uint8_t *data, size_t n)
{
    PyObject *events;

    Py_BEGIN_CRITICAL_SECTION(self);
    events = feed(self, owner, data, n);
    Py_END_CRITICAL_SECTION();
    return events;
}

ws_parser *
ws_as_parser(const ws_state *state, PyObject *object)
{
    if (Py_IS_TYPE(object, state->Parser)) {
        return (ws_parser *)object;
    }
    PyErr_Format(PyExc_TypeError, "parser must be a Parser, not %.200s",
                 Py_TYPE(object)->tp_name);
    return NULL;
}

PyDoc_STRVAR(feed_doc,
"feed($self, data, /)\n"
"--\n"
"\n"
"Parse the next bytes and return what they complete.");

PyObject *
ws_parser_feed_object(ws_parser *self, PyObject *data)
{
    PyObject *events, *owner = PyBytes_CheckExact(data) ? data : NULL;
    Py_buffer view;

    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    events = ws_parser_feed(self, owner, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return events;
}

/* -------------------------------------------------------------------------- */
/* Arguments                                                                  */

/* The longest frame that can hold a message of max_size bytes: see marked_limit() of
 * the pure twin. */
static uint64_t
limit_of_marked(uint64_t max_size)
{
    uint64_t more = (max_size >> 3) + (max_size >> 6) + 1024;

    return max_size > WS_NO_LIMIT - more ? WS_NO_LIMIT : max_size + more;
}

/* Read a number that isn't negative; one that is too large for a size is no limit. */
static int
read_limit(PyObject *index, uint64_t *limit)
{
    PyObject *zero = PyLong_FromLong(0);
    int negative = zero == NULL ? -1 : PyObject_RichCompareBool(index, zero, Py_LT);

    Py_XDECREF(zero);
    if (negative > 0) {
        PyErr_Format(PyExc_ValueError, "max_size is %S, must be None or at least 0",
                     index);
    }
    if (negative != 0) {
        return -1;
    }
    *limit = PyLong_AsUnsignedLongLong(index);
    if (*limit == (unsigned long long)-1 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return -1;
        }
        PyErr_Clear();
        *limit = WS_NO_LIMIT;
    }
    return 0;
}

static int
set_max_size(ws_parser *self, PyObject *object)
{
    uint64_t limit = WS_NO_LIMIT;
    PyObject *index;
    int result = 0;

    if (object != Py_None) {
        index = PyNumber_Index(object);
        if (index == NULL) {
            return -1;
        }
        result = read_limit(index, &limit);
        Py_DECREF(index);
    }
    if (result == 0) {
        self->max_size = limit;
        self->marked_limit = limit_of_marked(limit);
    }
    return result;
}

PyDoc_STRVAR(set_max_size_doc,
"set_max_size($self, max_size, /)\n"
"--\n"
"\n"
"Have another limit, from the next frame on.");

static PyObject *
Parser_set_max_size(ws_parser *self, PyObject *max_size)
{
    int result;

    Py_BEGIN_CRITICAL_SECTION(self);
    result = set_max_size(self, max_size);
    Py_END_CRITICAL_SECTION();
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
set_rsv(ws_parser *self, PyObject *object)
{
    PyObject *index, *text;
    int overflow;
    long rsv;

    index = PyNumber_Index(object);
    if (index == NULL) {
        return -1;
    }
    rsv = PyLong_AsLongAndOverflow(index, &overflow);
    if (!overflow && (rsv & ~(long)WS_RSV_MASK) == 0) {
        self->rsv = (uint8_t)rsv;
        Py_DECREF(index);
        return 0;
    }
    text = PyNumber_ToBase(index, 16);
    if (text != NULL) {
        PyErr_Format(PyExc_ValueError, "rsv is %U, must be bits of 0x%x", text,
                     WS_RSV_MASK);
        Py_DECREF(text);
    }
    Py_DECREF(index);
    return -1;
}

static int
set_flag(bool *flag, PyObject *object)
{
    int truth = PyObject_IsTrue(object);

    *flag = truth > 0;
    return truth < 0 ? -1 : 0;
}

static PyObject *
Parser_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"masked", "max_size", "rsv", "all_frames", NULL};
    PyObject *masked = NULL, *max_size = Py_None, *rsv = NULL, *all_frames = Py_False;
    ws_parser *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOO:Parser", keywords, &masked,
                                     &max_size, &rsv, &all_frames)) {
        return NULL;
    }
    if (masked == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "Parser() missing required keyword-only argument: 'masked'");
        return NULL;
    }
    self = (ws_parser *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    if (self->state == NULL
        || set_max_size(self, max_size) < 0
        || (rsv != NULL && set_rsv(self, rsv) < 0)
        || set_flag(&self->masked, masked) < 0
        || set_flag(&self->all_frames, all_frames) < 0)
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

static int
Parser_traverse(ws_parser *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->error);
    return 0;
}

static int
Parser_clear(ws_parser *self)
{
    Py_CLEAR(self->error);
    return 0;
}

static void
Parser_dealloc(ws_parser *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Parser_clear(self);
    forget(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
Parser_get_error(ws_parser *self, void *Py_UNUSED(closure))
{
    PyObject *error;

    Py_BEGIN_CRITICAL_SECTION(self);
    error = self->error == NULL ? Py_None : self->error;
    Py_INCREF(error);
    Py_END_CRITICAL_SECTION();
    return error;
}

static PyMethodDef methods[] = {
    {"feed", METHOD(ws_parser_feed_object), METH_O, feed_doc},
    {"set_max_size", METHOD(Parser_set_max_size), METH_O, set_max_size_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"error", (getter)(void (*)(void))Parser_get_error, NULL,
     PyDoc_STR("Why parsing stopped, None if nothing is wrong."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"closed", T_BOOL, offsetof(ws_parser, closed), READONLY,
     PyDoc_STR("Whether a close frame was parsed.")},
    {"waiting", T_BOOL, offsetof(ws_parser, waiting), READONLY,
     PyDoc_STR("Whether bytes are left over that feed(b\"\") will parse.")},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(parser_doc,
"Parser(*, masked, max_size=None, rsv=0, all_frames=False)\n"
"--\n"
"\n"
"Parse what one side of a connection sends (RFC 6455 5).");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)parser_doc},
    {Py_tp_new, SLOT(Parser_new)},
    {Py_tp_traverse, SLOT(Parser_traverse)},
    {Py_tp_clear, SLOT(Parser_clear)},
    {Py_tp_dealloc, SLOT(Parser_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, NULL},
};

PyType_Spec ws_parser_spec = {
    .name = "ws_frames._speedups.Parser",
    .basicsize = sizeof(ws_parser),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
