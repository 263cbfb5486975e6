/* The type Waiter. */

#include "waiter.h"

#include <stddef.h>
#include <structmember.h>

#include "compat.h"
#include "stepper.h"

/* What a waiting task wants called, and where. */
typedef struct {
    PyObject *callback;
    PyObject *context;
} ws_wanted;

static void
drop(const ws_wanted *wanted)
{
    Py_DECREF(wanted->callback);
    Py_DECREF(wanted->context);
}

/* -------------------------------------------------------------------------- */
/* Waiting                                                                    */

PyObject *
ws_waiter_start(ws_waiter *self)
{
    self->woken = false;
    self->blocking = 1;
    Py_CLEAR(self->stepper);
    Py_INCREF(self);
    return (PyObject *)self;
}

static PyObject *
Waiter_start(ws_waiter *self, PyObject *Py_UNUSED(ignored))
{
    return ws_waiter_start(self);
}

/* Take what the waiting task wants called out of a waiter, which has no task then. */
static void
take(ws_waiter *self, ws_wanted *wanted)
{
    *wanted = (ws_wanted){self->callback, self->context};
    self->callback = self->context = NULL;
    Py_CLEAR(self->stepper);
}

/* Put it back, unless somebody waits meanwhile. */
static void
put_back(ws_waiter *self, const ws_wanted *wanted)
{
    if (self->callback == NULL) {
        self->callback = wanted->callback;
        self->context = wanted->context;
    }
    else {
        drop(wanted);
    }
}

/* Have a task make its step in the next turn of the event loop. */
static int
call_later(ws_waiter *self, const ws_wanted *wanted)
{
    PyObject *arguments[] = {self->loop, wanted->callback, (PyObject *)self, wanted->context};
    PyObject *handle = PyObject_VectorcallMethod(self->state->call_soon, arguments, 3,
                                                 self->state->context_keyword);

    if (handle == NULL) {
        put_back(self, wanted);
        return -1;
    }
    Py_DECREF(handle);
    drop(wanted);
    return 0;
}

/* The same for the task that waits. It doesn't wait while that is asked, since whatever is called
 * then may wake it again, or have it wait anew. */
static int
wake_later(ws_waiter *self)
{
    ws_wanted wanted;

    take(self, &wanted);
    return call_later(self, &wanted);
}

/* -------------------------------------------------------------------------- */
/* Waking                                                                     */

/* What a protocol raises is a fault of its transport to some event loops; what a callback
 * raises ends the program, as KeyboardInterrupt and SystemExit are meant to. */
static int
end_program(const ws_waiter *self, PyObject *exception)
{
    PyObject *method = PyObject_GetAttr((PyObject *)self, self->state->raise_error);
    PyObject *handle = NULL;

    if (method != NULL) {
        handle = PyObject_CallMethodObjArgs(self->loop, self->state->call_soon, method,
                                            exception, NULL);
        Py_DECREF(method);
    }
    Py_XDECREF(handle);
    return handle == NULL ? -1 : 0;
}

static int
pass_on(const ws_waiter *self, PyObject *exception)
{
    int result;

    if (!PyErr_GivenExceptionMatches(exception, PyExc_KeyboardInterrupt)
        && !PyErr_GivenExceptionMatches(exception, PyExc_SystemExit))
    {
        PyErr_SetRaisedException(exception);
        return -1;
    }
    result = end_program(self, exception);
    Py_DECREF(exception);
    return result;
}

/* Enter a context, or if that is where this runs already, have a task make its step later.
 * Return 1 if it was entered, 0 if not, or -1 with an exception. */
static int
enter(ws_waiter *self, const ws_wanted *wanted)
{
    if (PyContext_Enter(wanted->context) == 0) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_RuntimeError)) {
        put_back(self, wanted);
        return -1;
    }
    PyErr_Clear();
    return call_later(self, wanted);
}

static void
leave(const ws_wanted *wanted)
{
    if (PyContext_Exit(wanted->context) < 0) {
        PyErr_WriteUnraisable(wanted->callback);
    }
}

/* Let the task make its step now, in its own context. */
static int
run(ws_waiter *self, const ws_wanted *wanted)
{
    PyObject *result, *exception = NULL;
    int entered = enter(self, wanted);

    if (entered <= 0) {
        return entered;
    }
    result = PyObject_CallOneArg(wanted->callback, (PyObject *)self);
    if (result == NULL) {
        exception = PyErr_GetRaisedException();
    }
    else {
        Py_DECREF(result);
    }
    leave(wanted);
    drop(wanted);
    return exception == NULL ? 0 : pass_on(self, exception);
}

/* Have the stepper go on, and the task only if it is to be told of that. */
static int
run_without_task(ws_waiter *self)
{
    PyObject *stepper = self->stepper, *exception;
    ws_wanted wanted;
    int waits, entered;

    Py_INCREF(stepper);
    take(self, &wanted);
    entered = enter(self, &wanted);
    if (entered <= 0) {
        Py_DECREF(stepper);
        return entered;
    }
    self->cancelled = false;
    waits = ws_stepper_step(stepper, self);
    exception = waits < 0 ? PyErr_GetRaisedException() : NULL;
    leave(&wanted);
    if (waits > 0) {  /* as the task would find it, and leave it */
        self->blocking = 0;
        put_back(self, &wanted);
        self->stepper = stepper;
        return self->woken || self->cancelled ? wake_later(self) : 0;
    }
    Py_DECREF(stepper);
    if (waits == 0) {
        return run(self, &wanted);
    }
    if (PyErr_GivenExceptionMatches(exception, PyExc_RuntimeError)) {  /* a task is running */
        Py_DECREF(exception);
        return call_later(self, &wanted);
    }
    put_back(self, &wanted);
    PyErr_SetRaisedException(exception);
    return -1;
}

int
ws_waiter_wake(ws_waiter *self)
{
    PyObject *callback = self->callback, *current;
    ws_wanted wanted;
    bool free, same;

    if (self->callback == NULL) {
        self->woken = true;
        return 0;
    }
    if (self->stepper != NULL) {
        return run_without_task(self);
    }
    Py_INCREF(callback);
    current = PyObject_CallOneArg(self->current_task, self->loop);
    same = self->callback == callback;
    Py_DECREF(callback);
    if (current == NULL) {
        return -1;
    }
    free = current == Py_None;
    Py_DECREF(current);
    if (!same) {  /* it was woken in between */
        return 0;
    }
    take(self, &wanted);
    return free ? run(self, &wanted) : call_later(self, &wanted);
}

static PyObject *
Waiter_wake(ws_waiter *self, PyObject *Py_UNUSED(ignored))
{
    if (ws_waiter_wake(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
Waiter_raise_error(ws_waiter *Py_UNUSED(self), PyObject *exception)
{
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    return NULL;
}

/* -------------------------------------------------------------------------- */
/* What a task calls                                                          */

static PyObject *
Waiter_get_loop(ws_waiter *self, PyObject *Py_UNUSED(ignored))
{
    Py_INCREF(self->loop);
    return self->loop;
}

static PyObject *
Waiter_result(ws_waiter *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_NONE;
}

/* The argument context, which is a keyword; NULL if there is none. */
static int
find_context(const ws_state *state, PyObject *const *args, PyObject *names, PyObject **context)
{
    int same;

    *context = NULL;
    if (names == NULL || PyTuple_GET_SIZE(names) == 0) {
        return 0;
    }
    same = PyTuple_GET_SIZE(names) == 1
           ? PyObject_RichCompareBool(names, state->context_keyword, Py_EQ) : 0;
    if (same == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "add_done_callback() takes no keyword but 'context'");
    }
    if (same > 0) {
        *context = args[1];
    }
    return same > 0 ? 0 : -1;
}

/* Give the context in which a callback is to run, that of the caller if it is NULL. */
static PyObject *
own_context(PyObject *context)
{
    if (context == NULL || context == Py_None) {
        return PyContext_CopyCurrent();
    }
    if (!PyContext_CheckExact(context)) {
        return PyErr_Format(PyExc_TypeError, "context must be a Context, not %.200s",
                            Py_TYPE(context)->tp_name);
    }
    Py_INCREF(context);
    return context;
}

static PyObject *
Waiter_add_done_callback(ws_waiter *self, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *names)
{
    PyObject *context;

    if (nargs != 1) {
        return PyErr_Format(PyExc_TypeError,
                            "add_done_callback() takes 1 positional argument, got %zd", nargs);
    }
    if (find_context(self->state, args, names, &context) < 0) {
        return NULL;
    }
    if (self->callback != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "another task is waiting already");
        return NULL;
    }
    context = own_context(context);
    if (context == NULL) {
        return NULL;
    }
    Py_INCREF(args[0]);
    self->callback = args[0];
    self->context = context;
    if (self->woken && wake_later(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
Waiter_cancel(ws_waiter *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"msg", NULL};
    PyObject *message;

    self->cancelled = true;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:cancel", keywords, &message)
        || (self->callback != NULL && wake_later(self) < 0))
    {
        return NULL;
    }
    Py_RETURN_FALSE;
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

static PyObject *
Waiter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"loop", "current_task", NULL};
    PyObject *loop, *current_task;
    ws_waiter *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:Waiter", keywords, &loop,
                                     &current_task)) {
        return NULL;
    }
    self = (ws_waiter *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    Py_INCREF(loop);
    self->loop = loop;
    Py_INCREF(current_task);
    self->current_task = current_task;
    return (PyObject *)self;
}

static int
Waiter_traverse(ws_waiter *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->loop);
    Py_VISIT(self->current_task);
    Py_VISIT(self->callback);
    Py_VISIT(self->context);
    Py_VISIT(self->stepper);
    return 0;
}

static int
Waiter_clear(ws_waiter *self)
{
    Py_CLEAR(self->callback);
    Py_CLEAR(self->context);
    Py_CLEAR(self->stepper);
    return 0;
}

static void
Waiter_dealloc(ws_waiter *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Waiter_clear(self);
    Py_XDECREF(self->loop);
    Py_XDECREF(self->current_task);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"start", METHOD(Waiter_start), METH_NOARGS,
     PyDoc_STR("start($self, /)\n--\n\nGive what a coroutine has to yield to its task.")},
    {"wake", METHOD(Waiter_wake), METH_NOARGS,
     PyDoc_STR("wake($self, /)\n--\n\n"
               "Let the task go on, if one is waiting: at once, unless a task is running.")},
    {"get_loop", METHOD(Waiter_get_loop), METH_NOARGS,
     PyDoc_STR("get_loop($self, /)\n--\n\nThe event loop of the task.")},
    {"result", METHOD(Waiter_result), METH_NOARGS,
     PyDoc_STR("result($self, /)\n--\n\nNothing: there is something to look for.")},
    {"add_done_callback", METHOD(Waiter_add_done_callback), METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("add_done_callback($self, callback, /, *, context=None)\n--\n\n"
               "Note what makes the step of the task.")},
    {"cancel", METHOD(Waiter_cancel), METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("cancel($self, /, msg=None)\n--\n\n"
               "Let the task go on, and leave it to the task to be cancelled.")},
    {"_raise_error", METHOD(Waiter_raise_error), METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"_asyncio_future_blocking", T_BOOL, offsetof(ws_waiter, blocking), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(waiter_doc,
"Waiter(loop, current_task)\n"
"--\n"
"\n"
"A future, to a task, that lets it go on at once; any number of times in a row.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)waiter_doc},
    {Py_tp_new, SLOT(Waiter_new)},
    {Py_tp_traverse, SLOT(Waiter_traverse)},
    {Py_tp_clear, SLOT(Waiter_clear)},
    {Py_tp_dealloc, SLOT(Waiter_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {0, NULL},
};

PyType_Spec ws_waiter_spec = {
    .name = "ws_frames._speedups.Waiter",
    .basicsize = sizeof(ws_waiter),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
