/* What is asked of a connection. Its attributes may be anything, and what makes them may
 * let go of whatever the caller has no reference of its own to. */

#include "connection.h"

int
ws_is_open(const ws_state *state, PyObject *connection)
{
    PyObject *phase;

    Py_INCREF(connection);
    phase = PyObject_GetAttr(connection, state->phase);
    Py_DECREF(connection);
    Py_XDECREF(phase);
    return phase == NULL ? -1 : phase == state->OPEN;
}

int
ws_is_pending(const ws_state *state, PyObject *connection)
{
    PyObject *pending;
    int result;

    Py_INCREF(connection);
    pending = PyObject_GetAttr(connection, state->pending);
    Py_DECREF(connection);
    result = pending == NULL ? -1 : PyObject_IsTrue(pending);
    Py_XDECREF(pending);
    return result;
}
