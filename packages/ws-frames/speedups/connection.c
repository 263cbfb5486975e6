/* What is asked of a connection. Its attributes may be anything, and what makes them may
 * let go of whatever the caller has no reference of its own to. */

#include "connection.h"

#include <structmember.h>

/* -------------------------------------------------------------------------- */
/* Slots                                                                      */

/* Where an object keeps an attribute, if that is a slot of its class; into *place. */
static int
find_slot(PyObject *object, PyObject *name, PyObject ***place)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject *descriptor;
    PyMemberDef *member;

    *place = NULL;
    if (type->tp_getattro != PyObject_GenericGetAttr) {
        return 0;
    }
    descriptor = PyObject_GetAttr((PyObject *)type, name);
    if (descriptor == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
        member = ((PyMemberDescrObject *)descriptor)->d_member;
        if (member->type == T_OBJECT_EX
            && PyType_IsSubtype(type, ((PyDescrObject *)descriptor)->d_type))
        {
            *place = (PyObject **)(void *)((char *)object + member->offset);
        }
    }
    Py_DECREF(descriptor);
    return 0;
}

int
ws_connection_set(ws_connection *self, const ws_state *state, PyObject *object)
{
    ws_connection found = {object, NULL, NULL, NULL, NULL};
    PyObject *before = self->object;

    if (find_slot(object, state->phase, &found.phase) < 0
        || find_slot(object, state->pending, &found.pending) < 0
        || find_slot(object, state->parser, &found.parser) < 0
        || find_slot(object, state->decoder, &found.decoder) < 0)
    {
        return -1;
    }
    Py_INCREF(object);
    *self = found;
    Py_XDECREF(before);
    return 0;
}

/* -------------------------------------------------------------------------- */
/* Questions                                                                  */

static PyObject *
get(PyObject *object, PyObject **slot, PyObject *name)
{
    PyObject *value = slot == NULL ? NULL : *slot;

    if (value != NULL) {
        Py_INCREF(value);
        return value;
    }
    Py_INCREF(object);
    value = PyObject_GetAttr(object, name);
    Py_DECREF(object);
    return value;
}

int
ws_is_open(const ws_state *state, const ws_connection *connection)
{
    PyObject *phase = get(connection->object, connection->phase, state->phase);

    Py_XDECREF(phase);
    return phase == NULL ? -1 : phase == state->OPEN;
}

int
ws_is_pending(const ws_state *state, const ws_connection *connection)
{
    PyObject *pending = get(connection->object, connection->pending, state->pending);
    int result = pending == NULL ? -1 : PyObject_IsTrue(pending);

    Py_XDECREF(pending);
    return result;
}

PyObject *
ws_parser_of(const ws_state *state, const ws_connection *connection)
{
    return get(connection->object, connection->parser, state->parser);
}

PyObject *
ws_decoder_of(const ws_state *state, const ws_connection *connection)
{
    return get(connection->object, connection->decoder, state->decoder);
}
