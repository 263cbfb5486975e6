/* What the coroutines in C have in common: recv.c and send.c.
 *
 * To Python they are coroutines: they can be awaited once, and have send(), throw() and
 * close(). Unlike those of Python they need no frame, and where they don't have to wait
 * they are done in one call. */

#ifndef WS_FRAMES_COROUTINE_H
#define WS_FRAMES_COROUTINE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "compat.h"

typedef enum {
    WS_CREATED,
    WS_RUNNING,
    WS_SUSPENDED,
    WS_FINISHED,
} ws_stage;

/* Check that a coroutine can go on with a value, and let it run. Return the stage it was
 * in, or -1 with an exception. */
int ws_start(ws_stage *stage, PyObject *value);

/* Check that so many arguments can be thrown into a coroutine, or that it can be closed.
 * Return 0, or -1 with an exception. */
int ws_may_throw(ws_stage stage, Py_ssize_t nargs);
int ws_may_close(ws_stage stage);

/* Raise what was given to throw(). */
void ws_raise_thrown(PyObject *const *args, Py_ssize_t nargs);

/* Make RuntimeError of StopIteration, as PEP 479 has it: whoever awaits a coroutine takes
 * the latter for its result. An exception must be set. */
void ws_seal_error(void);

/* What send() and __next__() return, of the result of a step. Takes over the result. */
PyObject *ws_give_by_send(PySendResult status, PyObject *result);
PyObject *ws_give_by_next(PySendResult status, PyObject *result);

/* __new__ of types whose objects are made by something else. */
PyObject *ws_no_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* Warn that a coroutine was never awaited; no exception is left behind. */
void ws_warn_never_awaited(PyObject *self, const char *name);

#endif
