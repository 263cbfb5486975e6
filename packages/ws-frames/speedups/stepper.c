/* The type Stepper. */

#include "stepper.h"

#include <stdbool.h>

#include "compat.h"
#include "coroutine.h"

typedef struct {
    PyObject_HEAD
    const ws_state *state;
    PyObject *coroutine;    /* these four are NULL when it is finished */
    PyObject *task;
    PyObject *enter_task;
    PyObject *leave_task;
    PyObject *left;         /* what the task is to be told, or NULL */
    PySendResult status;    /* whether that was yielded, returned or raised */
} ws_stepper;

static void
finish(ws_stepper *self)
{
    Py_CLEAR(self->coroutine);
    Py_CLEAR(self->task);
    Py_CLEAR(self->enter_task);
    Py_CLEAR(self->leave_task);
    Py_CLEAR(self->left);
}

/* -------------------------------------------------------------------------- */
/* Steps without the task                                                     */

/* Send None to the coroutine. Whatever it does is in *result, an exception too. */
static PySendResult
go_on(const ws_stepper *self, PyObject **result)
{
    PyObject *coroutine = self->coroutine;
    PySendResult status;

    Py_INCREF(coroutine);
    status = PyIter_Send(coroutine, Py_None, result);
    Py_DECREF(coroutine);
    if (status == PYGEN_ERROR) {
        *result = PyErr_GetRaisedException();
    }
    return status;
}

/* Go on as the current task. Return 0, or -1 with an exception, without a step. */
static int
go_on_as_task(ws_stepper *self, PyObject *loop, PySendResult *status, PyObject **result)
{
    PyObject *leave_task = self->leave_task, *arguments[] = {loop, self->task}, *done;

    done = PyObject_Vectorcall(self->enter_task, arguments, 2, NULL);
    if (done == NULL) {
        return -1;
    }
    Py_DECREF(done);
    Py_INCREF(leave_task);
    Py_INCREF(arguments[1]);
    *status = go_on(self, result);
    done = PyObject_Vectorcall(leave_task, arguments, 2, NULL);
    if (done == NULL) {
        PyErr_WriteUnraisable(leave_task);
    }
    Py_XDECREF(done);
    Py_DECREF(arguments[1]);
    Py_DECREF(leave_task);
    return 0;
}

int
ws_stepper_step(PyObject *stepper, ws_waiter *waiter)
{
    ws_stepper *self = (ws_stepper *)stepper;
    PySendResult status;
    PyObject *result;

    if (self->coroutine == NULL || self->left != NULL) {
        return 0;  /* somebody else has ended it, or has it do something else */
    }
    if (go_on_as_task(self, waiter->loop, &status, &result) < 0) {
        return -1;
    }
    if (status == PYGEN_NEXT && result == (PyObject *)waiter && waiter->blocking) {
        Py_DECREF(result);
        return 1;
    }
    self->left = result;
    self->status = status;
    return 0;
}

/* -------------------------------------------------------------------------- */
/* Steps of the task                                                          */

/* Give what the coroutine did to the task. Takes over the result. */
static PySendResult
give(ws_stepper *self, PySendResult status, PyObject **result)
{
    if (status != PYGEN_NEXT) {
        finish(self);
    }
    else if (Py_IS_TYPE(*result, self->state->Waiter)) {
        ws_waiter *waiter = (ws_waiter *)*result;

        Py_INCREF(self);
        Py_XSETREF(waiter->stepper, (PyObject *)self);
    }
    return status;
}

static PySendResult
give_left(ws_stepper *self, PyObject **result)
{
    *result = self->left;
    self->left = NULL;
    if (self->status == PYGEN_ERROR) {
        PyErr_SetRaisedException(*result);
        *result = NULL;
    }
    return give(self, self->status, result);
}

static PySendResult
step(ws_stepper *self, PyObject *value, PyObject **result)
{
    PyObject *coroutine = self->coroutine;
    PySendResult status;

    if (self->left != NULL) {
        return give_left(self, result);
    }
    if (coroutine == NULL) {
        *result = NULL;
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        return PYGEN_ERROR;
    }
    Py_INCREF(coroutine);
    status = PyIter_Send(coroutine, value, result);
    Py_DECREF(coroutine);
    return give(self, status, result);
}

static PyObject *
Stepper_next(ws_stepper *self)
{
    PyObject *result;
    PySendResult status = step(self, Py_None, &result);

    return ws_give_by_next(status, result);
}

static PyObject *
Stepper_send(ws_stepper *self, PyObject *value)
{
    PyObject *result;
    PySendResult status = step(self, value, &result);

    return ws_give_by_send(status, result);
}

/* The task was cancelled in the middle of a step that it knows nothing of, so it throws where it
 * should cancel what the coroutine waits for now, or has the next wait cancelled. It does so
 * if it is told once more; which doesn't count as another request. */
static int
cancel_again(const ws_stepper *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *exception = nargs > 1 && args[1] != Py_None ? args[1] : args[0];
    PyObject *task = self->task, *cancel, *arguments = NULL, *done = NULL;

    Py_INCREF(task);
    cancel = PyObject_GetAttr(task, self->state->cancel);
    if (cancel != NULL) {
        arguments = PyExceptionInstance_Check(exception)
                    ? PyObject_GetAttr(exception, self->state->args) : PyTuple_New(0);
    }
    if (arguments != NULL) {
        done = PyObject_CallObject(cancel, arguments);
        Py_DECREF(arguments);
    }
    Py_XDECREF(cancel);
    if (done != NULL && PyObject_HasAttr(task, self->state->uncancel)) {
        Py_SETREF(done, PyObject_CallMethodNoArgs(task, self->state->uncancel));
    }
    Py_DECREF(task);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static PyObject *
Stepper_throw(ws_stepper *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *coroutine = self->coroutine, *method, *result = NULL;
    PySendResult status;

    if (ws_may_throw(coroutine == NULL ? WS_FINISHED : WS_SUSPENDED, nargs) < 0) {
        return NULL;
    }
    if (self->left != NULL) {
        if (cancel_again(self, args, nargs) < 0) {
            return NULL;
        }
        status = give_left(self, &result);
        return ws_give_by_send(status, result);
    }
    Py_INCREF(coroutine);
    method = PyObject_GetAttr(coroutine, self->state->throw);
    if (method != NULL) {
        result = PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
        Py_DECREF(method);
    }
    Py_DECREF(coroutine);
    (void)give(self, result == NULL ? PYGEN_ERROR : PYGEN_NEXT, &result);
    return result;
}

static PyObject *
Stepper_close(ws_stepper *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *coroutine = self->coroutine, *result;

    if (coroutine == NULL) {
        Py_RETURN_NONE;
    }
    Py_INCREF(coroutine);
    finish(self);
    result = PyObject_CallMethodNoArgs(coroutine, self->state->close);
    Py_DECREF(coroutine);
    return result;
}

/* -------------------------------------------------------------------------- */
/* Type                                                                       */

/* An attribute of the coroutine, for those who look at what a task is waiting for; None when
 * it is finished. */
static PyObject *
get_from_coroutine(const ws_stepper *self, PyObject *name)
{
    if (self->coroutine == NULL) {
        Py_RETURN_NONE;
    }
    return PyObject_GetAttr(self->coroutine, name);
}

static PyObject *
Stepper_get_await(const ws_stepper *self, void *Py_UNUSED(closure))
{
    return get_from_coroutine(self, self->state->cr_await);
}

static PyObject *
Stepper_get_frame(const ws_stepper *self, void *Py_UNUSED(closure))
{
    return get_from_coroutine(self, self->state->cr_frame);
}

static PyObject *
Stepper_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"coroutine", "task", "enter_task", "leave_task", NULL};
    PyObject *coroutine, *task, *enter_task, *leave_task;
    ws_stepper *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOO:Stepper", keywords, &coroutine, &task,
                                     &enter_task, &leave_task)) {
        return NULL;
    }
    self = (ws_stepper *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    Py_INCREF(coroutine);
    self->coroutine = coroutine;
    Py_INCREF(task);
    self->task = task;
    Py_INCREF(enter_task);
    self->enter_task = enter_task;
    Py_INCREF(leave_task);
    self->leave_task = leave_task;
    return (PyObject *)self;
}

static int
Stepper_traverse(ws_stepper *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->coroutine);
    Py_VISIT(self->task);
    Py_VISIT(self->enter_task);
    Py_VISIT(self->leave_task);
    Py_VISIT(self->left);
    return 0;
}

static int
Stepper_clear(ws_stepper *self)
{
    finish(self);
    return 0;
}

static void
Stepper_dealloc(ws_stepper *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    finish(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"send", METHOD(Stepper_send), METH_O,
     PyDoc_STR("send($self, value, /)\n--\n\n"
               "Go on with the coroutine, or give what it did already.")},
    {"throw", METHOD(Stepper_throw), METH_FASTCALL,
     PyDoc_STR("throw($self, /, *args)\n--\n\nThrow into the coroutine.")},
    {"close", METHOD(Stepper_close), METH_NOARGS,
     PyDoc_STR("close($self, /)\n--\n\nClose the coroutine.")},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"cr_await", (getter)(void (*)(void))Stepper_get_await, NULL,
     PyDoc_STR("What the coroutine waits for."), NULL},
    {"cr_frame", (getter)(void (*)(void))Stepper_get_frame, NULL,
     PyDoc_STR("The frame of the coroutine."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(stepper_doc,
"Stepper(coroutine, task, enter_task, leave_task)\n"
"--\n"
"\n"
"Awaits a coroutine in a task, and lets waiters go on with it without the task.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)stepper_doc},
    {Py_tp_new, SLOT(Stepper_new)},
    {Py_tp_traverse, SLOT(Stepper_traverse)},
    {Py_tp_clear, SLOT(Stepper_clear)},
    {Py_tp_dealloc, SLOT(Stepper_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_iter, SLOT(PyObject_SelfIter)},
    {Py_tp_iternext, SLOT(Stepper_next)},
    {Py_am_await, SLOT(PyObject_SelfIter)},
#if PY_VERSION_HEX >= 0x030A0000
    {Py_am_send, SLOT(step)},
#endif
    {0, NULL},
};

PyType_Spec ws_stepper_spec = {
    .name = "ws_frames._speedups.Stepper",
    .basicsize = sizeof(ws_stepper),
    .flags = WS_TYPE_FLAGS | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
