#include "masks.h"

#include <string.h>

/* One thread at a time touches the pool: the one that holds the GIL or, where there is
 * none, the lock. Nothing in between runs Python code or waits. */
#ifdef Py_GIL_DISABLED
#  define LOCK_POOL(state) PyMutex_Lock(&(state)->pool_lock)
#  define UNLOCK_POOL(state) PyMutex_Unlock(&(state)->pool_lock)
#else
#  define LOCK_POOL(state) ((void)(state))
#  define UNLOCK_POOL(state) ((void)(state))
#endif

/* -------------------------------------------------------------------------- */
/* Pool                                                                       */

/* A system call a frame is slow, so this many bytes are drawn at a time. */
static int
fill_pool(ws_state *state)
{
    PyObject *drawn;
    int result = -1;

    drawn = PyObject_CallMethod(state->os, "urandom", "i", WS_POOL_SIZE);
    if (drawn == NULL) {
        return -1;
    }
    if (!PyBytes_Check(drawn)) {
        PyErr_Format(PyExc_TypeError, "os.urandom gave %.100s, not bytes",
                     Py_TYPE(drawn)->tp_name);
    }
    else if (PyBytes_GET_SIZE(drawn) != WS_POOL_SIZE) {
        PyErr_Format(PyExc_ValueError, "os.urandom gave %zd bytes, not %d",
                     PyBytes_GET_SIZE(drawn), WS_POOL_SIZE);
    }
    else {
        LOCK_POOL(state);
        memcpy(state->pool, PyBytes_AS_STRING(drawn), WS_POOL_SIZE);
        state->left = WS_POOL_SIZE;
        UNLOCK_POOL(state);
        result = 0;
    }
    Py_DECREF(drawn);
    return result;
}

static int
take_from_pool(ws_state *state, uint8_t mask[WS_MASK_SIZE])
{
    int taken = 0;

    LOCK_POOL(state);
    if (state->left >= WS_MASK_SIZE) {
        state->left -= WS_MASK_SIZE;
        memcpy(mask, state->pool + state->left, WS_MASK_SIZE);
        taken = 1;
    }
    UNLOCK_POOL(state);
    return taken;
}

int
ws_draw_mask(ws_state *state, uint8_t mask[WS_MASK_SIZE])
{
    /* "The masking key needs to be unpredictable; thus, the masking key MUST be
     * derived from a strong source of entropy". */
    while (!take_from_pool(state, mask)) {
        if (fill_pool(state) < 0) {
            return -1;
        }
    }
    return 0;
}

/* -------------------------------------------------------------------------- */
/* Methods                                                                    */

PyDoc_STRVAR(new_mask_doc,
"new_mask()\n"
"--\n"
"\n"
"Draw four bytes that nobody can predict (RFC 6455 5.3).");

static PyObject *
new_mask(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    uint8_t mask[WS_MASK_SIZE];

    if (ws_draw_mask(PyModule_GetState(module), mask) < 0) {
        return NULL;
    }
    return PyBytes_FromStringAndSize((const char *)mask, WS_MASK_SIZE);
}

PyDoc_STRVAR(forget_masks_doc,
"forget_masks()\n"
"--\n"
"\n"
"Empty the pool, so that a forked child doesn't draw the keys of its parent.");

static PyObject *
forget_masks(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    ws_state *state = PyModule_GetState(module);

    LOCK_POOL(state);
    state->left = 0;
    UNLOCK_POOL(state);
    Py_RETURN_NONE;
}

PyMethodDef ws_masks_methods[3] = {
    {"new_mask", new_mask, METH_NOARGS, new_mask_doc},
    {"forget_masks", forget_masks, METH_NOARGS, forget_masks_doc},
    {NULL, NULL, 0, NULL},
};
