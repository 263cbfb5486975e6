/* What differs between versions of Python. */

#ifndef WS_FRAMES_COMPAT_H
#define WS_FRAMES_COMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

#if PY_VERSION_HEX < 0x030D0000
#  define Py_BEGIN_CRITICAL_SECTION(object) {
#  define Py_END_CRITICAL_SECTION() }
#endif

#if PY_VERSION_HEX >= 0x030A0000
#  define WS_TYPE_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE)
#else
#  define WS_TYPE_FLAGS Py_TPFLAGS_DEFAULT
typedef enum {
    PYGEN_RETURN = 0,
    PYGEN_ERROR = -1,
    PYGEN_NEXT = 1,
} PySendResult;
#endif

/* Take the exception that is set out of the state of the thread, and put one back. */
#if PY_VERSION_HEX < 0x030C0000
static inline PyObject *
PyErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL) {
        return NULL;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        (void)PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    Py_DECREF(type);
    return value;
}

static inline void
PyErr_SetRaisedException(PyObject *exception)
{
    PyObject *type = NULL, *traceback = NULL;

    if (exception != NULL) {
        type = (PyObject *)Py_TYPE(exception);
        Py_INCREF(type);
        traceback = PyException_GetTraceback(exception);
    }
    PyErr_Restore(type, exception, traceback);
}
#endif

#if PY_VERSION_HEX < 0x030A0000
static inline PySendResult
PyIter_Send(PyObject *iterator, PyObject *value, PyObject **result)
{
    PyObject *stop;

    *result = PyObject_CallMethod(iterator, "send", "(O)", value);
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return PYGEN_ERROR;
    }
    stop = PyErr_GetRaisedException();
    *result = PyObject_GetAttrString(stop, "value");
    Py_DECREF(stop);
    return *result == NULL ? PYGEN_ERROR : PYGEN_RETURN;
}
#endif

/* A slot of a type, or a method of a table, that is a function. */
#define SLOT(function) ((void *)(uintptr_t)(function))
#define METHOD(function) ((PyCFunction)(void (*)(void))(function))

#endif
