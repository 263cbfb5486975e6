#include "coroutine.h"

int
ws_may_close(ws_stage stage)
{
    if (stage == WS_RUNNING) {
        PyErr_SetString(PyExc_ValueError, "coroutine already executing");
        return -1;
    }
    return 0;
}

static int
may_go_on(ws_stage stage)
{
    if (stage == WS_FINISHED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        return -1;
    }
    return ws_may_close(stage);
}

int
ws_start(ws_stage *stage, PyObject *value)
{
    ws_stage before = *stage;

    if (may_go_on(before) < 0) {
        return -1;
    }
    if (before == WS_CREATED && value != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "can't send non-None value to a just-started coroutine");
        return -1;
    }
    *stage = WS_RUNNING;
    return (int)before;
}

int
ws_may_throw(ws_stage stage, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 3) {
        PyErr_Format(PyExc_TypeError, "throw() takes 1 to 3 arguments, got %zd", nargs);
        return -1;
    }
    return may_go_on(stage);
}

void
ws_raise_thrown(PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *type = args[0], *value = nargs > 1 ? args[1] : Py_None;
    PyObject *traceback = nargs > 2 ? args[2] : Py_None, *exception;

    if (traceback != Py_None && !PyTraceBack_Check(traceback)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback");
        return;
    }
    if (PyExceptionClass_Check(type)) {
        PyErr_SetObject(type, value == Py_None ? NULL : value);
    }
    else if (!PyExceptionInstance_Check(type)) {
        PyErr_Format(PyExc_TypeError,
                     "exceptions must be classes or instances deriving from "
                     "BaseException, not %.200s",
                     Py_TYPE(type)->tp_name);
        return;
    }
    else if (value != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "instance exception may not have a separate value");
        return;
    }
    else {
        PyErr_SetObject((PyObject *)Py_TYPE(type), type);
    }
    if (traceback != Py_None) {
        exception = PyErr_GetRaisedException();
        (void)PyException_SetTraceback(exception, traceback);
        PyErr_SetRaisedException(exception);
    }
    ws_seal_error();
}

void
ws_seal_error(void)
{
    PyObject *stop, *error;

    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return;
    }
    stop = PyErr_GetRaisedException();
    PyErr_SetString(PyExc_RuntimeError, "coroutine raised StopIteration");
    error = PyErr_GetRaisedException();
    if (PyErr_GivenExceptionMatches(error, PyExc_RuntimeError)) {
        Py_INCREF(stop);
        PyException_SetCause(error, stop);
        Py_INCREF(stop);
        PyException_SetContext(error, stop);
    }
    Py_DECREF(stop);
    PyErr_SetRaisedException(error);
}

/* Raise StopIteration with a value. An exception that is given as the value would be
 * taken for the one to raise, and a tuple for its arguments. */
static void
stop_with(PyObject *value)
{
    PyObject *stop;

    if (!PyTuple_Check(value) && !PyExceptionInstance_Check(value)) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return;
    }
    stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, value, NULL);
    if (stop != NULL) {
        PyErr_SetObject(PyExc_StopIteration, stop);
        Py_DECREF(stop);
    }
}

PyObject *
ws_give_by_send(PySendResult status, PyObject *result)
{
    if (status == PYGEN_RETURN) {
        stop_with(result);
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
ws_give_by_next(PySendResult status, PyObject *result)
{
    /* To end without an exception is to return None. */
    if (status == PYGEN_RETURN && result == Py_None) {
        Py_CLEAR(result);
        return NULL;
    }
    return ws_give_by_send(status, result);
}

PyObject *
ws_no_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return PyErr_Format(PyExc_TypeError, "cannot create '%.200s' instances",
                        type->tp_name);
}

void
ws_warn_never_awaited(PyObject *self, const char *name)
{
    PyObject *exception = PyErr_GetRaisedException();

    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "coroutine '%s' was never awaited",
                         name) < 0) {
        PyErr_WriteUnraisable(self);
    }
    PyErr_SetRaisedException(exception);
}
