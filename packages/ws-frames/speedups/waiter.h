/* What a coroutine waits for: the C twin of ws_frames.pure.waiter. */

#ifndef WS_FRAMES_WAITER_H
#define WS_FRAMES_WAITER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "state.h"

typedef struct {
    PyObject_HEAD
    const ws_state *state;  /* lives as long as the type, which we hold */
    PyObject *loop;
    PyObject *current_task;

    /* What the waiting task wants called, or both are NULL. */
    PyObject *callback;
    PyObject *context;
    PyObject *stepper;      /* what the task awaits it through, or NULL */

    bool woken;
    bool cancelled;         /* whether that was asked for in the middle of a step */
    char blocking;          /* as the attribute _asyncio_future_blocking */
} ws_waiter;

/* As start() and wake(). The latter returns 0, or -1 with an exception. */
PyObject *ws_waiter_start(ws_waiter *self);
int ws_waiter_wake(ws_waiter *self);

extern PyType_Spec ws_waiter_spec;

#endif
