#include "coroutine.h"

int
ws_start(ws_stage *stage, PyObject *value)
{
    ws_stage before = *stage;

    if (before == WS_FINISHED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        return -1;
    }
    if (before == WS_RUNNING) {
        PyErr_SetString(PyExc_ValueError, "coroutine already executing");
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
ws_may_throw(ws_stage stage)
{
    if (stage == WS_FINISHED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        return -1;
    }
    if (stage == WS_RUNNING) {
        PyErr_SetString(PyExc_ValueError, "coroutine already executing");
        return -1;
    }
    return 0;
}

void
ws_raise_thrown(PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *type = args[0], *value = nargs > 1 ? args[1] : Py_None;
    PyObject *traceback = nargs > 2 ? args[2] : Py_None;

    if (PyExceptionInstance_Check(type)) {
        value = type;
    }
    if (PyExceptionInstance_Check(value)) {
        if (traceback != Py_None && PyException_SetTraceback(value, traceback) < 0) {
            return;
        }
        PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    }
    else if (PyExceptionClass_Check(type)) {
        PyErr_SetObject(type, value == Py_None ? NULL : value);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "exceptions must be classes or instances deriving from "
                     "BaseException, not %.200s",
                     Py_TYPE(type)->tp_name);
    }
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
#if PY_VERSION_HEX >= 0x030C0000
    PyObject *exception = PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
#endif
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "coroutine '%s' was never awaited",
                         name) < 0) {
        PyErr_WriteUnraisable(self);
    }
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(type, value, traceback);
#endif
}
